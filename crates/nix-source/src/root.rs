//! Roots: directories whose files may be read, each through a capability of its own.
//!
//! A root is opened once. Every file and directory is opened below that handle, by a path without
//! symbolic links and without `..`, and the kernel refuses one that is a link by now: what was
//! resolved a moment ago cannot be exchanged for a way out. `rustix` is here already, and its
//! `openat2` is one system call for a file, as a plain `open` is; `cap-std` would add ten crates
//! and refuses links with an absolute target, which projects have.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use nix_syntax::source::Root;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use crate::file_kind::{FileKind, ReadError};

/// A directory that is read and never left.
#[derive(Debug)]
pub(crate) struct OpenRoot {
    /// Which one it is.
    pub(crate) root: Root,
    /// Where evaluations see it: absolute. Of an input that is its path in the store, wherever it was
    /// found, so that a report is the same on every machine.
    pub(crate) path: PathBuf,
    /// Where it is: absolute, without symbolic links.
    real: PathBuf,
    directory: OwnedFd,
    /// What may still be read of it; `None` of the project, which is not bounded as a whole.
    allowance: Option<Allowance>,
}

/// What may still be read of a root. An input is not the user's: a tree that is there to take time or
/// memory ends in what is not known.
#[derive(Debug)]
struct Allowance {
    files: AtomicU64,
    bytes: AtomicU64,
}

/// How many files of one input are read at most: five times what the largest framework has.
const MAX_FILES: u64 = 20_000;

/// How many bytes of one input are read at most.
const MAX_BYTES: u64 = 256 << 20;

/// Never waits: a pipe that took a file's place has no writer.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);
const READ_DIRECTORY: OFlags = READ.union(OFlags::DIRECTORY);

impl Allowance {
    /// Takes one file of so many bytes; `false` if that is too much.
    fn take(&self, bytes: u64) -> bool {
        let take = |from: &AtomicU64, amount| {
            let rest = |rest: u64| rest.checked_sub(amount);
            from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest)
                .is_ok()
        };
        take(&self.files, 1) && take(&self.bytes, bytes)
    }
}

impl OpenRoot {
    /// Opens a directory.
    ///
    /// # Errors
    ///
    /// If it does not exist, is no directory, or may not be read.
    pub(crate) fn open(root: Root, path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let directory = rustix::fs::openat(CWD, &path, READ_DIRECTORY, Mode::empty())?;
        Ok(Self {
            root,
            real: path.clone(),
            path,
            directory,
            allowance: None,
        })
    }

    /// Opens the directory of an input, which evaluations see at `seen`, and of which only so much is
    /// read.
    ///
    /// # Errors
    ///
    /// If it does not exist, is no directory, or may not be read.
    pub(crate) fn open_input(root: Root, path: &Path, seen: PathBuf) -> io::Result<Self> {
        let allowance = Allowance {
            files: AtomicU64::new(MAX_FILES),
            bytes: AtomicU64::new(MAX_BYTES),
        };
        Ok(Self {
            path: seen,
            allowance: Some(allowance),
            ..Self::open(root, path)?
        })
    }

    /// Where an entry leads, through symbolic links, as evaluations see it.
    ///
    /// # Errors
    ///
    /// If that does not exist, or is outside.
    pub(crate) fn follow(&self, relative: &Path) -> Result<PathBuf, ReadError> {
        let real = self.real.join(relative).canonicalize()?;
        let inside = real.strip_prefix(&self.real);
        inside.map_or(Err(ReadError::NotAllowed), |inside| {
            Ok(self.path.join(inside))
        })
    }

    /// The path below this root of an absolute path without links; `None` outside.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.strip_prefix(&self.path).ok()
    }

    /// Opens a regular file; its size in bytes by now is with it.
    ///
    /// # Errors
    ///
    /// If it is not a regular file or, by now, a symbolic link leads to it.
    pub(crate) fn file(&self, relative: &Path) -> Result<(File, u64), ReadError> {
        let file = File::from(self.open_below(relative, READ)?);
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(ReadError::NotAFile);
        }
        match self.allowance.as_ref() {
            Some(allowance) if !allowance.take(found.len()) => Err(ReadError::InputTooLarge),
            _ => Ok((file, found.len())),
        }
    }

    /// The entries of a directory, in no order; names that are not UTF-8 are left out.
    ///
    /// # Errors
    ///
    /// If it is not a directory or, by now, a symbolic link leads to it.
    pub(crate) fn entries(&self, relative: &Path) -> Result<Vec<(String, FileKind)>, ReadError> {
        let directory = self.open_below(relative, READ_DIRECTORY)?;
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::new(directory).map_err(io::Error::from)? {
            let entry = entry.map_err(io::Error::from)?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // A file system that does not keep kinds in its directories.
                rustix::fs::FileType::Unknown => self.kind(&relative.join(name))?,
                kind => kind.into(),
            };
            entries.push((name.to_owned(), kind));
        }
        Ok(entries)
    }

    /// What an entry of a directory is, without following it. The directory was resolved before: a
    /// link that took its place since could only show the kind of something, never a content.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn kind(&self, relative: &Path) -> io::Result<FileKind> {
        let (path, flags) = if relative.as_os_str().is_empty() {
            (Path::new("."), AtFlags::empty())
        } else {
            (relative, AtFlags::SYMLINK_NOFOLLOW)
        };
        let found = rustix::fs::statat(&self.directory, path, flags)?;
        Ok(rustix::fs::FileType::from_raw_mode(found.st_mode).into())
    }

    fn open_below(&self, relative: &Path, flags: OFlags) -> Result<OwnedFd, ReadError> {
        let components = relative.components();
        if { components.clone() }.any(|part| !matches!(part, Component::Normal(_))) {
            return Err(ReadError::NotAllowed);
        }
        let relative = if relative.as_os_str().is_empty() {
            Path::new(".")
        } else {
            relative
        };
        let opened = open_without_links(self.directory.as_fd(), relative, flags);
        opened.map_err(|error| match error {
            Errno::LOOP | Errno::XDEV => ReadError::NotAllowed,
            error => io::Error::from(error).into(),
        })
    }
}

