//! Every host of the project.

use std::path::Path;

use nix_eval::Evaluator;
use nix_eval::flake::HostConfiguration;

use crate::host::containers::containers;
use crate::host::host;
use crate::module_kind::module_kind;
use crate::options::Additions;
use crate::unreached::{self, Reached};
use crate::values::problem;
use crate::{BuildOptions, Discovery};
use inventory::model::{EvaluationError, Host, Inventory, ProblemKind, Reason};

/// Evaluates what the discovery found.
pub(crate) fn evaluate(
    evaluator: &mut Evaluator,
    discovery: &Discovery,
    options: &BuildOptions,
) -> Inventory {
    let mut inventory = Inventory::default();
    let mut reached = Vec::new();
    if let Some(directory) = &discovery.flake {
        flake(evaluator, directory, options, &mut inventory, &mut reached);
    }
    for file in &discovery.modules {
        if !outputs(evaluator, file, options, &mut inventory, &mut reached) {
            module(evaluator, file, options, &mut inventory, &mut reached);
        }
    }
    inventory.modules = unreached::modules(evaluator, &reached);
    // A part of a project says nothing of the rest.
    if let Some(directory) = &discovery.directory
        && options.hosts.is_empty()
    {
        unreached::analyse(evaluator, directory, &reached, &mut inventory);
    }
    inventory
        .hosts
        .sort_by(|a, b| a.attribute.cmp(&b.attribute));
    for why in evaluator.take_module_problems() {
        let mut problem = problem(evaluator, why);
        problem.kind = ProblemKind::Module;
        // A syntax error is told where the file was parsed.
        if problem.reason != Reason::Error(EvaluationError::Syntax) {
            inventory.problems.push(problem);
        }
    }
    for why in evaluator.limits_reached().to_vec() {
        let mut limit = problem(evaluator, why);
        limit.kind = ProblemKind::Limit;
        inventory.problems.push(limit);
    }
    inventory
}

/// Whether a host, or a container of it, was asked for.
fn wanted(options: &BuildOptions, source: &HostConfiguration) -> bool {
    let is_meant = |name: &String| {
        let within = |outer: &str, separator| {
            let rest = name.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
        };
        within(&source.name, "/")
            || within(&source.attribute, ".config.containers.")
            || within(&source.attribute, "#containers.")
    };
    options.hosts.is_empty() || options.hosts.iter().any(is_meant)
}

/// Adds a host and its containers: those that were asked for, by their own name or the host's.
fn add(options: &BuildOptions, found: Vec<Host>, inventory: &mut Inventory) {
    let is_meant = |host: &Host| {
        let is_named = |name: &String| {
            let rest = host.name.strip_prefix(name.as_str());
            let below = host.attribute.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                || below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#']))
        };
        options.hosts.is_empty() || options.hosts.iter().any(is_named)
    };
    inventory.hosts.extend(found.into_iter().filter(is_meant));
}

/// A host and its containers.
fn with_containers(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    additions: &Additions,
    is_module: bool,
) -> Vec<Host> {
    let mut facts = host(evaluator, source, Some(additions), is_module);
    evaluator.reset_limits();
    let mut found = containers(evaluator, source, &mut facts, Some(additions));
    found.push(facts);
    found
}

fn flake(
    evaluator: &mut Evaluator,
    directory: &Path,
    options: &BuildOptions,
    inventory: &mut Inventory,
    reached: &mut Vec<Reached>,
) {
    let (sources, unknowns) = match evaluator.flake_hosts(directory) {
        Ok(found) => found,
        Err(why) => {
            inventory.problems.push(problem(evaluator, why));
            return;
        }
    };
    for why in unknowns {
        if evaluator.is_error(why) {
            inventory.problems.push(problem(evaluator, why));
        }
    }
    hosts(evaluator, sources, options, inventory, reached);
}

/// The configurations of a file that gives what a flake would, or a hive; says whether it does.
fn outputs(
    evaluator: &mut Evaluator,
    file: &Path,
    options: &BuildOptions,
    inventory: &mut Inventory,
    reached: &mut Vec<Reached>,
) -> bool {
    let name = file.file_name().unwrap_or_default();
    if name != "default.nix" && name != "hive.nix" {
        return false;
    }
    let (sources, _) = evaluator.file_hosts(file);
    let is_any = !sources.is_empty();
    hosts(evaluator, sources, options, inventory, reached);
    is_any
}

fn hosts(
    evaluator: &mut Evaluator,
    sources: Vec<HostConfiguration>,
    options: &BuildOptions,
    inventory: &mut Inventory,
    reached: &mut Vec<Reached>,
) {
    let additions = options.additions();
    for source in sources.into_iter().filter(|source| wanted(options, source)) {
        let first = evaluator.configurations().len();
        let found = with_containers(evaluator, &source, &additions, false);
        add(options, found, inventory);
        reached.push(Reached::by(evaluator, source, first));
    }
}

/// A module evaluated on its own, unless it says nothing of secrets.
fn module(
    evaluator: &mut Evaluator,
    file: &Path,
    options: &BuildOptions,
    inventory: &mut Inventory,
    reached: &mut Vec<Reached>,
) {
    let kind = module_kind(evaluator, file);
    let first = evaluator.configurations().len();
    let source = evaluator.module_host(file, kind, None);
    if !wanted(options, &source) {
        return;
    }
    let additions = options.additions();
    let found = with_containers(evaluator, &source, &additions, true);
    add(options, found, inventory);
    reached.push(Reached::by(evaluator, source, first));
}
