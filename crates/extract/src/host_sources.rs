//! Which hosts a project has: what its flake, its files and its default.nix give.

use std::path::{Path, PathBuf};

use nix_eval::Evaluator;
use nix_eval::flake::HostName;

use crate::Discovery;
use crate::discover::nix_files;
use crate::source::{Origin, Source};
use crate::unreached::declarations::module::{is_call, is_hive};
use crate::values::problem;
use inventory::model::Problem;

/// All hosts of a project, and why there may be more.
pub(crate) fn all_sources(
    evaluator: &mut Evaluator,
    discovery: &Discovery,
) -> (Vec<Source>, Vec<Problem>) {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    if let Some(directory) = &discovery.flake {
        match evaluator.flake_hosts(directory, &|_| false) {
            Ok(mut found) => {
                let errors = { found.unknowns.iter() }.filter(|why| evaluator.is_error(**why));
                problems.extend(errors.map(|why| problem(evaluator, *why)));
                sources.extend(of_origin(
                    &Origin::Flake(directory.clone()),
                    &mut found.names,
                ));
            }
            Err(why) => problems.push(problem(evaluator, why)),
        }
    }
    let mut found = sources_of_files(evaluator, &discovery.modules);
    if discovery.flake.is_none()
        && let Some(directory) = &discovery.directory
    {
        let mut files = nix_files(directory);
        files.retain(|file| !discovery.modules.contains(file) && may_give_hosts(evaluator, file));
        files.truncate(MAX_SEARCHED);
        let more = sources_of_files(evaluator, &files);
        let more: Vec<Source> = more.into_iter().filter(|it| !it.is_module()).collect();
        if !more.is_empty() {
            // What is a call gives something else than a module.
            let gives_more = |file: &Path| {
                let parsed = evaluator.sources.inspect(file);
                parsed.is_ok_and(|parsed| is_call(&parsed.hir))
            };
            found.retain(|it| !it.is_module() || !it.origin_file().is_some_and(gives_more));
        }
        found.extend(more);
    }
    sources.extend(found);
    (sources, problems)
}

/// So many files of a project without a flake are evaluated to see whether they give configurations.
const MAX_SEARCHED: usize = 500;

/// Whether a file may give configurations as a flake's outputs would.
fn may_give_hosts(evaluator: &Evaluator, file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    let parsed = || evaluator.sources.inspect(file);
    name == "default.nix"
        || name == "hive.nix"
        || parsed().is_ok_and(|parsed| is_call(&parsed.hir) || is_hive(&parsed.hir))
}

/// The hosts of files: those that a file gives as a flake would, else the file as a module.
pub(crate) fn sources_of_files(evaluator: &mut Evaluator, files: &[PathBuf]) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files {
        if may_give_hosts(evaluator, file) {
            let mut names = evaluator.file_hosts(file, &|_| false).names;
            evaluator.reset_limits();
            if !names.is_empty() {
                sources.extend(of_origin(&Origin::File(file.clone()), &mut names));
                continue;
            }
        }
        sources.push(Source::module(evaluator, file));
    }
    sources
}

/// Hosts of one origin, sorted by name.
fn of_origin(origin: &Origin, names: &mut Vec<HostName>) -> Vec<Source> {
    names.sort();
    let source = |name| Source {
        origin: origin.clone(),
        name,
    };
    names.drain(..).map(source).collect()
}
