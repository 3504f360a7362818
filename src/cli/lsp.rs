//! What `lsp` takes.

use std::path::PathBuf;

use clap::Args;

use super::input::{ConfigArguments, ThreadsArgument};
use super::inputs::SourceArguments;

pub(crate) const AFTER_HELP: &str = "\
An editor starts this and talks to it over standard input and output: diagnostics while you type, what a
secret is and who reads it on hover and beside its declaration, jumps from `config.sops.secrets.x.path` to
its declaration and to its key in the sops file, references, fixes, names to complete, and a secret
renamed where that is safe.

Examples:
  vim.lsp.config('mcp-lint', { cmd = { 'mcp-lint', 'lsp' }, filetypes = { 'nix' }, root_markers = { 'flake.nix' } })
                                 Neovim; for other editors see the page \"Editors\" of the documentation
  mcp-lint lsp --pedantic        also show findings that are only worth knowing";

/// How the language server looks at projects.
#[derive(Debug, Clone, Args)]
pub(crate) struct LspArguments {
    /// Show findings that are only worth knowing as well.
    #[arg(long)]
    pub(crate) pedantic: bool,
    /// Run only these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not run these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Do not report the findings of this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show as an error, not as a warning, that a part of the project could not be evaluated.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// Talk over standard input and output. There is no other way; some editors insist on saying so.
    #[arg(long)]
    pub(crate) stdio: bool,
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
