//! `mcp-lint files`

use std::io::Write;

use extract::{ListedCode, list_files};
use inventory::Problem;
use inventory::secret_files::Code;

use crate::analysis::{cannot_look, require_inputs};
use crate::cli::common::CommonArguments;
use crate::cli::files::FilesArguments;
use crate::cli::formats::ListFormat;
use crate::cli::input::ConfigArguments;
use crate::exit::{Exit, Failure};
use crate::input_sources::input_options;
use crate::output::{Width, files_json, files_table};
use crate::usage::UsageError;

/// Writes every secret file below a directory, or what one file is.
pub(crate) fn run(
    arguments: &FilesArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let paths = std::slice::from_ref(&arguments.path);
    let configuration = crate::config::load(paths, &ConfigArguments::default())?;
    let inputs = input_options(&arguments.sources, &configuration);
    let threads = arguments.threads.threads;
    let limits = arguments.threads.limits.limits();
    let listing = list_files(&arguments.path, inputs, threads, limits).map_err(|error| {
        if error.unknown_input.is_some() {
            return cannot_look(error);
        }
        let message = format!("cannot look at {}: {}", error.path.display(), error.message);
        UsageError::new(message).help("give a directory or a file: mcp-lint files secrets")
    })?;
    require_inputs(&arguments.sources, &listing.inputs)?;
    match arguments.format {
        ListFormat::Table => files_table::render(&listing, Width::asked(common), out)?,
        ListFormat::Json => files_json::render(&listing, out)?,
    }
    let of_files = listing.files.iter().flat_map(|file| &file.problems);
    let is_incomplete = listing.problems.iter().any(Problem::is_unread) || { of_files }
        .any(|problem| problem.code == ListedCode::File(Code::Unreadable));
    let is_incomplete = is_incomplete || (arguments.require_complete && !listing.gaps.is_empty());
    Ok(if is_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}
