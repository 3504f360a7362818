//! What `init` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `init` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArguments {
    /// The directory of the project.
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Also write a hook that checks before every commit: `pre-commit` an entry for
    /// .pre-commit-config.yaml, `git` the script .git/hooks/pre-commit.
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "pre-commit"
    )]
    pub(crate) hook: Option<HookArgument>,
    /// Replace files that are there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// The hooks that `init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookArgument {
    /// For the pre-commit framework.
    PreCommit,
    /// For git alone.
    Git,
}
