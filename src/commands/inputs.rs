//! `mcp-lint inputs`

use std::io::Write;

use extract::{BuildOptions, Built, build};

use crate::analysis::{cannot_look, require_inputs};
use crate::cli::common::CommonArguments;
use crate::cli::formats::ListFormat;
use crate::cli::input::ConfigArguments;
use crate::cli::inputs::{InputsArguments, InputsCommand, SourceArguments};
use crate::exit::{Exit, Failure};
use crate::input_sources::input_options;
use crate::output::{Width, inputs_json, inputs_table};
use crate::progress::Progress;
use crate::usage::UsageError;

/// Writes every input of the flake and where its source is, or fetches some.
pub(crate) fn run(
    arguments: &InputsArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if let Some(InputsCommand::Fetch(arguments)) = &arguments.command {
        return fetch(arguments, common, out);
    }
    let options = options(&arguments.path, &arguments.sources, &arguments.config)?;
    let built = evaluate(&options, common)?;
    let inputs = &built.inventory.inputs;
    match arguments.format {
        ListFormat::Table => {
            inputs_table::render(inputs, &built.inventory.root, Width::asked(common), out)?
        }
        ListFormat::Json => inputs_json::render(inputs, out)?,
    }
    if let Some(problem) = &built.lock_problem {
        return Err(UsageError::new(problem.to_string()).into());
    }
    require_inputs(&arguments.sources, inputs)?;
    Ok(Exit::Clean)
}

/// What to evaluate, to learn which inputs are asked for.
pub(super) fn options(
    path: &std::path::Path,
    sources: &SourceArguments,
    config: &ConfigArguments,
) -> Result<BuildOptions, Failure> {
    let paths = vec![path.to_owned()];
    let configuration = crate::config::load(&paths, config)?;
    Ok(BuildOptions {
        paths,
        exclude: configuration.exclude.clone(),
        inputs: input_options(sources, &configuration),
        ..BuildOptions::default()
    })
}

/// Evaluates the project: a source is asked for only when an evaluation comes to it.
pub(super) fn evaluate(
    options: &BuildOptions,
    common: &CommonArguments,
) -> Result<Built, UsageError> {
    let progress = Progress::start("evaluating the configurations", common);
    let built = build(options).map_err(cannot_look);
    drop(progress);
    built
}

#[cfg(feature = "fetch")]
use super::fetch::run as fetch;

/// A program that was built without a network.
#[cfg(not(feature = "fetch"))]
fn fetch(
    _: &crate::cli::inputs::FetchArguments,
    _: &CommonArguments,
    _: &mut dyn Write,
) -> Result<Exit, Failure> {
    let error = UsageError::new("this mcp-lint was built without `fetch`");
    Err(error
        .help("`nix flake archive` brings inputs into the store")
        .into())
}
