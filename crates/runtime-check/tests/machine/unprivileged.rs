//! The check as an ordinary user: it can do less, and says so.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Stdio};

use runtime_check::{Check, Expectation, Options, Readable, json, run};

use test_support::copy_program;

use crate::support::{ALICE, BOB, MCP, Machine, TOKEN, USERS, declared, helper, manifest, reader};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_user_checks_their_own_access", Needs::Root, own_access),
    ("a_user_cannot_check_for_another", Needs::Root, for_another),
    ("a_user_who_may_not_list_is_told_so", Needs::Root, discovery),
    ("a_session_with_old_groups", Needs::Root, old_groups),
    ("the_check_runs_without_any_right", Needs::Nothing, plain),
];

/// `__check MANIFEST|- ROOT [USER]`: a check in a process of its own; prints its JSON.
pub(crate) fn check_main(arguments: &[OsString]) -> u8 {
    let argument = |index: usize| {
        arguments
            .get(index)
            .map(|a| a.to_string_lossy().into_owned())
    };
    let (Some(manifest), Some(root)) = (argument(1), argument(2)) else {
        return 99;
    };
    let expectation = if manifest == "-" {
        Expectation::Discover
    } else {
        Expectation::Manifest(std::fs::read_to_string(manifest).unwrap())
    };
    let report = run(&Options {
        user: argument(3),
        root: root.into(),
        runtime_directory: None,
        helper: helper(),
        ..Options::new(&extract::MANAGERS, expectation)
    });
    std::io::stdout()
        .write_all(json(&report).as_bytes())
        .unwrap();
    report.exit_code()
}

/// Runs the check as a user, with exactly these groups.
fn as_user(
    machine: &Machine,
    uid: u32,
    groups: &str,
    manifest: Option<&str>,
    user: Option<&str>,
) -> (Option<i32>, serde_json::Value) {
    let program = machine.real("/check");
    if !program.exists() {
        copy_program(&std::env::current_exe().unwrap(), &program);
    }
    machine.mode("/check", 0o755);
    let path = match manifest {
        Some(text) => {
            machine.file("/manifest.json", text, 0, 0, 0o644);
            machine.real("/manifest.json").into_os_string()
        }
        None => OsString::from("-"),
    };
    let output = Command::new("setpriv")
        .args([
            format!("--reuid={uid}"),
            "--regid=100".to_owned(),
            format!("--groups={groups}"),
        ])
        .arg(program)
        .arg("__check")
        .arg(path)
        .arg(machine.real("/"))
        .args(user)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), value)
}

fn machine() -> (Machine, String) {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "mine", TOKEN, ALICE, USERS, 0o400);
    machine.secret("/run/secrets", "roots", "0123456789", 0, 0, 0o400);
    machine.secret("/run/secrets", "groups", "0123456789", 0, MCP, 0o440);
    let secret = |name: &str, owner: &str, mode: &str| {
        declared(
            "sops-nix",
            name,
            &format!("/run/secrets/{name}"),
            owner,
            mode,
        )
    };
    let secrets = [
        secret("mine", "alice", "0400"),
        secret("roots", "root", "0400"),
        secret("groups", "root", "0440"),
    ];
    let readers = [
        reader("mine", "alice", "a"),
        reader("roots", "root", "b"),
        reader("groups", "alice", "c"),
    ];
    let manifest = manifest(&secrets, &readers, "");
    (machine, manifest)
}

fn checks(value: &serde_json::Value) -> Vec<&str> {
    let findings = value["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["check"].as_str().unwrap())
        .collect()
}

fn own_access() {
    let (machine, manifest) = machine();
    let (code, value) = as_user(&machine, ALICE, "100,500,1", Some(&manifest), None);
    assert_eq!(code, Some(0), "{value:#}");
    assert_eq!(value["checked_as"], "alice");
    let readers: Vec<_> = value["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            (
                s["name"].as_str().unwrap(),
                s["readers"][0]["readable"].as_str().unwrap(),
                s["content_checked"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        readers,
        [
            ("groups", Readable::Yes.name(), true),
            ("mine", Readable::Yes.name(), true),
            // Root's secret is none of alice's business: its facts are checked, not its content.
            ("roots", Readable::Yes.name(), false),
        ]
    );
    assert!(value["notes"][0].as_str().unwrap().contains("1 secrets"));
}

fn for_another() {
    let (machine, manifest) = machine();
    let (code, value) = as_user(&machine, BOB, "100", Some(&manifest), Some("alice"));
    assert_eq!(code, Some(2));
    assert!(
        value["not_checked"][0]["why"]
            .as_str()
            .unwrap()
            .contains("only root can check for another user")
    );
}

fn discovery() {
    let (machine, _) = machine();
    let (code, value) = as_user(&machine, ALICE, "100,500,1", None, None);
    assert_eq!(code, Some(2), "nothing was checked, and that is not fine");
    assert!(
        value["notes"].to_string().contains("/run/secrets"),
        "{value:#}"
    );
}

fn old_groups() {
    let (machine, manifest) = machine();
    let (code, value) = as_user(&machine, ALICE, "100", Some(&manifest), None);
    assert_eq!(code, Some(1));
    assert_eq!(checks(&value), [Check::StaleGroups.name()]);
}

fn plain() {
    let machine = Machine::new();
    let own = nix::unistd::geteuid().as_raw();
    let group = nix::unistd::getegid().as_raw();
    machine.file("/srv/key", TOKEN, own, group, 0o400);
    let report = machine.check_directory("/srv", &["key"], None);
    assert_eq!(report.secrets[0].length, Some(40));
    assert!(report.secrets[0].content_checked);
}
