//! Unpacks an archive that nobody vouches for.
//!
//! What is written is decided here, from a list of what this run made itself: an entry goes into a
//! directory that this run made, never through a link, and never over anything but a file. Owners,
//! times, devices and extended attributes are not taken.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use crate::error::FetchError;
use crate::unpack::names::Names;

mod names;

/// Bounds of one source.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the archive.
    pub download: u64,
    /// Bytes that come out of it, with the headers; bytes that are written to the tree as well.
    pub unpacked: u64,
    /// Entries of the archive, those that only describe the next one included.
    pub entries: usize,
}

impl Default for Limits {
    /// More than any framework or set of modules has: nixpkgs, which is not fetched, is an archive of
    /// 50 MB with 50,000 entries.
    fn default() -> Self {
        Self {
            download: 256 << 20,
            unpacked: 1 << 30,
            entries: 200_000,
        }
    }
}

/// The longest path in an archive, in bytes: `PATH_MAX` of Linux.
const MAX_PATH: usize = 4096;

/// Bytes of all paths of one archive together, which are kept in memory: nixpkgs has 4 MB.
const MAX_PATHS: usize = 64 << 20;

/// What this run made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Directory,
    File,
    Link,
}

/// Unpacks an archive, tar or tar.gz, into a directory that is empty.
///
/// # Errors
///
/// If it is damaged, exceeds a bound, or has an entry that does not belong into a tree of sources.
pub(crate) fn unpack(archive: &mut File, into: &Path, limits: &Limits) -> Result<(), FetchError> {
    let mut magic = [0; 6];
    let read = read_up_to(archive, &mut magic)?;
    io::Seek::rewind(archive)?;
    let magic = magic.get(..read).unwrap_or_default();
    let compressed = [&b"\xfd7zXZ"[..], b"BZh", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"];
    if magic.starts_with(b"\x1f\x8b") {
        let gzip = MultiGzDecoder::new(io::BufReader::new(archive));
        Unpacker::new(into, limits).run(gzip)
    } else if compressed.iter().any(|known| magic.starts_with(known)) {
        Err(FetchError::Compression)
    } else {
        Unpacker::new(into, limits).run(archive)
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut bytes = Vec::new();
    file.take(buffer.len() as u64).read_to_end(&mut bytes)?;
    for (slot, byte) in buffer.iter_mut().zip(&bytes) {
        *slot = *byte;
    }
    Ok(bytes.len())
}

/// Reads so many bytes and then fails, where `Take` would end.
struct Bounded<R> {
    inner: R,
    rest: u64,
}

/// Marks the error of [`Bounded`] among those of a damaged archive.
#[derive(Debug)]
struct BoundReached;

impl std::fmt::Display for BoundReached {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("too large")
    }
}

impl std::error::Error for BoundReached {}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.rest.checked_sub(read as u64) {
            Some(rest) => {
                self.rest = rest;
                Ok(read)
            }
            None => Err(io::Error::other(BoundReached)),
        }
    }
}

struct Unpacker<'a> {
    into: &'a Path,
    limits: &'a Limits,
    made: BTreeMap<PathBuf, Made>,
    /// Bytes of the paths in `made`.
    paths: usize,
    /// Bytes of files that may still be written.
    room: u64,
}

impl<'a> Unpacker<'a> {
    const fn new(into: &'a Path, limits: &'a Limits) -> Self {
        Self {
            into,
            limits,
            made: BTreeMap::new(),
            paths: 0,
            room: limits.unpacked,
        }
    }

