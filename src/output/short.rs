//! One line for each finding: `file:line:column: severity[lint] message`.

use std::io::{self, Write};

use super::place::place;
use crate::display::escape;
use crate::report::{Names, Report};

/// Writes the findings.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::for_people(&report.summary.root);
    for found in &report.diagnostics {
        let at = found
            .primary
            .as_ref()
            .and_then(|label| place(&report.sources, &names, label.at));
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
