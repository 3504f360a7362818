//! What `runtime` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(crate) const AFTER_HELP: &str = "\
Examples:
  sudo mcp-lint runtime                          what secret managers installed
  sudo mcp-lint runtime . --host desk            what this configuration declares
  mcp-lint inventory --format json > desk.json
  sudo mcp-lint runtime --manifest desk.json     the same, without evaluating again
  mcp-lint runtime --secrets-path /srv/secrets --secret GITHUB_TOKEN
                                                 files that another program put there
  sudo mcp-lint runtime --user alice             can alice read hers?

As root, every reader that is declared is tried as that user. Anybody else checks their own access.

Exit codes:
  0  everything was checked, and nothing is wrong
  1  findings at or above the level of --fail-on
  2  no such finding, but something could not be checked; or wrong usage";

/// What should be there, and who looks.
#[derive(Debug, Clone, Args)]
pub(crate) struct RuntimeArguments {
    /// The configuration that says what should be there: a flake.nix, a module, or a directory.
    /// Without it, and without the options below: whatever the secret managers have installed.
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// What `mcp-lint inventory --format json` printed says what should be there; `-` for standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub(crate) manifest: Option<PathBuf>,
    /// The host of the configuration or manifest that this machine is; needed where several are
    /// there and none has the machine's name.
    #[arg(long, value_name = "NAME", conflicts_with = "secrets_path")]
    pub(crate) host: Option<String>,
    /// A directory of secret files that no known manager made.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["path", "manifest"])]
    pub(crate) secrets_path: Option<PathBuf>,
    /// A file that must be in that directory; may be given several times. Without it: all that
    /// are there.
    #[arg(long = "secret", value_name = "NAME", requires = "secrets_path")]
    pub(crate) secrets: Vec<String>,
    /// Whose access, MCP servers and client configuration to check. Only root can check for
    /// another user.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Exit with 1 from this level on.
    #[arg(long, value_enum, default_value_t = RuntimeFailOn::Warning, value_name = "LEVEL")]
    pub(crate) fail_on: RuntimeFailOn,
    /// How to print.
    #[arg(long, value_enum, default_value_t = RuntimeFormat::Human)]
    pub(crate) format: RuntimeFormat,
}

/// The level that makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuntimeFailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Any finding.
    Info,
}

/// The formats of `runtime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuntimeFormat {
    /// For people: the available and the disabled servers, then the findings.
    Human,
    /// For programs: one document.
    Json,
    /// For continuous integration: JUnit XML.
    Junit,
}
