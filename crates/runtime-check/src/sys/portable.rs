//! Any Unix system without `O_PATH` (macOS): a file is its directory's descriptor and its name.
//!
//! A directory that may be entered but not listed (mode 0751, as the managers make them) cannot be
//! opened here; the files below it are then reached through the nearest directory that can.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::FileSystem;
use super::stat::from_stat;
use crate::facts::{Facts, Kind};

/// A file that was looked at but not opened.
#[derive(Debug)]
pub(crate) struct Node {
    /// An open directory.
    base: Rc<OwnedFd>,
    /// The way from there; `.` for the directory itself.
    below: PathBuf,
    pub(crate) facts: Facts,
}

const LIST: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl Node {
    /// The directory from which paths start.
    pub(crate) fn root(path: &Path) -> Result<Self, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())?;
        let facts = from_stat(&rustix::fs::fstat(&fd)?);
        Ok(Self {
            base: Rc::new(fd),
            below: PathBuf::from("."),
            facts,
        })
    }

    /// The entry `name` of this directory, itself even if it is a symbolic link.
    pub(crate) fn child(&self, name: &OsStr) -> Result<Self, Errno> {
        let below = self.below.join(name);
        let stat = rustix::fs::statat(&*self.base, &below, AtFlags::SYMLINK_NOFOLLOW)?;
        let facts = from_stat(&stat);
        if facts.kind == Kind::Directory
            && let Ok(fd) = rustix::fs::openat(&*self.base, &below, LIST, Mode::empty())
        {
            let facts = from_stat(&rustix::fs::fstat(&fd)?);
            return Ok(Self {
                base: Rc::new(fd),
                below: PathBuf::from("."),
                facts,
            });
        }
        Ok(Self {
            base: Rc::clone(&self.base),
            below,
            facts,
        })
    }

    /// Where this symbolic link points.
    pub(crate) fn link_target(&self, directory: &Self, name: &OsStr) -> Result<PathBuf, Errno> {
        let below = directory.below.join(name);
        let target = rustix::fs::readlinkat(&*directory.base, below, Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Opens the file for reading, if it is still the one that was looked at.
    pub(crate) fn open(&self, directory: &Self, name: &OsStr) -> Result<OwnedFd, Errno> {
        let below = directory.below.join(name);
        let fd = rustix::fs::openat(&*directory.base, below, READ, Mode::empty())?;
        let now = from_stat(&rustix::fs::fstat(&fd)?);
        if (now.device, now.inode) == (self.facts.device, self.facts.inode) {
            Ok(fd)
        } else {
            Err(Errno::STALE)
        }
    }

    /// The facts as they are now.
    pub(crate) fn facts_now(&self) -> Result<Facts, Errno> {
        let stat = rustix::fs::statat(&*self.base, &self.below, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(from_stat(&stat))
    }

    /// Opens this directory to list it.
    pub(crate) fn open_directory(&self) -> Result<OwnedFd, Errno> {
        rustix::fs::openat(&*self.base, &self.below, LIST, Mode::empty())
    }
}

/// The facts of an open file.
pub(crate) fn facts(fd: impl AsFd) -> Result<Facts, Errno> {
    Ok(from_stat(&rustix::fs::fstat(fd)?))
}

/// macOS keeps its ACLs elsewhere and has no safe call for them: see the page on limits, and the
/// note in every report.
pub(crate) fn file_acl(_node: &Node) -> Result<Option<Vec<u8>>, Errno> {
    Ok(None)
}

/// As [`file_acl`].
pub(crate) fn default_acl(_node: &Node) -> Result<Option<Vec<u8>>, Errno> {
    Ok(None)
}

/// There is no number for a file system's kind; the mount table names it.
pub(crate) fn file_system(_node: &Node) -> Result<FileSystem, Errno> {
    Ok(FileSystem { magic: None })
}
