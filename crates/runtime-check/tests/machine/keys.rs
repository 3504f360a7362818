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
    (
        "the_keys_must_be_among_the_recipients",
        Needs::Root,
        recipients,
    ),
    (
        "keys_of_a_manager_without_secrets_are_not_needed",
        Needs::Root,
        not_needed,
    ),
];

const AGE: &str = "# created: 2026-01-01\nAGE-SECRET-KEY-1TESTONLY\n";
const SSH: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n";
const LOCKED: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI\n";

fn manifest(paths: &[&str], scope: &str) -> String {
    let secret = declared("sops-nix", "a", "/run/secrets/a", "alice", "0400");
    // Of the scope that the keys are of.
    let secret = secret.replacen(SYSTEM, scope, 1);
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

/// The key pair of Bob in RFC 7748, section 6.1, as an identity of age.
const IDENTITY: &str =
    "AGE-SECRET-KEY-1TK4SSLNZF29YK70P079C8QQWUEHNHVFFYCVTDLGU979J0LUGUR4SMHZYQ2\n";
const RECIPIENT: &str = "age1m60dkltm0hqmf56mv8pweep4xulcxs7gtduxwnddl3lpgmug9d8s0dmj33";
const OTHER: &str = "age1j0uwsf69gcydmgzfxsvg8ryyrxz2s4fw8mz9pdv8vlamkzreu3cqu4u5r3";

fn encrypted_to(recipients: &[&str]) -> String {
    let secret = |name: &str| {
        let secret = declared("sops-nix", name, "/run/secrets/a", "alice", "0400");
        let to = serde_json::to_string(recipients).unwrap();
        format!(
            r#"{}, "file": "secrets/all.yaml", "recipients": {to}}}"#,
            secret.strip_suffix('}').unwrap()
        )
    };
    format!(
        r#"{{"schema": 1, "hosts": [{{"name": "desk", "secrets": [{}, {}], "key_sources": [
            {{"manager": "sops-nix", {SYSTEM}, "option": "sops.age.keyFile", "path": "/var/lib/key"}}]}}]}}"#,
        secret("a"),
        secret("b")
    )
}

fn recipients() {
    let machine = machine();
    machine.file("/var/lib/key", IDENTITY, 0, 0, 0o600);
    for (to, expected) in [
        (&[RECIPIENT][..], vec![]),
        (&[OTHER, RECIPIENT], vec![]),
        (&[OTHER, "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"], vec![]),
        (&[OTHER], vec!["key-not-a-recipient"]),
    ] {
        let report = machine.check(&encrypted_to(to));
        assert_eq!(names(&report), expected, "{to:?} {:#?}", report.findings);
    }
    let report = machine.check(&encrypted_to(&[OTHER]));
    let finding = &report.findings[0];
    assert_eq!(
        finding.message,
        "/var/lib/key cannot decrypt secrets/all.yaml: no key of this machine is among its recipients, so `a` and 1 more will be missing or old"
    );
    let help = format!("add {RECIPIENT} to .sops.yaml, then: sops updatekeys secrets/all.yaml");
    assert_eq!(finding.help.as_deref(), Some(help.as_str()));
    // A key whose public half is not known may be the one.
    let plugin = format!("{IDENTITY}AGE-PLUGIN-YUBIKEY-1QQQ\n");
    machine.file("/var/lib/key", plugin, 0, 0, 0o600);
    assert_eq!(names(&machine.check(&encrypted_to(&[OTHER]))), [""; 0]);
}

fn not_needed() {
    let machine = machine();
    machine.file("/var/lib/key", AGE, 0, 0, 0o600);
    let secret = declared("sops-nix", "a", "/run/secrets/a", "alice", "0400");
    let report = machine.check(&format!(
        r#"{{"schema": 1, "hosts": [{{"name": "desk", "secrets": [{secret}], "key_sources": [
            {{"manager": "sops-nix", {SYSTEM}, "path": "/var/lib/key"}},
            {{"manager": "agenix", "scope": "user", "user": "alice", "path": "/home/alice/.ssh/id_rsa"}}]}}]}}"#
    ));
    assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
}
