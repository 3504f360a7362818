//! Where paths lead.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use crate::file_kind::{FileKind, ReadError};
use crate::normalise::normalise;
use crate::root::OpenRoot;
use crate::workspace::{Location, Workspace};

/// The longest path that is looked up piece by piece, in bytes: Linux's `PATH_MAX`.
const MAX_PATH: usize = 4096;

/// How many entries of directories are remembered at most.
const MAX_ENTRIES: usize = 200_000;

/// Whether a path is of Git's store of objects: it is no part of a project, and a result that is kept does not
/// depend on it.
#[must_use]
pub fn is_git_object(path: &Path) -> bool {
    let mut parts = path.iter();
    parts.any(|part| part == ".git") && parts.any(|part| part == "objects" || part == "lfs")
}

impl Workspace {
    /// Where `path` leads, through symbolic links, if that is in the same root.
    ///
    /// # Errors
    ///
    /// If it is missing or outside every root.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, ReadError> {
        self.locate(path).map(|(real, _)| real)
    }

    /// Where `path` leads, and the kind of what is there.
    pub(crate) fn locate(&self, path: &Path) -> Location {
        let path = normalise(path);
        let Some(root) = self.root_of(&path) else {
            return Err(ReadError::NotAllowed);
        };
        if path == root.path || path.file_name().is_none() {
            return Ok((path, FileKind::Directory));
        }
        let (entry, kind) = self.entry(&path)?;
        if kind != FileKind::Symlink {
            return Ok((entry, kind));
        }
        let relative = root.relative(&entry).ok_or(ReadError::NotAllowed)?;
        let real = root.follow(relative)?;
        let relative = root.relative(&real).ok_or(ReadError::NotAllowed)?;
        if is_git_object(relative) {
            return Err(ReadError::NotAllowed);
        }
        let kind = root.kind(relative)?;
        Ok((real, kind))
    }

    /// The entry of a directory that a normal path names, and its own kind; looked up once.
    fn entry(&self, path: &Path) -> Location {
        let lock = || self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path.as_os_str()) {
            return known.clone();
        }
        let found = self.look_up(path);
        let mut entries = lock();
        if entries.len() < MAX_ENTRIES {
            entries.insert(path.as_os_str().to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, path: &Path) -> Location {
        let (Some(root), Some(parent), Some(name)) =
            (self.root_of(path), path.parent(), path.file_name())
        else {
            return Err(ReadError::NotAllowed);
        };
        if path.as_os_str().len() > MAX_PATH {
            return Err(ReadError::Missing);
        }
        let entry = self.directory(parent)?.join(name);
        let relative = root.relative(&entry).ok_or(ReadError::NotAllowed)?;
        if is_git_object(relative) {
            return Err(ReadError::NotAllowed);
        }
        let kind = root.kind(relative)?;
        Ok((entry, kind))
    }

    /// Where a directory really is; looked up once.
    fn directory(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let lock = || {
            self.directories
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let real = self.resolve(path);
        lock().insert(path.to_owned(), real.clone());
        real
    }

    /// The kind of what `path` leads to; `None` if it is missing.
    ///
    /// # Errors
    ///
    /// If it is outside every root, or cannot be looked up.
    pub fn kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        if self.overlays.contains_key(path) {
            return Ok(Some(FileKind::Regular));
        }
        match self.locate(path) {
            Ok((_, kind)) => Ok(Some(kind)),
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many bytes a file has; `None` if there is no file of any root.
    #[must_use]
    pub fn size(&self, path: &Path) -> Option<u64> {
        if let Some(text) = self.overlays.get(path) {
            return Some(text.len() as u64);
        }
        let (real, kind) = self.locate(path).ok()?;
        let file = (kind == FileKind::Regular).then(|| std::fs::symlink_metadata(real).ok());
        Some(file??.len())
    }

    /// The kind of `path` itself: a symbolic link is one, wherever it leads. `None` if it is
    /// missing.
    ///
    /// # Errors
    ///
    /// If it is outside every root, or cannot be looked up.
    pub fn entry_kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        let path = normalise(path);
        if self.overlays.contains_key(&path) {
            return Ok(Some(FileKind::Regular));
        }
        // A root's parent is outside; the root itself is not a link.
        let is_root = |root: Arc<OpenRoot>| path == root.path && path.file_name().is_some();
        if self.root_of(&path).is_some_and(is_root) {
            return self.kind(&path);
        }
        match self.entry(&path) {
            Ok((_, kind)) => Ok(Some(kind)),
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
