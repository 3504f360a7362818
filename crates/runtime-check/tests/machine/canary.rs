//! No byte of a secret is in anything that comes out.

use std::process::{Command, Stdio};

use runtime_check::{RenderOptions, human, json, junit};

use test_support::copy_program;

use crate::support::{ALICE, Machine, USERS, declared, manifest, reader_of};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("no_canary_in_any_output", Needs::Root, outputs),
    ("no_canary_in_what_the_helper_says", Needs::Root, helper),
    (
        "no_canary_in_a_process_that_may_use_little_memory",
        Needs::Root,
        little_memory,
    ),
    ("no_core_file", Needs::Root, no_core),
];

/// Parts that stand in no message by chance.
const CANARIES: [&str; 4] = ["QzXk7", "Wv9Jq", "Zx4Kp", "Jq8Vw"];

/// Secrets of every class, each with a canary in it.
fn machine() -> (Machine, String) {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    let [a, b, c, d] = CANARIES;
    let contents = [
        format!("ghp_{a}{b}{c}{d}{a}{b}{c}1"),
        format!("ghp_{a}"),
        format!("{a} {b}\r\n"),
        format!("\u{feff}{c}\0"),
        format!("GITHUB_TOKEN={a}{b}"),
        format!("age-encryption.org/v1\n-> X25519 {c}\n"),
        format!("ENC[AES256_GCM,data:{d},iv:a,tag:b,type:str]"),
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{a}{b}\n"),
        format!("your_{a}_here changeme {b}"),
        format!("$6${c}${d}"),
        format!("{a}\n").repeat(30_000),
        format!("\u{1b}[31m{b}"),
    ];
    let mut secrets = Vec::new();
    let mut readers = Vec::new();
    for (index, content) in contents.iter().enumerate() {
        for (name, usage) in [
            ("GITHUB_TOKEN", "variable"),
            ("password", "password-hash"),
            ("env", "environment-file"),
        ] {
            let name = format!("{index}/{name}");
            machine.directory(&format!("/run/secrets.d/1/{index}"), 0, 0, 0o751);
            machine.secret("/run/secrets", &name, content, ALICE, USERS, 0o444);
            secrets.push(declared(
                "sops-nix",
                &name,
                &format!("/run/secrets/{name}"),
                "alice",
                "0400",
            ));
            readers.push(reader_of(&name, "alice", "x", usage));
        }
    }
    machine.directory("/home/alice/.cursor", ALICE, USERS, 0o755);
    let client = format!(
        r#"{{"mcpServers": {{"x": {{"env": {{"A_TOKEN": "{a}{b}{c}{d}", "B": "ghp_{a}{b}{c}{d}{a}{b}{c}1",
            "ghp_{a}{b}{c}{d}{a}{b}{c}1": "name"}}, "args": ["--token=ghp_{a}{b}{c}{d}{a}{b}{c}1", "https://u:{a}{b}@h/"],
            "headers": {{"Authorization": "Bearer {a}\u0041{b}{c}"}}, "command": "{d} {a}"}}}}, "broken": {a}"#
    );
    machine.file("/home/alice/.cursor/mcp.json", client, ALICE, USERS, 0o600);
    for directory in ["/home/alice/.config", "/home/alice/.config/goose"] {
        machine.directory(directory, ALICE, USERS, 0o755);
    }
    let goose = format!(
        "extensions:\n  x:\n    cmd: \"{d} {a}\"\n    args: [\"--token=ghp_{a}{b}{c}{d}{a}{b}{c}1\"]\n    envs:\n      \
         A_TOKEN: {a}{b}{c}{d}\n      ghp_{a}{b}{c}{d}{a}{b}{c}1: name\n      B: !x |\n        {a}{b}\n  ? [{a}{b}]\n  : {c}\n"
    );
    let path = "/home/alice/.config/goose/config.yaml";
    machine.file(path, goose, ALICE, USERS, 0o600);
    let mcp = r#"{"user": "alice", "module": "services.mcp", "secrets_path": "/run/secrets", "servers": []}"#;
    (machine, manifest(&secrets, &readers, mcp))
}

