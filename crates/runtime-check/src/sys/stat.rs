//! `struct stat`, whose integer types are others on each system.

use rustix::fs::{FileType, Stat};

use crate::facts::{Facts, Kind};

/// The kind of file that a raw mode says.
pub(super) fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::Regular,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::CharacterDevice,
        FileType::BlockDevice => Kind::BlockDevice,
        _ => Kind::Unknown,
    }
}

/// Every number is converted, never cast.
#[allow(
    clippy::useless_conversion,
    reason = "the types of these fields differ between systems"
)]
pub(super) fn from_stat(stat: &Stat) -> Facts {
    let mode = u32::from(stat.st_mode);
    Facts {
        kind: kind(FileType::from_raw_mode(stat.st_mode)),
        uid: stat.st_uid,
        gid: stat.st_gid,
        mode: mode & 0o7777,
        links: u64::from(stat.st_nlink),
        size: u64::try_from(stat.st_size).unwrap_or(0),
        device: (
            u32::try_from(rustix::fs::major(stat.st_dev)).unwrap_or(0),
            u32::try_from(rustix::fs::minor(stat.st_dev)).unwrap_or(0),
        ),
        inode: stat.st_ino,
        mount: None,
        changed: (
            i64::from(stat.st_ctime),
            u32::try_from(stat.st_ctime_nsec).unwrap_or(0),
        ),
    }
}
