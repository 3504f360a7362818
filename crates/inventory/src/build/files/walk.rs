//! Every file of the project, within bounds, whatever lies there.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::git::GitIndex;

/// More files are not looked at.
const MAX_FILES: usize = 100_000;
/// A directory that is neither a flake nor a repository may be anything, a home directory for example:
/// so deep, and so many files.
const LOOSE_DEPTH: usize = 4;
const LOOSE_FILES: usize = 4_000;

/// The regular files of a project, sorted: what Git tracks where that is known, else what is neither
/// hidden in `.git` nor ignored. Symbolic links are not followed.
pub(super) fn project_files(root: &Path, git: Option<&GitIndex>) -> Vec<PathBuf> {
    if let Some(git) = git {
        let mut files = git.files_below(root);
        files.truncate(MAX_FILES);
        return files;
    }
    let is_project = root.join("flake.nix").exists() || root.join(".git").exists();
    let (depth, limit) = if is_project {
        (None, MAX_FILES)
    } else {
        (Some(LOOSE_DEPTH), LOOSE_FILES)
    };
    tree(root, depth, limit, true)
}

/// The regular files below a directory, sorted.
pub(super) fn tree(
    directory: &Path,
    depth: Option<usize>,
    limit: usize,
    honour_ignore: bool,
) -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(directory)
        .hidden(false)
        .parents(honour_ignore)
        .ignore(honour_ignore)
        .git_ignore(honour_ignore)
        .git_global(false)
        .git_exclude(honour_ignore)
        .require_git(false)
        .follow_links(false)
        .max_depth(depth)
        .sort_by_file_path(Path::cmp)
        .filter_entry(|entry| {
            let name = entry.file_name();
            entry.depth() == 0
                || !(name == OsStr::new(".git")
                    || name == OsStr::new("result")
                    || name.as_encoded_bytes().starts_with(b"result-"))
        })
        .build();
    walk.filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(ignore::DirEntry::into_path)
        .take(limit)
        .collect()
}

/// The bytes of a regular file of at most `limit` bytes; nothing for anything else. A symbolic link is
/// not followed, and what was a file when it was listed may be a pipe by now.
pub(super) fn read_at_most(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    let file = fs::File::open(path).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
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

/// Whether a path, relative to the project, is that of a test, an example or the like.
pub(super) fn is_fixture(relative: &str) -> bool {
    let lower = relative.to_ascii_lowercase();
    let mut directories: Vec<&str> = lower.split('/').collect();
    let name = directories.pop().unwrap_or_default();
    let is_test_name = [
        "test",
        "tests",
        "example",
        "snakeoil",
        "snake-oil",
        "dummy",
        "fake",
    ]
    .iter()
    .any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    is_test_name
        || directories
            .iter()
            .any(|directory| FIXTURES.contains(directory))
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
