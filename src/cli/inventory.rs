//! What `inventory` takes.

use clap::Args;

use super::formats::InventoryFormat;
use super::input::InputArguments;

/// Shown below the options.
pub(crate) const AFTER_HELP: &str = "\
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
    /// Show only secrets whose name or path this pattern matches, in upper or lower case: '*token*',
    /// '/run/secrets/*'; may be given several times.
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
    /// a file that is not encrypted, an error or a warning of `mcp-lint check`, an owner that is not known.
    #[arg(long, help_heading = "Filters", conflicts_with = "coverage")]
    pub(crate) problems: bool,
}
