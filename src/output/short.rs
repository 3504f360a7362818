//! One line for each finding, `file:line:column: severity[lint] message`, after one for each gap, whose first word is
//! `incomplete`.

use std::io::{self, Write};

use super::place::place;
use super::{finding_text, gap_text};
use crate::display::escape;
use crate::report::{Names, Report};

/// Writes what was not inspected, then the findings.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::for_people(&report.summary.root);
    for gap in &report.summary.gaps {
        if let Some(at) = gap.at.and_then(|at| place(&report.sources, &names, at)) {
            write!(out, "{}:{}:{}: ", escape(&at.file), at.line, at.column)?;
        }
        // No level: no lint reports it, and `--fail-on` does not count it.
        writeln!(
            out,
            "incomplete[{}] {}",
            gap.kind.name(),
            gap_text::message(gap)
        )?;
    }
    for found in &report.diagnostics {
        let at = finding_text::anchor(report, found);
        let at = at.and_then(|at| place(&report.sources, &names, at));
        if let Some(at) = at {
            write!(out, "{}:{}:{}: ", escape(&at.file), at.line, at.column)?;
        }
        writeln!(
            out,
            "{}[{}] {}",
            found.severity.name(),
            found.lint.name,
            escape(&found.message)
        )?;
    }
    Ok(())
}
