//! GitLab's Code Quality report.

use std::io::{self, Write};

use mcp_lint_lints::Severity;
use serde::Serialize;

use super::document;
use super::finding_text;
use super::place::place;
use crate::display::escape_path;
use crate::report::{Names, Report};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the report.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let issues = report.diagnostics.iter().map(|found| {
        let at =
            finding_text::anchor(report, found).and_then(|at| place(&report.sources, &names, at));
        let (path, begin) = at.map_or((".".to_owned(), 1), |at| (at.file, at.line));
        Issue {
            description: finding_text::message(found),
            check_name: found.lint.name,
            fingerprint: finding_text::fingerprint(found),
            severity: match found.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            },
            location: Location {
                path: escape_path(&path),
                lines: Lines { begin },
            },
        }
    });
    document::write(&issues.collect::<Vec<_>>(), out)
}
