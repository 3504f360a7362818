//! Small files that nobody vouches for: whatever lies at a path, reading it neither waits nor is endless.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Reads the regular file at a path, through links, if it has at most `limit` bytes.
///
/// # Errors
///
/// If it cannot be read, is a pipe, a device or a directory, or is larger.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Devices are not even opened: some of them do something then.
    check(&path.metadata()?, limit)?;
    let file = open(path)?;
    let found = file.metadata()?;
    check(&found, limit)?;
    // One byte more, to meet its end without a larger buffer.
    let size = usize::try_from(found.len()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// Reads the first bytes of the regular file at a path, through links, at most `limit`.
///
/// # Errors
///
/// If it cannot be read, or is a pipe, a device or a directory.
pub fn read_start(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    check(&path.metadata()?, u64::MAX)?;
    let file = open(path)?;
    check(&file.metadata()?, u64::MAX)?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check(metadata: &std::fs::Metadata, limit: u64) -> io::Result<()> {
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    if metadata.len() > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(())
}

/// Opens without waiting: a pipe that took a file's place has no writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    options.open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}
