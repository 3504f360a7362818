//! `mcp-lint explain`

use std::io::Write;

use mcp_lint_lints::find;

use crate::exit::{Exit, Failure};
use crate::selection::unknown;

/// Writes the page of a lint.
pub(crate) fn run(name: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    let lint = find(name).ok_or_else(|| unknown(name))?;
    writeln!(out, "# {}\n", lint.name)?;
    writeln!(
        out,
        "{} · group {} · fix: {} · since {}\n",
        lint.severity.name(),
        lint.group.name(),
        lint.fixable.name(),
        lint.since
    )?;
    write!(out, "{}", lint.page)?;
    Ok(Exit::Clean)
}
