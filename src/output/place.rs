//! Places as numbers of lines and columns.

pub(crate) use inventory_schema::Place;

use inventory::{SourceMap, Span};
use serde::Serialize;

use crate::report::Names;

/// Where something starts and ends; the end is the first character that is no longer part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Extent {
    #[serde(flatten)]
    pub(crate) start: Place,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
}

/// The start of a span, or nothing for a file that is not known.
pub(crate) fn place(sources: &SourceMap, names: &Names, at: Span) -> Option<Place> {
    let source = sources.get(at.file)?;
    let start = source.line_column(at.start);
    Some(Place {
        file: names.of(source.path()),
        line: start.line,
        column: start.column,
    })
}

/// The start and end of a span.
pub(crate) fn extent(sources: &SourceMap, names: &Names, at: Span) -> Option<Extent> {
    let end = sources.get(at.file)?.line_column(at.end);
    Some(Extent {
        start: place(sources, names, at)?,
        end_line: end.line,
        end_column: end.column,
    })
}
