//! What `check` takes beyond what it looks at and which findings count.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mcp_lint_lints::Confidence;

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
