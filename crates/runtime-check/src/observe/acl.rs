//! POSIX access control lists, as Linux stores them in extended attributes.
//!
//! Where a file has one, the group bits of its mode are the list's *mask*, not what its group may
//! do: mode 0640 can mean that the group may nothing and a named user may read.

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::sys;

/// Permission to read.
pub(crate) const READ: u16 = 4;
/// Permission to write.
pub(crate) const WRITE: u16 = 2;
/// Permission to enter a directory or run a file.
pub(crate) const EXECUTE: u16 = 1;

/// Whom an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tag {
    /// The file's owner.
    Owner,
    /// A user by number.
    User(u32),
    /// The file's group.
    OwningGroup,
    /// A group by number.
    Group(u32),
    /// The most that any entry but owner and others can give.
    Mask,
    /// Everybody else.
    Other,
}

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// For whom.
    pub(crate) tag: Tag,
    /// Which of [`READ`], [`WRITE`], [`EXECUTE`], before the mask.
    pub(crate) permissions: u16,
}

/// A list, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Acl {
    /// The entries in the kernel's order.
    Entries(Vec<Entry>),
    /// It could not be read, by the error's name, or is not in the format that this program knows.
    Unknown(String),
}

/// Version 2 is the only one that Linux has ever written.
const VERSION: u32 = 2;

impl Acl {
    /// From what reading it gave; `None` if there certainly is none.
    pub(crate) fn of(read: Result<Option<Vec<u8>>, Errno>) -> Option<Self> {
        match read {
            Ok(bytes) => bytes.map(|bytes| Self::parse(&bytes)),
            Err(error) => Some(Self::Unknown(sys::error_name(error))),
        }
    }

    /// From the bytes of `system.posix_acl_access`: a version, then entries of tag, permissions
    /// and number, all little-endian.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let unknown = || Self::Unknown("an unknown format".to_owned());
        Self::entries_of(bytes).map_or_else(unknown, Self::Entries)
    }

    /// Why it is not known; `None` if it is.
    pub(crate) fn unknown(&self) -> Option<&str> {
        match self {
            Self::Entries(_) => None,
            Self::Unknown(why) => Some(why),
        }
    }

    fn entries_of(bytes: &[u8]) -> Option<Vec<Entry>> {
        let (version, rest) = bytes.split_first_chunk::<4>()?;
        let (entries, remainder) = rest.as_chunks::<8>();
        if u32::from_le_bytes(*version) != VERSION || !remainder.is_empty() {
            return None;
        }
        entries
            .iter()
            .map(|&[t0, t1, p0, p1, i0, i1, i2, i3]| {
                let id = u32::from_le_bytes([i0, i1, i2, i3]);
                let tag = match u16::from_le_bytes([t0, t1]) {
                    0x01 => Tag::Owner,
                    0x02 => Tag::User(id),
                    0x04 => Tag::OwningGroup,
                    0x08 => Tag::Group(id),
                    0x10 => Tag::Mask,
                    0x20 => Tag::Other,
                    _ => return None,
                };
                let permissions = u16::from_le_bytes([p0, p1]);
                Some(Entry { tag, permissions })
            })
            .collect()
    }

    /// The entries; none for an unknown list.
    pub(crate) fn entries(&self) -> &[Entry] {
        match self {
            Self::Entries(entries) => entries,
            Self::Unknown(_) => &[],
        }
    }

    /// What the mask lets through.
    pub(crate) fn mask(&self) -> u16 {
        self.entries()
            .iter()
            .find(|entry| entry.tag == Tag::Mask)
            .map_or(READ | WRITE | EXECUTE, |entry| entry.permissions)
    }

    /// What the file's own group may do, after the mask.
    pub(crate) fn owning_group(&self) -> Option<u16> {
        self.entries()
            .iter()
            .find(|entry| entry.tag == Tag::OwningGroup)
            .map(|entry| entry.permissions & self.mask())
    }

    /// The users and groups that it names, with what they may do after the mask.
    pub(crate) fn named(&self) -> impl Iterator<Item = (Tag, u16)> + '_ {
        let mask = self.mask();
        self.entries().iter().filter_map(move |entry| {
            matches!(entry.tag, Tag::User(_) | Tag::Group(_))
                .then_some((entry.tag, entry.permissions & mask))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `setfacl -m u:1000:r` on a file of mode 0600: the mode then shows 0640.
    const NAMED_USER: &[u8] = &[
        2, 0, 0, 0, //
        0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, //
        0x02, 0, 4, 0, 0xe8, 0x03, 0, 0, //
        0x04, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, //
        0x10, 0, 4, 0, 0xff, 0xff, 0xff, 0xff, //
        0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    ];

    #[test]
    fn the_group_bits_of_the_mode_are_the_mask() {
        let acl = Acl::parse(NAMED_USER);
        assert_eq!(acl.mask(), READ);
        assert_eq!(acl.owning_group(), Some(0));
        assert_eq!(acl.named().collect::<Vec<_>>(), [(Tag::User(1000), READ)]);
    }

    #[test]
    fn the_mask_limits_named_entries() {
        let mut bytes = NAMED_USER.to_vec();
        bytes[14] = 7; // the named user's permissions
        bytes[30] = 0; // the mask
        let acl = Acl::parse(&bytes);
        assert_eq!(acl.named().collect::<Vec<_>>(), [(Tag::User(1000), 0)]);
    }

    #[test]
    fn anything_else_is_unknown() {
        for bytes in [
            &b""[..],
            b"\x02\0\0",
            b"\x03\0\0\0",
            &NAMED_USER[..NAMED_USER.len() - 1],
            b"\x02\0\0\0\x40\0\x04\0\0\0\0\0",
        ] {
            assert!(Acl::parse(bytes).unknown().is_some());
        }
    }
}
