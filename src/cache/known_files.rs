//! The hashes of files that an earlier run has made, for those that nobody has touched since.
//!
//! As Git does: a file is not read again if its size, its times of change, its inode and its device are the same.
//! What was changed just before it was read is not kept, as it may have been changed again within the same
//! tick of the clock.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::manifest::Hash;

const FORMAT: &[u8] = b"mcp-lint files 1\n";
/// The coarsest tick of a file system's clock, that of FAT: 2 seconds.
const TICK: Duration = Duration::from_secs(2);
/// Numbers of a [`Stat`].
const NUMBERS: usize = 7;

/// What is known of a file without reading it: size in bytes, seconds and nanoseconds of the last change of its
/// content and of its inode, inode, device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat([u64; NUMBERS]);

impl Stat {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self([
            metadata.size(),
            metadata.mtime().cast_unsigned(),
            metadata.mtime_nsec().cast_unsigned(),
            metadata.ctime().cast_unsigned(),
            metadata.ctime_nsec().cast_unsigned(),
            metadata.ino(),
            metadata.dev(),
        ])
    }

    /// Whether nothing of the file was changed since shortly before a time, in seconds since 1970.
    fn is_older_than(&self, time: u64) -> bool {
        let [_, content, _, inode, ..] = self.0;
        let last = content.cast_signed().max(inode.cast_signed());
        last.saturating_add(TICK.as_secs().cast_signed()) < time.cast_signed()
    }
}

/// The hashes of the files of a project, by their paths.
#[derive(Debug, Default)]
pub(super) struct KnownFiles {
    files: HashMap<OsString, (Stat, Hash)>,
}

impl KnownFiles {
    /// Those of an earlier run; none if the bytes are not what was written under that name.
    pub(super) fn decode(bytes: &[u8], name: &str) -> Self {
        Self::decoded(bytes, name).unwrap_or_default()
    }

    fn decoded(bytes: &[u8], name: &str) -> Option<Self> {
        let rest = bytes.strip_prefix(FORMAT)?;
        let (sum, mut rest) = rest.split_first_chunk::<32>()?;
        if checksum(name, rest) != *sum {
            return None;
        }
        let mut files = HashMap::new();
        while !rest.is_empty() {
            let length;
            (length, rest) = number(rest)?;
            let path;
            (path, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            let mut stat = [0; NUMBERS];
            for value in &mut stat {
                (*value, rest) = number(rest)?;
            }
            let hash;
            (hash, rest) = rest.split_first_chunk::<32>()?;
            files.insert(OsString::from_vec(path.to_vec()), (Stat(stat), *hash));
        }
        Some(Self { files })
    }

    /// The hash of a file, if it is the one that was hashed.
    pub(super) fn hash(&self, path: &Path, stat: &Stat) -> Option<Hash> {
        let (known, hash) = self.files.get(path.as_os_str())?;
        (known == stat).then_some(*hash)
    }
}

/// The bytes that keep the hashes of files under a name; those that were changed shortly before `read` are left
/// out, as that is when they were read first.
pub(super) fn encode<'a>(
    files: impl Iterator<Item = (&'a Path, Stat, Hash)>,
    read: SystemTime,
    name: &str,
) -> Vec<u8> {
    let mut content = Vec::new();
    for (path, stat, hash) in files {
        if !is_kept(&stat, read) {
            continue;
        }
        let path: &OsStr = path.as_os_str();
        content.extend((path.len() as u64).to_le_bytes());
        content.extend(path.as_bytes());
        for value in stat.0 {
            content.extend(value.to_le_bytes());
        }
        content.extend(hash);
    }
    [FORMAT, &checksum(name, &content), &content].concat()
}

/// Whether the hash of a file that was read at a time, or later, is kept.
pub(super) fn is_kept(stat: &Stat, read: SystemTime) -> bool {
    let read = read.duration_since(UNIX_EPOCH);
    read.is_ok_and(|read| stat.is_older_than(read.as_secs()))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*number), rest))
}

fn checksum(name: &str, content: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update(content);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn stat(seconds: u64) -> Stat {
        Stat([5, seconds, 1, seconds, 2, 77, 9])
    }

    fn kept(files: &[(&str, u64)]) -> Vec<u8> {
        let files = files.iter().zip(1_u8..);
        let files =
            files.map(|((path, time), number)| (Path::new(*path), stat(*time), [number; 32]));
        encode(files, UNIX_EPOCH + NOW, "name")
    }

    #[test]
    fn what_was_changed_just_before_it_was_read_is_not_kept() {
        let bytes = kept(&[
            ("a", 900),
            ("b", 997),
            ("c", 998),
            ("d", 1_000),
            ("e", 2_000),
        ]);
        let known = KnownFiles::decode(&bytes, "name");
        let hash = |path: &str, time| known.hash(Path::new(path), &stat(time));
        assert_eq!(hash("a", 900), Some([1; 32]));
        assert_eq!(hash("b", 997), Some([2; 32]));
        for (path, time) in [("c", 998), ("d", 1_000), ("e", 2_000)] {
            assert_eq!(hash(path, time), None, "{path}");
        }
    }

    #[test]
    fn a_file_that_differs_in_anything_is_read_again() {
        let known = KnownFiles::decode(&kept(&[("a", 900)]), "name");
        assert_eq!(known.hash(Path::new("b"), &stat(900)), None);
        for index in 0..NUMBERS {
            let mut other = stat(900);
            *other.0.get_mut(index).unwrap() += 1;
            assert_eq!(known.hash(Path::new("a"), &other), None, "{index}");
        }
    }

    #[test]
    fn what_is_damaged_or_of_another_name_is_nothing() {
        let bytes = kept(&[("a", 900), ("b", 900)]);
        assert_eq!(KnownFiles::decode(&bytes, "name").files.len(), 2);
        assert_eq!(KnownFiles::decode(&bytes, "other").files.len(), 0);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            *damaged.get_mut(at).unwrap() ^= 1;
            assert_eq!(KnownFiles::decode(&damaged, "name").files.len(), 0, "{at}");
            let cut = bytes.get(..at).unwrap();
            assert_eq!(KnownFiles::decode(cut, "name").files.len(), 0, "{at}");
        }
    }
}
