//! Comments that ignore findings, as fixes: what does not make its finding go away is taken back like any
//! other.

use inventory::{Source, SourceMap, Span};
use mcp_lint_lints::{Diagnostic, Edit, Fix};

use crate::display::literals;

/// The finding with nothing to fix but a comment above its line, which ignores it for this reason; with no
/// fix at all if it has no place.
pub(crate) fn ignoring(mut found: Diagnostic, sources: &SourceMap, reason: &str) -> Diagnostic {
    found.fixes = comment(&found, sources, reason).into_iter().collect();
    found
}

/// The line of an offset, or the nearest one above that does not begin inside a string.
fn line_of_code(source: &Source, offset: u32) -> u32 {
    let texts = literals(source.text());
    let mut number = source.line_column(offset).line;
    while let Some(line) = source.line_range(number) {
        // What ends where the line begins is a comment of the line before.
        let around = texts
            .iter()
            .find(|text| text.start < line.start && line.start < text.end);
        let start = around.and_then(|text| u32::try_from(text.start).ok());
        match start.map(|start| source.line_column(start).line) {
            Some(above) if above < number => number = above,
            _ => break,
        }
    }
    number
}

fn comment(found: &Diagnostic, sources: &SourceMap, reason: &str) -> Option<Fix> {
    let at = found.primary.as_ref()?.at;
    let source = sources.get(at.file)?;
    let line = source.line_range(line_of_code(source.as_ref(), at.start))?;
    let text = source.text().get(line.clone())?;
    let indentation = text.len() - text.trim_start_matches([' ', '\t']).len();
    let start = u32::try_from(line.start).ok()?;
    Some(Fix {
        title: "ignore it".to_owned(),
        safe: true,
        edits: vec![Edit {
            span: Span {
                file: at.file,
                start,
                end: start,
            },
            replacement: format!(
                "{}# mcp-lint: ignore[{}] {reason}\n",
                text.get(..indentation)?,
                found.lint.name
            ),
        }],
    })
}
