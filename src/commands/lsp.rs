//! `mcp-lint lsp`

use crate::cli::FailOn;
use crate::cli::lsp::LspArguments;
use crate::exit::{Exit, Failure};
use crate::lsp;
use crate::selection::Selection;

/// Serves one editor until it says goodbye.
pub(crate) fn run(arguments: &LspArguments) -> Result<Exit, Failure> {
    let selection = Selection::new(
        &arguments.select,
        &arguments.ignore,
        arguments.pedantic,
        FailOn::Never,
    )?;
    match lsp::serve(selection)? {
        lsp::End::Orderly => Ok(Exit::Clean),
        // The protocol asks for this code where the editor went away without a word.
        lsp::End::Abrupt => Ok(Exit::Findings),
    }
}
