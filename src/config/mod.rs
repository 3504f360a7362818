//! `mcp-lint.toml`: what a project says about its lints.

mod discover;
mod keys;
mod levels;
mod problem;
mod read;
#[cfg(test)]
mod schema;

use std::path::{Path, PathBuf};

use extract::{ExtraReader, PathGlobs};
use flake_lock::Override;

use crate::cli::check::FailOn;
use crate::cli::input::ConfigArguments;
use crate::exit::Failure;
use crate::report::Incomplete;
use crate::usage::UsageError;

pub(crate) use discover::{FILE_NAME, read as read_file};
pub(crate) use levels::{Level, Levels, Specificity};

/// What `mcp-lint.toml` says; nothing at all without such a file.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// From which level on a run fails.
    pub(crate) fail_on: Option<FailOn>,
    /// What a run is worth of which a part was not inspected.
    pub(crate) incomplete: Option<Incomplete>,
    /// Whether findings that are only worth knowing are shown.
    pub(crate) pedantic: Option<bool>,
    /// Files that are not looked at on their own and in which nothing is reported.
    pub(crate) exclude: PathGlobs,
    /// Directories that belong to a secret manager.
    pub(crate) managed_directories: Vec<String>,
    /// The file of findings that are not reported: absolute.
    pub(crate) baseline: Option<PathBuf>,
    /// Whether entries of the baseline that are of no finding make a run fail.
    pub(crate) fails_on_stale: bool,
    /// The levels of lints.
    pub(crate) levels: Levels,
    /// Other levels for some files, the last that matches first in rank.
    pub(crate) overrides: Vec<(PathGlobs, Levels)>,
    /// Who opens the files that options name.
    pub(crate) readers: Vec<ExtraReader>,
    /// Directories of the project that stand for inputs of its flake.
    pub(crate) inputs: Vec<Override>,
    /// The file that says so.
    pub(crate) source: Option<Source>,
}

impl Configuration {
    /// What a run is worth of which a part was not inspected: as the command line says, else as the
    /// file does.
    pub(crate) fn incomplete(&self, is_required: bool) -> Incomplete {
        if is_required {
            return Incomplete::Error;
        }
        self.incomplete.unwrap_or_default()
    }
}

/// A configuration file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where it lies, without symbolic links: its globs are relative to it.
    pub(crate) directory: PathBuf,
    pub(crate) text: String,
}

/// The configuration of the given paths.
pub(crate) fn load(
    paths: &[PathBuf],
    arguments: &ConfigArguments,
) -> Result<Configuration, Failure> {
    if arguments.no_config {
        return Ok(Configuration::default());
    }
    let file = match &arguments.config {
        Some(file) => Some(file.clone()),
        None => discover::discover(paths)?,
    };
    match file {
        Some(file) => from_file(&file),
        None => Ok(Configuration::default()),
    }
}

fn from_file(file: &Path) -> Result<Configuration, Failure> {
    let text = discover::read(file)?;
    let real = file.canonicalize().map_err(|error| {
        UsageError::new(format!(
            "cannot read {}: {error}",
            crate::report::near(file)
        ))
    })?;
    let base = real.parent().unwrap_or(Path::new("/"));
    let mut configuration = read::read(&text, base)
        .map_err(|problems| Failure::Configuration(problem::render(file, &text, problems)))?;
    configuration.source = Some(Source {
        directory: base.to_owned(),
        text,
    });
    Ok(configuration)
}
