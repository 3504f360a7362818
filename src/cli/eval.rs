//! What `eval` takes.

use std::path::PathBuf;

use clap::Args;

use super::inputs::SourceArguments;
use super::limits::LimitArguments;

/// What `eval` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct EvalArguments {
    /// The file to evaluate; the project's flake.nix if nothing else is given.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Evaluate this expression instead of a file.
    #[arg(
        short = 'E',
        long = "expr",
        value_name = "EXPR",
        conflicts_with = "file"
    )]
    pub(crate) expression: Option<String>,
    /// Select this attribute: `nixosConfigurations.desk.config.sops.secrets`.
    #[arg(short = 'A', long = "attr", value_name = "ATTRPATH")]
    pub(crate) attribute: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Evaluate everything, not only what is printed at first.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Fail with 2 if a part of what is printed is not known.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// For a merged option, print its definitions with place, priority and condition.
    #[arg(long)]
    pub(crate) trace: bool,
    /// How much the evaluation may take.
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
}
