//! The keys that decrypt the secrets.

use runtime_check::{Check, Severity};

use crate::support::{ALICE, BOB, Machine, TOKEN, USERS, declared, found, names};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("keys_that_are_right", Needs::Root, right),
    ("keys_that_are_wrong", Needs::Root, wrong),
    (
        "a_missing_key_among_others_is_an_info",
        Needs::Root,
        missing,
    ),
    ("a_users_own_key", Needs::Root, of_a_user),
];

const AGE: &str = "# created: 2026-01-01\nAGE-SECRET-KEY-1TESTONLY\n";
const SSH: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n";
const LOCKED: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI\n";

fn manifest(paths: &[&str], scope: &str) -> String {
    let secret = declared("sops-nix", "a", "/run/secrets/a", "alice", "0400");
    let keys: Vec<_> = paths
        .iter()
        .map(|path| format!(r#"{{"manager": "sops-nix", {scope}, "option": "sops.age.keyFile", "path": "{path}"}}"#))
        .collect();
    format!(
        r#"{{"schema": 1, "hosts": [{{"name": "desk", "secrets": [{secret}], "key_sources": [{}]}}]}}"#,
        keys.join(", ")
    )
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", TOKEN, ALICE, USERS, 0o400);
    machine
}

const SYSTEM: &str = r#""scope": "system", "user": null"#;

fn right() {
    for content in [AGE, SSH] {
        let machine = machine();
        machine.file("/var/lib/sops-nix/key.txt", content, 0, 0, 0o600);
        let report = machine.check(&manifest(&["/var/lib/sops-nix/key.txt"], SYSTEM));
        assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
    }
}

fn wrong() {
    for (path, content, uid, mode, expected) in [
        ("/var/lib/key", AGE, 0, 0o640, vec!["key-exposed"]),
        ("/var/lib/key", AGE, 0, 0o604, vec!["key-exposed"]),
        ("/var/lib/key", AGE, BOB, 0o600, vec!["key-owner"]),
        ("/var/lib/key", LOCKED, 0, 0o600, vec!["key-unusable"]),
        ("/var/lib/key", "", 0, 0o600, vec!["key-unusable"]),
        (
            "/var/lib/key",
            "ssh-ed25519 AAAA root@desk\n",
            0,
            0o600,
            vec!["key-unusable"],
        ),
        (
            "/home/alice/keys.txt",
            AGE,
            ALICE,
            0o600,
            vec!["key-in-home"],
        ),
        (
            "/nix/store/abc-keys.txt",
            AGE,
            0,
            0o444,
            vec!["key-in-store"],
        ),
        ("/var/lib/none", "", 0, 0, vec!["key-missing"]),
    ] {
        let machine = machine();
        if mode != 0 {
            machine.file(path, content, uid, 0, mode);
        }
        let report = machine.check(&manifest(&[path], SYSTEM));
        assert_eq!(names(&report), expected, "{path} {uid} {mode:o}");
    }
}

fn missing() {
    let machine = machine();
    machine.file("/etc/ssh/ssh_host_ed25519_key", SSH, 0, 0, 0o600);
    let keys = ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"];
    let report = machine.check(&manifest(&keys, SYSTEM));
    assert_eq!(found(&report, Check::KeyMissing), Some(Severity::Info));
}

fn of_a_user() {
    let machine = machine();
    machine.directory("/home/alice/.config", ALICE, USERS, 0o700);
    machine.file("/home/alice/.config/keys.txt", AGE, ALICE, USERS, 0o600);
    let scope = r#""scope": "user", "user": "alice""#;
    let all = manifest(&["~/.config/keys.txt"], scope);
    assert_eq!(names(&machine.check(&all)), [""; 0]);
    machine.mode("/home/alice/.config/keys.txt", 0o644);
    assert_eq!(names(&machine.check(&all)), ["key-exposed"]);
}
