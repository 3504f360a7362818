//! What could not be looked at is never fine: errors, file systems that do not answer, lists too
//! long for a first look.

use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use runtime_check::{Check, Expectation, Options, Report, ServerStatus};

use crate::fuse::{Call, Fault, Fuse};
use crate::support::{ALICE, TOKEN, USERS, declared, helper, manifest, message, reader};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_content_that_gives_an_error_is_not_checked",
        Needs::Fuse,
        errors,
    ),
    (
        "a_file_system_that_never_answers_holds_nothing_up",
        Needs::Fuse,
        silence,
    ),
    (
        "an_access_list_of_any_length_is_read",
        Needs::Acl,
        long_list,
    ),
    (
        "no_open_descriptor_reaches_the_helper",
        Needs::Root,
        descriptors,
    ),
];

const POINT: &str = "/run/fuse";
const EIO: i32 = 5;
const EAGAIN: i32 = 11;

/// A secret on the faulty file system and one beside it, both for alice, the first for a server.
fn check() -> Report {
    fs::write("/run/beside", TOKEN).unwrap();
    std::os::unix::fs::chown("/run/beside", Some(ALICE), Some(USERS)).unwrap();
    crate::live::set_mode("/run/beside", 0o400);
    let secrets = [
        declared("custom", "token", "/run/fuse/token", "alice", "0400"),
        declared("custom", "beside", "/run/beside", "alice", "0400"),
    ];
    let readers = [
        reader("token", "alice", "services.mcp github"),
        reader("beside", "alice", "x"),
    ];
    let mcp = r#"{"user": "alice", "module": "services.mcp", "secrets_path": "/run/fuse", "servers":
        [{"name": "github", "enabled": true, "secret": "token", "path": "/run/fuse/token"}]}"#;
    let expectation = Expectation::Manifest(manifest(&secrets, &readers, mcp));
    crate::support::run(&Options {
        helper: helper(),
        patience: Duration::from_secs(1),
        ..Options::new(&extract::MANAGERS, expectation)
    })
}

fn assert_not_fine(report: &Report, what: &str) {
    let of_token = report
        .not_checked
        .iter()
        .any(|missed| missed.what.contains("/run/fuse"));
    assert!(of_token, "{what}: {report:#?}");
    assert_eq!(report.exit_code(), 2, "{what}: {report:#?}");
    assert_eq!(
        report.servers[0].status,
        ServerStatus::Unknown,
        "{what}: {report:#?}"
    );
    let beside = report
        .secrets
        .iter()
        .find(|secret| secret.name == "beside")
        .unwrap();
    assert!(beside.content_checked, "{what}: the others are checked");
}

fn errors() {
    for (call, error) in [
        (Call::Open, EIO),
        (Call::Open, EAGAIN),
        (Call::Read, EIO),
        (Call::Lookup, EIO),
    ] {
        let _fuse = Fuse::mount(POINT, call, Fault::Error(error));
        assert_not_fine(&check(), &format!("{call:?} {error}"));
    }
    // The content is read; who else may read it is not known.
    let _fuse = Fuse::mount(POINT, Call::GetXattr, Fault::Error(EIO));
    let report = check();
    let list = report
        .not_checked
        .iter()
        .find(|missed| missed.what == "/run/fuse/token");
    assert!(
        list.unwrap().why.contains("access control list"),
        "{report:#?}"
    );
    assert_eq!(report.exit_code(), 2);
}

fn silence() {
    for call in [
        Call::Lookup,
        Call::GetAttributes,
        Call::GetXattr,
        Call::Open,
        Call::Read,
    ] {
        let _fuse = Fuse::mount(POINT, call, Fault::Silence);
        let start = Instant::now();
        let report = check();
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{call:?}: {:?}",
            start.elapsed()
        );
        assert_not_fine(&report, &format!("{call:?}"));
    }
}

fn long_list() {
    let machine = crate::support::Machine::new();
    // In memory: disks have smaller limits.
    fs::create_dir_all("/run/long").unwrap();
    fs::write("/run/long/token", TOKEN).unwrap();
    let mut list: String = (20_000..22_000).map(|uid| format!("u:{uid}:-\n")).collect();
    list.push_str("u:1001:r\n");
    let file = machine.real("/list");
    fs::write(&file, list).unwrap();
    let status = Command::new("setfacl")
        .arg("-M")
        .arg(&file)
        .arg("/run/long/token")
        .status();
    assert!(status.unwrap().success());
    std::os::unix::fs::chown("/run/long/token", Some(ALICE), Some(USERS)).unwrap();
    let secret = declared("custom", "token", "/run/long/token", "alice", "0400");
    let report = crate::support::run(&Options {
        helper: helper(),
        ..Options::new(
            &extract::MANAGERS,
            Expectation::Manifest(manifest(&[secret], &[], "")),
        )
    });
    let text = message(&report, Check::AclGrantsAccess);
    assert!(text.contains("to bob"), "{text}");
}

fn descriptors() {
    let machine = crate::support::Machine::new();
    machine.file("/etc/shadow", "x", 0, 0, 0o600);
    let shadow = fs::File::open(machine.real("/etc/shadow")).unwrap();
    let request = r#"{"account": {"name": "alice", "uid": 1000, "gid": 100, "groups": [100], "home": "/"},
        "request": {"root": "/", "files": [], "listings": [["/proc/self/fd", "entries"]]}, "units": []}"#;
    // The shell hands its descriptor 77 on, as a careless parent would.
    let mut child = Command::new("/bin/bash")
        .args(["-c", "exec 77</proc/$PPID/fd/$1; exec \"$0\" \"$2\""])
        .arg(std::env::current_exe().unwrap())
        .arg(shadow.as_raw_fd().to_string())
        .arg(runtime_check::PROBE_COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(request.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = answer.lines().last().unwrap();
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let names = answer["Ok"]["survey"]["listings"][0]["files"]
        .as_array()
        .unwrap();
    assert!(names.len() >= 3, "{answer}");
    assert!(!names.iter().any(|name| name == "77"), "{answer}");
}
