//! `mcp-lint inventory`

use std::io::Write;

use extract::coverage;
use globset::{Glob, GlobSetBuilder};

use crate::analysis::{Analysis, analyse};
use crate::cli::{CommonArguments, InventoryArguments, InventoryFormat};
use crate::display::{Covering, Known, Redaction};
use crate::exit::{Exit, Failure};
use crate::output::{
    coverage_json, coverage_table, inventory_flat, inventory_json, inventory_table,
};
use crate::report_summary::ReportSummary;
use crate::secret_rows::Filter;
use crate::usage::UsageError;

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
    let filter = filter(arguments)?;
    let known = Known::new(&Redaction::new(&inventory), &sources);
    let mut covering = Covering::with(out, known.clone());
    let out: &mut dyn Write = &mut covering;
    let width = common.width();
    if arguments.coverage {
        let reached = coverage(&inventory, &project);
        match arguments.format {
            InventoryFormat::Table => {
                coverage_table::render(&reached, &inventory, &project, width, out)?;
            }
            InventoryFormat::Json => coverage_json::render(&reached, &inventory, &project, out)?,
            InventoryFormat::Csv | InventoryFormat::Markdown => {
                let error = UsageError::new("--coverage has the formats table and json");
                return Err(error.into());
            }
        }
    } else {
        match arguments.format {
            InventoryFormat::Table => {
                inventory_table::render(&inventory, &sources, &known, &filter, width, out)?;
            }
            InventoryFormat::Json => inventory_json::render(&inventory, &sources, &filter, out)?,
            InventoryFormat::Csv => inventory_flat::csv(&inventory, &filter, out)?,
            InventoryFormat::Markdown => {
                inventory_flat::markdown(&inventory, &known, &filter, out)?;
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

/// Which secrets were asked for.
fn filter(arguments: &InventoryArguments) -> Result<Filter, UsageError> {
    let mut names = GlobSetBuilder::new();
    for glob in &arguments.secrets {
        let parsed = Glob::new(glob).map_err(|error| {
            UsageError::new(format!("`{glob}` is no pattern: {}", error.kind()))
                .help("`*` is any text: --secret '*token*'")
        })?;
        names.add(parsed);
    }
    let names = names
        .build()
        .map_err(|error| UsageError::new(error.to_string()))?;
    Ok(Filter {
        names: (!arguments.secrets.is_empty()).then_some(names),
        user: arguments.user.clone(),
        unread: arguments.unread,
        problems: arguments.problems,
    })
}
