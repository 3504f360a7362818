//! The file itself: names, owner, group, mode, ACL, content.

use std::process::Command;

use runtime_check::{Check, Severity};

use crate::support::{
    ALICE, BOB, MCP, Machine, TOKEN, USERS, declared, found, manifest, message, names, reader,
    reader_of,
};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_right_secret_gives_no_finding", Needs::Root, right),
    (
        "owner_group_and_mode_against_the_declaration",
        Needs::Root,
        against_the_declaration,
    ),
    ("a_umask_that_took_bits_is_an_info", Needs::Root, umask),
    ("access_for_others", Needs::Root, access_for_others),
    ("odd_mode_bits", Needs::Root, odd_bits),
    ("a_second_name_is_told", Needs::Root, hard_link),
    ("acl_entries_let_others_in", Needs::Acl, acl),
    (
        "with_an_acl_the_group_bits_are_the_mask",
        Needs::Acl,
        acl_mask,
    ),
    ("a_default_acl_of_the_directory", Needs::Acl, default_acl),
    ("classes_of_content", Needs::Root, content),
    ("content_for_its_use", Needs::Root, uses),
    ("a_public_key_may_be_read_by_all", Needs::Root, public_key),
    (
        "no_declaration_no_secret_of_bob_for_alice",
        Needs::Root,
        undeclared_owner,
    ),
];

fn one(mode: u32, uid: u32, gid: u32, content: &str) -> (Machine, String) {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "GITHUB_TOKEN", content, uid, gid, mode);
    let secret = declared(
        "sops-nix",
        "GITHUB_TOKEN",
        "/run/secrets/GITHUB_TOKEN",
        "alice",
        "0400",
    );
    (
        machine,
        manifest(
            &[secret],
            &[reader_of(
                "GITHUB_TOKEN",
                "alice",
                "services.mcp github",
                "variable",
            )],
            "",
        ),
    )
}

fn right() {
    let (machine, manifest) = one(0o400, ALICE, USERS, TOKEN);
    let report = machine.check(&manifest);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert!(report.not_checked.is_empty(), "{:#?}", report.not_checked);
    assert_eq!(report.exit_code(), 0);
    let secret = &report.secrets[0];
    assert_eq!(
        secret.real_path.as_deref().unwrap().to_str(),
        Some("/run/secrets.d/1/GITHUB_TOKEN")
    );
    assert_eq!(
        (secret.owner.as_deref(), secret.mode, secret.length),
        (Some("alice"), Some(0o400), Some(40))
    );
    assert!(secret.content_checked);
}

fn against_the_declaration() {
    let (machine, manifest) = one(0o440, BOB, MCP, TOKEN);
    let report = machine.check(&manifest);
    assert_eq!(found(&report, Check::OwnerDiffers), Some(Severity::Error));
    assert!(message(&report, Check::OwnerDiffers).contains("belongs to bob, declared is alice"));
    assert_eq!(found(&report, Check::ModeDiffers), Some(Severity::Warning));
    assert_eq!(report.exit_code(), 1);

    let secret = r#"{"manager": "sops-nix", "scope": "system", "attribute": "GITHUB_TOKEN", "name": "GITHUB_TOKEN",
        "path": "/run/secrets/GITHUB_TOKEN", "owner": "nobody-here", "group": "users", "mode": "0440"}"#;
    let report = machine.check(&crate::support::manifest(&[secret.to_owned()], &[], ""));
    assert!(message(&report, Check::OwnerDiffers).contains("no such user"));
    assert!(message(&report, Check::GroupDiffers).contains("has group mcp, declared is users"));
}

fn umask() {
    let (machine, _) = one(0o440, ALICE, MCP, TOKEN);
    let secret = declared(
        "sops-nix",
        "GITHUB_TOKEN",
        "/run/secrets/GITHUB_TOKEN",
        "alice",
        "0460",
    );
    let report = machine.check(&manifest(&[secret], &[], ""));
    assert_eq!(found(&report, Check::ModeDiffers), Some(Severity::Info));
    assert!(message(&report, Check::ModeDiffers).contains("umask"));
    assert_eq!(names(&report), [""; 0]);
}

