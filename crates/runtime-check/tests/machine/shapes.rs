//! Trees as sops-nix and agenix make them, and what goes wrong with them.

use std::fs;

use runtime_check::{Check, Severity};

use crate::support::{
    ALICE, BOB, KEYS, Machine, TOKEN, USERS, declared, found, manifest, message, names,
};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    (
        "sops_with_a_custom_path_and_nested_names",
        Needs::Root,
        sops,
    ),
    (
        "a_link_at_the_path_that_somebody_else_made",
        Needs::Root,
        foreign_link_at_path,
    ),
    ("agenix_as_installed", Needs::Root, agenix),
    (
        "home_manager_trees_are_looked_at_as_the_user",
        Needs::Root,
        home_manager,
    ),
    (
        "a_removed_secret_leaves_a_dangling_link",
        Needs::Root,
        dangling,
    ),
    ("a_missing_secret", Needs::Root, missing),
    (
        "generations_and_their_directories",
        Needs::Root,
        generations,
    ),
    ("the_link_must_lead_to_a_generation", Needs::Root, leaves),
    ("the_keys_beside_the_generations", Needs::Root, age_keys),
    ("discovery_finds_what_is_there", Needs::Root, discovery),
    ("nothing_to_check_is_not_fine", Needs::Nothing, nothing),
    (
        "a_bad_manifest_is_not_checked",
        Needs::Nothing,
        bad_manifest,
    ),
    ("a_directory_with_names", Needs::Root, directory),
];

fn sops() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 12);
    machine.directory("/run/secrets.d/12/wifi", 0, KEYS, 0o751);
    machine.secret("/run/secrets", "github_token", TOKEN, ALICE, USERS, 0o400);
    machine.secret("/run/secrets", "wifi/home", "0123456789", 0, 0, 0o400);
    machine.directory("/run/secrets-for-users", 0, 0, 0o755);
    machine.link(
        "/run/secrets-for-users/GITHUB_TOKEN",
        "/run/secrets/github_token",
    );
    let secrets = [
        declared(
            "sops-nix",
            "github_token",
            "/run/secrets-for-users/GITHUB_TOKEN",
            "alice",
            "0400",
        ),
        declared(
            "sops-nix",
            "wifi/home",
            "/run/secrets/wifi/home",
            "root",
            "0400",
        ),
    ];
    let report = machine.check(&manifest(&secrets, &[], ""));
    // The guide's own setup: the directory is a real one, as sops-nix makes it for `path`.
    assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
    let real = report.secrets[1].real_path.as_deref().unwrap();
    assert_eq!(real.to_str(), Some("/run/secrets.d/12/github_token"));
}

fn foreign_link_at_path() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "token", TOKEN, ALICE, USERS, 0o400);
    machine.link("/srv/token", "/run/secrets/token");
    let link = machine.real("/srv/token");
    let secret = declared("sops-nix", "token", "/srv/token", "alice", "0400");
    let all = manifest(&[secret], &[], "");
    for (uid, expected) in [(0, vec![]), (ALICE, vec![]), (BOB, vec!["link-owner"])] {
        std::os::unix::fs::lchown(&link, Some(uid), None).unwrap();
        assert_eq!(names(&machine.check(&all)), expected, "{uid}");
    }
}

fn agenix() {
    let machine = Machine::new();
    machine.generation("/run/agenix", 3);
    machine.directory("/run/agenix.d/3/nested", 0, 0, 0o755);
    machine.secret("/run/agenix", "nested/a", "0123456789", ALICE, USERS, 0o400);
    let secrets = [declared(
        "agenix",
        "nested/a",
        "/run/agenix/nested/a",
        "alice",
        "u=r",
    )];
    let report = machine.check(&manifest(&secrets, &[], ""));
    assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
}

fn home_manager() {
    let machine = Machine::new();
    machine.directory("/run/user", 0, 0, 0o755);
    machine.directory("/run/user/1000", ALICE, USERS, 0o700);
    machine.directory("/run/user/1000/secrets.d", ALICE, USERS, 0o751);
    machine.directory("/run/user/1000/secrets.d/1", ALICE, USERS, 0o751);
    machine.file(
        "/run/user/1000/secrets.d/1/token",
        TOKEN,
        ALICE,
        USERS,
        0o400,
    );
    machine.file(
        "/run/user/1000/secrets.d/age-keys.txt",
        "AGE-SECRET-KEY-1",
        ALICE,
        USERS,
        0o600,
    );
    for directory in ["/home/alice/.config", "/home/alice/.config/sops-nix"] {
        machine.directory(directory, ALICE, USERS, 0o755);
    }
    machine.link(
        "/home/alice/.config/sops-nix/secrets",
        "/run/user/1000/secrets.d/1",
    );
    let secret = r#"{"manager": "sops-nix", "scope": "user", "user": "alice", "attribute": "token", "name": "token",
        "path": "~/.config/sops-nix/secrets/token", "mode": "0400"}"#;
    let all = manifest(&[secret.to_owned()], &[], "");
    let report = machine.check(&all);
    assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
    assert!(report.secrets[0].content_checked);

    machine.mode("/run/user/1000", 0o755);
    machine.mode("/run/user/1000/secrets.d/age-keys.txt", 0o644);
    let report = machine.check(&all);
    assert_eq!(names(&report), ["age-keys-exposed", "runtime-directory"]);
}

