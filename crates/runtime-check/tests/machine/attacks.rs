//! What somebody can put in the way: nothing is followed unseen, nothing hangs, nothing is printed raw.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::stat::{Mode, SFlag, mknod};
use nix::unistd::mkfifo;
use runtime_check::{Check, RenderOptions, human, json, junit};

use crate::support::{
    ALICE, BOB, Machine, TOKEN, USERS, declared, found, manifest, message, names, reader,
};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_pipe_does_not_hang_the_check", Needs::Nothing, pipe),
    ("a_device_is_not_opened", Needs::Root, device),
    ("a_huge_file_is_read_in_part", Needs::Nothing, huge),
    ("a_loop_of_links_ends", Needs::Nothing, link_loop),
    ("a_loop_of_directories_ends", Needs::Root, directory_loop),
    ("links_that_are_swapped_all_the_time", Needs::Root, swapped),
    (
        "files_that_are_swapped_for_links_to_roots",
        Needs::Root,
        swapped_for_links,
    ),
    ("a_file_that_is_written_to_all_the_time", Needs::Root, busy),
    (
        "names_with_terminal_escapes_are_inert",
        Needs::Root,
        escapes,
    ),
    (
        "a_hostile_manifest_prints_nothing_raw",
        Needs::Root,
        hostile_manifest,
    ),
    ("very_long_and_odd_paths", Needs::Nothing, odd_paths),
];

fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < limit, "took {:?}", start.elapsed());
    result
}

const SOON: Duration = Duration::from_secs(5);

fn pipe() {
    let machine = Machine::new();
    fs::create_dir_all(machine.real("/srv")).unwrap();
    mkfifo(&machine.real("/srv/key"), Mode::from_bits_truncate(0o400)).unwrap();
    let report = within(SOON, || machine.check_directory("/srv", &["key"], None));
    assert!(message(&report, Check::NotARegularFile).contains("a named pipe"));
    assert_eq!(report.exit_code(), 1);
}

fn device() {
    let machine = Machine::new();
    machine.directory("/srv", 0, 0, 0o755);
    // /dev/zero: reading it would never end.
    let device = nix::sys::stat::makedev(1, 5);
    let all = Mode::from_bits_truncate(0o444);
    mknod(&machine.real("/srv/key"), SFlag::S_IFCHR, all, device).unwrap();
    let report = within(SOON, || {
        machine.check_directory("/srv", &["key"], Some("alice"))
    });
    assert!(message(&report, Check::NotARegularFile).contains("a character device"));
}

fn huge() {
    let machine = Machine::new();
    machine.file("/srv/key", "", ALICE, USERS, 0o400);
    let real = machine.real("/srv/key");
    let mut permissions = fs::metadata(&real).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    fs::set_permissions(&real, permissions).unwrap();
    // Sparse: a terabyte that takes no room.
    let file = fs::OpenOptions::new().write(true).open(&real).unwrap();
    file.set_len(1 << 40).unwrap();
    let report = within(SOON, || machine.check_directory("/srv", &["key"], None));
    assert!(
        found(&report, Check::ExaminedInPart).is_some(),
        "{:#?}",
        report.findings
    );
}

fn link_loop() {
    let machine = Machine::new();
    machine.link("/srv/key", "other");
    machine.link("/srv/other", "/srv/key");
    let report = within(SOON, || machine.check_directory("/srv", &["key"], None));
    assert!(message(&report, Check::PathBroken).contains("loop of links"));
    machine.link("/run/a", "/run/b");
    machine.link("/run/b", "/run/a");
    let report = within(SOON, || machine.check_directory("/run/a", &["key"], None));
    assert!(message(&report, Check::PathBroken).contains("loop of links"));
}

fn directory_loop() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o400);
    machine.link("/run/secrets.d/1/self", ".");
    machine.link("/run/secrets.d/1/up", "..");
    let mut deep = String::from("/run/secrets.d/1");
    for _ in 0..40 {
        deep.push_str("/d");
        machine.directory(&deep, 0, 0, 0o755);
    }
    let report = within(SOON, || machine.discover(None));
    assert!(
        report
            .not_checked
            .iter()
            .any(|missed| missed.why.contains("8 levels"))
    );
    assert!(
        names(&report).contains(&"not-a-regular-file"),
        "the links lead to directories"
    );
}

