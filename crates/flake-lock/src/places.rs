//! Where sources may be, as the command line, the configuration and the environment say.

use std::path::PathBuf;
use std::sync::Arc;

use crate::nar_hash::DEFAULT_STORE;

/// The places where sources are looked for. This crate reads no environment: who makes this one
/// does.
#[derive(Debug, Clone)]
pub struct Places {
    /// The project's directory: absolute, without links.
    pub project: PathBuf,
    /// The flake's directory below the project; empty if it is the project's.
    pub flake: PathBuf,
    /// Directories that stand for inputs; the first one for an input counts.
    pub overrides: Vec<Override>,
    /// The store, `NIX_STORE_DIR` or [`DEFAULT_STORE`]; `None` to use none.
    pub store: Option<PathBuf>,
    /// Trees that `mcp-lint inputs fetch` verified; `None` to use none.
    pub cache: Option<PathBuf>,
}

/// A directory that stands for an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The input, as the names on the way from the root: `a/b`.
    pub input: Vec<Arc<str>>,
    /// The directory.
    pub directory: PathBuf,
    /// Who says so.
    pub origin: OverrideOrigin,
}

/// Who names a directory for an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OverrideOrigin {
    /// `--input NAME=PATH`: any directory.
    CommandLine,
    /// `[inputs]` of `mcp-lint.toml`: a directory of the project.
    Configuration,
}

impl Places {
    /// The store of this machine and nothing else, for a flake at the top of a project.
    #[must_use]
    pub fn new(project: PathBuf) -> Self {
        Self {
            project,
            flake: PathBuf::new(),
            overrides: Vec::new(),
            store: Some(PathBuf::from(DEFAULT_STORE)),
            cache: None,
        }
    }
}
