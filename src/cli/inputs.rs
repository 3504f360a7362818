//! What has to do with the inputs of a flake.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// Where sources of inputs are, beyond the lock and the store.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArguments {
    /// Take the source of an input from this directory; `a/b=PATH` for the input `b` of the input `a`;
    /// may be given several times.
    #[arg(long = "input", value_name = "NAME=PATH", help_heading = "Inputs")]
    pub(crate) overrides: Vec<InputOverride>,
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
        match directory.is_dir() {
            true => Ok(Self { input, directory }),
            false => Err("it is not a directory".to_owned()),
        }
    }
}
