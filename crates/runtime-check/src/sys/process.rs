//! What this process may do, and giving it up.

use std::io;

use rustix::process::{Resource, Rlimit};

/// Makes sure that no memory of this process can reach a core file, or another process of the same
/// user. It holds for the whole process and cannot fail in a way that matters: what the system
/// does not allow stays as it was.
pub(crate) fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        let _ =
            rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}

/// Closes every descriptor but standard input, output and error: what whoever started the check
/// left open is not for the user that this process becomes. For a process that has opened nothing
/// itself yet.
///
/// # Errors
///
/// If the open descriptors cannot be listed.
pub(crate) fn close_inherited() -> io::Result<()> {
    let list = if cfg!(target_os = "linux") {
        "/proc/self/fd"
    } else {
        "/dev/fd"
    };
    let numbers: Vec<i32> = std::fs::read_dir(list)?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|number| *number > 2)
        .collect();
    for number in numbers {
        // One of them was the list itself.
        let _ = nix::unistd::close(number);
    }
    Ok(())
}

/// Becomes a user for good: supplementary groups, group, user, then no capability at all.
///
/// # Errors
///
/// Says which step the system refused; the process must then end without touching a file.
#[cfg(target_os = "linux")]
pub(crate) fn become_user(uid: u32, gid: u32, groups: &[u32]) -> io::Result<()> {
    use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
    use rustix::thread::{CapabilitySet, CapabilitySets};

    let step =
        |name: &str, error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    let groups: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(gid));
    setgroups(&groups).map_err(|error| step("setgroups", error.into()))?;
    setresgid(group, group, group).map_err(|error| step("setresgid", error.into()))?;
    setresuid(user, user, user).map_err(|error| step("setresuid", error.into()))?;
    let _ = rustix::thread::clear_ambient_capability_set();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).map_err(|error| step("capset", error.into()))?;
    rustix::thread::set_no_new_privs(true).map_err(|error| step("no_new_privs", error.into()))?;

    // Believe nothing: what the kernel says now counts.
    let left = rustix::thread::capabilities(None).map_err(|error| step("capget", error.into()))?;
    let now = (
        rustix::process::getuid().as_raw(),
        rustix::process::geteuid().as_raw(),
        rustix::process::getgid().as_raw(),
        rustix::process::getegid().as_raw(),
    );
    let dropped = left.effective.is_empty() && left.permitted.is_empty() || uid == 0;
    if !dropped || now != (uid, uid, gid, gid) {
        return Err(io::Error::other("the privileges could not be dropped"));
    }
    Ok(())
}

/// Elsewhere the helper is started as that user to begin with (see `probe::spawn`); here it is
/// only confirmed.
///
/// # Errors
///
/// If this process is somebody else.
#[cfg(not(target_os = "linux"))]
pub(crate) fn become_user(uid: u32, _gid: u32, _groups: &[u32]) -> io::Result<()> {
    if rustix::process::geteuid().as_raw() == uid && rustix::process::getuid().as_raw() == uid {
        Ok(())
    } else {
        Err(io::Error::other("this process is another user"))
    }
}
