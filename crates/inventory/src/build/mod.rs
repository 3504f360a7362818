//! From a project on disk to an [`Inventory`](crate::Inventory).

mod configuration;
mod declarations;
mod discover;
mod facts;
mod files;
mod host;
mod managers;
mod mentions;
mod readers;
mod schemas;
mod settings;
mod unreached;
mod users;

use std::path::PathBuf;
use std::sync::Arc;

use nix_eval::{Evaluator, Limits, Project};
use nix_syntax::source::SourceMap;

use crate::model::{Inventory, Problem};

pub(crate) use declarations::modules_like;
pub use discover::{DiscoverError, Discovery, discover};
pub use readers::{ExtraReader, READER_TABLE};
pub use schemas::SCHEMAS;

/// What to look at, and how far.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// What the user named: a `flake.nix`, a module, a directory. All of one project.
    pub paths: Vec<PathBuf>,
    /// Only the hosts of these names or attributes; all of them if there are none.
    pub hosts: Vec<String>,
    /// Options of which the user says who opens the file that they name; they go before the table of
    /// this program.
    pub extra_readers: Vec<ExtraReader>,
    /// Bounds of the evaluation of one host.
    pub limits: Limits,
}

/// What a project's evaluation gives.
#[derive(Debug)]
pub struct Built {
    /// The facts.
    pub inventory: Inventory,
    /// Every file that was read.
    pub sources: Arc<SourceMap>,
    /// The project.
    pub project: Arc<Project>,
}

/// Evaluates the project around the given paths.
///
/// # Errors
///
/// Where a path is missing, or nothing there is Nix.
pub fn build(options: &BuildOptions) -> Result<Built, DiscoverError> {
    let discovery = discover(&options.paths)?;
    let project = Project::new(&discovery.root).map_err(|error| DiscoverError {
        path: discovery.root.clone(),
        message: error.to_string(),
    })?;
    let project = Arc::new(project);
    let mut inventory = Evaluator::run(Arc::clone(&project), options.limits, |evaluator| {
        evaluator.set_schemas(SCHEMAS);
        configuration::evaluate(evaluator, &discovery, options)
    });
    files::read(&mut inventory, &project);
    readers::evaluation(&mut inventory, &project);
    for host in &mut inventory.hosts {
        settings::rekeyed_files(host, &project);
    }
    inventory.root = project.root().to_owned();
    inventory.problems.extend(file_problems(&project));
    inventory.problems.sort();
    inventory.problems.dedup();
    inventory.files_read = project
        .parsed_files()
        .iter()
        .filter(|file| file.path.starts_with(project.root()))
        .count();
    Ok(Built {
        inventory,
        sources: Arc::clone(project.sources()),
        project,
    })
}

/// Syntax errors and files that cannot be read.
fn file_problems(project: &Project) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in project.parsed_files() {
        for error in &file.errors {
            problems.push(Problem {
                at: Some(error.span.in_file(file.id)),
                code: "syntax-error",
                message: error.message.clone(),
            });
        }
    }
    for (path, error) in project.unreadable_files() {
        use nix_eval::project::ReadError;
        // A file that is not there is an error of whoever imports it.
        if !matches!(error, ReadError::Missing | ReadError::Outside) {
            problems.push(Problem {
                at: None,
                code: "unreadable-file",
                message: format!("cannot read {}: {error}", project.display(&path)),
            });
        }
    }
    problems
}
