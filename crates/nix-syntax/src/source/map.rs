//! The texts that a run has read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::{FileId, Source};

/// Every file that a run has read, Nix or not, shared by all threads. The first text of a file
/// counts.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Mutex<FxHashMap<FileId, Arc<Source>>>,
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<FileId, Arc<Source>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a file, unless it has a text already. `path` is its absolute path on this machine.
    pub fn add(&self, id: FileId, path: PathBuf, text: Arc<str>) {
        let mut files = self.lock();
        files
            .entry(id)
            .or_insert_with(|| Arc::new(Source::new(path, text)));
    }

    /// The file with that id; `None` if it was not read.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<Arc<Source>> {
        self.lock().get(&id).cloned()
    }

    /// The ids of all files, sorted by root and path.
    #[must_use]
    pub fn ids(&self) -> Vec<FileId> {
        let mut ids: Vec<FileId> = self.lock().keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is no file yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
