//! Text from standard input in place of a file: `mcp-lint - --stdin-filename hosts/desk.nix`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::input::InputArguments;
use crate::usage::UsageError;

/// The most that is read, in bytes: what a file may have.
const MOST: u64 = 64 << 20;

/// The text that stands for a file.
#[derive(Debug, Clone)]
pub(crate) struct Overlay {
    /// The file, absolute and without symbolic links.
    pub(crate) path: PathBuf,
    pub(crate) text: Arc<str>,
}

/// Reads standard input if the arguments ask for it, and names the file in its place.
pub(crate) fn take(input: &mut InputArguments, stdin: impl Read) -> Result<(), UsageError> {
    if !input.paths.iter().any(|path| path == Path::new("-")) {
        return match &input.stdin_filename {
            Some(_) => Err(UsageError::new("--stdin-filename needs standard input")
                .help("mcp-lint - --stdin-filename hosts/desk.nix < hosts/desk.nix")),
            None => Ok(()),
        };
    }
    let [_] = input.paths.as_slice() else {
        return Err(UsageError::new("standard input is looked at alone")
            .help("leave out the other paths: the project of the file is looked at all the same"));
    };
    let Some(name) = input.stdin_filename.clone() else {
        return Err(UsageError::new(
            "standard input needs the name of the file that it stands for",
        )
        .help("mcp-lint - --stdin-filename hosts/desk.nix < hosts/desk.nix"));
    };
    let cannot = |why: &dyn std::fmt::Display| {
        UsageError::new(format!(
            "cannot take standard input for {}: {why}",
            name.display()
        ))
    };
    let path = name.canonicalize().map_err(|error| cannot(&error))?;
    let mut text = String::new();
    let length = stdin.take(MOST + 1).read_to_string(&mut text);
    if length.map_err(|error| cannot(&error))? as u64 > MOST {
        return Err(cannot(&"it is larger than 64 MiB"));
    }
    input.overlay = Some(Overlay {
        path,
        text: text.into(),
    });
    input.paths = vec![name];
    Ok(())
}