fn assert_clean(what: &str, text: &[u8]) {
    for canary in CANARIES {
        let found = text
            .windows(canary.len())
            .any(|window| window == canary.as_bytes());
        assert!(!found, "{what} holds the canary {canary}");
    }
}

fn outputs() {
    let (machine, manifest) = machine();
    let report = machine.check(&manifest);
    assert!(report.findings.len() > 50, "{}", report.findings.len());
    let all = RenderOptions {
        color: true,
        verbose: true,
        quiet: false,
    };
    assert_clean("human", human(&report, all).as_bytes());
    assert_clean("json", json(&report).as_bytes());
    assert_clean("junit", junit(&report).as_bytes());
    assert_clean("debug", format!("{report:?}").as_bytes());
}

/// Talks to the helper as the check does, and reads everything that comes back.
fn helper() {
    let (machine, _) = machine();
    let files: Vec<_> = (0..12)
        .map(|index| format!(r#"["/run/secrets/{index}/GITHUB_TOKEN", "content"]"#))
        .chain([
            r#"["/home/alice/.cursor/mcp.json", {"client": {"format": "json", "row": null}}]"#
                .to_owned(),
            r#"["/home/alice/.config/goose/config.yaml", {"client": {"format": "yaml", "row": null}}]"#
                .to_owned(),
        ])
        .collect();
    let request = format!(
        r#"{{"account": {{"name": "alice", "uid": 1000, "gid": 100, "groups": [100], "home": "/home/alice"}},
            "request": {{"root": "{}", "files": [{}], "listings": []}}, "units": []}}"#,
        machine.real("/").display(),
        files.join(", ")
    );
    let mut child = Command::new("/proc/self/exe")
        .arg(runtime_check::PROBE_COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        answer.contains("still-encrypted") || answer.contains("ciphertext"),
        "{answer}"
    );
    assert!(output.status.success());
    assert_clean("the helper's answer", &output.stdout);
    assert_clean("the helper's errors", &output.stderr);
}

fn little_memory() {
    let (machine, manifest) = machine();
    machine.file("/manifest.json", manifest, 0, 0, 0o600);
    let program = machine.real("/check");
    copy_program(&std::env::current_exe().unwrap(), &program);
    machine.mode("/check", 0o755);
    // From too little to start with to enough for everything: some of them fail half-way.
    let mut codes = Vec::new();
    for limit in [
        4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 18_000, 24_000, 40_000, 400_000,
    ] {
        let script =
            format!("ulimit -v {limit}; ulimit -c unlimited; exec \"$0\" __check \"$1\" \"$2\"");
        let output = Command::new("/bin/sh")
            .args(["-c", &script])
            .arg(&program)
            .arg(machine.real("/manifest.json"))
            .arg(machine.real("/"))
            .current_dir(machine.real("/run"))
            .output()
            .unwrap();
        codes.push(output.status.code());
        assert_clean("standard output", &output.stdout);
        assert_clean("standard error", &output.stderr);
    }
    assert_eq!(
        codes.last(),
        Some(&Some(1)),
        "with enough memory it works: {codes:?}"
    );
    assert!(
        codes.iter().any(|code| *code != Some(1)),
        "every limit was enough: {codes:?}"
    );
    let left = std::fs::read_dir(machine.real("/run")).unwrap().flatten();
    let cores = left.filter(|entry| entry.file_name().to_string_lossy().starts_with("core"));
    assert_eq!(cores.count(), 0, "a core file was written");
}

fn no_core() {
    // The check makes its process undumpable; here that is this test program.
    let (machine, manifest) = machine();
    machine.check(&manifest);
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(line.split_whitespace().nth(4), Some("0"), "{line}");
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!(std::fs::metadata("/proc/self/environ").unwrap().uid(), 0);
}
