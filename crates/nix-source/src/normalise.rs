//! Paths in their shortest form.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// An absolute path without `.`, `..` and doubled slashes, lexically, as Nix does it.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    if path.to_str().is_some_and(is_normal) {
        return path.to_owned();
    }
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

/// The same of a path that is text.
#[must_use]
pub fn normalise_text(path: &str) -> Cow<'_, str> {
    if is_normal(path) {
        return Cow::Borrowed(path);
    }
    let normal = normalise(Path::new(path));
    Cow::Owned(normal.to_string_lossy().into_owned())
}

/// Whether a path is in its shortest form already, as most are.
fn is_normal(path: &str) -> bool {
    let is_name = |component: &str| !matches!(component, "" | "." | "..");
    let below = path.strip_prefix('/');
    below.is_some_and(|below| below.is_empty() || below.split('/').all(is_name))
}

/// Whether a path is `directory` or below it; both are in their shortest form.
pub(crate) fn is_within(path: &Path, directory: &Path) -> bool {
    let whole = path.as_os_str().as_encoded_bytes();
    let directory = directory.as_os_str().as_encoded_bytes();
    let rest = whole.strip_prefix(directory);
    rest.is_some_and(|rest| matches!(rest, [] | [b'/', ..]) || directory == b"/")
}

#[cfg(test)]
mod tests {
    use super::{is_within, normalise, normalise_text};
    use std::path::Path;

    #[test]
    fn paths_become_short_and_short_ones_stay() {
        for (path, normal) in [
            ("/", "/"),
            ("/a/b.nix", "/a/b.nix"),
            ("/a/.b/..c", "/a/.b/..c"),
            ("/a/", "/a"),
            ("//a//b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../../b", "/b"),
            ("a/b", "/a/b"),
            ("", "/"),
        ] {
            assert_eq!(normalise(Path::new(path)), Path::new(normal), "{path}");
            assert_eq!(normalise(Path::new(path)).as_os_str(), normal, "{path}");
            assert_eq!(normalise_text(path), normal, "{path}");
        }
    }

    #[test]
    fn a_path_is_within_a_directory_by_whole_names() {
        for (path, directory) in [
            ("/", "/"),
            ("/a", "/"),
            ("/a", "/a"),
            ("/a/b", "/a"),
            ("/ab", "/a"),
            ("/a", "/a/b"),
            ("/b/a", "/a"),
        ] {
            let (path, directory) = (Path::new(path), Path::new(directory));
            assert_eq!(is_within(path, directory), path.starts_with(directory));
        }
    }
}
