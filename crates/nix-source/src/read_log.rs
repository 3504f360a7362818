//! The read log: what one evaluation saw of the file system. Its result holds for as long as the
//! same would be seen again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use flake_lock::{NodeId, Pin};
use nix_syntax::source::FileKey;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::file_kind::{FileKind, ReadError};
use crate::workspace::{Digest, Workspace};

/// The property of a path that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The content of the file.
    Content,
    /// The content of the file, which was parsed.
    Tree,
    /// The content of the file, in which places are shown.
    Text,
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
            Subject::Content | Subject::Text => {
                workspace.read(path).map(|bytes| Self::of_bytes(&bytes))
            }
            Subject::Tree => {
                { workspace.read(path) }.map(|bytes| Self::Hash(workspace.digest_of(path, &bytes)))
            }
            Subject::Kind => workspace.kind(path).map(Self::of_kind),
            Subject::EntryKind => workspace.entry_kind(path).map(Self::of_kind),
            Subject::Entries => {
                { workspace.read_directory(path) }.map(|entries| Self::of_entries(&entries))
            }
        };
        seen.unwrap_or_else(|error| Self::of_error(&error))
    }
}

/// What was seen of a workspace while logs were compared with it: each property once for all of them.
#[derive(Debug, Default)]
pub struct Glances {
    seen: FxHashMap<FileKey, BTreeMap<Subject, Observation>>,
}

/// What one evaluation asked, and the answers, sorted by root and path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadLog {
    seen: BTreeMap<(FileKey, Subject), Observation>,
    /// The inputs whose sources were asked for. Whether they are there is no part of what holds.
    inputs: BTreeSet<InputQuestion>,
}

/// An input whose source was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum InputQuestion {
    /// A node of the lock.
    Node(NodeId),
    /// An input that the lock does not have.
    Unlocked(Vec<String>),
    /// What is pinned outside the lock.
    Pin(Pin),
}

impl ReadLog {
    pub(crate) fn record(&mut self, file: FileKey, subject: Subject, seen: Observation) {
        self.seen.entry((file, subject)).or_insert(seen);
    }

    pub(crate) fn record_input(&mut self, input: InputQuestion) {
        self.inputs.insert(input);
    }

    /// Adds what another log has.
    pub fn extend(&mut self, other: Self) {
        for ((file, subject), seen) in other.seen {
            self.record(file, subject, seen);
        }
        self.inputs.extend(other.inputs);
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
        self.holds_with(workspace, &mut Glances::default())
    }

    /// As [`ReadLog::holds`], with what was seen for other logs of the same workspace.
    #[must_use]
    pub fn holds_with(&self, workspace: &Workspace, glances: &mut Glances) -> bool {
        self.seen.iter().all(|((file, subject), seen)| {
            let known = { glances.seen.get(file) }.and_then(|seen| seen.get(subject));
            if let Some(now) = known {
                return now == seen;
            }
            let Some(path) = workspace.path(file) else {
                return false;
            };
            let now = Observation::again(workspace, &path, *subject);
            let is_same = now == *seen;
            let of_file = glances.seen.entry(file.clone()).or_default();
            of_file.insert(*subject, now);
            is_same
        })
    }

    /// Opens the inputs and parses the files again, as if its evaluation were done over `workspace`;
    /// `counts` as evaluated, see [`Workspace::evaluated_files`].
    pub fn read_again(&self, workspace: &Workspace, counts: bool) {
        // What is not here is kept there as well.
        for input in &self.inputs {
            match input {
                InputQuestion::Node(node) => drop(workspace.open_input(*node)),
                InputQuestion::Pin(pin) => drop(workspace.open_pin(pin)),
                InputQuestion::Unlocked(path) => {
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    drop(workspace.open_unlocked_input(&path));
                }
            }
        }
        for (file, subject) in self.seen.keys() {
            let Some(path) = workspace.path(file) else {
                continue;
            };
            match subject {
                Subject::Tree => {
                    let _ = workspace.parse(&path);
                    if counts {
                        workspace.add_evaluated(&path);
                    }
                }
                Subject::Text => {
                    if let Ok(text) = workspace.read_text(&path) {
                        workspace.add_source(&path, text.into());
                    }
                }
                Subject::Content | Subject::Kind | Subject::EntryKind | Subject::Entries => {}
            }
        }
    }
}
