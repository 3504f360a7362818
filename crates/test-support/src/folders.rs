//! Folders of fixtures.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkdir::WalkDir;

/// Every file below a folder, sorted.
///
/// # Panics
///
/// If one cannot be listed.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = listed(WalkDir::new(folder), |kind| !kind.is_dir());
    // By whole path: the walk's own order is that of names, folder by folder.
    files.sort();
    files
}

/// The files below a folder whose names end in a dot and `extension`, sorted.
///
/// # Panics
///
/// If one cannot be listed.
#[must_use]
pub fn files_with(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = files(folder);
    files.retain(|path| path.extension().is_some_and(|end| end == extension));
    files
}

/// The folders that are directly in a folder, sorted.
///
/// # Panics
///
/// If one cannot be listed.
#[must_use]
pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let inside = WalkDir::new(folder).min_depth(1).max_depth(1);
    listed(inside.sort_by_file_name(), |kind| kind.is_dir())
}

fn listed(walk: WalkDir, is_wanted: impl Fn(std::fs::FileType) -> bool) -> Vec<PathBuf> {
    walk.into_iter()
        .map(Result::unwrap)
        .filter(|entry| is_wanted(entry.file_type()))
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Copies the files below a folder into another, which is made if need be.
///
/// # Panics
///
/// If one cannot be copied.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

/// A copy of a folder outside of every repository.
///
/// # Panics
///
/// If it cannot be made.
#[must_use]
pub fn copy_of(folder: &Path) -> TempDir {
    let copied = tempfile::tempdir().unwrap();
    copy(folder, copied.path());
    copied
}
