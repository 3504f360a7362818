//! From paths to facts.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clap::CommandFactory;
use extract::{BuildOptions, DiscoverError, UnknownInput, build};
use flake_lock::OverrideOrigin;
use inventory::{FlakeInput, Inventory, SourceMap};

use crate::cli::Cli;
use crate::cli::common::CommonArguments;
use crate::cli::input::InputArguments;
use crate::cli::inputs::SourceArguments;
use crate::config::Configuration;
use crate::display::{escape, escape_path};
use crate::input_sources::input_options;
use crate::progress::Progress;
use crate::report_summary::ReportSummary;
use crate::usage::{UsageError, closest};

/// The facts of one run and the files they come from.
#[derive(Debug)]
pub(crate) struct Analysis {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) project: Arc<nix_eval::Workspace>,
}

/// Finds the project of the given paths and evaluates its hosts.
pub(crate) fn analyse(
    input: &InputArguments,
    configuration: &Configuration,
    common: &CommonArguments,
) -> Result<Analysis, UsageError> {
    let options = BuildOptions {
        one_shot: true,
        ..options(input, configuration)
    };
    let progress = Progress::start("evaluating the configurations", common);
    let built = build(&options).map_err(cannot_look)?;
    drop(progress);
    require_inputs(&input.sources, &built.inventory.inputs)?;
    for wanted in &input.hosts {
        let is_wanted = |host: &inventory::Host| host.name == *wanted || host.attribute == *wanted;
        if !built.inventory.hosts.iter().any(is_wanted) {
            return Err(no_such_host(wanted, &options));
        }
    }
    if common.verbose > 0 {
        log_hosts(
            &ReportSummary::new(&built.inventory, &built.sources),
            common.verbose,
        );
    }
    Ok(Analysis {
        inventory: built.inventory,
        sources: built.sources,
        project: built.project,
    })
}

/// What to look at.
pub(crate) fn options(input: &InputArguments, configuration: &Configuration) -> BuildOptions {
    BuildOptions {
        paths: input.paths.clone(),
        hosts: input.hosts.clone(),
        threads: input.threads.threads,
        limits: input.threads.limits.limits(),
        overlays: input
            .overlay
            .iter()
            .map(|overlay| (overlay.path.clone(), Arc::clone(&overlay.text)))
            .collect(),
        exclude: configuration.exclude.clone(),
        managed_directories: configuration.managed_directories.clone(),
        inputs: input_options(&input.sources, configuration),
        extra_readers: configuration.readers.clone(),
        ..BuildOptions::default()
    }
}

/// Fails with `--require-inputs` if a source that evaluation asked for is not here.
pub(crate) fn require_inputs(
    sources: &SourceArguments,
    inputs: &[FlakeInput],
) -> Result<(), UsageError> {
    let mut missing = inputs.iter().filter(|input| input.is_missed()).peekable();
    if !sources.require_inputs || missing.peek().is_none() {
        return Ok(());
    }
    let names: Vec<&str> = missing.map(|input| &*input.name).collect();
    let message = format!(
        "not here, and needed (--require-inputs): {}",
        names.join(", ")
    );
    Err(UsageError::new(message)
        .help("mcp-lint inputs fetch brings them; mcp-lint inputs says why they are not here"))
}

/// The error for a path that cannot be looked at.
pub(crate) fn cannot_look(error: DiscoverError) -> UsageError {
    if let Some(UnknownInput {
        name,
        known,
        origin,
    }) = &error.unknown_input
    {
        let place = match origin {
            OverrideOrigin::CommandLine => "--input",
            OverrideOrigin::Configuration => "[inputs] in mcp-lint.toml",
        };
        let list = match known.as_slice() {
            [] => "the flake has no locked inputs",
            _ => "mcp-lint inputs lists those that the flake has",
        };
        return UsageError::new(format!("{} ({place})", error.message))
            .did_you_mean(name, known.iter().map(String::as_str))
            .help(list);
    }
    let unknown = UsageError::new(format!(
        "cannot look at {}: {}",
        error.path.display(),
        error.message
    ));
    meant_command(unknown, &error.path)
        .help("give a flake.nix, a module, or a directory: mcp-lint ./flake.nix")
}

/// With the command that a path may be meant for: `mcp-lint inventroy`.
fn meant_command(error: UsageError, path: &Path) -> UsageError {
    let is_word = |name: &&str| !name.contains('/') && !path.exists();
    let Some(name) = path.to_str().filter(is_word) else {
        return error;
    };
    let command = Cli::command();
    let is_option = |arg: &clap::Arg| {
        let long = arg.get_long();
        long == Some(name) || long.and_then(|long| long.strip_prefix("write-")) == Some(name)
    };
    if let Some(option) = command.get_arguments().find(|arg| is_option(arg)) {
        let option = option.get_long().unwrap_or(name);
        return error.help(format!(
            "did you mean the option --{option}: mcp-lint --{option}"
        ));
    }
    let names = command.get_subcommands().map(clap::Command::get_name);
    match closest(name, names) {
        Some(meant) => error.help(format!(
            "did you mean the command {meant}: mcp-lint {meant}"
        )),
        None => error,
    }
}

/// Says which hosts there are.
fn no_such_host(wanted: &str, options: &BuildOptions) -> UsageError {
    let all = BuildOptions {
        hosts: Vec::new(),
        ..options.clone()
    };
    let error = UsageError::new(format!("there is no host `{wanted}` in this project"));
    let Ok(built) = build(&all) else { return error };
    let names: Vec<&str> = built
        .inventory
        .hosts
        .iter()
        .map(|host| host.name.as_str())
        .collect();
    let list = if names.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    error.did_you_mean(wanted, names.iter().copied()).help(list)
}

/// Logs the root and hosts that were inspected on standard error.
pub(crate) fn log_hosts(summary: &ReportSummary, verbose: u8) {
    let mut error = std::io::stderr().lock();
    // Nothing is left to be told if standard error is closed.
    let root = escape_path(&summary.root.to_string_lossy());
    let _ = writeln!(error, "root: {root}");
    for host in &summary.hosts {
        let (name, class) = (escape(&host.attribute), &host.class);
        let (secrets, readers) = (host.secrets, host.readers);
        let _ = writeln!(
            error,
            "host: {name} ({class}), {secrets} secrets, {readers} readers"
        );
        for problem in host.problems.iter().filter(|_| verbose > 1) {
            let message = escape(&problem.message);
            let _ = writeln!(error, "  {}: {message}", problem.kind.name());
        }
    }
}