fn dangling() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 2);
    machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o400);
    machine.link("/srv/token", "/run/secrets/gone");
    let secrets = [
        declared("sops-nix", "gone", "/srv/token", "alice", "0400"),
        declared("sops-nix", "a", "/run/secrets/a", "alice", "0400"),
    ];
    let report = machine.check(&manifest(&secrets, &[], ""));
    assert_eq!(names(&report), ["dangling-link"]);
    assert!(message(&report, Check::DanglingLink).contains("/run/secrets.d/2/gone"));
    // The generation itself is gone.
    fs::remove_dir_all(machine.real("/run/secrets.d/2")).unwrap();
    let report = machine.check(&manifest(&secrets, &[], ""));
    assert_eq!(names(&report), ["dangling-link", "secret-missing"]);
    assert!(message(&report, Check::SecretMissing).contains("/run/secrets.d/2 does not exist"));
}

fn missing() {
    let machine = Machine::new();
    let secrets = [declared("sops-nix", "a", "/run/secrets/a", "root", "0400")];
    let report = machine.check(&manifest(&secrets, &[], ""));
    assert_eq!(names(&report), ["secret-missing"]);
    assert_eq!(report.exit_code(), 1);
}

fn generations() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 4);
    machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o400);
    let all = manifest(
        &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0400")],
        &[],
        "",
    );
    machine.directory("/run/secrets.d/3", 0, KEYS, 0o751);
    let report = machine.check(&all);
    assert_eq!(found(&report, Check::OldGenerations), Some(Severity::Info));
    // A root umask of 077.
    machine.mode("/run/secrets.d/4", 0o700);
    let with_reader = manifest(
        &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0400")],
        &[crate::support::reader("a", "alice", "x")],
        "",
    );
    let report = machine.check(&with_reader);
    assert_eq!(names(&report), ["directory-mode", "not-readable"]);
    assert!(message(&report, Check::NotReadable).contains("may not enter /run/secrets.d/4"));
    machine.directory("/run/secrets.d", BOB, USERS, 0o755);
    machine.mode("/run/secrets.d/4", 0o751);
    let report = machine.check(&all);
    assert_eq!(
        names(&report),
        ["directory-owner", "directory-writable-by-others"]
    );
    assert_eq!(found(&report, Check::DirectoryMode), Some(Severity::Info));
}

fn leaves() {
    for target in [
        "/srv/secrets",
        "/run/secrets.d/current",
        "secrets.d/../../srv/secrets",
    ] {
        let machine = Machine::new();
        machine.directory("/run/secrets.d/current", 0, 0, 0o755);
        machine.directory("/srv/secrets", 0, 0, 0o755);
        machine.file("/srv/secrets/a", "0123456789", ALICE, USERS, 0o400);
        machine.file(
            "/run/secrets.d/current/a",
            "0123456789",
            ALICE,
            USERS,
            0o400,
        );
        machine.link("/run/secrets", target);
        let all = manifest(
            &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0400")],
            &[],
            "",
        );
        assert_eq!(
            names(&machine.check(&all)),
            ["link-leaves-manager"],
            "{target}"
        );
    }
}

fn age_keys() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o400);
    machine.file(
        "/run/secrets.d/age-keys.txt",
        "AGE-SECRET-KEY-1",
        0,
        0,
        0o600,
    );
    let all = manifest(
        &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0400")],
        &[],
        "",
    );
    assert_eq!(names(&machine.check(&all)), [""; 0]);
    machine.mode("/run/secrets.d/age-keys.txt", 0o640);
    assert_eq!(names(&machine.check(&all)), ["age-keys-exposed"]);
    machine.file(
        "/run/secrets.d/age-keys.txt",
        "AGE-SECRET-KEY-1",
        ALICE,
        USERS,
        0o600,
    );
    assert_eq!(names(&machine.check(&all)), ["age-keys-exposed"]);
}

fn discovery() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.generation("/run/agenix", 1);
    machine.secret("/run/secrets", "GITHUB_TOKEN", TOKEN, ALICE, USERS, 0o400);
    machine.directory("/run/secrets.d/1/db", 0, KEYS, 0o751);
    machine.secret("/run/secrets", "db/password", "hunter2-horse", 0, 0, 0o404);
    machine.secret("/run/agenix", "wifi", "", 0, 0, 0o400);
    let report = machine.discover(None);
    let paths: Vec<_> = report
        .secrets
        .iter()
        .map(|s| (s.path.to_str().unwrap(), s.manager))
        .collect();
    assert_eq!(
        paths,
        [
            ("/run/agenix/wifi", "agenix"),
            ("/run/secrets/GITHUB_TOKEN", "sops-nix"),
            ("/run/secrets/db/password", "sops-nix"),
        ]
    );
    assert_eq!(names(&report), ["empty", "world-accessible"]);
}

fn nothing() {
    let machine = Machine::new();
    let report = machine.discover(None);
    assert_eq!(report.exit_code(), 2, "{:#?}", report.not_checked);
    let report = machine.check(&manifest(&[], &[], ""));
    assert_eq!(report.exit_code(), 2);
    let report = machine.check_directory("/run/none", &[], None);
    assert_eq!(report.exit_code(), 2);
}

fn bad_manifest() {
    let machine = Machine::new();
    for text in [
        "",
        "{",
        "[]",
        r#"{"schema": 7, "hosts": []}"#,
        &"[".repeat(100_000),
    ] {
        let report = machine.check(text);
        assert_eq!(report.exit_code(), 2);
        assert_eq!(report.not_checked[0].what, "what is declared");
    }
}

fn directory() {
    let machine = Machine::new();
    machine.directory("/srv", 0, 0, 0o755);
    machine.file("/srv/GITHUB_TOKEN", TOKEN, ALICE, USERS, 0o400);
    let report =
        machine.check_directory("/srv", &["GITHUB_TOKEN", "OPENAI_API_KEY"], Some("alice"));
    assert_eq!(names(&report), ["secret-missing"]);
    let report = machine.check_directory("/srv", &[], Some("alice"));
    assert_eq!(names(&report), [""; 0]);
    assert_eq!(report.secrets.len(), 1);
}
