//! What `files` takes.

use std::path::PathBuf;

use clap::Args;

use super::formats::ListFormat;
use super::input::ThreadsArgument;
use super::inputs::SourceArguments;

/// Shown below the options.
pub(crate) const AFTER_HELP: &str = "\
Examples:
  mcp-lint files                     the project in this directory
  mcp-lint files secrets             a directory, with or without Nix around it
  mcp-lint files token.age           one file, whatever it is
  mcp-lint files --format json       for programs

Exit codes:
  0  the files were listed, whatever state they are in (mcp-lint check judges)
  2  wrong usage, a file that could not be read, or with --require-complete a part of the project that
     could not be evaluated";

/// What `files` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilesArguments {
    /// A project, any directory, or one file.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Fail with 2 if a part of the project could not be evaluated: secrets that are declared there are
    /// missing among the uses.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// How many hosts are evaluated side by side.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
}
