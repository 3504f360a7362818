//! Linux: `O_PATH` descriptors, `statx`, POSIX ACLs as extended attributes.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, StatxFlags};
use rustix::io::Errno;

use super::FileSystem;
use super::stat::{from_stat, kind};
use crate::facts::Facts;

/// A file that was looked at but not opened.
#[derive(Debug)]
pub(crate) struct Node {
    fd: OwnedFd,
    pub(crate) facts: Facts,
}

const LOOK: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Never waits for a writer or a lock, never becomes the controlling terminal.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl Node {
    /// The directory from which paths start.
    pub(crate) fn root(path: &Path) -> Result<Self, Errno> {
        let fd = rustix::fs::open(
            path,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let facts = facts(fd.as_fd())?;
        Ok(Self { fd, facts })
    }

    /// The entry `name` of this directory, itself even if it is a symbolic link.
    pub(crate) fn child(&self, name: &OsStr) -> Result<Self, Errno> {
        let fd = rustix::fs::openat(&self.fd, name, LOOK, Mode::empty())?;
        let facts = facts(fd.as_fd())?;
        Ok(Self { fd, facts })
    }

    /// Where this symbolic link points. The directory and the name are for systems that need them.
    pub(crate) fn link_target(&self, _directory: &Self, _name: &OsStr) -> Result<PathBuf, Errno> {
        let target = rustix::fs::readlinkat(&self.fd, "", Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Opens exactly the file that was looked at, for reading.
    ///
    /// The descriptor's entry in `/proc` leads to that very inode, whatever its name leads to by
    /// now. Without `/proc` the name is opened again and the inode compared.
    pub(crate) fn open(&self, directory: &Self, name: &OsStr) -> Result<OwnedFd, Errno> {
        match rustix::fs::open(self.proc_path(), READ, Mode::empty()) {
            Err(Errno::NOENT) => {}
            other => return other,
        }
        let fd = rustix::fs::openat(&directory.fd, name, READ | OFlags::NOFOLLOW, Mode::empty())?;
        let now = facts(fd.as_fd())?;
        if (now.device, now.inode) == (self.facts.device, self.facts.inode) {
            Ok(fd)
        } else {
            Err(Errno::STALE)
        }
    }

    /// Opens this directory to list it.
    pub(crate) fn open_directory(&self) -> Result<OwnedFd, Errno> {
        rustix::fs::openat(
            &self.fd,
            ".",
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
    }

    /// The facts as they are now.
    pub(crate) fn facts_now(&self) -> Result<Facts, Errno> {
        facts(self.fd.as_fd())
    }

    fn proc_path(&self) -> String {
        format!("/proc/self/fd/{}", self.fd.as_raw_fd())
    }
}

/// The facts of an open or looked-at file.
pub(crate) fn facts(fd: BorrowedFd<'_>) -> Result<Facts, Errno> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    match rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, wanted) {
        Ok(stat) => Ok(Facts {
            kind: kind(FileType::from_raw_mode(u32::from(stat.stx_mode))),
            uid: stat.stx_uid,
            gid: stat.stx_gid,
            mode: u32::from(stat.stx_mode) & 0o7777,
            links: u64::from(stat.stx_nlink),
            size: stat.stx_size,
            device: (stat.stx_dev_major, stat.stx_dev_minor),
            inode: stat.stx_ino,
            mount: (stat.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(stat.stx_mnt_id),
            changed: (stat.stx_ctime.tv_sec, stat.stx_ctime.tv_nsec),
        }),
        // Old kernels and some sandboxes have no statx.
        Err(Errno::NOSYS | Errno::PERM) => Ok(from_stat(&rustix::fs::fstat(fd)?)),
        Err(error) => Err(error),
    }
}

/// The bytes of the access ACL of a file or directory; `None` where it has none.
///
/// # Errors
///
/// If it could not be read: it may well have one.
pub(crate) fn file_acl(node: &Node) -> Result<Option<Vec<u8>>, Errno> {
    acl(node, "system.posix_acl_access")
}

/// The bytes of the default ACL of a directory; `None` where it has none.
///
/// # Errors
///
/// As [`file_acl`].
pub(crate) fn default_acl(node: &Node) -> Result<Option<Vec<u8>>, Errno> {
    acl(node, "system.posix_acl_default")
}

/// Most lists have fewer entries than this holds: a hundred, of 8 bytes each.
const USUAL_ACL: usize = 1024;
/// The kernel's own limit for an extended attribute, in bytes (`XATTR_SIZE_MAX`).
const LARGEST_ACL: usize = 65_536;

fn acl(node: &Node, name: &str) -> Result<Option<Vec<u8>>, Errno> {
    let path = node.proc_path();
    let mut buffer = vec![0_u8; USUAL_ACL];
    loop {
        match rustix::fs::getxattr(&path, name, buffer.as_mut_slice()) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(Some(buffer));
            }
            // No list, or a file system that has none.
            Err(Errno::NODATA | Errno::OPNOTSUPP) => return Ok(None),
            Err(Errno::RANGE) if buffer.len() < LARGEST_ACL => buffer.resize(LARGEST_ACL, 0),
            Err(error) => return Err(error),
        }
    }
}

/// The file system that a looked-at file is on.
pub(crate) fn file_system(node: &Node) -> Result<FileSystem, Errno> {
    let stat = rustix::fs::fstatfs(&node.fd)?;
    // The kernel's magic numbers are 32 bits wide.
    #[allow(
        clippy::cast_sign_loss,
        clippy::unnecessary_cast,
        reason = "only the low 32 bits count, and the type differs between architectures"
    )]
    let magic = (stat.f_type as u64) & 0xffff_ffff;
    Ok(FileSystem { magic: Some(magic) })
}
