//! `mcp-lint files`: on a project, on a directory without Nix, on one file, and on what is hostile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{copy_of, json, package, run, stderr, stdout};

const AGE: &[u8] = include_bytes!("../lints/tests/samples/secret.age");
const SOPS: &str = include_str!("../lints/tests/samples/secrets.yaml");

fn write(project: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = project.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn files(folder: &Path, path: &str) -> Vec<Value> {
    let output = run(folder, &["files", path, "--format", "json"]);
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let document = json(&output);
    assert_eq!(document["schema"], 1);
    document["files"].as_array().unwrap().clone()
}

/// Path and state of every file.
fn states(files: &[Value]) -> Vec<(&str, &str)> {
    let text = |file: &'_ Value, field: &str| -> &'static str {
        let text = file[field].as_str().unwrap().to_owned();
        Box::leak(text.into_boxed_str())
    };
    files
        .iter()
        .map(|file| (text(file, "file"), text(file, "state")))
        .collect()
}

#[test]
fn a_project_names_who_can_decrypt_and_what_uses_it() {
    let fixture = "lints/src/recipients_out_of_sync/fixtures";
    let project = copy_of(&package().join(fixture).join("silent"));
    let found = files(project.path(), ".");
    assert_eq!(
        found,
        [json!({
            "file": "secrets/desk.yaml",
            "format": "sops-yaml",
            "state": "encrypted",
            "recipients": ["alice", "desk"],
            "used_by": ["nixosConfigurations.desk: sops.secrets.github_token"],
            "tracked": null,
            "problems": [],
        })]
    );
    let project = copy_of(&package().join(fixture).join("silent-agenix"));
    let found = files(project.path(), ".");
    assert_eq!(found[0]["recipients"], json!(["alice", "desk"]));
    assert_eq!(
        found[0]["used_by"],
        json!(["nixosConfigurations.desk: age.secrets.github_token"])
    );
    let project = copy_of(&package().join(fixture).join("fires"));
    let found = files(project.path(), ".");
    assert_eq!(found[0]["problems"][0]["code"], "recipients-out-of-sync");
}

#[test]
fn a_directory_without_nix() {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    let partly = SOPS.replacen(
        "github_token: ENC[",
        "db_password: hunter2-9\ngithub_token: ENC[",
        1,
    );
    write(root, "secrets/a.yaml", SOPS);
    write(root, "secrets/b.yaml", &partly);
    write(root, "secrets/c.yaml", "token: abc\n");
    write(root, "secrets/d.age", "");
    write(root, "e.age", AGE);
    write(root, "f.age", AGE.get(..AGE.len() - 20).unwrap());
    write(root, "deep/er/any-name", AGE);
    write(root, "README.md", "sops:\n  nothing here\n");
    write(root, "compose.yaml", "services: {}\n");
    let found = files(root, ".");
    assert_eq!(
        states(&found),
        [
            ("deep/er/any-name", "encrypted"),
            ("e.age", "encrypted"),
            ("f.age", "broken"),
            ("secrets/a.yaml", "encrypted"),
            ("secrets/b.yaml", "partial"),
            ("secrets/c.yaml", "plaintext"),
            ("secrets/d.age", "empty"),
        ]
    );
    let partial = &found[4]["problems"][0];
    assert_eq!(partial["code"], "plaintext-value");
    assert_eq!(partial["line"], 1);
    // Paths are relative to what was named.
    let below = files(root, "secrets");
    assert_eq!(below[0]["file"], "a.yaml");
    let table = stdout(&run(root, &["files"]));
    assert!(
        table.contains("secrets/b.yaml    sops-yaml  partial"),
        "{table}"
    );
    assert!(table.ends_with("7 secret files, 3 encrypted\n"), "{table}");
    assert!(!table.contains("hunter2"), "{table}");
}

#[test]
fn one_file_is_named_as_it_was_given() {
    let project = tempfile::tempdir().unwrap();
    write(project.path(), "secrets/a.yaml", SOPS);
    write(project.path(), "notes.txt", "buy milk\n");
    write(
        project.path(),
        ".sops.yaml",
        "keys:\n  - &alice age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp\ncreation_rules:\n  - age: *alice\n",
    );
    let found = files(project.path(), "./secrets/a.yaml");
    assert_eq!(states(&found), [("./secrets/a.yaml", "encrypted")]);
    let found = files(project.path(), "notes.txt");
    assert_eq!(states(&found), [("notes.txt", "plaintext")]);
    let output = run(project.path(), &["files", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot look at nowhere: no such file"));
}

#[test]
fn what_a_rule_is_for_is_listed_whatever_is_in_it() {
    let project = tempfile::tempdir().unwrap();
    write(
        project.path(),
        ".sops.yaml",
        "creation_rules:\n  - path_regex: ^hosts/[^/]+/credentials\\.yaml$\n    age: age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp\n",
    );
    write(
        project.path(),
        "hosts/desk/credentials.yaml",
        "token: abc\n",
    );
    write(project.path(), "hosts/desk/settings.yaml", "level: debug\n");
    assert_eq!(
        states(&files(project.path(), ".")),
        [("hosts/desk/credentials.yaml", "plaintext")]
    );
}

#[test]
fn nothing_is_nothing() {
    let project = tempfile::tempdir().unwrap();
    assert_eq!(files(project.path(), "."), Vec::<Value>::new());
    assert_eq!(
        stdout(&run(project.path(), &["files"])),
        "no secret files\n"
    );
}

/// Every kind of file that is there to take time or memory, or to be followed.
#[cfg(unix)]
#[test]
fn a_hostile_tree_takes_bounded_time_and_memory() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.yaml", "password: hunter2-outside\n");
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    write(root, "secrets/good.yaml", SOPS);
    for name in ["secrets/huge.yaml", "secrets/huge.age", "huge.bin"] {
        write(root, name, "");
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(root.join(name))
            .unwrap();
        file.set_len(1 << 30).unwrap();
    }
    write(root, "secrets/deep.yaml", "- ".repeat(200_000));
    write(root, "secrets/deep.json", "[".repeat(200_000));
    let bomb: String = (1..60).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n")
    });
    write(root, "secrets/bomb.yaml", bomb);
    write(root, "secrets/latin1.yaml", b"key: caf\xe9\n");
    write(root, "secrets/nul.yaml", b"a\0b: \0\n");
    write(
        root,
        "secrets/line.env",
        format!("TOKEN={}", "x".repeat(9 << 20)),
    );
    symlink(
        outside.path().join("secret.yaml"),
        root.join("secrets/link.yaml"),
    )
    .unwrap();
    symlink("/dev/zero", root.join("secrets/zero.yaml")).unwrap();
    symlink(root, root.join("secrets/loop")).unwrap();
    let has_pipe = Command::new("mkfifo")
        .arg(root.join("secrets/pipe.yaml"))
        .status()
        .is_ok_and(|status| status.success());
    let start = Instant::now();
    let output = run(root, &["files", "--format", "json"]);
    assert!(
        start.elapsed() < Duration::from_secs(120),
        "{:?}",
        start.elapsed()
    );
    // What could not be read is said, and not passed over.
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(!text.contains("hunter2-outside"));
    let document = json(&output);
    let of = |name: &str| {
        let files = document["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["file"] == name);
        file.unwrap_or_else(|| panic!("{name} is not listed"))
            .clone()
    };
    assert_eq!(of("secrets/good.yaml")["state"], "encrypted");
    for name in ["secrets/huge.yaml", "secrets/huge.age"] {
        let file = of(name);
        assert_eq!(file["state"], "broken", "{name}");
        assert_eq!(
            file["problems"][0]["message"],
            "larger than 64 MiB: not looked at"
        );
    }
    for name in ["secrets/link.yaml", "secrets/zero.yaml"] {
        let file = of(name);
        assert_eq!(file["state"], "broken", "{name}");
        assert_eq!(
            file["problems"][0]["message"],
            "a symbolic link that is not followed"
        );
    }
    if has_pipe {
        assert_eq!(
            of("secrets/pipe.yaml")["problems"][0]["message"],
            "not a regular file"
        );
    }
    for name in [
        "deep.yaml",
        "deep.json",
        "bomb.yaml",
        "latin1.yaml",
        "nul.yaml",
        "line.env",
    ] {
        let file = of(&format!("secrets/{name}"));
        assert_ne!(file["state"], "encrypted", "{name}");
        assert!(!file["problems"].as_array().unwrap().is_empty(), "{name}");
    }
    assert!(!text.contains("huge.bin"));
}

/// The same tree under `check`, where a configuration names the hostile files.
#[cfg(unix)]
#[test]
fn a_configuration_that_names_hostile_files() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.yaml", SOPS);
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    write(
        root,
        "configuration.nix",
        "{\n  sops.secrets.a.sopsFile = ./huge.yaml;\n  sops.secrets.b.sopsFile = ./zero.yaml;\n  \
         sops.secrets.c.sopsFile = ./link.yaml;\n  age.secrets.d.file = ./huge.age;\n}\n",
    );
    for name in ["huge.yaml", "huge.age", "keys.txt"] {
        write(root, name, "");
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(root.join(name))
            .unwrap();
        file.set_len(1 << 30).unwrap();
    }
    symlink("/dev/zero", root.join("zero.yaml")).unwrap();
    symlink(outside.path().join("secret.yaml"), root.join("link.yaml")).unwrap();
    let start = Instant::now();
    let output = run(root, &["check", "--format", "short"]);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{}",
        stderr(&output)
    );
}
