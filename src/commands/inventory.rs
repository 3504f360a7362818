//! `mcp-lint inventory`

use std::io::Write;

use crate::analysis::{Analysis, analyse};
use crate::cli::{CommonArguments, InventoryArguments, InventoryFormat};
use crate::exit::{Exit, Failure};
use crate::output::{inventory_json, inventory_table};

/// Writes the secrets of every host and their readers.
pub(crate) fn run(
    arguments: &InventoryArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let configuration = crate::config::load(&arguments.input.paths, &arguments.input.config)?;
    let Analysis { inventory, sources } = analyse(&arguments.input, &configuration, common)?;
    match arguments.format {
        InventoryFormat::Table => inventory_table::render(&inventory, &sources, out)?,
        InventoryFormat::Json => inventory_json::render(&inventory, &sources, out)?,
    }
    let cannot_be_read = |code: &str| matches!(code, "syntax-error" | "unreadable-file");
    let is_incomplete = inventory
        .problems
        .iter()
        .any(|problem| cannot_be_read(problem.code));
    Ok(if is_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}
