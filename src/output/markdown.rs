//! A summary in Markdown: for the page of a CI job, a comment, a message.

use std::io::{self, Write};

use mcp_lint_lints::Diagnostic;

use super::link::page;
use super::markdown_text::markdown_text;
use super::place::place;
use super::{finding_text, gap_text};
use crate::report::{Names, Report};

/// How many findings the table has: GitHub takes a summary of 1 MiB, and nobody reads so much.
const SHOWN: usize = 200;

/// Writes a heading that says how it went, what was not inspected, and a table of findings, the worst first.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let counts = report.counts();
    let sign = match (counts.errors, counts.warnings) {
        (0, 0) => "✓",
        (0, _) => "⚠",
        _ => "✗",
    };
    writeln!(
        out,
        "## {sign} mcp-lint: {}, {}, {}\n",
        count(counts.errors, "error"),
        count(counts.warnings, "warning"),
        count(counts.infos, "note")
    )?;
    writeln!(
        out,
        "{}, {}, {} ({} not determined)",
        count(counts.hosts, "host"),
        count(counts.secrets, "secret"),
        count(counts.readers, "reader"),
        counts.readers_not_determined
    )?;
    if !report.summary.gaps.is_empty() {
        writeln!(out, "\n### Not inspected\n")?;
        for gap in &report.summary.gaps {
            writeln!(out, "- {}", markdown_text(&gap_text::message(gap)))?;
        }
    }
    if report.diagnostics.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| | place | finding | lint |\n|---|---|---|---|")?;
    let mut found: Vec<&Diagnostic> = report.diagnostics.iter().collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.severity));
    for found in found.iter().take(SHOWN) {
        let at =
            { found.primary.as_ref() }.and_then(|label| place(&report.sources, &names, label.at));
        let at = at.map_or_else(String::new, |at| format!("{}:{}", at.file, at.line));
        writeln!(
            out,
            "| {} | {} | {}{} | [{}]({}) |",
            found.severity.name(),
            markdown_text(&at),
            markdown_text(&found.message),
            change(found),
            found.lint.name,
            page(found.lint)
        )?;
    }
    let more = found.len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "\nand {}", count(more, "more finding"))?;
    }
    Ok(())
}

/// The change to make, on lines of its own in the same cell.
fn change(found: &Diagnostic) -> String {
    let help = finding_text::help(found).unwrap_or_default();
    let lines = help.lines().map(markdown_text);
    lines.map(|line| format!("<br>{line}")).collect()
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
