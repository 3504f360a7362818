//! Checkstyle XML, which many code review tools read.

use std::io::{self, Write};

use inventory::Span;
use quick_xml::Writer;

use super::place::{Place, place};
use super::{finding_text, gap_text, xml};
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
    let mut writer = xml::document(out)?;
    let root = writer.create_element("checkstyle");
    root.with_attribute(("version", "4.3"))
        .write_inner_content(|writer| {
            let files = lines.chunk_by(|a, b| a.at.file == b.at.file);
            files
                .into_iter()
                .try_for_each(|lines| of_file(lines, writer))
        })?;
    xml::end(writer)
}

fn of_file(lines: &[Line], writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    let file = lines.first().map_or("", |line| line.at.file.as_str());
    let element = writer.create_element("file");
    let name = xml::text(&escape_path(file));
    element
        .with_attribute(("name", name.as_str()))
        .write_inner_content(|writer| {
            for line in lines {
                let (message, source) = (
                    xml::text(&line.message),
                    format!("mcp-lint.{}", line.source),
                );
                { writer.create_element("error") }
                    .with_attribute(("line", line.at.line.to_string().as_str()))
                    .with_attribute(("column", line.at.column.to_string().as_str()))
                    .with_attribute(("severity", line.severity))
                    .with_attribute(("message", message.as_str()))
                    .with_attribute(("source", source.as_str()))
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}
