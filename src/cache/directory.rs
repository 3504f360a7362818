//! The directory of the cache: ours alone, bounded, and never trusted.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;

use crate::write::replace_quickly;

/// So many entries are kept, of so many bytes together; older ones are removed.
const MOST_ENTRIES: usize = 128;
const MOST_BYTES: u64 = 64 << 20;
/// The largest entry, in bytes.
const LARGEST: u64 = 16 << 20;
/// The length of an entry's name: SHA-256 in hexadecimal digits.
const NAME: usize = 64;
/// What follows it in the name of what is known of a project's files.
pub(super) const FILES: &str = ".files";
/// When a file that a stopped run left half written is removed.
const STALE: Duration = Duration::from_secs(3600);

/// A directory that belongs to this user, and that nobody else can look into.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

/// Why a directory is not used.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) why: String,
    /// Whether somebody else has, or could have, a hand in it.
    pub(super) is_suspicious: bool,
}

impl Directory {
    /// The directory at `path`, which is made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, Refused> {
        let plain = |error: io::Error| Refused {
            why: error.to_string(),
            is_suspicious: false,
        };
        let metadata = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut builder = DirBuilder::new();
                builder.recursive(true).mode(0o700);
                builder.create(path).map_err(plain)?;
                path.symlink_metadata()
            }
            found => found,
        };
        let metadata = metadata.map_err(plain)?;
        match suspicion(&metadata) {
            // As the project's paths are: the directory may lie in it.
            None => path.canonicalize().map(|path| Self { path }).map_err(plain),
            Some(why) => Err(Refused {
                why: why.to_owned(),
                is_suspicious: true,
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of an entry, if there is one and it is ours.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        // Neither a link is followed, nor is a pipe waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits().cast_signed());
        let file = options.open(self.path.join(name)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || !is_ours(&metadata) || metadata.len() > LARGEST {
            return None;
        }
        let mut bytes = Vec::new();
        (&file).take(LARGEST).read_to_end(&mut bytes).ok()?;
        touch(&file);
        Some(bytes)
    }

    /// Writes an entry in one step, and removes old ones.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > LARGEST {
            return Err(io::Error::other("it is too large"));
        }
        replace_quickly(&self.path.join(name), bytes)?;
        self.trim(name)
    }

    /// Removes what is too much, the longest unused first; `kept` stays.
    fn trim(&self, kept: &str) -> io::Result<()> {
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_unfinished = crate::write::is_unfinished(&name);
            let Ok(metadata) = entry.metadata() else {
                // Another run was faster.
                continue;
            };
            let modified = metadata.modified()?;
            if is_unfinished && modified.elapsed().is_ok_and(|age| age > STALE) {
                remove(&entry.path());
            } else if is_of_the_cache(&name) && name != kept {
                entries.push((modified, metadata.len(), entry.path()));
            }
        }
        entries.sort_by(|a, b| b.cmp(a));
        let mut bytes = 0;
        for (index, (_, size, path)) in entries.iter().enumerate() {
            bytes += size;
            if index + 1 >= MOST_ENTRIES || bytes > MOST_BYTES {
                remove(path);
            }
        }
        Ok(())
    }
}

/// Whether a file of this name is one that the cache keeps.
pub(super) fn is_of_the_cache(name: &str) -> bool {
    let name = name.strip_suffix(FILES).unwrap_or(name);
    name.len() == NAME && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What speaks against a directory.
fn suspicion(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_symlink() {
        Some("it is a symbolic link")
    } else if !metadata.is_dir() {
        Some("it is not a directory")
    } else if !is_ours(metadata) {
        Some("it belongs to another user")
    } else if metadata.mode() & 0o077 != 0 {
        Some("other users can look into it (chmod 700 makes it private)")
    } else {
        None
    }
}

fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Marks an entry as used.
fn touch(file: &File) {
    // One that cannot be marked is removed a little earlier.
    let _ = file.set_modified(SystemTime::now());
}

fn remove(path: &Path) {
    // Another run may have been faster.
    let _ = std::fs::remove_file(path);
}
