//! `mcp-lint completions`

use std::io::Write;

use clap::CommandFactory;
use clap_complete::{Generator, Shell, generate};
use clap_complete_nushell::Nushell;

use crate::cli::{Cli, CompletionShell};
use crate::exit::{Exit, Failure};

/// Writes the completions for a shell.
pub(crate) fn run(shell: CompletionShell, out: &mut dyn Write) -> Result<Exit, Failure> {
    let script = match shell {
        CompletionShell::Bash => script(Shell::Bash),
        CompletionShell::Elvish => script(Shell::Elvish),
        CompletionShell::Fish => script(Shell::Fish),
        CompletionShell::Nushell => script(Nushell),
        CompletionShell::Zsh => script(Shell::Zsh),
    };
    // The generators do not expect that writing may fail: they write to memory.
    out.write_all(&script)?;
    Ok(Exit::Clean)
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "mcp-lint", &mut script);
    script
}
