//! From a project on disk to an [`Inventory`].

mod activation;
mod attribute_paths;
mod coverage;
mod defects;
mod directives;
mod discover;
mod evaluator_options;
mod exposure;
mod host;
mod host_cache;
mod host_sources;
mod host_view;
mod hosts;
mod inputs;
mod managers;
mod missing_file;
mod module_index;
mod module_kind;
mod nixpkgs_release;
mod options;
mod outputs;
mod parallel;
mod project_walk;
mod readers;
mod references;
mod repository;
mod schemas;
mod search;
mod source;
mod unreached;
mod values;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flake_lock::Sources;
use nix_eval::Workspace;
use nix_source::ParsedFile;
use nix_syntax::source::SourceMap;

use defects::attempt;
use inventory::model::{Inventory, Problem, ProblemKind};

pub use coverage::{Coverage, Figures, Reason, Unresolved, coverage};
pub use discover::{DiscoverError, Discovery, UnknownInput, discover, flake_above};
pub use evaluator_options::evaluator_options;
pub use host_cache::HostCache;
pub use inputs::{InputOptions, flake_inputs, input_states, open_project};
pub use managers::MANAGERS;
pub use module_kind::module_kind_of;
pub use nix_source::{ParseCache, ReadLog};
pub use nix_syntax::hir;
pub use options::{BuildOptions, PathGlobs};
pub use readers::{ExtraReader, READER_TABLE};
pub use repository::{
    ListedCode, ListedFile, ListedProblem, Listing, foreign_repository, list_files,
};
pub use schemas::SCHEMAS;

/// What a project's evaluation gives.
#[derive(Debug)]
pub struct Built {
    /// The facts.
    pub inventory: Inventory,
    /// Every file that was read.
    pub sources: Arc<SourceMap>,
    /// What each host read, if that is wanted.
    pub read_logs: Vec<HostLog>,
    /// The project.
    pub project: Arc<Workspace>,
    /// The sources of its inputs.
    pub inputs: Arc<Sources>,
    /// Why its lock is not used; `None` if it is, or if there is none.
    pub lock_problem: Option<Problem>,
}

/// What was read for a host. Its facts hold for as long as the log does.
#[derive(Debug, Clone)]
pub struct HostLog {
    /// `nixosConfigurations.desk`
    pub attribute: String,
    /// At least what its evaluation read.
    pub reads: ReadLog,
}

/// Evaluates the project around the given paths.
///
/// # Errors
///
/// If a path is missing, nothing there is Nix, or the user gives a directory for an input that the
/// project does not have.
pub fn build(options: &BuildOptions) -> Result<Built, DiscoverError> {
    let discovery = without_excluded(discover(&options.paths)?, options)?;
    let project = Workspace::open(&discovery.root)
        .map_err(|error| DiscoverError::new(&discovery.root, error.to_string()))?;
    let overlays = options.overlays.iter();
    let mut project = overlays.fold(project, |project, (path, text)| {
        project.with_overlay(path.clone(), Arc::clone(text))
    });
    if let Some(cache) = &options.cache {
        project = project.with_cache(Arc::clone(cache));
    }
    if let Some(cancelled) = &options.cancelled {
        project = project.with_cancellation(Arc::clone(cancelled));
    }
    let (inputs, problem) = inputs::sources(&project, &discovery, &options.inputs);
    if problem.is_none() {
        inputs::all_known(&project, &inputs, &options.inputs)?;
    }
    let inputs = Arc::new(inputs);
    project = project.with_inputs(Arc::clone(&inputs));
    let project = Arc::new(project);
    let is_parallel = options.threads() > 1;
    // What is parsed ahead is in no budget.
    let may_read_ahead = is_parallel && options.limits.process.is_none();
    let ahead = may_read_ahead.then(|| project.read_ahead(first_files(&discovery)));
    let ((mut inventory, read_logs), (scan, mut defects)) = parallel::beside(
        is_parallel,
        || hosts::evaluate(&project, &discovery, options),
        || {
            let mut defects = Vec::new();
            let scan = attempt("the files of the repository", &mut defects, || {
                Some(repository::scan(&project, &discovery, &options.paths))
            });
            (scan, defects)
        },
    );
    drop(ahead);
    let git = unless_cancelled(&project, "the secret files", &mut defects, || {
        scan.and_then(|scan| repository::read(&mut inventory, &project, scan, options.limits))
    });
    if !options.secrets_only {
        unless_cancelled(&project, "what evaluation reads", &mut defects, || {
            readers::evaluation(&mut inventory, &project);
        });
        unless_cancelled(&project, "the servers' files", &mut defects, || {
            readers::judge_environment_files(&mut inventory);
        });
        for host in &mut inventory.hosts {
            let attribute = host.attribute.clone();
            unless_cancelled(&project, &attribute, &mut defects, || {
                activation::rekeyed_files(host, &project);
            });
        }
    }
    inventory.root = project.project_root().to_owned();
    inventory.managers = &MANAGERS;
    inventory
        .managed_directories
        .clone_from(&options.managed_directories);
    inventory.is_partial = !options.hosts.is_empty();
    if !options.secrets_only {
        unless_cancelled(&project, "who else can read", &mut defects, || {
            exposure::find(&mut inventory, &project, git.as_ref(), options.threads());
        });
    }
    let mut own_files = project.parsed_files();
    own_files.retain(|file| file.path.starts_with(project.project_root()));
    inventory.files_read = own_files.len();
    inventory.unloaded_files = unloaded_files(&project, &inventory);
    let (unloaded, loaded) = file_problems(&project, &own_files)
        .into_iter()
        .partition(|(path, _)| inventory.unloaded_files.contains(path));
    let problems = |found: Vec<(PathBuf, Problem)>| found.into_iter().map(|(_, problem)| problem);
    inventory.problems.extend(problems(loaded));
    inventory.unloaded_problems.extend(problems(unloaded));
    inventory.unloaded_problems.sort();
    inventory.directives = unless_cancelled(&project, "the comments", &mut defects, || {
        directives::find(&project, own_files)
    });
    inventory.problems.extend(defects);
    inventory.inputs = flake_inputs(&inputs);
    inventory.problems.extend(problem.clone());
    inventory.problems.sort();
    inventory.problems.dedup();
    Ok(Built {
        inventory,
        sources: Arc::clone(project.sources()),
        read_logs,
        project,
        inputs,
        lock_problem: problem,
    })
}

