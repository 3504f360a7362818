//! Where symbolic links lead: a project may have thousands of them that lead to a few directories.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};

/// The real paths of directories, each found once.
#[derive(Debug, Default)]
pub(super) struct Links {
    directories: HashMap<PathBuf, Option<PathBuf>>,
}

impl Links {
    /// Where the link at a path with this target leads, as [`Path::canonicalize`] finds it, and what is there;
    /// `None` if nothing is.
    pub(super) fn end(&mut self, link: &Path, target: &Path) -> Option<(PathBuf, Metadata)> {
        self.quickly(link, target).unwrap_or_else(|| {
            let real = link.canonicalize().ok()?;
            let metadata = fs::metadata(link).ok()?;
            Some((real, metadata))
        })
    }

    /// The same; the outer `None` if the path has to be followed as a whole.
    #[expect(
        clippy::option_option,
        reason = "that nothing is there is an answer, too"
    )]
    fn quickly(&mut self, link: &Path, target: &Path) -> Option<Option<(PathBuf, Metadata)>> {
        // A slash after it asks for a directory.
        if target.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return None;
        }
        let name = target.file_name()?;
        let mut directory = self.real(link.parent()?)?;
        let mut is_below = false;
        for part in target.parent()?.components() {
            match part {
                Component::RootDir => directory = PathBuf::from("/"),
                Component::CurDir => {}
                // What is above a real directory is real.
                Component::ParentDir if !is_below => {
                    directory.pop();
                }
                Component::Normal(name) => {
                    is_below = true;
                    directory.push(name);
                }
                Component::ParentDir | Component::Prefix(_) => return None,
            }
        }
        let real = self.real(&directory)?.join(name);
        match real.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => None,
            Ok(metadata) => Some(Some((real, metadata))),
            Err(_) => Some(None),
        }
    }

    fn real(&mut self, directory: &Path) -> Option<PathBuf> {
        if let Some(known) = self.directories.get(directory) {
            return known.clone();
        }
        let real = directory.canonicalize().ok();
        self.directories.insert(directory.to_owned(), real.clone());
        real
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn links_end_where_the_system_says() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b/c")).unwrap();
        fs::write(root.join("a/file"), "").unwrap();
        fs::write(root.join("a/b/file"), "").unwrap();
        symlink("a/b", root.join("linked")).unwrap();
        let absolute = root.join("a/file");
        let targets = [
            "a/file",
            "./a/b/file",
            "a",
            "a/",
            "a/file/",
            "a/file/x",
            "linked",
            "linked/file",
            "linked/../file",
            "a/../a/file",
            "../a/file",
            "..",
            ".",
            "a/b/..",
            "missing",
            "missing/file",
            "linked/missing",
            "self-0",
            "/",
            "/missing",
            "//",
            absolute.to_str().unwrap(),
            "../../a/b/file",
            "../file",
        ];
        let mut links = Links::default();
        let mut found = 0;
        for directory in ["", "a", "a/b", "a/b/c"] {
            for (number, target) in targets.iter().enumerate() {
                let link = root.join(directory).join(format!("l{number}"));
                symlink(target, &link).unwrap();
            }
            symlink("self-0", root.join(directory).join("self-0")).unwrap();
            for (number, target) in targets.iter().enumerate() {
                let link = root.join(directory).join(format!("l{number}"));
                let end = links.end(&link, Path::new(target));
                let real = link.canonicalize().ok();
                let there = real.as_ref().map(|real| real.metadata().unwrap().ino());
                let of_end = end.as_ref().map(|(_, metadata)| metadata.ino());
                assert_eq!(
                    (end.map(|(real, _)| real), of_end),
                    (real, there),
                    "{directory}: {target}"
                );
                found += usize::from(of_end.is_some());
            }
        }
        assert!(found > 30, "{found}");
    }
}
