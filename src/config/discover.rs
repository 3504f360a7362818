//! Which configuration file is meant.

use std::path::{Path, PathBuf};

use nix_source::{foreign_owner, read_regular};

use crate::usage::UsageError;

/// The name of the configuration file.
pub(crate) const FILE_NAME: &str = "mcp-lint.toml";

/// The largest configuration file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The file of the given paths: the nearest one upwards, no further than the root of their git
/// repository or, outside of one, of their project; and never above the home directory.
pub(super) fn discover(paths: &[PathBuf]) -> Result<Option<PathBuf>, UsageError> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found: Option<Option<PathBuf>> = None;
    for path in paths {
        let nearest = nearest(path);
        match &found {
            Some(other) if *other != nearest => {
                let name = |file: &Option<PathBuf>| match file {
                    Some(file) => crate::report::near(file),
                    None => "none".to_owned(),
                };
                let message = format!(
                    "these paths have different configuration files: {} and {}",
                    name(other),
                    name(&nearest)
                );
                return Err(UsageError::new(message)
                    .help("check them one by one, or say which file counts: --config FILE"));
            }
            _ => found = Some(nearest),
        }
    }
    let found = found.flatten();
    if let Some(file) = &found
        && let Some(owner) = foreign_owner(file)
    {
        let name = crate::report::near(file);
        let message = format!(
            "{name} belongs to user {owner}, who is neither you nor root, and could switch lints off"
        );
        return Err(UsageError::new(message).help(format!(
            "if that is right: --config {name}, or do without it: --no-config"
        )));
    }
    if let Some(file) = &found
        && let Some(target) = leads_out(file)
    {
        let name = crate::report::near(file);
        let message = format!(
            "{name} is a symbolic link out of the project, to {}: what a checkout names may be any file",
            target.display()
        );
        return Err(UsageError::new(message).help(format!(
            "if that is right: --config {name}, or do without it: --no-config"
        )));
    }
    Ok(found)
}

/// Where a file is that a symbolic link of the project leads out to; the Nix store holds nothing private.
fn leads_out(file: &Path) -> Option<PathBuf> {
    let directory = file.parent()?;
    let target = file.canonicalize().ok()?;
    let is_fine = target.starts_with(boundary(directory)) || target.starts_with("/nix/store");
    (!is_fine).then_some(target)
}

fn nearest(path: &Path) -> Option<PathBuf> {
    // A path that is not there is told when it is looked at.
    let real = path.canonicalize().ok()?;
    let start = if real.is_dir() {
        real.as_path()
    } else {
        real.parent()?
    };
    let boundary = boundary(start);
    for directory in start.ancestors() {
        let file = directory.join(FILE_NAME);
        if file.symlink_metadata().is_ok() {
            return Some(file);
        }
        if directory == boundary {
            break;
        }
    }
    None
}

/// The directory above which no file is looked for.
fn boundary(start: &Path) -> &Path {
    let home = std::env::var_os("HOME").and_then(|home| Path::new(&home).canonicalize().ok());
    let is_home = |directory: &Path| home.as_deref() == Some(directory);
    let mut flake = None;
    for directory in start.ancestors() {
        if directory.join(".git").exists() {
            return directory;
        }
        if flake.is_none() && directory.join("flake.nix").exists() {
            flake = Some(directory);
        }
        if is_home(directory) {
            break;
        }
    }
    flake.unwrap_or(start)
}

/// The text of a file, if it is one that can be a configuration.
pub(crate) fn read(path: &Path) -> Result<String, UsageError> {
    let name = crate::report::near(path);
    let cannot = |why: String| UsageError::new(format!("cannot read {name}: {why}"));
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => cannot("no such file".to_owned()),
        _ => cannot(error.to_string()),
    })?;
    if metadata.is_dir() {
        return Err(cannot("it is a directory".to_owned()).help(format!(
            "{FILE_NAME} is the name of the configuration file: rename the directory, or give --no-config"
        )));
    }
    if !metadata.is_file() {
        return Err(cannot("it is not a regular file".to_owned()));
    }
    let bytes = read_regular(path, MAX_SIZE).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            cannot(format!("it is larger than {} MiB", MAX_SIZE >> 20))
        }
        _ => cannot(error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        cannot(format!("it is not UTF-8 (byte {at})"))
    })
}
