//! Checkstyle XML, which many code review tools read.

use std::io::{self, Write};

use inventory::Span;

use super::place::{Place, place};
use super::xml::entities;
use super::{finding_text, gap_text};
use crate::display::escape_path;
use crate::report::{Names, Report};

/// A gap or a finding.
struct Line {
    at: Place,
    severity: &'static str,
    message: String,
    source: &'static str,
}

/// Writes the document.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let placed = |at: Option<Span>| -> Place {
        let at = at.and_then(|at| place(&report.sources, &names, at));
        at.unwrap_or_else(|| Place {
            file: ".".to_owned(),
            line: 1,
            column: 1,
        })
    };
    let gaps = report.summary.gaps.iter().map(|gap| Line {
        at: placed(gap_text::anchor(report, gap)),
        severity: gap_text::severity(report).name(),
        message: gap_text::message(gap),
        source: gap.kind.name(),
    });
    let findings = report.diagnostics.iter().map(|found| Line {
        at: placed(finding_text::anchor(report, found)),
        severity: found.severity.name(),
        message: finding_text::message(found),
        source: found.lint.name,
    });
    let mut lines: Vec<Line> = gaps.chain(findings).collect();
    // Stable, so that the findings of a file keep their order.
    lines.sort_by(|a, b| a.at.file.cmp(&b.at.file));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"4.3\">")?;
    for of_file in lines.chunk_by(|a, b| a.at.file == b.at.file) {
        let file = of_file.first().map_or("", |line| line.at.file.as_str());
        writeln!(out, "  <file name=\"{}\">", entities(&escape_path(file)))?;
        for line in of_file {
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"mcp-lint.{}\"/>",
                line.at.line,
                line.at.column,
                line.severity,
                entities(&line.message),
                line.source
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
