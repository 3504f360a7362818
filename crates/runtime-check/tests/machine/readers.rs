//! Who really gets in: as that very user, with that user's groups.

use std::os::unix::fs::lchown;
use std::process::{Command, Stdio};

use runtime_check::{Check, Readable, ServerStatus};

use crate::support::{
    ALICE, BOB, MCP, Machine, POSTGRES, TOKEN, USERS, declared, found, manifest, message, names,
    reader,
};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("each_reader_is_tried_as_itself", Needs::Root, each_reader),
    (
        "the_component_that_keeps_out_is_named",
        Needs::Root,
        component,
    ),
    ("owner_class_is_exclusive", Needs::Root, owner_class),
    ("access_by_a_supplementary_group", Needs::Root, by_group),
    (
        "a_user_that_does_not_exist_is_not_checked",
        Needs::Root,
        no_such_user,
    ),
    (
        "a_foreign_link_in_a_shared_directory",
        Needs::Root,
        foreign_link,
    ),
    (
        "directories_that_others_can_change",
        Needs::Root,
        writable_directories,
    ),
    ("the_guides_lists_of_servers", Needs::Root, servers),
    ("only_the_user_asked_for", Needs::Root, only_one_user),
    (
        "a_helper_that_does_not_answer_is_no_answer",
        Needs::Root,
        broken_helper,
    ),
    (
        "older_sessions_lack_the_group",
        Needs::Namespace,
        stale_groups,
    ),
];

fn each_reader() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 3);
    machine.secret(
        "/run/secrets",
        "db",
        "hunter2-horse",
        POSTGRES,
        POSTGRES,
        0o400,
    );
    let secret = declared("sops-nix", "db", "/run/secrets/db", "postgres", "0400");
    let readers = [
        reader("db", "postgres", "postgresql.service"),
        reader("db", "alice", "shell"),
        reader("db", "root", "backup.service"),
    ];
    let report = machine.check(&manifest(&[secret], &readers, ""));
    let readers: Vec<_> = report.secrets[0]
        .readers
        .iter()
        .map(|r| (r.user.as_str(), r.readable))
        .collect();
    assert_eq!(
        readers,
        [
            ("alice", Readable::No),
            ("postgres", Readable::Yes),
            ("root", Readable::Yes)
        ]
    );
    assert_eq!(names(&report), ["not-readable"]);
    let message = message(&report, Check::NotReadable);
    assert_eq!(
        message,
        "alice cannot read /run/secrets/db (shell): it belongs to postgres:postgres, mode 0400"
    );
    let help = report.findings[0].help.as_deref();
    assert_eq!(help, Some("sops.secrets.db.owner = \"alice\";"));
}

fn component() {
    let machine = Machine::new();
    machine.directory("/srv", 0, 0, 0o755);
    machine.directory("/srv/private", 0, 0, 0o750);
    machine.file("/srv/private/key", "0123456789", ALICE, USERS, 0o400);
    let report = machine.check_directory("/srv/private", &["key"], Some("alice"));
    assert_eq!(names(&report), ["not-readable"]);
    let message = message(&report, Check::NotReadable);
    assert!(
        message.contains("alice may not enter /srv/private (root:root 0750)"),
        "{message}"
    );
    assert!(
        report.secrets[0].mode.is_some(),
        "root still sees its facts"
    );
}

fn owner_class() {
    let machine = Machine::new();
    machine.generation("/run/agenix", 1);
    machine.secret("/run/agenix", "k", "0123456789", ALICE, MCP, 0o040);
    let secret = declared("agenix", "k", "/run/agenix/k", "alice", "0040");
    let mcp = r#"{"user": "alice", "module": "services.mcp", "secrets_path": "/run/agenix", "servers": [
        {"name": "kagi", "enabled": true, "secret": "k", "path": "/run/agenix/k"}]}"#;
    let report = machine.check(&manifest(&[secret], &[], mcp));
    assert!(message(&report, Check::NotReadable).contains("gives the owner nothing"));
    assert_eq!(report.servers[0].status, ServerStatus::WrongMode);
    assert_eq!(
        report.servers[0].help.as_deref(),
        Some("age.secrets.k.mode = \"0400\";")
    );
}