fn access_for_others() {
    for (mode, gid, expected) in [
        (0o404, USERS, vec!["mode-differs", "world-accessible"]),
        (0o402, USERS, vec!["mode-differs", "world-accessible"]),
        (0o440, USERS, vec!["broad-group", "mode-differs"]),
        // bob is in `backup`, alice, the owner, alone in `mcp`.
        (0o440, 501, vec!["group-accessible", "mode-differs"]),
        (0o440, MCP, vec!["mode-differs"]),
    ] {
        let (machine, manifest) = one(mode, ALICE, gid, TOKEN);
        assert_eq!(names(&machine.check(&manifest)), expected, "{mode:o} {gid}");
    }
}

fn odd_bits() {
    for mode in [0o4400, 0o2400, 0o1400, 0o500] {
        let (machine, manifest) = one(mode, ALICE, USERS, TOKEN);
        assert!(
            names(&machine.check(&manifest)).contains(&"odd-mode-bits"),
            "{mode:o}"
        );
    }
}

fn hard_link() {
    let (machine, manifest) = one(0o400, ALICE, USERS, TOKEN);
    let real = machine.real("/run/secrets.d/1/GITHUB_TOKEN");
    std::fs::hard_link(&real, machine.real("/home/alice/copy")).unwrap();
    assert_eq!(names(&machine.check(&manifest)), ["hard-linked"]);
}

fn setfacl(machine: &Machine, acl: &str, path: &str) {
    let status = Command::new("setfacl")
        .args(["-m", acl])
        .arg(machine.real(path))
        .status()
        .unwrap();
    assert!(status.success(), "setfacl {acl} {path}");
}

fn acl() {
    let (machine, manifest) = one(0o400, ALICE, USERS, TOKEN);
    setfacl(&machine, "u:1001:r", "/run/secrets.d/1/GITHUB_TOKEN");
    setfacl(&machine, "g:71:r", "/run/secrets.d/1/GITHUB_TOKEN");
    let report = machine.check(&manifest);
    assert_eq!(names(&report), ["acl-grants-access"]);
    let message = message(&report, Check::AclGrantsAccess);
    assert!(message.contains("bob and group postgres"), "{message}");
}

fn acl_mask() {
    // The mode now shows 0440, but the group itself may nothing: no finding about a group.
    let (machine, _) = one(0o400, 0, USERS, TOKEN);
    setfacl(&machine, "u:1000:r", "/run/secrets.d/1/GITHUB_TOKEN");
    let path = "/run/secrets/GITHUB_TOKEN";
    let secret = declared("sops-nix", "GITHUB_TOKEN", path, "root", "0400");
    let readers = [
        reader("GITHUB_TOKEN", "alice", "x"),
        reader("GITHUB_TOKEN", "bob", "y"),
    ];
    let report = machine.check(&manifest(&[secret], &readers, ""));
    assert_eq!(report.secrets[0].mode, Some(0o440));
    assert_eq!(
        names(&report),
        ["not-readable"],
        "alice gets in by the ACL, bob does not"
    );
    assert!(message(&report, Check::NotReadable).starts_with("bob cannot read"));
    // The mask takes what the entry gives.
    setfacl(&machine, "m::-", "/run/secrets.d/1/GITHUB_TOKEN");
    let secret = declared("sops-nix", "GITHUB_TOKEN", path, "root", "0400");
    let report = machine.check(&manifest(
        &[secret],
        &[reader("GITHUB_TOKEN", "alice", "x")],
        "",
    ));
    assert_eq!(names(&report), ["not-readable"]);
}

fn default_acl() {
    let (machine, manifest) = one(0o400, ALICE, USERS, TOKEN);
    let directory = machine.real("/run/secrets.d/1");
    let status = Command::new("setfacl")
        .args(["-d", "-m", "u:1001:r"])
        .arg(directory)
        .status();
    assert!(status.unwrap().success());
    assert_eq!(names(&machine.check(&manifest)), ["default-acl"]);
}