    fn run(mut self, archive: impl Read) -> Result<(), FetchError> {
        let mut archive = Archive::new(Bounded {
            inner: archive,
            rest: self.limits.unpacked,
        });
        let bound = self.limits.unpacked;
        let damaged = |error: io::Error| damaged(error, bound);
        // Raw: the library reads names of any length into memory.
        let entries = archive.entries().map_err(damaged)?.raw(true);
        let mut names = Names::default();
        for (count, entry) in entries.enumerate() {
            if count >= self.limits.entries {
                return Err(FetchError::TooManyEntries(self.limits.entries));
            }
            let mut entry = entry.map_err(damaged)?;
            if !names.read(&mut entry).map_err(damaged)? {
                self.entry(entry, std::mem::take(&mut names))?;
            }
        }
        match names.is_empty() {
            true => Ok(()),
            false => Err(FetchError::Archive(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    fn entry<R: Read>(&mut self, mut entry: Entry<'_, R>, names: Names) -> Result<(), FetchError> {
        let kind = entry.header().entry_type();
        // `git archive` writes the revision there.
        if matches!(kind, EntryType::XGlobalHeader) {
            return Ok(());
        }
        names.check_size(&entry).map_err(FetchError::Archive)?;
        let path = inner_path(as_path(&names.path(&entry)))?;
        let refused = || FetchError::Entry(path.clone());
        if path.as_os_str().is_empty() {
            return match kind {
                EntryType::Directory => Ok(()),
                _ => Err(refused()),
            };
        }
        match kind {
            EntryType::Directory => self.directory(&path),
            EntryType::Regular | EntryType::Continuous => {
                self.make_room(&path)?;
                let mode = entry.header().mode().unwrap_or(0o644);
                let mut file = self.create(&path, mode & 0o100 != 0)?;
                let wanted = entry.size();
                let copied = self.copy(&mut entry, &mut file)?;
                match copied == wanted {
                    true => Ok(()),
                    false => Err(FetchError::Archive(io::ErrorKind::UnexpectedEof.into())),
                }
            }
            EntryType::Symlink => {
                self.make_room(&path)?;
                let target = names.target(&entry).ok_or_else(refused)?;
                symlink(as_path(&target), self.into.join(&path))?;
                self.note(path, Made::Link)
            }
            // Another name for a file of the same archive: a copy.
            EntryType::Link => {
                let target = names.target(&entry).ok_or_else(refused)?;
                let target = inner_path(as_path(&target))?;
                if target == path || self.made.get(&target) != Some(&Made::File) {
                    return Err(refused());
                }
                self.make_room(&path)?;
                let mut from = File::open(self.into.join(&target))?;
                let executable = from.metadata()?.permissions().mode() & 0o100 != 0;
                let mut file = self.create(&path, executable)?;
                self.copy(&mut from, &mut file)?;
                Ok(())
            }
            _ => Err(refused()),
        }
    }

    /// Copies the content of a file, whatever it comes from, as long as there is room.
    fn copy(&mut self, from: &mut impl Read, to: &mut File) -> Result<u64, FetchError> {
        let bound = self.limits.unpacked;
        let mut from = Bounded {
            inner: from,
            rest: self.room,
        };
        let copied = io::copy(&mut from, to).map_err(|error| damaged(error, bound))?;
        self.room = from.rest;
        Ok(copied)
    }

    /// Remembers what this run made.
    fn note(&mut self, path: PathBuf, what: Made) -> Result<(), FetchError> {
        self.paths += path.as_os_str().len();
        if self.paths > MAX_PATHS {
            return Err(FetchError::PathsTooLong(MAX_PATHS));
        }
        self.made.insert(path, what);
        Ok(())
    }

    /// Makes a directory and those above it.
    fn directory(&mut self, path: &Path) -> Result<(), FetchError> {
        let mut missing = Vec::new();
        for path in path.ancestors().filter(|path| !path.as_os_str().is_empty()) {
            match self.made.get(path) {
                // Those above it are directories as well.
                Some(Made::Directory) => break,
                Some(_) => return Err(FetchError::Entry(path.to_owned())),
                None => missing.push(path),
            }
        }
        for path in missing.into_iter().rev() {
            if self.made.len() >= self.limits.entries {
                return Err(FetchError::TooManyEntries(self.limits.entries));
            }
            std::fs::create_dir(self.into.join(path))?;
            self.note(path.to_owned(), Made::Directory)?;
        }
        Ok(())
    }

    /// Makes the directory of an entry; an earlier entry of that name goes, as in Nix.
    fn make_room(&mut self, path: &Path) -> Result<(), FetchError> {
        if let Some(parent) = path.parent() {
            self.directory(parent)?;
        }
        match self.made.remove(path) {
            None => Ok(()),
            Some(Made::Directory) => Err(FetchError::Entry(path.to_owned())),
            Some(Made::File | Made::Link) => Ok(std::fs::remove_file(self.into.join(path))?),
        }
    }

    fn create(&mut self, path: &Path, executable: bool) -> Result<File, FetchError> {
        let mode = if executable { 0o755 } else { 0o644 };
        let mut options = OpenOptions::new();
        // A new file or none: what is there was not made by this run.
        options.write(true).create_new(true).mode(mode);
        let file = options.open(self.into.join(path))?;
        // Whatever the process' umask takes away.
        file.set_permissions(Permissions::from_mode(mode))?;
        self.note(path.to_owned(), Made::File)?;
        Ok(file)
    }
}

fn damaged(error: io::Error, bound: u64) -> FetchError {
    let is_bound = { error.get_ref() }.is_some_and(|inner| inner.is::<BoundReached>());
    match is_bound {
        true => FetchError::TooLarge(bound),
        false => FetchError::Archive(error),
    }
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// The path of an entry, which has names alone.
fn inner_path(path: &Path) -> Result<PathBuf, FetchError> {
    let refused = || FetchError::Entry(path.to_owned());
    if path.as_os_str().len() > MAX_PATH {
        return Err(refused());
    }
    let mut inner = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) if !name.as_bytes().contains(&0) => inner.push(name),
            _ => return Err(refused()),
        }
    }
    Ok(inner)
}

#[cfg(test)]
mod tests;
