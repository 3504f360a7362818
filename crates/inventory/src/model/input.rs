//! Inputs of the project's flake.

use std::path::PathBuf;

/// An input of the project's flake, or of one of its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlakeInput {
    /// The names on the way from the project's flake: `a/b`.
    pub name: String,
    /// What it is locked to, without a revision, a password and a query: `github:owner/repo`. `None` if
    /// its `follows` lead nowhere.
    pub reference: Option<String>,
    /// The locked revision; `None` if its kind has none.
    pub revision: Option<String>,
    /// The locked hash, as `sha256-…`.
    pub nar_hash: Option<String>,
    /// What became of it.
    pub source: InputSource,
    /// Where its source is on this machine; `None` if it is not here.
    pub directory: Option<PathBuf>,
    /// Whether an evaluation asked for its source.
    pub used: bool,
    /// Whether it is nixpkgs, whose declarations are built in.
    pub is_nixpkgs: bool,
    /// Whether it is pinned by its hash outside `flake.lock`.
    pub is_pin: bool,
}

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputSource {
    /// The user names a directory for it.
    Override,
    /// A relative path of a flake that is here.
    Path,
    /// It is in the store.
    Store,
    /// It was fetched before.
    Cache,
    /// It is not here, and this program knows what it gives.
    Emulated,
    /// It is not here, and nothing is known of it: why.
    Missing(String),
}

impl InputSource {
    /// The word for it in every format.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Path => "path",
            Self::Store => "store",
            Self::Cache => "cache",
            Self::Emulated => "emulated",
            Self::Missing(_) => "missing",
        }
    }

    /// Whether its source is here.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        matches!(
            self,
            Self::Override | Self::Path | Self::Store | Self::Cache
        )
    }
}

impl FlakeInput {
    /// Whether an evaluation asked for it in vain.
    #[must_use]
    pub const fn is_missed(&self) -> bool {
        self.used && matches!(self.source, InputSource::Missing(_))
    }

    /// Whether it is one of the project's own inputs.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        !self.name.contains('/')
    }
}