#[cfg(target_os = "linux")]
fn open_without_links(
    directory: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(directory, path, flags, Mode::empty(), resolve) {
        // A kernel before 5.6, or a sandbox that does not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_step_by_step(directory, path, flags),
        opened => opened,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_without_links(
    directory: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    open_step_by_step(directory, path, flags)
}

/// Opens directory after directory, none of which may be a link.
fn open_step_by_step(
    directory: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let step = |at: BorrowedFd<'_>, name: &Path, flags: OFlags| {
        let flags = flags | OFlags::NOFOLLOW;
        rustix::fs::openat(at, name, flags, Mode::empty()).map_err(|error| {
            // With `O_DIRECTORY` a link is not a directory.
            let is_link = error == Errno::NOTDIR
                && rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|found| {
                    rustix::fs::FileType::from_raw_mode(found.st_mode).is_symlink()
                });
            if is_link { Errno::LOOP } else { error }
        })
    };
    let Some(name) = path.file_name() else {
        return step(directory, path, flags);
    };
    let mut opened: Option<OwnedFd> = None;
    for part in path.parent().into_iter().flat_map(Path::components) {
        let at = opened.as_ref().map_or(directory, AsFd::as_fd);
        opened = Some(step(at, Path::new(&part), READ_DIRECTORY)?);
    }
    let at = opened.as_ref().map_or(directory, AsFd::as_fd);
    step(at, Path::new(name), flags)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// A root with a file, a directory, a link to each, a pipe, and links that lead out.
    fn made() -> (tempfile::TempDir, OpenRoot) {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("root");
        std::fs::create_dir_all(root.join("directory")).expect("a folder");
        std::fs::write(place.path().join("outside"), "outside").expect("a file");
        std::fs::write(root.join("directory/file"), "inside").expect("a file");
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(target, root.join(name)).expect("a link");
        };
        link("directory/file", "link");
        link("directory", "linked");
        link("..", "up");
        link("../outside", "out");
        let root = OpenRoot::open(Root::Project, &root).expect("a root");
        (place, root)
    }

    #[test]
    fn only_what_no_link_leads_to_is_opened() {
        let (_place, root) = made();
        let mut text = String::new();
        let (mut file, size) = root.file(Path::new("directory/file")).expect("a file");
        assert_eq!(size, 6);
        file.read_to_string(&mut text).expect("text");
        assert_eq!(text, "inside");
        let links = ["link", "linked/file", "up/outside", "out", "../outside"];
        for name in links
            .map(Path::new)
            .into_iter()
            .chain([&*root.path.join("link")])
        {
            let error = root.file(name).expect_err("a way out");
            assert_eq!(error, ReadError::NotAllowed, "{}", name.display());
        }
        assert_eq!(root.entries(Path::new("up")), Err(ReadError::NotAllowed));
        assert_eq!(
            root.file(Path::new("directory")).err(),
            Some(ReadError::NotAFile)
        );
        assert_eq!(root.file(Path::new("none")).err(), Some(ReadError::Missing));
    }

    #[test]
    fn a_kernel_without_openat2_refuses_the_same() {
        let (_place, root) = made();
        let open = |name: &str, flags| {
            open_step_by_step(root.directory.as_fd(), Path::new(name), flags).map(drop)
        };
        assert_eq!(open("directory/file", READ), Ok(()));
        assert_eq!(open("directory", READ_DIRECTORY), Ok(()));
        for name in ["link", "linked/file", "up/outside", "out"] {
            assert_eq!(open(name, READ), Err(Errno::LOOP), "{name}");
        }
        assert_eq!(open("up", READ_DIRECTORY), Err(Errno::LOOP));
        assert_eq!(open("none/file", READ), Err(Errno::NOENT));
    }

    #[test]
    fn entries_are_not_followed() {
        let (_place, root) = made();
        let mut entries = root.entries(Path::new("")).expect("entries");
        entries.sort();
        let kinds: Vec<_> = { entries.iter() }
            .map(|(name, kind)| (name.as_str(), *kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("directory", FileKind::Directory),
                ("link", FileKind::Symlink),
                ("linked", FileKind::Symlink),
                ("out", FileKind::Symlink),
                ("up", FileKind::Symlink),
            ]
        );
        assert_eq!(
            root.kind(Path::new("")).expect("a kind"),
            FileKind::Directory
        );
    }
}
