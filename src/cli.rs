//! The command line.

pub(crate) mod check;
pub(crate) mod inputs;
pub(crate) mod lsp;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod runtime;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, Parser, Subcommand, ValueEnum};
use nix_eval::Limits;
use supports_hyperlinks::Stream;

use crate::output::Width;
use crate::stdin::Overlay;

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
  2  wrong usage, input that could not be read, no configuration that could be evaluated, or an
     internal error";

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
    #[command(after_help = INVENTORY_HELP)]
    Inventory(InventoryArguments),
    /// Show every secret file: what it is, whether it is encrypted and to whom, what uses it.
    ///
    /// Works without Nix as well: on any directory, and on one file. Only structure is looked at, no key
    /// is needed, and nothing of the content is printed.
    #[command(after_help = FILES_HELP)]
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

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommonArguments {
    /// When to colour the output.
    #[arg(long, value_enum, default_value_t = ColorMode::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: ColorMode,
    /// Make tables and text so many columns wide, instead of as wide as the terminal; without a terminal,
    /// 100, and no word is broken.
    #[arg(long, global = true, value_name = "COLUMNS")]
    pub(crate) width: Option<NonZeroUsize>,
    /// Print findings only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what is done; twice for more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
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

impl CommonArguments {
    /// How standard output is coloured.
    pub(crate) fn choice(&self) -> ColorChoice {
        match self.color {
            ColorMode::Auto => AutoStream::choice(&std::io::stdout()),
            ColorMode::Always => ColorChoice::AlwaysAnsi,
            ColorMode::Never => ColorChoice::Never,
        }
    }

    /// How wide standard output is.
    pub(crate) fn width(&self) -> Width {
        Width::of_output(self.width.map(NonZeroUsize::get))
    }

    /// Whether standard output is a terminal that follows links.
    pub(crate) fn follows_links(&self) -> bool {
        self.choice() != ColorChoice::Never && supports_hyperlinks::on(Stream::Stdout)
    }
}

/// What to look at.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputArguments {
    /// A flake.nix, a module, or a directory; `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// The file that standard input stands for: what an editor has not written yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// What was read from standard input.
    #[arg(skip)]
    pub(crate) overlay: Option<Overlay>,
    /// Look at this host and its containers only; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: inputs::SourceArguments,
    /// Fail with 2 if a part of the project could not be evaluated.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// How many hosts are evaluated side by side.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Which configuration file counts.
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// How many hosts are evaluated side by side.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ThreadsArgument {
    /// Evaluate hosts on so many threads, one for each processor unless given. The output is the same
    /// for any number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How much an evaluation may take.
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

/// How much an evaluation may take. What goes beyond it is not known.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LimitArguments {
    /// Evaluate within so many MiB of memory, all hosts together. Unless given, each host has 1024, of
    /// which fewer the more hosts there are.
    #[arg(long, value_name = "MIB")]
    pub(crate) memory_limit: Option<NonZeroUsize>,
    /// Evaluate each host within so many steps, 50000000 unless given.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) step_limit: Option<NonZeroU64>,
}

impl LimitArguments {
    /// The limits of an evaluation.
    pub(crate) fn limits(&self) -> Limits {
        let bytes = |mebibytes: NonZeroUsize| mebibytes.get().saturating_mul(1 << 20);
        let limits =
            { self.memory_limit }.map_or_else(Limits::default, |it| Limits::within(bytes(it)));
        Limits {
            steps: { self.step_limit }.map_or(limits.steps, NonZeroU64::get),
            ..limits
        }
    }
}

/// Which configuration file counts.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigArguments {
    /// Use this configuration file instead of the nearest mcp-lint.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

/// What `check` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArguments {
    /// What to look at.
    #[command(flatten)]
    pub(crate) input: InputArguments,
    /// Exit with 1 from this level on, `error` unless mcp-lint.toml says otherwise; `info` also shows
    /// findings of that level.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<FailOn>,
    /// How to print on standard output: `human` unless --output says otherwise.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<CheckFormat>,
    /// Write a report to a file as well; may be given several times; `-` is standard output.
    #[arg(long = "output", value_name = "FORMAT=FILE")]
    pub(crate) outputs: Vec<OutputFile>,
    /// Run only these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not run these lints or groups.
    #[arg(long, value_name = "LINT-OR-GROUP", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Show findings that are only worth knowing as well.
    #[arg(long)]
    pub(crate) pedantic: bool,
    /// Report only findings that touch these files; the whole project is looked at all the same.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) only: Vec<PathBuf>,
    /// Take the paths for files as after --only: `mcp-lint check --only-named -- FILE...` takes every name,
    /// also one that begins with a dash.
    #[arg(long, conflicts_with = "only")]
    pub(crate) only_named: bool,
    /// Report only findings that touch files that changed since the current branch left this git
    /// revision.
    #[arg(long, value_name = "REV")]
    pub(crate) changed_since: Option<String>,
    /// Where results are kept, so that a project of which nothing has changed is not evaluated again.
    #[command(flatten)]
    pub(crate) cache: CacheArguments,
    /// Do not report the findings of this file.
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the findings to this file instead of reporting them.
    #[arg(long, value_name = "FILE", help_heading = "Baseline", conflicts_with_all = ["baseline", "fix", "diff"])]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Change the files: `safe` changes nothing but what a finding is about, `unsafe` may.
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "safe",
        help_heading = "Fixes"
    )]
    pub(crate) fix: Option<FixArgument>,
    /// Print what --fix would change as a unified diff, and change nothing; exit with 1 if there is
    /// something.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) diff: bool,
    /// How findings are shown, and what else is done with them.
    #[command(flatten)]
    pub(crate) more: check::MoreArguments,
}

