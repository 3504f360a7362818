//! `mcp-lint explain`

use std::io::Write;

use inventory::GapKind;
use mcp_lint_lints::find;

use crate::cli::common::CommonArguments;
use crate::exit::{Exit, Failure};
use crate::output::{Width, lint_table};
use crate::selection::{group, unknown};

/// Writes the page of a lint, the list of a group's, or what a gap is.
pub(crate) fn run(
    name: &str,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let lower = name.to_lowercase();
    if let Some(group) = group(&lower) {
        lint_table::table(&[group], Width::asked(common), out)?;
        return Ok(Exit::Clean);
    }
    if let Some(gap) = GapKind::named(&lower) {
        return explain_gap(gap, common, out);
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

/// Writes what a part is that was not inspected, what it does to the exit code, and what decides it.
fn explain_gap(
    gap: GapKind,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let exit = if gap.is_blinding() {
        "The exit code is 2, unless `incomplete = \"warning\"` is in mcp-lint.toml."
    } else {
        "The exit code stays, unless `--require-complete` or `incomplete = \"error\"` in mcp-lint.toml."
    };
    let width = Width::asked(common);
    writeln!(out, "# {}\n", gap.name())?;
    let meaning = format!("A gap, not a finding: {}.", gap.meaning());
    for text in [&meaning, gap.remedy(), exit] {
        writeln!(out, "{}\n", width.wrap(text, "", ""))?;
    }
    Ok(Exit::Clean)
}
