//! One file for each command.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod eval;
pub(crate) mod explain;
#[cfg(feature = "fetch")]
pub(crate) mod fetch;
pub(crate) mod files;
pub(crate) mod init;
pub(crate) mod inputs;
pub(crate) mod inventory;
pub(crate) mod lints;
pub(crate) mod lsp;
pub(crate) mod man;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod runtime;
mod watch;

use std::io::Write;

use crate::cli::check::CheckArguments;
use crate::cli::common::CommonArguments;
use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

/// Runs what the command line asks for.
pub(crate) fn run(cli: &Cli, out: &mut dyn Write) -> Result<Exit, Failure> {
    let common = &cli.common;
    match &cli.command {
        None => run_check(&cli.check, common, out),
        Some(Command::Check(arguments)) => run_check(arguments, common, out),
        Some(Command::Inventory(arguments)) => inventory::run(arguments, common, out),
        Some(Command::Files(arguments)) => files::run(arguments, common, out),
        Some(Command::Inputs(arguments)) => inputs::run(arguments, common, out),
        Some(Command::Runtime(arguments)) => runtime::run(arguments, common, out),
        Some(Command::Lsp(arguments)) => lsp::run(arguments),
        #[cfg(feature = "mcp")]
        Some(Command::Mcp(arguments)) => mcp::run(arguments),
        Some(Command::Eval(arguments)) => eval::run(arguments, out),
        Some(Command::Explain { lint }) => explain::run(lint, common, out),
        Some(Command::Completions { shell }) => completions::run(*shell, out),
        Some(Command::Man { out: directory }) => man::run(directory.as_deref(), out),
        Some(Command::Init(arguments)) => init::run(arguments, common, out),
        Some(Command::Lints { format }) => lints::run(*format, common, out),
    }
}

/// Checks once, or whenever something changes.
fn run_check(
    arguments: &CheckArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if arguments.more.watch {
        watch::run(arguments, common, out)
    } else {
        check::run(arguments, common, out)
    }
}
