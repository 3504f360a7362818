//! `mcp-lint completions`

use std::io::Write;

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use clap_complete::{Generator, Shell, generate};
use clap_complete_nushell::Nushell;

use mcp_lint_lints::{Group, LINTS};

use crate::cli::{Cli, CompletionShell};
use crate::exit::{Exit, Failure};

/// Writes the completions for a shell.
pub(crate) fn run(shell: CompletionShell, out: &mut dyn Write) -> Result<Exit, Failure> {
    let script = match shell {
        CompletionShell::Bash => bash(),
        CompletionShell::Elvish => script(Shell::Elvish),
        CompletionShell::Fish => script(Shell::Fish),
        CompletionShell::Nushell => script(Nushell),
        CompletionShell::PowerShell => script(Shell::PowerShell),
        CompletionShell::Zsh => script(Shell::Zsh),
    };
    // The generators do not expect that writing may fail: they write to memory.
    out.write_all(&script)?;
    Ok(Exit::Clean)
}

/// The command line, in which names of lints and groups are known values. Names of hosts are not: a shell
/// that waits for an evaluation at every key is of no use.
fn command() -> Command {
    let named = || PossibleValuesParser::new(names());
    let of_check = |command: Command| {
        command
            .mut_arg("select", |argument| argument.value_parser(named()))
            .mut_arg("ignore", |argument| argument.value_parser(named()))
    };
    of_check(Cli::command())
        .mut_subcommand("check", of_check)
        .mut_subcommand("lsp", of_check)
        .mut_subcommand("explain", |command| {
            command.mut_arg("lint", |argument| argument.value_parser(named()))
        })
}

/// The names of lints and groups.
fn names() -> Vec<&'static str> {
    let groups = Group::ALL.into_iter().map(Group::name);
    groups.chain(LINTS.iter().map(|lint| lint.name)).collect()
}

/// The script for bash. clap_complete 4.6 takes the hyphen of the program's name for the step to a command where it
/// lists what follows a command, and so lists it for none.
fn bash() -> Vec<u8> {
    let script = String::from_utf8_lossy(&script(Shell::Bash)).into_owned();
    script
        .replace("mcp__subcmd__lint", "mcp__lint")
        .into_bytes()
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut command(), "mcp-lint", &mut script);
    script
}
