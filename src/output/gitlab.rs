//! GitLab's Code Quality report.

use std::io::{self, Write};

use mcp_lint_lints::{Diagnostic, Severity};
use serde::Serialize;

use super::document;
use super::place::place;
use super::{finding_text, gap_text};
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

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}

/// What is wrong and the change to make, in the one line that is shown.
fn description(found: &Diagnostic) -> String {
    let help = finding_text::help(found).map(|help| format!(" · {}", help.replace('\n', " ")));
    format!(
        "{}{}",
        finding_text::message(found),
        help.unwrap_or_default()
    )
}

/// Writes the report: what was not inspected, then the findings.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let gaps = report.summary.gaps.iter().map(|gap| {
        let at = gap_text::anchor(report, gap).and_then(|at| place(&report.sources, &names, at));
        let (path, begin) = at.map_or((".".to_owned(), 1), |at| (at.file, at.line));
        Issue {
            description: gap_text::message(gap),
            check_name: gap.kind.name(),
            fingerprint: gap_text::fingerprint(gap),
            severity: severity(gap_text::severity(report)),
            location: Location {
                path: escape_path(&path),
                lines: Lines { begin },
            },
        }
    });
    let issues = report.diagnostics.iter().map(|found| {
        let at =
            finding_text::anchor(report, found).and_then(|at| place(&report.sources, &names, at));
        let (path, begin) = at.map_or((".".to_owned(), 1), |at| (at.file, at.line));
        Issue {
            description: description(found),
            check_name: found.lint.name,
            fingerprint: finding_text::fingerprint(found),
            severity: severity(found.severity),
            location: Location {
                path: escape_path(&path),
                lines: Lines { begin },
            },
        }
    });
    document::write(&gaps.chain(issues).collect::<Vec<_>>(), out)
}
