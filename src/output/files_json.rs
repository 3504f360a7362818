//! The secret files as one JSON document: see `docs/schemas/files.schema.json`.

use std::io::{self, Write};

use extract::{ListedFile, ListedProblem, Listing};
use serde::Serialize;

use super::document;
use super::files_table::state;
use crate::report_summary::Gap;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    files: Vec<FileEntry<'a>>,
    gaps: Vec<GapEntry>,
}

#[derive(Serialize)]
struct GapEntry {
    kind: &'static str,
    subjects: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
    reason: String,
    message: String,
}

#[derive(Serialize)]
struct FileEntry<'a> {
    file: &'a str,
    format: &'static str,
    state: &'static str,
    recipients: &'a [String],
    used_by: &'a [String],
    tracked: Option<bool>,
    problems: Vec<ProblemEntry<'a>>,
}

#[derive(Serialize)]
struct ProblemEntry<'a> {
    code: &'static str,
    line: usize,
    message: &'a str,
}

/// Writes the document.
pub(crate) fn render(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        files: listing.files.iter().map(file).collect(),
        gaps: { Gap::by_cause(listing.gaps.clone()).into_iter() }
            .map(|gap| GapEntry {
                kind: gap.kind.name(),
                message: gap.message(),
                subjects: gap.subjects,
                options: gap.options,
                reason: gap.reason,
            })
            .collect(),
    };
    document::write(&document, out)
}

fn file(file: &ListedFile) -> FileEntry<'_> {
    FileEntry {
        file: &file.path,
        format: file.format,
        state: state(file),
        recipients: &file.recipients,
        used_by: &file.used_by,
        tracked: file.tracked,
        problems: file.problems.iter().map(problem).collect(),
    }
}

fn problem(problem: &ListedProblem) -> ProblemEntry<'_> {
    ProblemEntry {
        code: problem.code.name(),
        line: problem.line,
        message: &problem.message,
    }
}