fn by_group() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "k", "0123456789", 0, MCP, 0o440);
    let secret = declared("sops-nix", "k", "/run/secrets/k", "root", "0440");
    let readers = [reader("k", "alice", "a"), reader("k", "bob", "b")];
    let report = machine.check(&manifest(&[secret], &readers, ""));
    let verdicts: Vec<_> = report.secrets[0]
        .readers
        .iter()
        .map(|r| r.readable)
        .collect();
    assert_eq!(verdicts, [Readable::Yes, Readable::No]);
}

fn no_such_user() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "k", "0123456789", 0, 0, 0o400);
    let secret = declared("sops-nix", "k", "/run/secrets/k", "root", "0400");
    let report = machine.check(&manifest(&[secret], &[reader("k", "carol", "x")], ""));
    assert_eq!(report.secrets[0].readers[0].readable, Readable::Unknown);
    assert_eq!(report.exit_code(), 2);
    assert!(
        report
            .not_checked
            .iter()
            .any(|missed| missed.what.contains("carol"))
    );
    let report = machine.discover(Some("carol"));
    assert_eq!(report.exit_code(), 2);
}

fn foreign_link() {
    let machine = Machine::new();
    machine.directory("/srv", 0, 0, 0o755);
    machine.file("/srv/key", "0123456789", ALICE, USERS, 0o400);
    machine.directory("/shared", 0, 0, 0o1777);
    machine.link("/shared/key", "/srv/key");
    lchown(machine.real("/shared/key"), Some(BOB), Some(USERS)).unwrap();
    let report = machine.check_directory("/shared", &["key"], Some("alice"));
    assert_eq!(
        names(&report),
        ["foreign-link", "not-readable", "shared-directory"]
    );
    assert!(message(&report, Check::NotReadable).contains("the kernel does not follow it"));
}

fn writable_directories() {
    for (uid, gid, mode, expected) in [
        (0, 0, 0o777, vec!["directory-writable-by-others"]),
        (BOB, USERS, 0o755, vec!["directory-writable-by-others"]),
        (0, USERS, 0o775, vec!["directory-writable-by-others"]),
        (0, 0, 0o1777, vec!["shared-directory"]),
        // alice owns the secret, and nobody but her is in `mcp`.
        (ALICE, MCP, 0o775, vec![]),
        (0, 0, 0o775, vec![]),
    ] {
        let machine = Machine::new();
        machine.directory("/srv", uid, gid, mode);
        machine.file("/srv/key", "0123456789", ALICE, USERS, 0o400);
        let report = machine.check_directory("/srv", &["key"], Some("alice"));
        assert_eq!(names(&report), expected, "{uid}:{gid} {mode:o}");
    }
}

/// The servers of the guide: one fine, one without secret, one that only root may read, one empty.
pub(crate) fn guide() -> (Machine, String) {
    let machine = Machine::new();
    machine.generation("/run/secrets", 7);
    machine.secret("/run/secrets", "GITHUB_TOKEN", TOKEN, ALICE, USERS, 0o400);
    machine.secret("/run/secrets", "KAGI_API_KEY", "0123456789", 0, 0, 0o400);
    machine.secret("/run/secrets", "BRAVE_API_KEY", "", ALICE, USERS, 0o400);
    let secret = |name: &str, owner: &str| {
        declared(
            "sops-nix",
            name,
            &format!("/run/secrets/{name}"),
            owner,
            "0400",
        )
    };
    let secrets = [
        secret("GITHUB_TOKEN", "alice"),
        secret("KAGI_API_KEY", "root"),
        secret("BRAVE_API_KEY", "alice"),
    ];
    let server = |name: &str, secret: &str| {
        format!(
            r#"{{"name": "{name}", "enabled": true, "secret": "{secret}", "path": "/run/secrets/{secret}"}}"#
        )
    };
    let mcp = format!(
        r#"{{"user": "alice", "module": "services.mcp", "secrets_path": "/run/secrets", "servers": [
            {{"name": "memory", "enabled": true, "secret": null, "path": null}}, {}, {}, {}, {}]}}"#,
        server("github", "GITHUB_TOKEN"),
        server("openai", "OPENAI_API_KEY"),
        server("kagi", "KAGI_API_KEY"),
        server("brave", "BRAVE_API_KEY"),
    );
    let manifest = manifest(&secrets, &[], &mcp);
    (machine, manifest)
}

