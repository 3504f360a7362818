//! The few calls that differ between operating systems.
//!
//! A [`Node`] is a file that was looked at without opening it, following it or waiting for it.
//! Linux has `O_PATH` for that; elsewhere [`portable`] keeps the directory's descriptor and the
//! name, which is what other Unix systems allow. Both have the same functions and the same tests.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod process;
mod stat;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Node, default_acl, facts, file_acl, file_system};
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{Node, default_acl, facts, file_acl, file_system};
pub(crate) use process::{become_user, close_inherited, harden};

use rustix::io::Errno;

/// The error numbers that the walk tells apart, as a plain name for reports.
pub(crate) fn error_name(error: Errno) -> String {
    match error {
        Errno::ACCESS => "EACCES".to_owned(),
        Errno::PERM => "EPERM".to_owned(),
        Errno::NOENT => "ENOENT".to_owned(),
        Errno::NOTDIR => "ENOTDIR".to_owned(),
        Errno::LOOP => "ELOOP".to_owned(),
        Errno::NAMETOOLONG => "ENAMETOOLONG".to_owned(),
        Errno::IO => "EIO".to_owned(),
        Errno::MFILE => "EMFILE".to_owned(),
        Errno::NFILE => "ENFILE".to_owned(),
        Errno::STALE => "ESTALE".to_owned(),
        Errno::AGAIN => "EAGAIN".to_owned(),
        Errno::NOTCONN => "ENOTCONN".to_owned(),
        Errno::TIMEDOUT => "ETIMEDOUT".to_owned(),
        Errno::FBIG => "EFBIG".to_owned(),
        other => format!("error {}", other.raw_os_error()),
    }
}

/// What a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// `f_type` of `statfs(2)`; nothing on macOS, where the mount table has the name.
    pub(crate) magic: Option<u64>,
}

#[cfg(test)]
mod tests;
