//! `mcp-lint mcp`

use crate::cli::check::{CacheArguments, CheckArguments, MoreArguments};
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
    CheckArguments {
        input: InputArguments {
            threads: arguments.threads.clone(),
            paths: vec![arguments.path.clone()],
            hosts: Vec::new(),
            stdin_filename: None,
            overlay: None,
            sources: arguments.sources.clone(),
            require_complete: false,
            config: arguments.config.clone(),
        },
        fail_on: None,
        format: None,
        outputs: Vec::new(),
        select: Vec::new(),
        ignore: Vec::new(),
        pedantic: false,
        only: Vec::new(),
        only_named: false,
        changed_since: None,
        cache: CacheArguments::default(),
        baseline: arguments.baseline.clone(),
        write_baseline: None,
        fix: None,
        diff: false,
        more: MoreArguments::default(),
    }
}
