//! Checkstyle XML, which many code review tools read.

use std::io::{self, Write};

use mcp_lint_lints::Diagnostic;

use super::finding_text;
use super::place::{Place, place};
use super::xml::entities;
use crate::display::escape_path;
use crate::report::{Names, Report};

/// Writes the document.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let placed = |found: &Diagnostic| -> Place {
        let at =
            finding_text::anchor(report, found).and_then(|at| place(&report.sources, &names, at));
        at.unwrap_or_else(|| Place {
            file: ".".to_owned(),
            line: 1,
            column: 1,
        })
    };
    let mut found: Vec<(Place, &Diagnostic)> = report
        .diagnostics
        .iter()
        .map(|found| (placed(found), found))
        .collect();
    // Stable, so that the findings of a file keep their order.
    found.sort_by(|a, b| a.0.file.cmp(&b.0.file));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"4.3\">")?;
    for of_file in found.chunk_by(|a, b| a.0.file == b.0.file) {
        let file = of_file.first().map_or("", |(at, _)| at.file.as_str());
        writeln!(out, "  <file name=\"{}\">", entities(&escape_path(file)))?;
        for (at, found) in of_file {
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"mcp-lint.{}\"/>",
                at.line,
                at.column,
                found.severity.name(),
                entities(&finding_text::message(found)),
                found.lint.name
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
