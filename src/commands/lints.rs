//! `mcp-lint lints`

use std::io::Write;

use crate::cli::InventoryFormat;
use crate::exit::{Exit, Failure};
use crate::output::lint_table;

/// Writes the list of lints.
pub(crate) fn run(format: InventoryFormat, out: &mut dyn Write) -> Result<Exit, Failure> {
    match format {
        InventoryFormat::Table => lint_table::table(out)?,
        InventoryFormat::Json => lint_table::json(out)?,
    }
    Ok(Exit::Clean)
}
