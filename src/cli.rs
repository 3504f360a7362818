//! The command line.

pub(crate) mod check;
pub(crate) mod common;
pub(crate) mod eval;
pub(crate) mod files;
pub(crate) mod formats;
pub(crate) mod init;
pub(crate) mod input;
pub(crate) mod inputs;
pub(crate) mod inventory;
pub(crate) mod limits;
pub(crate) mod lsp;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod runtime;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};

use check::CheckArguments;
use common::CommonArguments;
use eval::EvalArguments;
use files::FilesArguments;
use formats::ListFormat;
use init::InitArguments;
use input::InputArguments;
use inventory::InventoryArguments;

/// Who reads each secret of a Nix configuration, can they, can anybody else, and is it really
/// encrypted?
///
/// Without a subcommand, `check` runs.
#[derive(Debug, Parser)]
#[command(name = "mcp-lint", version = env!("MCP_LINT_VERSION"), args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// What `check` takes.
    #[command(flatten)]
    pub(crate) check: CheckArguments,
    /// What every command takes.
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

impl Cli {
    /// The arguments with the command before the options that stand before it: `--width 40 inventory`. Otherwise an
    /// option before it would make a path of its name.
    pub(crate) fn ordered(mut arguments: Vec<OsString>) -> Vec<OsString> {
        let command = Self::command();
        let takes_value = |option: &str| {
            let named = |arg: &&clap::Arg| match option.strip_prefix("--") {
                Some(long) => arg.get_long() == Some(long),
                None => arg.get_short().is_some_and(|short| option.ends_with(short)),
            };
            let arg = command.get_arguments().find(named)?;
            let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
            Some(takes && !arg.is_require_equals_set())
        };
        let mut index = 1;
        while let Some(argument) = arguments.get(index).and_then(|it| it.to_str()) {
            if argument == "--" {
                return arguments;
            }
            if !argument.starts_with('-') || argument == "-" {
                let mut names = command.get_subcommands().map(clap::Command::get_name);
                if index > 1 && (argument == "help" || names.any(|name| name == argument)) {
                    let named = arguments.remove(index);
                    arguments.insert(1, named);
                }
                return arguments;
            }
            index += match takes_value(argument) {
                _ if argument.contains('=') => 1,
                Some(true) => 2,
                Some(false) => 1,
                // An option of one command alone, or none at all: clap tells.
                None => return arguments,
            };
        }
        arguments
    }
}

const EXIT_CODES: &str = "\
Examples:
  mcp-lint                       check the project in this directory
  mcp-lint ./flake.nix           check every host of a flake
  mcp-lint check --host desk     check one host
  mcp-lint - --stdin-filename hosts/desk.nix
                                 check with the text on standard input in place of that file
  mcp-lint inventory             who reads which secret
  mcp-lint inventory --coverage  how far the analysis reaches
  mcp-lint files                 which secret files there are, and to whom they are encrypted
  mcp-lint inputs                where the sources of the flake's inputs are
  mcp-lint runtime               what is really on this machine
  mcp-lint explain LINT          why a finding matters, and what to do
  mcp-lint --watch               again whenever a file changes
  mcp-lint --statistics          how many findings each lint has

Exit codes:
  0  nothing to report
  1  findings at or above the level of --fail-on
  2  wrong usage, a file that could not be read or parsed, no configuration that could be evaluated,
     or an internal error; with --require-complete also any part that could not be loaded";

const COMPLETIONS: &str = "\
Examples:
  mcp-lint completions bash > ~/.local/share/bash-completion/completions/mcp-lint
  mcp-lint completions fish > ~/.config/fish/completions/mcp-lint.fish
  mcp-lint completions zsh  > ~/.zfunc/_mcp-lint      (with fpath+=~/.zfunc before compinit)
  mcp-lint completions powershell | Out-String | Invoke-Expression";

/// The shells that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletionShell {
    /// Bash.
    Bash,
    /// Elvish.
    Elvish,
    /// Fish.
    Fish,
    /// Nushell.
    Nushell,
    /// PowerShell.
    #[value(name = "powershell")]
    PowerShell,
    /// Zsh.
    Zsh,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a run")]
pub(crate) enum Command {
    /// Report what is wrong with the secrets of every host.
    #[command(after_help = EXIT_CODES)]
    Check(CheckArguments),
    /// Show every secret, where it lands, and who can read it.
    #[command(after_help = inventory::AFTER_HELP)]
    Inventory(InventoryArguments),
    /// Show every secret file: what it is, whether it is encrypted and to whom, what uses it.
    ///
    /// Works without Nix as well: on any directory, and on one file. Only structure is looked at, no key
    /// is needed, and nothing of the content is printed.
    #[command(after_help = files::AFTER_HELP)]
    Files(FilesArguments),
    /// Show the inputs of the flake: their revisions, where their sources are or why not.
    #[command(after_help = inputs::AFTER_HELP)]
    Inputs(inputs::InputsArguments),
    /// Check what is really on this machine: the deployed secrets, their readers and MCP servers.
    #[command(after_help = runtime::AFTER_HELP)]
    Runtime(runtime::RuntimeArguments),
    /// Serve an editor: diagnostics, hover, definitions, references, fixes and completion.
    #[command(after_help = lsp::AFTER_HELP)]
    Lsp(lsp::LspArguments),
    /// Serve an agent: who reads which secret and why, findings, and what an edit would change.
    #[cfg(feature = "mcp")]
    #[command(after_help = mcp::AFTER_HELP)]
    Mcp(mcp::McpArguments),
    /// Show the value of an expression, a file, or an attribute of the project.
    Eval(EvalArguments),
    /// Show the page of a lint, the lints of a group, or what a gap is.
    Explain {
        /// The name of a lint, of a group, or of a kind of what was not inspected.
        #[arg(value_name = "NAME")]
        lint: String,
    },
    /// Write completions for a shell to standard output.
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: CompletionShell,
    },
    /// Write the manual page to standard output.
    Man {
        /// Write the pages of all commands into this directory instead.
        #[arg(long, value_name = "DIRECTORY")]
        out: Option<PathBuf>,
    },
    /// Write a commented mcp-lint.toml, and a git hook if asked for.
    Init(InitArguments),
    /// List all lints.
    Lints {
        /// How to print.
        #[arg(long, value_enum, default_value_t = ListFormat::Table)]
        format: ListFormat,
    },
}

impl Cli {
    /// Moves the paths of `--only-named` to where those of `--only` are.
    pub(crate) fn settle(&mut self) {
        let check = match &mut self.command {
            None => &mut self.check,
            Some(Command::Check(arguments)) => arguments,
            Some(_) => return,
        };
        if check.only_named {
            check.only.append(&mut check.input.paths);
        }
    }

    /// The paths that the command looks at, if it looks at a project.
    pub(crate) const fn input(&mut self) -> Option<&mut InputArguments> {
        match &mut self.command {
            None => Some(&mut self.check.input),
            Some(Command::Check(arguments)) => Some(&mut arguments.input),
            Some(Command::Inventory(arguments)) => Some(&mut arguments.input),
            Some(_) => None,
        }
    }
}