/// Runs `disturb` over and over in another thread while `work` runs.
fn disturbed<T>(disturb: impl Fn() + Send + 'static, work: impl FnOnce() -> T) -> T {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        while !seen.load(Ordering::Relaxed) {
            disturb();
        }
    });
    let result = work();
    stop.store(true, Ordering::Relaxed);
    thread.join().unwrap();
    result
}

fn swapped() {
    // The current generation changes faster than anybody can look: the check says so or sees one
    // whole generation, and never mixes them silently.
    let machine = Machine::new();
    for number in [1, 2] {
        machine.generation("/run/secrets", number);
        machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o400);
    }
    let (link, temporary) = (
        machine.real("/run/secrets"),
        machine.real("/run/secrets.tmp"),
    );
    let swap = move || {
        for number in ["1", "2"] {
            fs::remove_file(&temporary).ok();
            symlink(format!("/run/secrets.d/{number}"), &temporary).unwrap();
            fs::rename(&temporary, &link).unwrap();
        }
    };
    let all = manifest(
        &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0400")],
        &[],
        "",
    );
    let start = Instant::now();
    let noticed = disturbed(swap, || {
        while start.elapsed() < Duration::from_secs(30) {
            let report = machine.check(&all);
            assert_eq!(names(&report), [""; 0]);
            if report.exit_code() == 2 {
                return true;
            }
        }
        false
    });
    assert!(
        noticed,
        "no run noticed that the generations changed while it looked"
    );
}

fn swapped_for_links() {
    // bob owns the directory and swaps his file for a link to root's: whatever the moment, root's
    // file is never read for him, and the directory is reported.
    let machine = Machine::new();
    machine.file("/etc/root-only", "AGE-SECRET-KEY-1CANARY", 0, 0, 0o600);
    machine.directory("/srv", BOB, USERS, 0o755);
    machine.file("/srv/key", "0123456789", BOB, USERS, 0o400);
    let (key, other) = (machine.real("/srv/key"), machine.real("/srv/other"));
    let target = machine.real("/etc/root-only");
    let swap = move || {
        fs::remove_file(&other).ok();
        symlink(&target, &other).unwrap();
        fs::rename(&other, &key).unwrap();
        fs::write(&other, "0123456789").unwrap();
        chown(&other, Some(BOB), Some(USERS)).unwrap();
        fs::rename(&other, &key).unwrap();
    };
    disturbed(swap, || {
        for _ in 0..50 {
            let report = machine.check_directory("/srv", &["key"], Some("bob"));
            for secret in &report.secrets {
                let followed = secret.length == Some(22) && secret.content_checked;
                assert!(!followed, "root's file was read as a secret of bob");
            }
        }
    });
}

fn busy() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", "0123456789", ALICE, USERS, 0o600);
    let path = machine.real("/run/secrets.d/1/a");
    let write = move || {
        fs::write(&path, "0123456789").unwrap();
    };
    let all = manifest(
        &[declared("sops-nix", "a", "/run/secrets/a", "alice", "0600")],
        &[reader("a", "alice", "x")],
        "",
    );
    within(Duration::from_secs(20), || {
        disturbed(write, || {
            for _ in 0..20 {
                let report = machine.check(&all);
                // Half-written, it may well look empty; it must not be anything else.
                let odd = names(&report)
                    .into_iter()
                    .filter(|name| *name != "empty")
                    .count();
                assert_eq!(odd, 0, "{:#?}", report.findings);
            }
        });
    });
}

fn escapes() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    let name = "a\u{1b}]0;owned\u{7}\u{1b}[31m\n::error::pwn\u{202e}<x>&\"'";
    machine.secret("/run/secrets", name, "", ALICE, USERS, 0o404);
    fs::write(
        machine
            .real("/run/secrets.d/1")
            .join(bytes(b"\xff\xfe\x9b2J")),
        "",
    )
    .unwrap();
    let report = machine.discover(Some("alice"));
    assert!(names(&report).contains(&"empty"));
    assert_inert(&report);
    let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
    let names: Vec<_> = value["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&name), "JSON keeps the real name: {names:?}");
}

