//! `mcp-lint mcp`

use crate::cli::check::CheckArguments;
use crate::cli::input::InputArguments;
use crate::cli::mcp::McpArguments;
use crate::exit::{Exit, Failure};
use crate::mcp_server;

/// Serves one agent until it closes standard input.
pub(crate) fn run(arguments: &McpArguments) -> Result<Exit, Failure> {
    mcp_server::serve(as_check(arguments))?;
    Ok(Exit::Clean)
}

/// The arguments of `check` for the same project.
fn as_check(arguments: &McpArguments) -> CheckArguments {
    let input = InputArguments {
        threads: arguments.threads.clone(),
        paths: vec![arguments.path.clone()],
        hosts: Vec::new(),
        stdin_filename: None,
        overlay: None,
        sources: arguments.sources.clone(),
        require_complete: false,
        config: arguments.config.clone(),
    };
    CheckArguments {
        baseline: arguments.baseline.clone(),
        ..CheckArguments::of(input)
    }
}
