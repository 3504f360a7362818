//! `mcp-lint lsp`

use crate::cli::check::CheckArguments;
use crate::cli::input::InputArguments;
use crate::cli::lsp::LspArguments;
use crate::config::Configuration;
use crate::exit::{Exit, Failure};
use crate::lsp;
use crate::policy::Policy;

/// Serves one editor until it says goodbye.
pub(crate) fn run(arguments: &LspArguments) -> Result<Exit, Failure> {
    let arguments = as_check(arguments);
    // Names of lints that do not exist are told at once.
    Policy::new(&arguments, &Configuration::default())?;
    match lsp::serve(arguments)? {
        lsp::End::Orderly => Ok(Exit::Clean),
        // The protocol asks for this code where the editor went away without a word.
        lsp::End::Abrupt => Ok(Exit::Findings),
    }
}

/// What `check` would be told; the paths come from the editor.
fn as_check(arguments: &LspArguments) -> CheckArguments {
    let input = InputArguments {
        threads: arguments.threads.clone(),
        paths: Vec::new(),
        hosts: Vec::new(),
        stdin_filename: None,
        overlay: None,
        sources: arguments.sources.clone(),
        require_complete: arguments.require_complete,
        config: arguments.config.clone(),
    };
    CheckArguments {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        pedantic: arguments.pedantic,
        baseline: arguments.baseline.clone(),
        ..CheckArguments::of(input)
    }
}
