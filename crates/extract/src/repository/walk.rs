//! Every file of the project, within bounds, whatever lies there.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use nix_source::read_regular;

use crate::project_walk::walk;
use crate::repository::git::GitIndex;

/// So many files are looked at where Git does not say which there are.
const MAX_FILES: usize = 100_000;
/// A directory that is neither a flake nor a repository may be anything, a home directory for example:
/// so deep, and so many files.
const LOOSE_DEPTH: usize = 4;
const LOOSE_FILES: usize = 4_000;
/// A listing of such a directory, which the user asked for by its name.
const LISTED_FILES: usize = 20_000;

/// The regular files below a directory.
pub(crate) struct Files {
    /// Sorted by path.
    pub(crate) paths: Vec<PathBuf>,
    /// The bound that left others out.
    pub(crate) bound: Option<Bound>,
}

/// What bounds a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// So many files.
    Files(usize),
    /// So many levels of directories.
    Depth(usize),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => write!(f, "there are more than {files} files"),
            Self::Depth(levels) => write!(
                f,
                "this is neither a flake nor a Git repository, and there are directories more than {levels} levels deep"
            ),
        }
    }
}

/// The regular files of a project: what Git tracks where that is known, else what is neither
/// hidden in `.git` nor ignored. Symbolic links are not followed.
pub(crate) fn project_files(root: &Path, git: Option<&GitIndex>) -> Files {
    if let Some(git) = git {
        return Files {
            paths: git.files_below(root),
            bound: None,
        };
    }
    match is_loose(root) {
        true => tree(root, Some(LOOSE_DEPTH), LOOSE_FILES),
        false => tree(root, None, MAX_FILES),
    }
}

/// What is below a directory that the user wants to see, tracked or not.
pub(crate) struct Listed {
    /// The regular files.
    pub(crate) files: Files,
    /// What is neither a regular file nor a directory: links, pipes, devices.
    pub(crate) special: Vec<PathBuf>,
    /// The directories that cannot be looked into, with what the system says; sorted.
    pub(crate) closed: Vec<(PathBuf, String)>,
}

impl Listed {
    /// Finds all of it in one walk.
    pub(crate) fn below(directory: &Path) -> Self {
        let limit = if is_loose(directory) {
            LISTED_FILES
        } else {
            MAX_FILES
        };
        walk(directory, None, is_listed, |entries| {
            let mut found = Self {
                files: Files {
                    paths: Vec::new(),
                    bound: None,
                },
                special: Vec::new(),
                closed: Vec::new(),
            };
            for entry in entries {
                match entry {
                    Ok(entry) => found.add(entry, limit),
                    Err(error) => found.closed.extend(closed(&error)),
                }
            }
            found.closed.sort();
            found
        })
    }

    fn add(&mut self, entry: ignore::DirEntry, limit: usize) {
        match entry.file_type() {
            Some(kind) if kind.is_file() && self.files.paths.len() == limit => {
                self.files.bound = Some(Bound::Files(limit));
            }
            Some(kind) if kind.is_file() => self.files.paths.push(entry.into_path()),
            Some(kind) if !kind.is_dir() && self.special.len() < MAX_FILES => {
                self.special.push(entry.into_path());
            }
            _ => {}
        }
    }
}

/// Whether a directory is neither a flake nor in a repository.
pub(crate) fn is_loose(directory: &Path) -> bool {
    let is_project = |above: &Path| above.join("flake.nix").exists() || above.join(".git").exists();
    !directory.ancestors().any(is_project)
}

/// The regular files below a directory, at most so many levels of directories and so many files.
fn tree(directory: &Path, depth: Option<usize>, limit: usize) -> Files {
    walk(directory, depth, is_listed, |entries| {
        let mut files = Files {
            paths: Vec::new(),
            bound: None,
        };
        for entry in entries.filter_map(Result::ok) {
            let Some(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() && Some(entry.depth()) == depth {
                files.bound = depth.map(Bound::Depth);
            }
            if kind.is_file() {
                if files.paths.len() == limit {
                    files.bound = Some(Bound::Files(limit));
                    break;
                }
                files.paths.push(entry.into_path());
            }
        }
        files
    })
}

/// The directory that cannot be looked into, with what the system says; `None` for another error of a walk.
fn closed(error: &ignore::Error) -> Option<(PathBuf, String)> {
    let path = path_of(error)?.to_owned();
    let message = error.io_error()?.to_string();
    path.is_dir().then_some((path, message))
}

/// Where the walk met an error.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

/// Whether an entry is neither Git's own nor a result of a build.
fn is_listed(entry: &ignore::DirEntry) -> bool {
    let name = entry.file_name();
    !(name == OsStr::new(".git")
        || name == OsStr::new("result")
        || name.as_encoded_bytes().starts_with(b"result-"))
}

/// The bytes of a regular file of at most `limit` bytes; nothing for anything else. A symbolic link is
/// not followed, and what was a file when it was listed may be a pipe by now.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    read_regular(path, limit).ok()
}

/// The first bytes of a regular file, at most `limit`; nothing for anything else.
pub(crate) fn read_start(path: &Path, limit: u64) -> Option<Vec<u8>> {
    { fs::symlink_metadata(path).ok() }.filter(fs::Metadata::is_file)?;
    nix_source::read_start(path, limit).ok()
}

/// Directories whose keys and tokens are there to be seen: of tests, examples and documentation.
const FIXTURES: [&str; 22] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "test-data",
    "test-assets",
    "test-keys",
    "test_keys",
    "fixture",
    "fixtures",
    "example",
    "examples",
    "example_keys",
    "checks",
    "sample",
    "samples",
    "demo",
    "docs",
    "doc",
    "template",
    "templates",
    "mock",
];

/// Documentation, by the ending of its name.
const PROSE: [&str; 5] = [".md", ".rst", ".adoc", ".org", ".html"];

/// Whether a path, relative to the project, is that of a test, an example or the like.
pub(crate) fn is_fixture(relative: &str) -> bool {
    let lower = relative.to_ascii_lowercase();
    let mut directories: Vec<&str> = lower.split('/').collect();
    let name = directories.pop().unwrap_or_default();
    let is_of_tests = |part: &str| {
        [
            "test", "tests", "example", "examples", "snakeoil", "dummy", "fake",
        ]
        .contains(&part)
    };
    let has_word = |name: &str| name.split(['.', '-', '_']).any(is_of_tests);
    has_word(name)
        || PROSE.iter().any(|ending| name.ends_with(ending))
        || directories
            .iter()
            .any(|directory| FIXTURES.contains(directory) || has_word(directory))
}

#[cfg(test)]
mod tests {
    use super::is_fixture;

    #[test]
    fn tests_and_examples_are_told_by_their_path() {
        for path in [
            "tests/key",
            "nixos/tests/snakeoil/key.pem",
            "examples/a/b",
            "src/lib-tests/a.cc",
            "a.md",
            "ssh-test.key",
        ] {
            assert!(is_fixture(path), "{path}");
        }
        for path in [
            "hosts/desk/key",
            "contest/key",
            "latest.pem",
            "secrets/key.txt",
        ] {
            assert!(!is_fixture(path), "{path}");
        }
    }
}
