//! Which files Git tracks, by its index alone: no Git is run, no configuration or hook is read.
//!
//! Nix sees of a flake what the index names, committed or only staged. Whatever is unclear (no
//! repository, a damaged index, a submodule, a sparse checkout) is not known.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gix_index::entry::Mode;
use nix_source::{foreign_owner, read_regular};

/// The largest index that is read, in bytes: a repository with a million files has less.
const MAX_INDEX: u64 = 256 << 20;
/// The largest `.git` file, in bytes: it holds one path.
const MAX_LINK: u64 = 16 << 10;

/// The longest path in an index, in bytes: `PATH_MAX` of Linux.
const MAX_PATH: usize = 4096;

/// The index of the repository that a project lies in.
pub(crate) struct GitIndex {
    /// The top of the work tree.
    top: PathBuf,
    index: gix_index::File,
}

impl GitIndex {
    /// The index of the repository around `directory`, an absolute path without symbolic links.
    pub(crate) fn around(directory: &Path) -> Option<Self> {
        let top = top(directory)?;
        let git = git_directory(&top.join(".git"))?;
        if foreign(&top.join(".git"), &git).is_some() {
            return None;
        }
        let file = git.join("index");
        let metadata = fs::metadata(&file).ok()?;
        // A pipe would wait for its writer.
        if !metadata.is_file() || metadata.len() > MAX_INDEX {
            return None;
        }
        let options = gix_index::decode::Options {
            thread_limit: Some(1),
            ..Default::default()
        };
        // A repository with SHA-256 fails at the checksum and is not known.
        let index = gix_index::File::at(file, gix_index::hash::Kind::Sha1, false, options).ok()?;
        // Git never writes such a path: this index is damaged, and nothing in it is known.
        let backing = index.path_backing();
        let mut entries = index.entries().iter();
        if !entries.all(|entry| is_inside(entry.path_in(backing))) {
            return None;
        }
        Some(Self {
            top: top.to_owned(),
            index,
        })
    }

    /// Whether the file is tracked; nothing where another index would have to say.
    pub(crate) fn is_tracked(&self, file: &Path) -> Option<bool> {
        if self.names(file) == Some(true) {
            return Some(true);
        }
        // Nix follows a symbolic link to what it names.
        let real = file.canonicalize().ok()?;
        if !real.starts_with(&self.top) || self.is_in_another_repository(&real) {
            return None;
        }
        if real != file && self.names(&real) == Some(true) {
            return Some(true);
        }
        self.names(&real)
    }

    fn names(&self, file: &Path) -> Option<bool> {
        let path = relative(&self.top, file)?;
        let path = path.as_slice().into();
        if self.index.entry_range(path).is_some() {
            return Some(true);
        }
        // A submodule or a directory that is not checked out stands for all that is below it.
        let is_opaque = |mode: Mode| mode.is_submodule() || mode.is_sparse();
        if self.directory_above(file, is_opaque).is_some() {
            return None;
        }
        (!self.index.is_sparse()).then_some(false)
    }

    /// The submodule that a file is in; `None` if it is in none.
    pub(crate) fn submodule_of<'a>(&self, file: &'a Path) -> Option<&'a Path> {
        self.directory_above(file, |mode| mode.is_submodule())
    }

    /// The closest directory above a file that the index has an entry of such a mode for.
    fn directory_above<'a>(&self, file: &'a Path, is: impl Fn(Mode) -> bool) -> Option<&'a Path> {
        let above = file.ancestors().skip(1);
        let mut above = above.take_while(|directory| *directory != self.top);
        above.find(|directory| {
            let path = relative(&self.top, directory);
            let path = path.as_deref().map(Into::into);
            let entry = path.and_then(|path| self.index.entry_by_path(path));
            entry.is_some_and(|entry| is(entry.mode))
        })
    }

    fn is_in_another_repository(&self, file: &Path) -> bool {
        let above = file.ancestors().skip(1);
        let mut inner = above.take_while(|directory| *directory != self.top);
        inner.any(|directory| exists(&directory.join(".git")))
    }

    /// The tracked files below a directory, sorted by path: regular files, no links, none that is
    /// reached through a link, no submodules.
    pub(crate) fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        let backing = self.index.path_backing();
        let is_regular = |mode: Mode| mode == Mode::FILE || mode == Mode::FILE_EXECUTABLE;
        let entries = self.index.entries().iter();
        let mut files: Vec<PathBuf> = entries
            .filter(|entry| is_regular(entry.mode))
            .filter_map(|entry| {
                let path = std::str::from_utf8(entry.path_in(backing)).ok()?;
                Some(self.top.join(path))
            })
            .filter(|path| path.starts_with(directory))
            .collect();
        files.sort();
        // A file with a merge conflict stands in the index once for each side.
        files.dedup();
        let mut of_links = BTreeMap::new();
        // Files of one directory are in a row.
        let mut last = (PathBuf::new(), false);
        files.retain(|file| {
            let directory = file.parent().unwrap_or(file);
            if directory.as_os_str() != last.0.as_os_str() {
                let is_beyond = self.is_beyond_link(Some(directory), &mut of_links);
                last = (directory.to_owned(), is_beyond);
            }
            !last.1
        });
        files
    }
}

