//! Paths in their shortest form.

use std::path::{Component, Path, PathBuf};

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
