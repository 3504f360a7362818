//! `mcp-lint files`

use std::io::Write;

use extract::list_files;

use crate::cli::{FilesArguments, InventoryFormat};
use crate::exit::{Exit, Failure};
use crate::output::{files_json, files_table};
use crate::usage::UsageError;

/// Writes every secret file below a directory, or what one file is.
pub(crate) fn run(arguments: &FilesArguments, out: &mut dyn Write) -> Result<Exit, Failure> {
    let listing = list_files(&arguments.path).map_err(|error| {
        let message = format!("cannot look at {}: {}", error.path.display(), error.message);
        UsageError::new(message).help("give a directory or a file: mcp-lint files secrets")
    })?;
    match arguments.format {
        InventoryFormat::Table => files_table::render(&listing, out)?,
        InventoryFormat::Json => files_json::render(&listing, out)?,
    }
    let cannot_be_read = |code: &str| matches!(code, "syntax-error" | "unreadable-file");
    let problems = listing.problems.iter().map(|problem| problem.code);
    let of_files = listing.files.iter().flat_map(|file| &file.problems);
    let is_incomplete = problems
        .chain(
            of_files
                .map(|problem| problem.code)
                .filter(|code| *code == "unreadable-file"),
        )
        .any(cannot_be_read);
    Ok(if is_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}