fn servers() {
    let (machine, manifest) = guide();
    let report = machine.check(&manifest);
    let statuses: Vec<_> = report
        .servers
        .iter()
        .map(|s| (s.name.as_str(), s.status))
        .collect();
    assert_eq!(
        statuses,
        [
            ("brave", ServerStatus::Empty),
            ("github", ServerStatus::Available),
            ("kagi", ServerStatus::Unreadable),
            ("memory", ServerStatus::Available),
            ("openai", ServerStatus::Missing),
        ]
    );
    let openai = report.servers.iter().find(|s| s.name == "openai").unwrap();
    assert_eq!(
        openai.detail.as_deref(),
        Some("needs OPENAI_API_KEY at /run/secrets: not there")
    );
    assert_eq!(
        found(&report, Check::SecretMissing),
        None,
        "nobody declared it"
    );
    assert_eq!(names(&report), ["empty", "not-readable", "server-disabled"]);
    assert_eq!(report.exit_code(), 1);
}

fn only_one_user() {
    let (machine, manifest) = guide();
    let expectation = runtime_check::Expectation::Manifest(manifest);
    let options = runtime_check::Options {
        user: Some("bob".to_owned()),
        ..machine.options(expectation)
    };
    let report = crate::support::run(&options);
    assert!(report.servers.is_empty(), "they are alice's");
    assert_eq!(report.secrets.len(), 5 - 1);
}

fn broken_helper() {
    let (machine, manifest) = guide();
    let options = machine.options(runtime_check::Expectation::Manifest(manifest));
    for program in ["/bin/true", "/bin/false", "/nonexistent"] {
        let mut options = options.clone();
        options.helper.program = program.into();
        let report = crate::support::run(&options);
        let kagi = report.servers.iter().find(|s| s.name == "kagi").unwrap();
        assert_eq!(kagi.status, ServerStatus::Unknown, "{program}");
        assert!(
            report
                .not_checked
                .iter()
                .any(|missed| missed.what.contains("alice")),
            "{program}"
        );
    }
}

fn stale_groups() {
    std::fs::create_dir_all("/run/stale").unwrap();
    std::fs::write("/run/stale/key", "0123456789").unwrap();
    std::os::unix::fs::chown("/run/stale/key", Some(0), Some(MCP)).unwrap();
    crate::live::set_mode("/run/stale/key", 0o440);
    // A session of alice from before she was in `mcp`.
    let mut session = Command::new("setpriv")
        .args(["--reuid=1000", "--regid=100", "--groups=100", "sleep", "30"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let options = runtime_check::Options {
        user: Some("alice".to_owned()),
        helper: crate::support::helper(),
        ..runtime_check::Options::new(
            &extract::MANAGERS,
            runtime_check::Expectation::SecretsPath {
                directory: "/run/stale".into(),
                secrets: vec!["key".to_owned()],
            },
        )
    };
    // setpriv has become alice when it runs sleep.
    let start = std::time::Instant::now();
    let report = loop {
        let report = crate::support::run(&options);
        let seen = found(&report, Check::StaleGroups).is_some();
        if seen || start.elapsed() > std::time::Duration::from_secs(10) {
            break report;
        }
    };
    session.kill().unwrap();
    session.wait().unwrap();
    assert!(message(&report, Check::StaleGroups).contains("1 running processes"));
    assert_eq!(report.secrets[0].readers[0].readable, Readable::Yes);
}
