//! What has to do with the inputs of a flake.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::formats::ListFormat;
use super::input::ConfigArguments;

pub(crate) const AFTER_HELP: &str = "\
An input is looked for where --input and [inputs] of mcp-lint.toml say, in the project (relative paths), in
the store by the hash in flake.lock, and among what `mcp-lint inputs fetch` brought. Nothing else of the
machine is read.

Examples:
  mcp-lint inputs                      every input, and where its source is
  mcp-lint inputs --format json        for programs
  mcp-lint inputs fetch                bring what evaluation asked for and is not here
  mcp-lint --input mine=../mine        check with another source of an input

Exit codes:
  0  the inputs were listed
  2  wrong usage, or a flake.lock that cannot be used";

pub(crate) const FETCH_HELP: &str = "\
The one command that uses the network. Archives of the locked revisions are downloaded over HTTPS, unpacked,
and kept in ~/.cache/mcp-lint/inputs if their hash is the one in flake.lock; nixpkgs never is. What broke off
is continued by the next run. Proxies and tokens come from the usual variables: HTTPS_PROXY, NO_PROXY,
GITHUB_TOKEN, GITLAB_TOKEN, access-tokens in NIX_CONFIG, SSL_CERT_FILE. None of them is printed.

Examples:
  mcp-lint inputs fetch                what evaluation asked for and is not here
  mcp-lint inputs fetch mine a/b       these inputs

Exit codes:
  0  all of them are here
  2  one could not be fetched";

/// Where sources of inputs are, beyond the lock and the store.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArguments {
    /// Take the source of an input from this directory; `a/b=PATH` for the input `b` of the input `a`;
    /// may be given several times.
    #[arg(long = "input", value_name = "NAME=PATH", help_heading = "Inputs")]
    pub(crate) overrides: Vec<InputOverride>,
    /// Take the modules of NixOS from this nixpkgs, to see who opens the files of their options, and not from
    /// the one that flake.lock has in the store.
    #[arg(long, value_name = "PATH", value_parser = nixpkgs, help_heading = "Inputs")]
    pub(crate) nixpkgs: Option<PathBuf>,
    /// Fail if an evaluation needs the source of an input that is not here: for CI.
    #[arg(long, help_heading = "Inputs")]
    pub(crate) require_inputs: bool,
}

impl SourceArguments {
    /// Whether directories are named that no lock pins.
    pub(crate) const fn names_directories(&self) -> bool {
        !self.overrides.is_empty() || self.nixpkgs.is_some()
    }
}

/// The directory of a nixpkgs: absolute, without links.
fn nixpkgs(path: &str) -> Result<PathBuf, String> {
    let directory = Path::new(path).canonicalize();
    let directory = directory.map_err(|error| error.to_string())?;
    if !directory.join("nixos/modules").is_dir() {
        return Err("there is no directory nixos/modules in it".to_owned());
    }
    Ok(directory)
}

/// The directory of an input: `mine=../mine`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputOverride {
    /// The names on the way from the project's flake.
    pub(crate) input: Vec<String>,
    /// Absolute, without links.
    pub(crate) directory: PathBuf,
}

impl FromStr for InputOverride {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (input, path) = { text.split_once('=') }
            .filter(|(_, path)| !path.is_empty())
            .ok_or("write NAME=PATH: mine=../mine")?;
        let input: Vec<String> = input.split('/').map(ToOwned::to_owned).collect();
        if input.iter().any(String::is_empty) {
            return Err("write the name of an input before `=`: mine=../mine, a/b=../b".to_owned());
        }
        let directory = PathBuf::from(path);
        let directory = directory
            .canonicalize()
            .map_err(|error| error.to_string())?;
        if !directory.is_dir() {
            return Err("it is not a directory".to_owned());
        }
        Ok(Self { input, directory })
    }
}

/// What `inputs` takes.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct InputsArguments {
    /// What to do with them, if not to list them.
    #[command(subcommand)]
    pub(crate) command: Option<InputsCommand>,
    /// A project: a flake.nix, or a directory.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    /// Where sources are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// Which configuration file counts.
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// What else to do with inputs.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum InputsCommand {
    /// Fetch the sources that evaluation asked for and that are not here, or those that are named.
    #[command(after_help = FETCH_HELP)]
    Fetch(FetchArguments),
}

/// What `inputs fetch` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct FetchArguments {
    /// The inputs to fetch, as `mcp-lint inputs` names them.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The project: a flake.nix, or a directory.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) project: PathBuf,
    /// Where sources are.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// Which configuration file counts.
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}
