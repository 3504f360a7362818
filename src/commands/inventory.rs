//! `mcp-lint inventory`

use std::collections::BTreeSet;
use std::io::Write;

use extract::coverage;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use inventory::{Inventory, SourceMap};
use mcp_lint_lints::Diagnostic;

use crate::analysis::{Analysis, analyse};
use crate::cli::check::CheckArguments;
use crate::cli::common::CommonArguments;
use crate::cli::formats::InventoryFormat;
use crate::cli::inventory::InventoryArguments;
use crate::config::Configuration;
use crate::display::{Covering, Known, Redaction, cover, escape};
use crate::exit::{Exit, Failure};
use crate::output::{
    Width, coverage_json, coverage_table, inventory_flat, inventory_json, inventory_table,
};
use crate::policy::Policy;
use crate::report_summary::ReportSummary;
use crate::secret_rows::{Filter, SecretRow, rows};
use crate::usage::{UsageError, closest};

/// Writes the secrets of every host and their readers, or how far the analysis reached.
pub(crate) fn run(
    arguments: &InventoryArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let filter = filter(arguments)?;
    let configuration = crate::config::load(&arguments.input.paths, &arguments.input.config)?;
    let Analysis {
        inventory,
        sources,
        project,
    } = analyse(&arguments.input, &configuration, common)?;
    let reported = reported(arguments, &configuration, &inventory, &sources)?;
    let known = Known::new(&Redaction::new(&inventory), &sources);
    let mut covering = Covering::with(out, known.clone());
    let out: &mut dyn Write = &mut covering;
    let width = Width::asked(common);
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
                inventory_table::render(
                    &inventory, &sources, &known, &reported, &filter, width, out,
                )?;
            }
            InventoryFormat::Json => {
                inventory_json::render(&inventory, &sources, &reported, &filter, out)?
            }
            InventoryFormat::Csv => inventory_flat::csv(&inventory, &reported, &filter, out)?,
            InventoryFormat::Markdown => {
                inventory_flat::markdown(&inventory, &reported, &known, &filter, out)?;
            }
        }
    }
    covering.flush()?;
    if !common.quiet && !arguments.coverage {
        log_unmatched(arguments, &filter, &inventory, &reported);
    }
    let incomplete = configuration.incomplete(arguments.input.require_complete);
    let is_incomplete = { inventory.problems.iter() }.any(|problem| problem.kind.is_hole())
        || incomplete.fails(&ReportSummary::new(&inventory, &sources));
    Ok(if is_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}

/// What `check` reports of the same project, so that both judge a secret alike; nothing where `--coverage` needs none.
fn reported(
    arguments: &InventoryArguments,
    configuration: &Configuration,
    inventory: &Inventory,
    sources: &SourceMap,
) -> Result<Vec<Diagnostic>, UsageError> {
    if arguments.coverage {
        return Ok(Vec::new());
    }
    let policy = Policy::new(&CheckArguments::of(arguments.input.clone()), configuration)?;
    Ok(policy.decide(inventory, sources).diagnostics)
}

/// Logs what was asked for of which there is nothing, with what may be meant.
fn log_unmatched(
    arguments: &InventoryArguments,
    filter: &Filter,
    inventory: &Inventory,
    reported: &[Diagnostic],
) {
    if filter.is_open() {
        return;
    }
    let hosts = 0..inventory.hosts.len();
    let all: Vec<SecretRow<'_>> = { hosts.into_iter() }
        .flat_map(|host| rows(inventory, reported, host))
        .collect();
    if all.is_empty() {
        return;
    }
    let log = |what: String, meant: Option<&str>| {
        let meant = meant.map(|meant| format!(": did you mean `{meant}`?"));
        let note = format!("note: {what}{}", meant.unwrap_or_default());
        // Nothing is left to be told if standard error is closed.
        let _ = writeln!(std::io::stderr(), "{}", escape(&cover(&note)));
    };
    let mut tells = false;
    for glob in &arguments.secrets {
        let only = Filter {
            names: names(std::slice::from_ref(glob)).ok().flatten(),
            ..Filter::default()
        };
        if !all.iter().any(|row| only.shows(row)) {
            let secrets = all.iter().map(|row| row.secret.attribute.as_str());
            let meant = closest(glob, secrets);
            log(format!("no secret is called `{glob}`"), meant);
            tells = true;
        }
    }
    if let Some(user) = &arguments.user {
        let users: BTreeSet<String> = all.iter().flat_map(SecretRow::users).collect();
        if !users.contains(user) && !all.iter().any(|row| filter.shows(row)) {
            let meant = closest(user, users.iter().map(String::as_str));
            log(format!("`{user}` reads and owns no secret"), meant);
            tells = true;
        }
    }
    if !tells && !all.iter().any(|row| filter.shows(row)) {
        log("no secret is all that was asked for".to_owned(), None);
    }
}

/// Which secrets were asked for.
fn filter(arguments: &InventoryArguments) -> Result<Filter, UsageError> {
    Ok(Filter {
        names: names(&arguments.secrets)?,
        user: arguments.user.clone(),
        unread: arguments.unread,
        problems: arguments.problems,
    })
}

/// What matches one of these; `None` if there are none.
fn names(globs: &[String]) -> Result<Option<GlobSet>, UsageError> {
    let mut names = GlobSetBuilder::new();
    for glob in globs {
        let parsed = GlobBuilder::new(glob).case_insensitive(true).build();
        let parsed = parsed.map_err(|error| {
            UsageError::new(format!("`{glob}` is no pattern: {}", error.kind()))
                .help("`*` is any text: --secret '*token*'")
        })?;
        names.add(parsed);
    }
    let names = names
        .build()
        .map_err(|error| UsageError::new(error.to_string()))?;
    Ok((!globs.is_empty()).then_some(names))
}