/// Nothing that a terminal or a CI system acts on is in any format.
fn assert_inert(report: &runtime_check::Report) {
    let all = RenderOptions {
        color: false,
        verbose: true,
        quiet: false,
    };
    for (format, text) in [
        ("human", human(report, all)),
        ("json", json(report)),
        ("junit", junit(report)),
    ] {
        let raw = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(raw, None, "{format}");
        assert!(
            !text.lines().any(|line| line.starts_with("::error")),
            "{format}"
        );
    }
}

fn hostile_manifest() {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", "", 0, 0, 0o444);
    // An accounts data base with such a name, too.
    let odd = "\u{1b}[31mevil\u{202e}";
    machine.file(
        "/etc/passwd",
        format!("{}{odd}:x:1002:100::/:/bin/sh\n", crate::support::PASSWD),
        0,
        0,
        0o644,
    );
    machine.secret("/run/secrets", "b", "0123456789", 1002, 0, 0o400);
    let json = r"\u001b]0;owned\u0007\n::error::x\u202e\u009b2J";
    let secret = |path: &str| {
        format!(
            r#"{{"manager": "sops-nix", "scope": "system", "attribute": "{json}", "name": "{json}", "path": "{path}",
                "owner": "{json}", "group": "{json}", "mode": "{json}"}}"#
        )
    };
    let secrets = [
        secret("/run/secrets/a"),
        secret("/run/secrets/b"),
        secret(&format!("/run/{json}/x")),
        secret(&format!("$({json})")),
        format!(r#"{{"name": "{json}", "path": null}}"#),
    ];
    let readers = [json, "alice", "bob"].map(|user| {
        format!(r#"{{"secret": null, "path": "/run/secrets/b", "user": "{user}", "via": "{json}", "moment": "{json}"}}"#)
    });
    let server = |secret: &str, path: &str| {
        format!(r#"{{"name": "{json}", "enabled": true, "secret": "{secret}", "path": "{path}"}}"#)
    };
    let mcp = [json, "alice", "root"].map(|user| {
        let servers = [server(json, "/run/secrets/a"), server(json, &format!("${json}")), server(json, "/run/secrets/b"), server(json, &format!("/none/{json}"))];
        format!(r#"{{"user": "{user}", "module": "{json}", "secrets_path": "{json}", "servers": [{}]}}"#, servers.join(", "))
    });
    let all =
        manifest(&secrets, &readers, &mcp.join(", ")).replace("\"desk\"", &format!("\"{json}\""));
    let report = machine.check(&all);
    assert!(
        report.findings.len() > 8 && !report.not_checked.is_empty(),
        "{report:#?}"
    );
    assert_inert(&report);
    // The choice of a host names the hosts.
    let mut options = machine.options(runtime_check::Expectation::Manifest(all));
    options.host = Some("\u{1b}[31m".to_owned());
    assert_inert(&crate::support::run(&options));
    options.user = Some("\u{1b}[31m".to_owned());
    assert_inert(&crate::support::run(&options));
}

fn bytes(name: &[u8]) -> std::ffi::OsString {
    std::os::unix::ffi::OsStringExt::from_vec(name.to_vec())
}

fn odd_paths() {
    let machine = Machine::new();
    machine.file("/srv/key", TOKEN, 0, 0, 0o400);
    let long = format!("/{}", "d/".repeat(3000));
    let longer = format!("/{}/key", "x".repeat(100_000));
    for path in [
        long.as_str(),
        &longer,
        "/",
        "/..",
        "/srv/..",
        "/srv/key/x",
        "/srv/key/",
        "//srv//key/.",
    ] {
        let secret = declared("custom", "k", path, "root", "0400");
        within(SOON, || machine.check(&manifest(&[secret], &[], "")));
    }
    let secret = declared("custom", "k", "/../../srv/./key", "root", "0400");
    let report = machine.check(&manifest(&[secret], &[], ""));
    assert_eq!(
        report.secrets[0].length,
        Some(40),
        "above the root is the root"
    );
}