fn content() {
    for (content, expected) in [
        ("", "empty"),
        (" \n", "only-blanks"),
        (
            "ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789 \n",
            "blanks-around",
        ),
        (
            "ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789\r\n",
            "carriage-return",
        ),
        (
            "\u{feff}ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789",
            "byte-order-mark",
        ),
        ("hunter2\0", "nul-byte"),
        ("age-encryption.org/v1\n-> X25519 x\n", "still-encrypted"),
        (
            "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]",
            "still-encrypted",
        ),
        ("ghp_your_token_here", "placeholder-word"),
        (
            "sk-proj-Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789Ab3dEf",
            "provider-format",
        ),
        ("ghp_tooshort", "provider-format"),
        (
            "GITHUB_TOKEN=ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789",
            "assignment-in-value",
        ),
    ] {
        let (machine, manifest) = one(0o400, ALICE, USERS, content);
        let names = names(&machine.check(&manifest));
        assert!(names.contains(&expected), "{expected}: {names:?}");
    }
    let placeholder = format!("token <SOPS:{}:PLACEHOLDER>\nmore\n", "0a".repeat(32));
    let (machine, manifest) = one(0o400, ALICE, USERS, &placeholder);
    assert_eq!(names(&machine.check(&manifest)), ["unresolved-placeholder"]);
    let (machine, manifest) = one(0o400, ALICE, USERS, &format!("{TOKEN}\n"));
    let report = machine.check(&manifest);
    assert_eq!(found(&report, Check::TrailingNewline), Some(Severity::Info));
    assert_eq!(report.exit_code(), 0, "an info is no finding");
    let (machine, manifest) = one(0o400, ALICE, USERS, &"a line\n".repeat(20_000));
    let report = machine.check(&manifest);
    assert_eq!(found(&report, Check::ExaminedInPart), Some(Severity::Info));
}

fn uses() {
    let hash = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7\n";
    for (usage, content, expected) in [
        ("environment-file", "A_KEY=x\n# note\n", vec![]),
        (
            "environment-file",
            "just-the-value",
            vec!["assignment-expected"],
        ),
        ("password-hash", hash, vec![]),
        ("password-hash", "hunter2-horse", vec!["password-hash"]),
        (
            "password-hash",
            "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
            vec!["weak-password-hash"],
        ),
        // A hash of a form that only its reader knows, in an option of that name.
        ("value", "$7$101$c2FsdA==$aGFzaA==", vec![]),
    ] {
        let machine = Machine::new();
        machine.generation("/run/secrets", 1);
        machine.secret("/run/secrets", "a", content, 0, 0, 0o400);
        let secret = declared("sops-nix", "a", "/run/secrets/a", "root", "0400");
        let reader = reader_of("a", "root", "app.service hashedPasswordFile", usage);
        let report = machine.check(&manifest(&[secret], &[reader], ""));
        assert_eq!(names(&report), expected, "{usage}: {content}");
    }
}

fn public_key() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret(
        "/run/secrets",
        "ca.crt",
        "-----BEGIN CERTIFICATE-----\n",
        0,
        0,
        0o444,
    );
    let secret = declared("sops-nix", "ca.crt", "/run/secrets/ca.crt", "root", "0444");
    let report = machine.check(&manifest(&[secret], &[], ""));
    assert_eq!(found(&report, Check::WorldAccessible), Some(Severity::Info));
}

fn undeclared_owner() {
    let machine = Machine::new();
    machine.directory("/srv", 0, 0, 0o755);
    machine.file("/srv/key", "0123456789", BOB, 500, 0o440);
    let report = machine.check_directory("/srv", &["key"], Some("alice"));
    assert_eq!(found(&report, Check::OwnerDiffers), Some(Severity::Warning));
    assert!(message(&report, Check::OwnerDiffers).contains("who is not its reader"));
}
