//! `mcp-lint explain`

use std::io::Write;

use mcp_lint_lints::find;

use crate::cli::CommonArguments;
use crate::exit::{Exit, Failure};
use crate::output::lint_table;
use crate::selection::{group, unknown};

/// Writes the page of a lint, or the list of a group's.
pub(crate) fn run(
    name: &str,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let lower = name.to_lowercase();
    if let Some(group) = group(&lower) {
        lint_table::table(&[group], common.width(), out)?;
        return Ok(Exit::Clean);
    }
    let lint = find(&lower).ok_or_else(|| unknown(name))?;
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
