//! The read log: what one evaluation saw of the file system. Its result holds for as long as the
//! same would be seen again.

use std::collections::BTreeMap;
use std::path::Path;

use nix_syntax::source::FileKey;
use sha2::{Digest as _, Sha256};

use crate::file_kind::{FileKind, ReadError};
use crate::workspace::{Digest, Workspace};

/// The property of a path that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The content of the file.
    Content,
    /// The kind of what the path leads to.
    Kind,
    /// The kind of the path itself, which may be a symbolic link.
    EntryKind,
    /// The names and kinds in the directory.
    Entries,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// The path did not exist: a file there would be read.
    Missing,
    /// A content, or a list of entries, by its hash.
    Hash(Digest),
    /// A kind.
    Kind(FileKind),
    /// It could not be read.
    Unreadable(ReadError),
}

impl Observation {
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self::Hash(Sha256::digest(bytes).into())
    }

    pub(crate) fn of_entries(entries: &[(String, FileKind)]) -> Self {
        let mut hasher = Sha256::new();
        for (name, kind) in entries {
            // No name contains a slash, no kind a line feed.
            hasher.update(format!("{name}/{}\n", kind.name()));
        }
        Self::Hash(hasher.finalize().into())
    }

    pub(crate) fn of_kind(kind: Option<FileKind>) -> Self {
        kind.map_or(Self::Missing, Self::Kind)
    }

    pub(crate) fn of_error(error: &ReadError) -> Self {
        match error {
            ReadError::Missing => Self::Missing,
            error => Self::Unreadable(error.clone()),
        }
    }

    /// Sees the same property again.
    fn again(workspace: &Workspace, path: &Path, subject: Subject) -> Self {
        let seen = match subject {
            Subject::Content => workspace.read(path).map(|bytes| Self::of_bytes(&bytes)),
            Subject::Kind => workspace.kind(path).map(Self::of_kind),
            Subject::EntryKind => workspace.entry_kind(path).map(Self::of_kind),
            Subject::Entries => {
                { workspace.read_directory(path) }.map(|entries| Self::of_entries(&entries))
            }
        };
        seen.unwrap_or_else(|error| Self::of_error(&error))
    }
}

/// What one evaluation asked, and the answers, sorted by root and path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadLog {
    seen: BTreeMap<(FileKey, Subject), Observation>,
}

impl ReadLog {
    pub(crate) fn record(&mut self, file: FileKey, subject: Subject, seen: Observation) {
        self.seen.entry((file, subject)).or_insert(seen);
    }

    /// Adds what another log has.
    pub fn extend(&mut self, other: Self) {
        for ((file, subject), seen) in other.seen {
            self.record(file, subject, seen);
        }
    }

    /// Every question with its answer.
    pub fn iter(&self) -> impl Iterator<Item = (&FileKey, Subject, &Observation)> {
        { self.seen.iter() }.map(|((file, subject), seen)| (file, *subject, seen))
    }

    /// The number of questions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether nothing was asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Whether an evaluation over `workspace` would see the same.
    #[must_use]
    pub fn holds(&self, workspace: &Workspace) -> bool {
        self.seen.iter().all(|((file, subject), seen)| {
            let path = workspace.path(file);
            path.is_some_and(|path| Observation::again(workspace, &path, *subject) == *seen)
        })
    }
}
