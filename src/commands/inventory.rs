//! `mcp-lint inventory`

use std::io::Write;

use extract::coverage;

use crate::analysis::{Analysis, analyse};
use crate::cli::{CommonArguments, InventoryArguments, InventoryFormat};
use crate::display::{Covering, Known, Redaction};
use crate::exit::{Exit, Failure};
use crate::output::{coverage_json, coverage_table, inventory_json, inventory_table};
use crate::report_summary::ReportSummary;

/// Writes the secrets of every host and their readers, or how far the analysis reached.
pub(crate) fn run(
    arguments: &InventoryArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let configuration = crate::config::load(&arguments.input.paths, &arguments.input.config)?;
    let Analysis {
        inventory,
        sources,
        project,
    } = analyse(&arguments.input, &configuration, common)?;
    let known = Known::new(&Redaction::new(&inventory), &sources);
    let mut covering = Covering::with(out, known);
    let out: &mut dyn Write = &mut covering;
    match (arguments.coverage, arguments.format) {
        (false, InventoryFormat::Table) => inventory_table::render(&inventory, &sources, out)?,
        (false, InventoryFormat::Json) => inventory_json::render(&inventory, &sources, out)?,
        (true, format) => {
            let reached = coverage(&inventory, &project);
            match format {
                InventoryFormat::Table => {
                    coverage_table::render(&reached, &inventory, &project, out)?;
                }
                InventoryFormat::Json => {
                    coverage_json::render(&reached, &inventory, &project, out)?;
                }
            }
        }
    }
    covering.flush()?;
    let incomplete = configuration.incomplete(arguments.input.require_complete);
    let is_incomplete = { inventory.problems.iter() }.any(|problem| problem.kind.is_hole())
        || incomplete.fails(&ReportSummary::new(&inventory, &sources));
    Ok(if is_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}
