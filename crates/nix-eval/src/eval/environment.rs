//! What an evaluation is told about the world around it. What it is not told is not known.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
}
