//! Where paths of a project lead.

use std::path::{Component, Path, PathBuf};
use std::sync::PoisonError;

use crate::file_kind::{FileKind, ReadError};
use crate::sources::{Place, Project};

/// The longest path that is looked up piece by piece, in bytes: Linux's `PATH_MAX`.
const MAX_PATH: usize = 4096;

/// How many entries of directories are remembered at most.
const MAX_ENTRIES: usize = 200_000;

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl Project {
    /// Where `path` really is, if that is inside the root.
    ///
    /// # Errors
    ///
    /// Where it is missing or outside.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, ReadError> {
        self.place(path).map(|(real, _)| real)
    }

    /// Where `path` really is, and what lies there.
    pub(crate) fn place(&self, path: &Path) -> Place {
        let path = normalise(path);
        if !path.starts_with(&self.root) {
            return Err(ReadError::Outside);
        }
        if path == self.root || path.file_name().is_none() {
            return Ok((path, FileKind::Directory));
        }
        let (entry, kind) = self.entry(&path)?;
        if kind != FileKind::Symlink {
            return Ok((entry, kind));
        }
        let real = entry.canonicalize()?;
        if !real.starts_with(&self.root) {
            return Err(ReadError::Outside);
        }
        let kind = std::fs::metadata(&real)?.file_type().into();
        Ok((real, kind))
    }

    /// The entry of a directory that a normal path names, and its own kind; looked up once.
    fn entry(&self, path: &Path) -> Place {
        let lock = || self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let found = self.look_up(path);
        let mut entries = lock();
        if entries.len() < MAX_ENTRIES {
            entries.insert(path.to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, path: &Path) -> Place {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ReadError::Outside);
        };
        if path.as_os_str().len() > MAX_PATH && path.starts_with(&self.root) {
            return Err(ReadError::Missing);
        }
        let entry = self.directory(parent)?.join(name);
        let kind = std::fs::symlink_metadata(&entry)?.file_type().into();
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

    /// What lies at `path`; nothing if it is missing.
    ///
    /// # Errors
    ///
    /// Where it lies outside, or cannot be looked at.
    pub fn kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        if self.overlays.contains_key(path) {
            return Ok(Some(FileKind::Regular));
        }
        match self.place(path) {
            Ok((_, kind)) => Ok(Some(kind)),
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What lies at `path` itself: a symbolic link is one, wherever it leads. Nothing if it is
    /// missing.
    ///
    /// # Errors
    ///
    /// Where it lies outside, or cannot be looked at.
    pub fn entry_kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        let path = normalise(path);
        if self.overlays.contains_key(&path) {
            return Ok(Some(FileKind::Regular));
        }
        // The root's parent is outside the project; the root itself is not a link.
        if path == self.root && path.file_name().is_some() {
            return self.kind(&path);
        }
        match self.entry(&path) {
            Ok((_, kind)) => Ok(Some(kind)),
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// An absolute path without `.`, `..` and doubled slashes, lexically, as Nix does it.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    normal
}
