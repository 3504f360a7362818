//! What to look at, and what the user says beyond the configuration.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use globset::GlobSet;
use nix_eval::Limits;
use nix_source::ParseCache;

use crate::host_cache::HostCache;
use crate::inputs::InputOptions;
use crate::module_index::ModuleIndex;
use crate::nixpkgs_release::Releases;
use crate::readers::{ExtraReader, Table};

/// What to look at, and how far.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// What the user named: a `flake.nix`, a module, a directory. All of one project.
    pub paths: Vec<PathBuf>,
    /// Only the hosts of these names or attributes; all of them if there are none.
    pub hosts: Vec<String>,
    /// Bounds of the evaluation of one host.
    pub limits: Limits,
    /// Texts that stand for what is on disk, by absolute path: an editor's buffers, fixes that were
    /// not written yet.
    pub overlays: BTreeMap<PathBuf, Arc<str>>,
    /// Trees of earlier runs.
    pub cache: Option<Arc<ParseCache>>,
    /// Facts of earlier evaluations: of a host of which nothing was changed they are used again.
    pub host_cache: Option<Arc<HostCache>>,
    /// Ends the evaluation soon after it is set; what was found by then means nothing.
    pub cancelled: Option<Arc<AtomicBool>>,
    /// Modules that are not looked at on their own. What is named in `paths`, and what another file
    /// imports, is looked at all the same.
    pub exclude: PathGlobs,
    /// Directories that belong to a secret manager, beyond those that the configuration tells.
    pub managed_directories: Vec<String>,
    /// Options of which the user says who opens the file that they name; they go before the table of
    /// this program.
    pub extra_readers: Vec<ExtraReader>,
    /// Where the sources of the flake's inputs may be.
    pub inputs: InputOptions,
    /// How many hosts are evaluated side by side; `None` for one on each processor. The result is the
    /// same for any number.
    pub threads: Option<NonZeroUsize>,
    /// Whether hosts have their secrets alone, not who reads them or can.
    pub secrets_only: bool,
    /// Whether to log what each host read.
    pub read_logs: bool,
    /// Whether the process ends soon after, so that memory need not be given back.
    pub one_shot: bool,
}

impl BuildOptions {
    /// How many hosts are evaluated side by side.
    pub(crate) fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().ok();
        self.threads
            .or_else(processors)
            .map_or(1, NonZeroUsize::get)
    }

    /// What the user adds to what this program knows of readers; `None` if none are wanted.
    pub(crate) fn additions(&self) -> Option<Additions> {
        let with_slash = |directory: &String| format!("{}/", directory.trim_end_matches('/'));
        (!self.secrets_only).then(|| Additions {
            readers: Table::extra(&self.extra_readers),
            managed_directories: self.managed_directories.iter().map(with_slash).collect(),
            modules: ModuleIndex::default(),
            releases: Releases::default(),
        })
    }
}

/// What `mcp-lint.toml` adds to what this program knows.
#[derive(Debug)]
pub(crate) struct Additions {
    /// Rows that go before those of the table of readers.
    pub(crate) readers: Table,
    /// Directories of managers, with the slash that ends them.
    pub(crate) managed_directories: Vec<String>,
    /// The modules of inputs and of nixpkgs.
    pub(crate) modules: ModuleIndex,
    /// The releases of nixpkgs that the project may be built from.
    pub(crate) releases: Releases,
}

/// Globs for paths below a directory.
#[derive(Debug, Clone, Default)]
pub struct PathGlobs {
    base: PathBuf,
    globs: GlobSet,
}

impl PathGlobs {
    /// Globs that are relative to `base`, which is absolute and without symbolic links.
    #[must_use]
    pub const fn new(base: PathBuf, globs: GlobSet) -> Self {
        Self { base, globs }
    }

    /// Whether one of them matches an absolute path, or a directory above it.
    #[must_use]
    pub fn matches(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.base) else {
            return false;
        };
        let above = below
            .ancestors()
            .filter(|part| !part.as_os_str().is_empty());
        !self.globs.is_empty() && { above }.any(|part| self.globs.is_match(part))
    }
}
