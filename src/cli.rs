//! The command line.

pub(crate) mod runtime;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Who reads each secret of a Nix configuration, can they, can anybody else, and is it really
/// encrypted?
///
/// Without a subcommand, `check` runs.
#[derive(Debug, Parser)]
#[command(name = "mcp-lint", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
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

const EXIT_CODES: &str = "\
Examples:
  mcp-lint                       check the project in this directory
  mcp-lint ./flake.nix           check every host of a flake
  mcp-lint check --host desk     check one host
  mcp-lint inventory             who reads which secret
  mcp-lint inventory --coverage  how far the analysis reaches
  mcp-lint runtime               what is really on this machine
  mcp-lint explain LINT          why a finding matters, and what to do

Exit codes:
  0  nothing to report
  1  findings at or above the level of --fail-on
  2  wrong usage, input that could not be read, or an internal error";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report what is wrong with the secrets of every host.
    #[command(after_help = EXIT_CODES)]
    Check(CheckArguments),
    /// Show every secret, where it lands, and who can read it.
    Inventory(InventoryArguments),
    /// Check what is really on this machine: the deployed secrets, their readers and MCP servers.
    #[command(after_help = runtime::AFTER_HELP)]
    Runtime(runtime::RuntimeArguments),
    /// Show the value of an expression, a file, or an attribute of the project.
    Eval(EvalArguments),
    /// Show the page of a lint.
    Explain {
        /// Its name.
        lint: String,
    },
    /// List all lints.
    Lints {
        /// How to print.
        #[arg(long, value_enum, default_value_t = InventoryFormat::Table)]
        format: InventoryFormat,
    },
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommonArguments {
    /// When to colour the output.
    #[arg(long, value_enum, default_value_t = ColorMode::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: ColorMode,
    /// Print findings only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what is done; twice for more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// What to look at.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputArguments {
    /// A flake.nix, a module, or a directory.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look at this host only; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
}

/// What `check` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArguments {
    /// What to look at.
    #[command(flatten)]
    pub(crate) input: InputArguments,
    /// Exit with 1 from this level on; `info` also shows findings of that level.
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "LEVEL")]
    pub(crate) fail_on: FailOn,
    /// How to print.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
    /// Run only these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not run these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Show findings that are only worth knowing as well.
    #[arg(long)]
    pub(crate) pedantic: bool,
}

/// What `inventory` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct InventoryArguments {
    /// What to look at.
    #[command(flatten)]
    pub(crate) input: InputArguments,
    /// How to print.
    #[arg(long, value_enum, default_value_t = InventoryFormat::Table)]
    pub(crate) format: InventoryFormat,
    /// Show how far the analysis reaches instead: how many of the secrets that the files declare are
    /// in the inventory, what of them is known, and the commonest reasons why the rest is not.
    #[arg(long)]
    pub(crate) coverage: bool,
}

/// What `eval` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct EvalArguments {
    /// The file to evaluate; the project's flake.nix if nothing else is given.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Evaluate this expression instead of a file.
    #[arg(
        short = 'E',
        long = "expr",
        value_name = "EXPR",
        conflicts_with = "file"
    )]
    pub(crate) expression: Option<String>,
    /// Select this attribute: `nixosConfigurations.desk.config.sops.secrets`.
    #[arg(short = 'A', long = "attr", value_name = "ATTRPATH")]
    pub(crate) attribute: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Evaluate everything, not only what is printed at first.
    #[arg(long)]
    pub(crate) strict: bool,
    /// For a merged option, print its definitions with place, priority and condition.
    #[arg(long)]
    pub(crate) trace: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorMode {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The level that makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Any finding.
    Info,
    /// No finding.
    Never,
}

/// The formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: with the source.
    Human,
    /// For people and editors: one line each.
    Short,
    /// For programs: one document.
    Json,
}

/// The formats of `inventory` and `lints`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}
