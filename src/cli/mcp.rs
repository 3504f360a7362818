//! What `mcp` takes.

use std::path::PathBuf;

use clap::Args;

use super::input::{ConfigArguments, ThreadsArgument};
use super::inputs::SourceArguments;

pub(crate) const AFTER_HELP: &str = "\
An agent starts this and talks to it over standard input and output, by the Model Context Protocol. Tools:
check, inventory, who_reads, explain, diff (findings before and after an edit that is not written). Resources:
the pages of all lints. Nothing is written, nothing outside the project is read, and no value of a secret is in
any answer.

Examples:
  claude mcp add mcp-lint -- mcp-lint mcp
                                 Claude Code; for other clients see the page \"MCP server\" of the documentation
  mcp-lint mcp ~/nixos           the project of this directory, whatever the client's working directory is";

/// How the server for agents looks at the project.
#[derive(Debug, Clone, Args)]
pub(crate) struct McpArguments {
    /// The project: a flake.nix, a module, or a directory. It stays the same as long as the server runs.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Do not report the findings of this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// How many hosts are evaluated side by side.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// The configuration file.
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}
