//! Findings of some files only: `--only` and `--changed-since`, or a part of the project that was
//! named. The whole project is evaluated all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inventory::{Inventory, SourceMap};
use mcp_lint_lints::Diagnostic;

use crate::changed_since::changed_since;
use crate::usage::UsageError;

/// The files that count, absolute; those behind symbolic links under both names.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangedFiles {
    files: BTreeSet<PathBuf>,
}

impl ChangedFiles {
    /// The files that are named, and those that changed since a revision; nothing if neither is
    /// asked for.
    pub(crate) fn new(
        paths: &[PathBuf],
        only: &[PathBuf],
        since: Option<&str>,
    ) -> Result<Option<Self>, UsageError> {
        if only.is_empty() && since.is_none() {
            return Ok(None);
        }
        let mut changed = Self::default();
        for file in only {
            // A name that is misspelt would hide every finding.
            if file.symlink_metadata().is_err() {
                let name = crate::report::near(file);
                return Err(
                    UsageError::new(format!("--only: no such file or directory: {name}")).help(
                        "name files as they are from here; a file that was deleted has no findings",
                    ),
                );
            }
            changed.add(file);
        }
        if let Some(revision) = since {
            let here = Path::new(".");
            let path = paths.first().map_or(here, PathBuf::as_path);
            let directory = if path.is_dir() {
                path
            } else {
                path.parent()
                    .filter(|parent| !parent.as_os_str().is_empty())
                    .unwrap_or(here)
            };
            for file in changed_since(directory, revision)? {
                changed.add(&file);
            }
        }
        Ok(Some(changed))
    }

    fn add(&mut self, file: &Path) {
        // A file that was deleted has no other name.
        self.files.extend(file.canonicalize());
        if let Ok(absolute) = std::path::absolute(file) {
            let directory = absolute
                .parent()
                .and_then(|parent| parent.canonicalize().ok());
            let name = absolute.file_name();
            self.files.extend(
                directory
                    .zip(name)
                    .map(|(directory, name)| directory.join(name)),
            );
            self.files.insert(absolute);
        }
    }

    /// The files, sorted.
    pub(crate) fn describe(&self, part: &mut dyn FnMut(&[u8])) {
        part(b"some files");
        for file in &self.files {
            part(file.as_os_str().as_encoded_bytes());
        }
    }

    /// Whether a file counts: itself, or a directory that it is in, such as a submodule that was moved or
    /// what a link leads to now.
    pub(crate) fn has(&self, file: &Path) -> bool {
        file.ancestors().any(|path| self.files.contains(path))
    }
}

/// Whether a finding touches a file that counts: by a label, or because it is about a secret that
/// the file holds. What could not be looked at and has no place concerns everybody.
pub(crate) fn concerns(
    counts: &dyn Fn(&Path) -> bool,
    inventory: &Inventory,
    sources: &SourceMap,
    found: &Diagnostic,
) -> bool {
    let labels = found.primary.iter().chain(&found.secondary);
    let mut files = labels.filter_map(|label| sources.get(label.at.file));
    if files.any(|source| counts(source.path())) {
        return true;
    }
    let is_hole = mcp_lint_lints::reports_problems(found.lint);
    if is_hole && found.primary.is_none() {
        return true;
    }
    if counts(&inventory.root.join(&found.subject)) {
        return true;
    }
    let mut secrets = inventory.hosts.iter().flat_map(|host| &host.secrets);
    secrets.any(|secret| {
        let file = secret.file.known().and_then(Option::as_ref);
        secret.option == found.subject && file.is_some_and(|file| counts(&file.absolute))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_counts_with_all_that_is_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().canonicalize().expect("it is there");
        std::fs::create_dir_all(real.join("module/below")).expect("a folder");
        std::os::unix::fs::symlink("module", real.join("current")).expect("a link");
        for named in ["module", "current"] {
            let changed = ChangedFiles::new(&[], &[real.join(named)], None);
            let changed = changed.expect("it is there").expect("it was asked for");
            assert!(changed.has(&real.join("module/below/a.nix")), "{named}");
            assert!(!changed.has(&real.join("other.nix")), "{named}");
        }
    }
}
