//! What an evaluation is told about the world around it. What it is not told is not known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a file is if no value may hold its content, by its path below the project and its bytes.
pub type Withheld = fn(&Path, &[u8]) -> Option<&'static str>;

/// The world around an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    /// The environment variables: all of them.
    pub variables: Option<BTreeMap<String, String>>,
    /// `$NIX_PATH`: what `<prefix/…>` begins with, and where it is looked for. An entry without a
    /// prefix is looked into for anything.
    pub search_path: Option<Vec<(String, PathBuf)>>,
    /// Whether `fromTOML` takes dates and times, which is an experimental feature of Nix.
    pub toml_timestamps: bool,
    /// Whose content no value may hold: whatever is computed from it is not known then. `None` if every content
    /// may be known.
    pub withheld: Option<Withheld>,
}
