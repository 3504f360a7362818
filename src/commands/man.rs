//! `mcp-lint man`

use std::io::Write;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

/// Writes the manual page, or those of all commands into a directory.
pub(crate) fn run(directory: Option<&Path>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let Some(directory) = directory else {
        out.write_all(&page(command())?)?;
        return Ok(Exit::Clean);
    };
    let written = |path: &Path, text: &[u8]| {
        std::fs::create_dir_all(directory)
            .and_then(|()| std::fs::write(path, text))
            .map_err(|error| UsageError::new(format!("cannot write {}: {error}", path.display())))
    };
    let whole = command();
    for inner in whole.get_subcommands() {
        let name = format!("mcp-lint-{}", inner.get_name());
        let inner = inner.clone();
        let path = directory.join(format!("{name}.1"));
        written(&path, &page(inner)?)?;
    }
    written(&directory.join("mcp-lint.1"), &page(whole)?)?;
    Ok(Exit::Clean)
}

/// The command line with everything in it, without the `help` commands that clap adds.
fn command() -> Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    // No date: the page of a version is the same whenever it is made.
    Man::new(command).date("").render(&mut page)?;
    Ok(page)
}
