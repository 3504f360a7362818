//! Whether the unit that installs secrets has run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What the service manager says of a oneshot unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UnitState {
    /// It has run and succeeded.
    Done,
    /// It is running now.
    Running,
    /// It has not run.
    NotYet,
    /// It failed.
    Failed,
    /// There is no such unit, or no service manager to ask.
    Unknown,
}

/// Where systemctl is: not looked up in `PATH`, which belongs to whoever started the check.
const PROGRAMS: [&str; 3] = [
    "/run/current-system/sw/bin/systemctl",
    "/usr/bin/systemctl",
    "/bin/systemctl",
];

/// A service manager that does not answer must not stop the check.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the system's service manager, or this user's.
pub(crate) fn state(unit: &str, of_user: bool) -> UnitState {
    // Without a service manager systemctl only fails, but slowly.
    if !Path::new("/run/systemd/system").exists() {
        return UnitState::Unknown;
    }
    let Some(program) = PROGRAMS.iter().find(|program| Path::new(program).exists()) else {
        return UnitState::Unknown;
    };
    let mut command = Command::new(program);
    if of_user {
        let uid = rustix::process::getuid().as_raw();
        command
            .arg("--user")
            .env("XDG_RUNTIME_DIR", format!("/run/user/{uid}"));
    } else {
        command.env_clear();
    }
    command
        .args([
            "show",
            "--no-pager",
            "--property=LoadState,ActiveState,Result,ExecMainExitTimestampMonotonic",
            "--",
            unit,
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    output_within(command, PATIENCE).map_or(UnitState::Unknown, |text| parse(&text))
}

fn output_within(mut command: Command, patience: Duration) -> Option<String> {
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
    // A few short lines: they fit the pipe, so waiting for the end first cannot block.
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take()?, &mut text).ok()?;
    Some(text)
}

fn parse(text: &str) -> UnitState {
    let value = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
            .unwrap_or_default()
    };
    let has_ended = !matches!(value("ExecMainExitTimestampMonotonic"), "" | "0");
    match (value("LoadState"), value("ActiveState"), value("Result")) {
        ("loaded", "active", _) => UnitState::Done,
        ("loaded", "activating" | "reloading", _) => UnitState::Running,
        ("loaded", "failed", _) => UnitState::Failed,
        // A oneshot unit without RemainAfterExit is inactive again after success.
        ("loaded", "inactive", "success") if has_ended => UnitState::Done,
        ("loaded", "inactive", "success") => UnitState::NotYet,
        ("loaded", "inactive", _) => UnitState::Failed,
        _ => UnitState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{UnitState, parse};

    #[test]
    fn reads_what_systemctl_shows() {
        for (text, state) in [
            (
                "LoadState=loaded\nActiveState=active\nResult=success\n",
                UnitState::Done,
            ),
            (
                "LoadState=loaded\nActiveState=inactive\nResult=success\nExecMainExitTimestampMonotonic=0\n",
                UnitState::NotYet,
            ),
            (
                "LoadState=loaded\nActiveState=inactive\nResult=success\nExecMainExitTimestampMonotonic=77\n",
                UnitState::Done,
            ),
            (
                "LoadState=loaded\nActiveState=failed\nResult=exit-code\n",
                UnitState::Failed,
            ),
            (
                "LoadState=loaded\nActiveState=activating\nResult=success\n",
                UnitState::Running,
            ),
            (
                "LoadState=not-found\nActiveState=inactive\nResult=success\n",
                UnitState::Unknown,
            ),
            ("", UnitState::Unknown),
        ] {
            assert_eq!(parse(text), state, "{text}");
        }
    }
}
