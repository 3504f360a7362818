//! Annotations of GitHub Actions: workflow commands, one for each gap and each finding.

use std::io::{self, Write};

use mcp_lint_lints::{Diagnostic, Severity};

use super::place::{Extent, extent};
use super::{finding_text, gap_text};
use crate::display::escape_path;
use crate::report::{Names, Report};

/// Writes the commands, the worst first: GitHub shows ten of each level in one step.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    for gap in &report.summary.gaps {
        let level = command(gap_text::severity(report));
        let at = gap_text::anchor(report, gap);
        let at = at.and_then(|at| extent(&report.sources, &names, at));
        write(level, gap.kind.name(), at, &gap_text::message(gap), out)?;
    }
    let mut found: Vec<&Diagnostic> = report.diagnostics.iter().collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.severity));
    for found in found {
        let at =
            finding_text::anchor(report, found).and_then(|at| extent(&report.sources, &names, at));
        let text = finding_text::story(found);
        write(command(found.severity), found.lint.name, at, &text, out)?;
    }
    Ok(())
}

const fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// Writes a command.
fn write(
    command: &str,
    title: &str,
    at: Option<Extent>,
    text: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut properties = vec![("title", title.to_owned())];
    if let Some(at) = at {
        properties.push(("file", escape_path(&at.start.file)));
        properties.push(("line", at.start.line.to_string()));
        properties.push(("endLine", at.end_line.to_string()));
        // GitHub ignores columns of places that span lines.
        if at.end_line == at.start.line {
            properties.push(("col", at.start.column.to_string()));
            properties.push(("endColumn", at.end_column.to_string()));
        }
    }
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    writeln!(out, "::{command} {}::{}", properties.join(","), data(text))
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    // The cases of the toolkit's own escaping: `%` first, so that nothing is escaped twice.
    #[test]
    fn text_cannot_end_a_command_or_start_one() {
        assert_eq!(
            data("100%\r\n::error::pwn, a:b %0A"),
            "100%25%0D%0A::error::pwn, a:b %250A"
        );
        assert_eq!(
            property("a\n::set-output name=x,y::z%"),
            "a%0A%3A%3Aset-output name=x%2Cy%3A%3Az%25"
        );
    }
}
