//! What commands look at: a project, its hosts, the file that configures the check.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::inputs::SourceArguments;
use super::limits::LimitArguments;
use crate::stdin::Overlay;

/// What to look at.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputArguments {
    /// A flake.nix, a module, or a directory; `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// The file that standard input stands for: what an editor has not written yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// What was read from standard input.
    #[arg(skip)]
    pub(crate) overlay: Option<Overlay>,
    /// Look at this host and its containers only; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// Fail with 2 if a part of the project could not be evaluated.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// How many hosts are evaluated side by side.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Which configuration file counts.
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// How many hosts are evaluated side by side.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ThreadsArgument {
    /// Evaluate hosts on so many threads, one for each processor unless given. The output is the same
    /// for any number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How much an evaluation may take.
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

/// Which configuration file counts.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigArguments {
    /// Use this configuration file instead of the nearest mcp-lint.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
}
