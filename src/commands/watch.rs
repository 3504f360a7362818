//! `mcp-lint check --watch`: again whenever a file of the project changes.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use walkdir::WalkDir;

use super::check;
use crate::cli::check::CheckArguments;
use crate::cli::common::CommonArguments;
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

/// How often the files are looked at: a person notices no less.
const EVERY: Duration = Duration::from_millis(400);

/// More files are not watched: looking at them would take all of the time.
const MOST: usize = 100_000;

/// Clears the screen and what was scrolled off it, and goes to its upper left corner.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Checks again and again, until the program is interrupted or nobody reads its output any more.
pub(crate) fn run(
    arguments: &CheckArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if arguments.input.overlay.is_some() {
        return Err(UsageError::new("standard input cannot be watched").into());
    }
    let clears = std::io::stdout().is_terminal();
    let mut seen = None;
    loop {
        let now = state(&arguments.input.paths);
        if seen == Some(now) {
            std::thread::sleep(EVERY);
            continue;
        }
        seen = Some(now);
        if clears {
            // Past the writer that makes text inert.
            write!(std::io::stdout(), "{CLEAR}")?;
        }
        match check::run(arguments, common, out) {
            Ok(_) => {}
            // A mistake in a file is mended while it is watched.
            Err(failure @ (Failure::Usage(_) | Failure::Configuration(_))) => {
                writeln!(out, "{}", failure.into_message())?;
            }
            Err(failure) => return Err(failure),
        }
        if !common.quiet {
            writeln!(out, "watching: Ctrl-C ends it")?;
        }
        out.flush()?;
    }
}

/// Differs when a file does: by its name, length and time. Of Git, only the index counts.
fn state(paths: &[PathBuf]) -> u64 {
    let mut hash = DefaultHasher::new();
    for path in paths {
        let root = extract::discover(std::slice::from_ref(path)).map(|found| found.root);
        let root = root.as_deref().unwrap_or(path);
        let counts = |entry: &walkdir::DirEntry| entry.file_name() != ".git";
        let walk = WalkDir::new(root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(counts).take(MOST).flatten() {
            stamp(entry.path(), &mut hash);
        }
        stamp(&root.join(".git/index"), &mut hash);
        for above in root.ancestors().skip(1) {
            stamp(&above.join(crate::config::FILE_NAME), &mut hash);
        }
    }
    hash.finish()
}

fn stamp(path: &Path, hash: &mut DefaultHasher) {
    let Ok(metadata) = path.metadata() else {
        return;
    };
    path.hash(hash);
    metadata.is_dir().hash(hash);
    // The time of a directory changes with files that are left out.
    if metadata.is_file() {
        metadata.len().hash(hash);
        metadata.modified().ok().hash(hash);
    }
}
