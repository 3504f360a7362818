//! What `check` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mcp_lint_lints::Confidence;

use super::formats::{CheckFormat, OutputFile};
use super::input::InputArguments;

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
    pub(crate) more: MoreArguments,
}

impl CheckArguments {
    /// What `check` is told of this input and nothing else.
    pub(crate) fn of(input: InputArguments) -> Self {
        Self {
            input,
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
            baseline: None,
            write_baseline: None,
            fix: None,
            diff: false,
            more: MoreArguments::default(),
        }
    }
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

/// How findings are shown, and what else is done with them.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MoreArguments {
    /// Count the findings of each lint instead of showing them.
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Leave findings out that are less sure: `high` shows those that are proven from the configuration.
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(crate) min_confidence: Option<MinConfidence>,
    /// Check again whenever a file of the project changes, until it is interrupted.
    #[arg(long, conflicts_with_all = ["write_baseline", "fix", "diff", "add_ignore"])]
    pub(crate) watch: bool,
    /// Exit with 1 if the baseline holds findings that are no longer there.
    #[arg(long, help_heading = "Baseline")]
    pub(crate) fail_on_stale: bool,
    /// Write a comment above each finding that ignores it for this reason; with --diff, print that instead.
    #[arg(
        long,
        value_name = "REASON",
        // Without a reason: told by the command, in words of its own.
        num_args = 0..=1,
        default_missing_value = "",
        require_equals = true,
        help_heading = "Fixes",
        conflicts_with_all = ["fix", "write_baseline"]
    )]
    pub(crate) add_ignore: Option<String>,
    /// Write what a report of a defect needs to this file: versions, times, numbers, kinds of gaps, and no
    /// name; with -v, why there are gaps as well, which may hold names.
    #[arg(long, value_name = "FILE")]
    pub(crate) debug_bundle: Option<PathBuf>,
}

/// The least confidence of findings that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MinConfidence {
    /// Guesses that need a look, and all others.
    Low,
    /// What rests on a likely reading of the configuration, and what is proven.
    Medium,
    /// What is proven.
    High,
}

impl From<MinConfidence> for Confidence {
    fn from(least: MinConfidence) -> Self {
        match least {
            MinConfidence::Low => Self::Low,
            MinConfidence::Medium => Self::Medium,
            MinConfidence::High => Self::High,
        }
    }
}
