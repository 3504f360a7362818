//! Whose a file is, as far as it matters to whom it is believed.

use std::path::Path;

/// The number of the user whom a file, or the link to it, belongs to, if that is somebody else: neither
/// root nor whoever runs the program, also through sudo. As git has it with `safe.directory`.
#[cfg(unix)]
#[must_use]
pub fn foreign_owner(file: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    let through_sudo = std::env::var("SUDO_UID").ok().filter(|_| me == 0);
    let through_sudo = through_sudo.and_then(|uid| uid.parse().ok());
    let owners = [file.symlink_metadata(), file.metadata()];
    let owners = owners.into_iter().flatten().map(|metadata| metadata.uid());
    let mut foreign =
        owners.filter(|owner| *owner != 0 && *owner != me && Some(*owner) != through_sudo);
    foreign.next()
}

/// `None`: files have no owner here that could be compared.
#[cfg(not(unix))]
#[must_use]
pub fn foreign_owner(_: &Path) -> Option<u32> {
    None
}
