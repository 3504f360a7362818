//! Writes what was fixed.

use std::path::{Path, PathBuf};

use super::rounds::{ChangedFile, Fixed};
use crate::write::Prepared;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The files.
    pub(crate) written: Vec<PathBuf>,
    /// Files that were left alone, and why.
    pub(crate) refused: Vec<(PathBuf, String)>,
}

/// Writes every file that can be written. All new texts are on the disk before the first file is
/// replaced.
pub(crate) fn apply(root: &Path, fixed: &Fixed) -> Applied {
    let mut applied = Applied::default();
    let mut prepared: Vec<(PathBuf, PathBuf, Prepared)> = Vec::new();
    for file in &fixed.files {
        let ready = target(root, file).and_then(|target| {
            if prepared.iter().any(|(_, other, _)| *other == target) {
                return Err("it is the same file as another one".to_owned());
            }
            let new = Prepared::new(&target, file.after.as_bytes());
            new.map(|new| (target, new))
                .map_err(|error| error.to_string())
        });
        match ready {
            Ok((target, new)) => prepared.push((file.path.clone(), target, new)),
            Err(why) => applied.refused.push((file.path.clone(), why)),
        }
    }
    for (path, _, new) in prepared {
        match new.commit() {
            Ok(()) => applied.written.push(path),
            Err(error) => applied.refused.push((path, error.to_string())),
        }
    }
    applied
}

/// The file itself, behind symbolic links, if it is still as it was looked at.
fn target(root: &Path, file: &ChangedFile) -> Result<PathBuf, String> {
    let target = file
        .path
        .canonicalize()
        .map_err(|error| error.to_string())?;
    if !target.starts_with(root) {
        return Err("it lies outside the project".to_owned());
    }
    let now = std::fs::read(&target).map_err(|error| error.to_string())?;
    if now != file.before.as_bytes() {
        return Err("it changed while mcp-lint looked at it".to_owned());
    }
    Ok(target)
}