/// What a step after the evaluation gives; the default if nobody waits for it any more.
fn unless_cancelled<R: Default>(
    project: &Workspace,
    at: &str,
    defects: &mut Vec<Problem>,
    step: impl FnOnce() -> R,
) -> R {
    if project.is_cancelled() {
        return R::default();
    }
    attempt(at, defects, step)
}

/// What evaluation begins with.
fn first_files(discovery: &Discovery) -> Vec<PathBuf> {
    let flake = discovery.flake.iter().map(|flake| flake.join("flake.nix"));
    flake.chain(discovery.modules.iter().cloned()).collect()
}

/// Leaves out the modules that are not to be looked at on their own, unless they were named.
fn without_excluded(
    mut discovery: Discovery,
    options: &BuildOptions,
) -> Result<Discovery, DiscoverError> {
    let had_modules = !discovery.modules.is_empty();
    let is_named = |module: &PathBuf| {
        let mut named = options.paths.iter();
        named.any(|path| path.canonicalize().is_ok_and(|path| path == *module))
    };
    discovery
        .modules
        .retain(|module| is_named(module) || !options.exclude.matches(module));
    if had_modules && discovery.modules.is_empty() && discovery.flake.is_none() {
        let message = "every .nix file is excluded by the configuration";
        return Err(DiscoverError::new(discovery.root, message));
    }
    Ok(discovery)
}

/// The Nix files of the project that no evaluation asked for; empty if a configuration that was not seen may load
/// them.
fn unloaded_files(project: &Workspace, inventory: &Inventory) -> BTreeSet<PathBuf> {
    if !inventory.knows_loaded_modules() {
        return BTreeSet::new();
    }
    let real = |path: &Path| project.resolve(path).unwrap_or_else(|_| path.to_owned());
    let evaluated = project.evaluated_files();
    let evaluated: BTreeSet<PathBuf> = evaluated.iter().map(|path| real(path)).collect();
    let parsed = project.parsed_files().into_iter();
    let parsed = parsed.map(|file| file.path.clone());
    let unread = project.unreadable_files().into_iter().map(|(path, _)| path);
    let own = parsed.chain(unread);
    let own = own.filter(|path| path.starts_with(project.project_root()));
    own.filter(|path| !evaluated.contains(&real(path)))
        .collect()
}

/// Syntax errors in the project's own files, and files that cannot be read, by the path of the file.
fn file_problems(project: &Workspace, own_files: &[Arc<ParsedFile>]) -> Vec<(PathBuf, Problem)> {
    let mut problems = Vec::new();
    // What is wrong with a file of an input is not the user's to mend.
    let is_own = |path: &Path| path.starts_with(project.project_root());
    for file in own_files {
        for error in &file.errors {
            let problem = Problem {
                at: Some(error.span.in_file(file.id)),
                kind: ProblemKind::Syntax,
                reason: error.message.as_str().into(),
            };
            problems.push((file.path.clone(), problem));
        }
    }
    for (path, error) in project.unreadable_files() {
        use nix_source::ReadError;
        if matches!(error, ReadError::Encrypted(_)) {
            let problem = Problem {
                at: None,
                kind: ProblemKind::Module,
                reason: format!("cannot read {}: {error}", project.display(&path)).into(),
            };
            problems.push((path, problem));
        // A file that is not there is an error of whoever imports it.
        } else if is_own(&path) && !(error == ReadError::Missing || error.is_outside()) {
            let problem = Problem {
                at: None,
                kind: ProblemKind::Unreadable,
                reason: format!("cannot read {}: {error}", project.display(&path)).into(),
            };
            problems.push((path, problem));
        }
    }
    problems
}
