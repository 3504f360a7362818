//! What one descriptor says about a file.

use serde::{Deserialize, Serialize};

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A named pipe: reading it can wait for ever.
    Fifo,
    /// A socket.
    Socket,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// None of these.
    Unknown,
}

impl Kind {
    /// For a sentence: `a named pipe`.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Regular => "a regular file",
            Self::Directory => "a directory",
            Self::Symlink => "a symbolic link",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
            Self::CharacterDevice => "a character device",
            Self::BlockDevice => "a block device",
            Self::Unknown => "a file of unknown kind",
        }
    }
}

/// The facts of one file, all from the same descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Its kind.
    pub(crate) kind: Kind,
    /// The owner's number.
    pub(crate) uid: u32,
    /// The group's number.
    pub(crate) gid: u32,
    /// Permission bits, 0o7777 at most. With an ACL the group bits are its mask.
    pub(crate) mode: u32,
    /// How many names it has.
    pub(crate) links: u64,
    /// In bytes.
    pub(crate) size: u64,
    /// The device: (major, minor).
    pub(crate) device: (u32, u32),
    /// The inode number.
    pub(crate) inode: u64,
    /// The mount, as `/proc/self/mountinfo` numbers it; nothing before Linux 5.8 and on macOS.
    pub(crate) mount: Option<u64>,
    /// The last change of the inode: seconds and nanoseconds.
    pub(crate) changed: (i64, u32),
}

impl Facts {
    /// Whether both describe the same file in the same state.
    pub(crate) fn same_state(&self, other: &Self) -> bool {
        self.device == other.device
            && self.inode == other.inode
            && self.changed == other.changed
            && self.size == other.size
    }
}

/// The mode as people write it: `0400`.
pub(crate) fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}
