//! Ten thousand secrets, checked as root with a reader each, against `find` only listing their
//! facts. Prints both times and their ratio: `cargo bench -p runtime-check`.
//!
//! As root the reader is another user, so a helper process walks and opens every file a second
//! time; otherwise it is the user who runs this.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its result and stops where it cannot go on"
)]

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use runtime_check::{Expectation, Helper, Options, PROBE_COMMAND, RenderOptions, human, run};

const COUNT: usize = 10_000;
const RUNS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|argument| argument == PROBE_COMMAND)
    {
        return ExitCode::from(runtime_check::probe_main(&arguments));
    }
    // `cargo test --benches` only wants to know that it runs.
    let count = if arguments.iter().any(|a| a == "--bench") {
        COUNT
    } else {
        100
    };
    let directory = Path::new("/dev/shm");
    let root = if directory.is_dir() {
        tempfile::tempdir_in(directory)
    } else {
        tempfile::tempdir()
    };
    let Ok(root) = root else {
        eprintln!("no temporary directory");
        return ExitCode::FAILURE;
    };
    let manifest = fill(root.path(), count);
    let options = Options {
        root: root.path().to_owned(),
        helper: Helper {
            program: "/proc/self/exe".into(),
            arguments: vec![PROBE_COMMAND.into()],
        },
        ..Options::new(&extract::MANAGERS, Expectation::Manifest(manifest))
    };
    let check = best(|| {
        let report = run(&options);
        let text = human(&report, RenderOptions::default());
        assert_eq!(report.exit_code(), 0, "{text}");
        assert_eq!(report.secrets.len(), count);
    });
    let find = best(|| {
        let output = Command::new("find")
            .arg(root.path())
            .args(["-printf", "%p %m %u %g %s %n\n"])
            .stdout(Stdio::null())
            .status();
        assert!(output.is_ok_and(|status| status.success()));
    });
    let ratio = check.as_secs_f64() / find.as_secs_f64();
    println!("runtime-check, {count} secrets with a reader each: {check:.1?} (best of {RUNS})");
    println!("find -printf of the same files:                {find:.1?}");
    println!("ratio: {ratio:.1}");
    ExitCode::SUCCESS
}

fn best(mut work: impl FnMut()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

/// A sops-shaped tree with that many secrets of one user's. Gives its manifest.
fn fill(root: &Path, count: usize) -> String {
    let is_root = nix::unistd::geteuid().is_root();
    let (uid, gid) = match is_root {
        true => (1000, 100),
        false => (
            nix::unistd::getuid().as_raw(),
            nix::unistd::getgid().as_raw(),
        ),
    };
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let generation = root.join("run/secrets.d/1");
    fs::create_dir_all(&generation).unwrap();
    fs::create_dir_all(root.join("etc")).unwrap();
    for directory in [
        root,
        &root.join("run"),
        &root.join("run/secrets.d"),
        &generation,
    ] {
        mode(directory, 0o751);
    }
    fs::write(
        root.join("etc/passwd"),
        format!("root:x:0:0::/root:/bin/sh\nalice:x:{uid}:{gid}::/home/alice:/bin/sh\n"),
    )
    .unwrap();
    fs::write(
        root.join("etc/group"),
        format!("root:x:0:\nusers:x:{gid}:\n"),
    )
    .unwrap();
    symlink("/run/secrets.d/1", root.join("run/secrets")).unwrap();
    let mut secrets = String::new();
    let mut readers = String::new();
    for number in 0..count {
        let file = generation.join(format!("secret_{number}"));
        fs::write(&file, format!("0123456789abcdef{number:024}")).unwrap();
        if is_root {
            chown(&file, Some(uid), Some(gid)).unwrap();
        }
        mode(&file, 0o400);
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            secrets,
            r#"{comma}{{"manager": "sops-nix", "scope": "system", "attribute": "secret_{number}", "name": "secret_{number}",
                "path": "/run/secrets/secret_{number}", "owner": "alice", "mode": "0400"}}"#
        );
        let _ = write!(
            readers,
            r#"{comma}{{"secret": "secret_{number}", "user": "alice", "via": "app.service ExecStart", "moment": "service"}}"#
        );
    }
    format!(
        r#"{{"schema": 1, "hosts": [{{"name": "desk", "class": "nixos", "secrets": [{secrets}], "readers": [{readers}]}}]}}"#
    )
}
