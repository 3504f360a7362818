//! Identity and order of files.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// The tree of files that a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The project that is examined: findings point into this one only.
    Project,
    /// An input of the project's flake, by the name of its node in `flake.lock`.
    Input(Arc<str>),
    /// This program.
    Embedded,
}

/// Identifies a file whatever machine or run it is read in. Ordered by root, then by path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// The tree.
    pub root: Root,
    /// The path from the tree's root. What the project takes from outside every root, such as a
    /// `.sops.yaml` above it, has its absolute path.
    pub relative: PathBuf,
}

/// The handle of a [`FileKey`], equal for equal keys in all of a process, and ordered as they are:
/// never by what was read first, so that neither threads nor earlier runs change an order.
#[derive(Debug, Clone, Copy)]
pub struct FileId(&'static FileKey);

/// Every key that has a handle. Keys are never freed: a span is `Copy` and outlives the workspace
/// that it was made in. They are relative, so that all projects of a process share them.
static KEYS: LazyLock<Mutex<FxHashMap<Root, FxHashMap<&'static Path, FileId>>>> =
    LazyLock::new(Mutex::default);

impl FileId {
    /// The handle of the file of that path below a root.
    #[must_use]
    pub fn new(root: &Root, relative: &Path) -> Self {
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = keys.get(root).and_then(|files| files.get(relative)) {
            return *known;
        }
        let key: &'static FileKey = Box::leak(Box::new(FileKey {
            root: root.clone(),
            relative: relative.to_owned(),
        }));
        let id = Self(key);
        let files = keys.entry(root.clone()).or_default();
        files.insert(&key.relative, id);
        id
    }

    /// The handle of a file of the project.
    #[must_use]
    pub fn in_project(relative: impl AsRef<Path>) -> Self {
        Self::new(&Root::Project, relative.as_ref())
    }

    /// Root and path.
    #[must_use]
    pub const fn key(self) -> &'static FileKey {
        self.0
    }
}

impl PartialEq for FileId {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for FileId {}

impl Ord for FileId {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            return Ordering::Equal;
        }
        self.0.cmp(other.0)
    }
}

impl PartialOrd for FileId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for FileId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_keys_whichever_is_made_first() {
        let input = Root::Input(Arc::from("nixpkgs"));
        let made = [
            FileId::new(&Root::Embedded, Path::new("a.nix")),
            FileId::new(&input, Path::new("a.nix")),
            FileId::in_project("b.nix"),
            FileId::in_project("a/z.nix"),
            FileId::in_project("a.nix"),
        ];
        let mut sorted = made;
        sorted.sort();
        let [embedded, of_input, last, middle, first] = made;
        // Component by component, as paths are compared everywhere else.
        assert_eq!(sorted, [middle, first, last, of_input, embedded]);
        assert_eq!(FileId::in_project("b.nix"), last);
        assert_ne!(first, of_input);
    }

    #[test]
    fn threads_get_the_same_handle() {
        let make = || {
            let ids = (0..200).map(|n| FileId::in_project(format!("threads/{n}.nix")));
            ids.collect::<Vec<_>>()
        };
        let other = std::thread::spawn(make);
        assert_eq!(make(), other.join().expect("no panic"));
    }
}