impl GitIndex {
    /// Whether a directory below the top is reached through a symbolic link.
    fn is_beyond_link(
        &self,
        directory: Option<&Path>,
        known: &mut BTreeMap<PathBuf, bool>,
    ) -> bool {
        let below = directory.filter(|it| it.starts_with(&self.top) && **it != self.top);
        let Some(directory) = below else {
            return false;
        };
        if let Some(known) = known.get(directory) {
            return *known;
        }
        let is_link = directory.is_symlink() || self.is_beyond_link(directory.parent(), known);
        known.insert(directory.to_owned(), is_link);
        is_link
    }
}

/// Whether a path of an index is of a file below the top, and none of Git's own: Git's `verify_path`.
fn is_inside(path: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        !name.is_empty() && name != b"." && name != b".." && !name.eq_ignore_ascii_case(b".git")
    };
    // A directory of a sparse index ends with a slash.
    let path = path.strip_suffix(b"/").unwrap_or(path);
    path.len() <= MAX_PATH && !path.contains(&0) && path.split(|byte| *byte == b'/').all(is_name)
}

/// The top of the work tree that a directory is in.
fn top(directory: &Path) -> Option<&Path> {
    let mut above = directory.ancestors();
    above.find(|above| exists(&above.join(".git")))
}

/// The repository around a directory and the number of the user whom it belongs to, if that is neither root
/// nor the one who runs the program: as git refuses it, its index is not read.
#[must_use]
pub fn foreign_repository(directory: &Path) -> Option<(PathBuf, u32)> {
    let link = top(directory)?.join(".git");
    let owner = foreign(&link, &git_directory(&link)?)?;
    Some((link, owner))
}

/// The owner of `.git`, of the directory that it names, or of the index, if that is somebody else.
fn foreign(link: &Path, directory: &Path) -> Option<u32> {
    let index = directory.join("index");
    [link, directory, &index]
        .into_iter()
        .find_map(foreign_owner)
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// `path` below `top` as the index writes it.
fn relative(top: &Path, path: &Path) -> Option<Vec<u8>> {
    let below = path.strip_prefix(top).ok()?;
    Some(
        below
            .to_str()?
            .replace(std::path::MAIN_SEPARATOR, "/")
            .into_bytes(),
    )
}

/// What `.git` is: a directory, or a file that names one (in a linked work tree or a submodule).
fn git_directory(path: &Path) -> Option<PathBuf> {
    if fs::metadata(path).ok()?.is_dir() {
        return Some(path.to_owned());
    }
    let text = String::from_utf8(read_regular(path, MAX_LINK).ok()?).ok()?;
    let named = text.strip_prefix("gitdir:")?.trim();
    let directory = path.parent()?.join(named);
    directory.is_dir().then_some(directory)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::GitIndex;

    /// An index of version 2 with these files, as somebody else than Git may write it.
    fn index(paths: &[&[u8]]) -> Vec<u8> {
        let number = |number: usize| u32::try_from(number).expect("small").to_be_bytes();
        let mut bytes = [&b"DIRC"[..], &number(2), &number(paths.len())].concat();
        for path in paths {
            let start = bytes.len();
            bytes.extend([0; 24]);
            bytes.extend(number(0o100_644));
            bytes.extend([0; 32]);
            bytes.extend(u16::try_from(path.len()).expect("short").to_be_bytes());
            bytes.extend(*path);
            let padding = 8 - (bytes.len() - start) % 8;
            bytes.extend(vec![0; padding]);
        }
        // No checksum, as with `index.skipHash`.
        bytes.extend([0; 20]);
        bytes
    }

    fn files(folder: &Path, paths: &[&[u8]]) -> Option<Vec<String>> {
        std::fs::create_dir_all(folder.join("p/.git")).expect("a folder");
        std::fs::write(folder.join("p/.git/index"), index(paths)).expect("an index");
        let root = folder.join("p");
        let files = GitIndex::around(&root)?.files_below(&root);
        let names = files.iter().map(|file| {
            let below = file.strip_prefix(&root).expect("below the root");
            below.to_str().expect("a name").to_owned()
        });
        Some(names.collect())
    }

    #[test]
    fn paths_that_git_never_writes_make_an_index_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("a folder");
        let good = files(&folder, &[b"a", b"b/..c", b"b/.gitignore"]).expect("an index");
        assert_eq!(good, ["a", "b/..c", "b/.gitignore"]);
        for bad in [
            &b"../out/x"[..],
            b"a/../../out/x",
            b"a/..",
            b"/etc/passwd",
            b"./x",
            b"a/./x",
            b"a//x",
            b"",
            b".git/config",
            b"a/.GIT/config",
            b"a\0b",
        ] {
            let found = files(&folder, &[b"a", bad]);
            assert_eq!(found, None, "{:?}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn files_beyond_a_link_are_not_of_the_project() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("a folder");
        std::fs::create_dir_all(folder.join("p/real")).expect("a folder");
        std::os::unix::fs::symlink("../out", folder.join("p/link")).expect("a link");
        let found = files(&folder, &[b"a", b"link/deep/x", b"link/x", b"real/x"]);
        assert_eq!(found.expect("an index"), ["a", "real/x"]);
    }
}
