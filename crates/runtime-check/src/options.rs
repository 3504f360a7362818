//! What to check.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use inventory::Manager;

use crate::finding::Severity;

/// Where the expectation comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The text of the JSON that `mcp-lint inventory --format json` prints.
    Manifest(String),
    /// A directory of secret files that no known manager made.
    SecretsPath {
        /// The directory.
        directory: PathBuf,
        /// The names that must be there; all files that are there if empty.
        secrets: Vec<String>,
    },
    /// Whatever the managers of this machine have installed, by the general rules.
    Discover,
}

/// How to start the helper that becomes another user: this very program with a hidden argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// The program.
    pub program: PathBuf,
    /// Its arguments. With them, the program must call [`probe_main`](crate::probe_main).
    pub arguments: Vec<OsString>,
}

/// The argument with which the command runs [`probe_main`](crate::probe_main).
pub const PROBE_COMMAND: &str = "__runtime-probe";

impl Default for Helper {
    fn default() -> Self {
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe().unwrap_or_default()
        };
        Self {
            program,
            arguments: vec![OsString::from(PROBE_COMMAND)],
        }
    }
}

/// What to check, and as whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// Every secret manager, sorted by name.
    pub managers: &'static [&'static Manager],
    /// What should be there.
    pub expectation: Expectation,
    /// The host of the manifest; needed where it has several and none has this machine's name.
    pub host: Option<String>,
    /// The user whose access and client configuration are checked. As root every reader that the
    /// manifest names is checked too; anybody else can only check their own access.
    pub user: Option<String>,
    /// The directory that stands for `/`: another one for a mounted image or a test.
    pub root: PathBuf,
    /// `$XDG_RUNTIME_DIR` of the user who runs the check.
    pub runtime_directory: Option<PathBuf>,
    /// Findings of this severity and above count as findings in the exit code.
    pub fail_on: Severity,
    /// How the helper is started.
    pub helper: Helper,
    /// How long a file system may take for one path until it counts as not answering.
    pub patience: Duration,
}

impl Options {
    /// The usual options for an expectation: this machine, warnings count.
    #[must_use]
    pub fn new(managers: &'static [&'static Manager], expectation: Expectation) -> Self {
        Self {
            managers,
            expectation,
            host: None,
            user: None,
            root: PathBuf::from("/"),
            runtime_directory: std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
            fail_on: Severity::Warning,
            helper: Helper::default(),
            patience: Duration::from_secs(10),
        }
    }
}