/// Where results are kept.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CacheArguments {
    /// Keep results in this directory instead of ~/.cache/mcp-lint; it must be private (mode 0700).
    #[arg(long, value_name = "DIRECTORY", help_heading = "Cache")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Evaluate the project even if nothing has changed, and keep no result.
    #[arg(long, help_heading = "Cache", conflicts_with = "cache_dir")]
    pub(crate) no_cache: bool,
}

/// Which fixes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixArgument {
    /// Those that change nothing but what the finding is about.
    Safe,
    /// All: look at the result.
    Unsafe,
}

const INVENTORY_HELP: &str = "\
Examples:
  mcp-lint inventory --problems                  what is wrong or not decided
  mcp-lint inventory --host desk --user alice    what alice reads or can read on a host
  mcp-lint inventory --secret '*token*'          who reads these
  mcp-lint inventory --format csv | grep alice   a line for each secret and reader
  mcp-lint inventory --format markdown           for a wiki";

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
    /// Show only secrets whose name or path this pattern matches: '*token*', '/run/secrets/*'; may be
    /// given several times.
    #[arg(
        long = "secret",
        value_name = "GLOB",
        help_heading = "Filters",
        conflicts_with = "coverage"
    )]
    pub(crate) secrets: Vec<String>,
    /// Show only secrets that this user reads, owns or can read.
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Filters",
        conflicts_with = "coverage"
    )]
    pub(crate) user: Option<String>,
    /// Show only secrets that nobody reads, or of which no reader was found.
    #[arg(long, help_heading = "Filters", conflicts_with = "coverage")]
    pub(crate) unread: bool,
    /// Show only secrets about which something is wrong or not decided: a reader that cannot read it,
    /// a file that is not encrypted, an owner that is not known.
    #[arg(long, help_heading = "Filters", conflicts_with = "coverage")]
    pub(crate) problems: bool,
}

const FILES_HELP: &str = "\
Examples:
  mcp-lint files                     the project in this directory
  mcp-lint files secrets             a directory, with or without Nix around it
  mcp-lint files token.age           one file, whatever it is
  mcp-lint files --format json       for programs

Exit codes:
  0  the files were listed, whatever state they are in (mcp-lint check judges)
  2  wrong usage, a file that could not be read, or with --require-complete a part of the project that
     could not be evaluated";

/// What `files` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilesArguments {
    /// A project, any directory, or one file.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Fail with 2 if a part of the project could not be evaluated: secrets that are declared there are
    /// missing among the uses.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: inputs::SourceArguments,
    /// How many hosts are evaluated side by side.
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
}

/// What `init` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArguments {
    /// The directory of the project.
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Also write a hook that checks before every commit: `pre-commit` an entry for
    /// .pre-commit-config.yaml, `git` the script .git/hooks/pre-commit.
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "pre-commit"
    )]
    pub(crate) hook: Option<HookArgument>,
    /// Replace files that are there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// The hooks that `init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookArgument {
    /// For the pre-commit framework.
    PreCommit,
    /// For git alone.
    Git,
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
    /// Fail with 2 if a part of what is printed is not known.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// For a merged option, print its definitions with place, priority and condition.
    #[arg(long)]
    pub(crate) trace: bool,
    /// How much the evaluation may take.
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    /// Where sources of inputs are.
    #[command(flatten)]
    pub(crate) sources: inputs::SourceArguments,
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
    /// For programs: one finding on each line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit XML, for test reports of CI systems.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// A summary in Markdown, for the page of a CI job.
    Markdown,
    /// One self-contained page with a graph of secrets and readers.
    Html,
}

/// A report and where it goes: `sarif=mcp-lint.sarif`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputFile {
    pub(crate) format: CheckFormat,
    /// Nothing for standard output.
    pub(crate) path: Option<PathBuf>,
}

impl std::str::FromStr for OutputFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("write FORMAT=FILE: sarif=mcp-lint.sarif")?;
        let format = CheckFormat::from_str(format, false).map_err(|_| {
            let known: Vec<String> = CheckFormat::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("there is no format `{format}`: {}", known.join(", "))
        })?;
        Ok(Self {
            format,
            path: (path != "-").then(|| path.into()),
        })
    }
}

/// The formats of `inventory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// For people: as wide as the terminal, or as --width says.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets and searches: a row for each secret and reader.
    Csv,
    /// For wikis and merge requests: a table for each host.
    Markdown,
}

/// The formats of `files`, `inputs` and `lints`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}
