//! Files are replaced in one step: whoever reads them sees the old text or the new one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How the names of unfinished files begin and end; in between are [`RANDOM`] letters and digits.
const PREFIX: &str = ".mcp-lint-";
const SUFFIX: &str = ".unfinished";
const RANDOM: usize = 12;

/// Whether a name is that of an unfinished file: no file of a user is called so.
pub(crate) fn is_unfinished(name: &str) -> bool {
    let random = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    random
        .is_some_and(|it| it.len() == RANDOM && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Makes unfinished files.
fn unfinished<'a>() -> tempfile::Builder<'a, 'a> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
    builder
}

/// A file that is written beside the one that it will replace.
#[derive(Debug)]
pub(crate) struct Prepared {
    file: NamedTempFile,
    target: PathBuf,
}

impl Prepared {
    /// Writes the new content to a temporary file in the same directory, with the old file's
    /// permissions and owner, and waits until it is on the disk.
    pub(crate) fn new(target: &Path, content: &[u8]) -> io::Result<Self> {
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let old = match std::fs::metadata(target) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            return Err(io::Error::other("it is not a regular file"));
        }
        if let Some(old) = &old {
            refuse_what_would_be_lost(target, old)?;
        }
        remove_unfinished(directory);
        let mut builder = unfinished();
        let mut file = match &old {
            Some(_) => builder.tempfile_in(directory)?,
            None => new_file(&mut builder, directory)?,
        };
        file.write_all(content)?;
        if let Some(old) = &old {
            keep_owner(&file, old)?;
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        Ok(Self {
            file,
            target: target.to_owned(),
        })
    }

    /// Puts it in the place of the old file.
    pub(crate) fn commit(self) -> io::Result<()> {
        self.file
            .persist(&self.target)
            .map(|_| ())
            .map_err(|error| error.error)
    }
}

/// A file that did not exist has the permissions that the user's mask leaves.
#[cfg(unix)]
fn new_file(
    builder: &mut tempfile::Builder<'_, '_>,
    directory: &Path,
) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    builder
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(directory)
}

#[cfg(not(unix))]
fn new_file(
    builder: &mut tempfile::Builder<'_, '_>,
    directory: &Path,
) -> io::Result<NamedTempFile> {
    builder.tempfile_in(directory)
}

/// A new file has one name and neither access list nor extended attributes: what has them is not
/// replaced.
#[cfg(unix)]
fn refuse_what_would_be_lost(target: &Path, old: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if old.nlink() > 1 {
        return Err(io::Error::other("it has several names (hard links)"));
    }
    // The names of its attributes, an access list among them; security labels come by themselves.
    let mut names = vec![0_u8; 65_536];
    match rustix::fs::listxattr(target, names.as_mut_slice()) {
        Ok(length) => {
            let names = names.get(..length).unwrap_or_default();
            let mut own = names.split(|byte| *byte == 0).filter(|name| {
                !name.is_empty()
                    && !name.starts_with(b"security.")
                    && !name.starts_with(b"trusted.")
            });
            match own.next() {
                Some(_) => Err(io::Error::other(
                    "it has an access control list or extended attributes",
                )),
                None => Ok(()),
            }
        }
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn refuse_what_would_be_lost(_: &Path, _: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// How old an unfinished file is when whoever made it is certainly gone.
const FORGOTTEN: std::time::Duration = std::time::Duration::from_secs(3600);

/// Removes what runs that were killed left in a directory.
fn remove_unfinished(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = is_unfinished(&entry.file_name().to_string_lossy());
        let metadata = if is_ours { entry.metadata().ok() } else { None };
        let is_old = metadata.is_some_and(|metadata| {
            let age = metadata
                .modified()
                .ok()
                .and_then(|made| made.elapsed().ok());
            metadata.is_file() && age.is_some_and(|age| age > FORGOTTEN)
        });
        if is_old {
            // Whoever may not remove it leaves it to its owner.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A file of another owner is not taken over.
#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, old: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.as_file().metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(file.as_file(), Some(old.uid()), Some(old.gid()))
        .map_err(|_| io::Error::other("it belongs to another user or group"))
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Writes a file, or replaces what is there; a symbolic link stays one.
///
/// # Errors
///
/// It could not be written, or a symbolic link leads elsewhere.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    refuse_what_leads_elsewhere(path)?;
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Prepared::new(&target, content)?.commit()
}

/// Opens a device or a pipe, without waiting for a pipe's reader: a project may have a pipe where it is written.
#[cfg(unix)]
fn open_to_write(path: &Path) -> io::Result<std::fs::File> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.write(true).custom_flags(flags.bits().cast_signed());
    let file = options.open(path).map_err(|error| {
        let is_unread = error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error());
        match is_unread {
            true => io::Error::other("it is a pipe that nobody reads"),
            false => error,
        }
    })?;
    // What is read slowly is waited for.
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_to_write(path: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).open(path)
}

/// As [`replace_file`]; a device or pipe is written to.
pub(crate) fn replace_or_write(path: &Path, content: &[u8]) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            refuse_what_leads_elsewhere(path)?;
            open_to_write(path)?.write_all(content)
        }
        _ => replace_file(path, content),
    }
}

/// Refuses a name below the working directory that a symbolic link takes out of it, and a link that leads
/// out of the directory in which it is. The name is the user's, what is there may be a stranger's: of a
/// checked project that has a link where a report is to be written.
fn refuse_what_leads_elsewhere(path: &Path) -> io::Result<()> {
    use std::path::Component;
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A link that leads nowhere is replaced itself.
    let parent = parent.canonicalize()?;
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(_) => parent.clone(),
    };
    let here = Path::new(".").canonicalize()?;
    if target.starts_with(here) || (!is_below && target.starts_with(&parent)) {
        return Ok(());
    }
    // `/dev/stdout` and its like are the system's own links.
    if !is_below && path.starts_with("/dev") {
        return Ok(());
    }
    Err(io::Error::other(
        "a symbolic link leads to another directory: give the path of the file itself",
    ))
}

/// Writes a file that only its owner can read, or replaces what is there, symbolic links included. It
/// is not waited for the disk: whoever reads it has to check it.
pub(crate) fn replace_quickly(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = unfinished().tempfile_in(directory)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unfinished_files_are_removed_and_none_of_the_users() {
        let folder = tempfile::tempdir().expect("a folder");
        let long_ago = std::time::SystemTime::now() - 2 * FORGOTTEN;
        let users = [
            ".mcp-lint-baseline.json",
            ".mcp-lint-abcdef",
            ".mcp-lint-my-notes.unfinished",
        ];
        let ours = ".mcp-lint-a1B2c3D4e5F6.unfinished";
        for name in users.into_iter().chain([ours]) {
            let file = std::fs::File::create(folder.path().join(name)).expect("a file");
            file.set_modified(long_ago).expect("a time");
        }
        let made = unfinished().tempfile_in(folder.path()).expect("a file");
        let name = made.path().file_name().expect("a name").to_string_lossy();
        assert!(is_unfinished(&name), "{name}");
        remove_unfinished(folder.path());
        assert!(users.iter().all(|name| folder.path().join(name).exists()));
        assert!(!folder.path().join(ours).exists() && made.path().exists());
    }
}
