//! `mcp-lint lints`

use std::io::Write;

use mcp_lint_lints::Group;

use crate::cli::common::CommonArguments;
use crate::cli::formats::ListFormat;
use crate::exit::{Exit, Failure};
use crate::output::{Width, lint_table};

/// Writes the list of lints.
pub(crate) fn run(
    format: ListFormat,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    match format {
        ListFormat::Table => lint_table::table(&Group::ALL, Width::asked(common), out)?,
        ListFormat::Json => lint_table::json(out)?,
    }
    Ok(Exit::Clean)
}
