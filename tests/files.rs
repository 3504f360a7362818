//! `mcp-lint files`: on a project, on a directory without Nix, and on one file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{json, package, run, stderr, stdout};
use test_support::{copy_of, require};

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
    // As for every other command, the flake's file stands for its project.
    assert_eq!(files(project.path(), "./flake.nix"), found);
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
fn what_a_rule_names_is_listed_whatever_is_in_it() {
    let project = tempfile::tempdir().unwrap();
    write(
        project.path(),
        ".sops.yaml",
        "creation_rules:\n  - path_regex: ^hosts/[^/]+/credentials\\.yaml$\n    age: age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp\n  - path_regex: ^hosts/server/\n    age: age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp\n",
    );
    write(
        project.path(),
        "hosts/desk/credentials.yaml",
        "token: abc\n",
    );
    write(project.path(), "hosts/desk/settings.yaml", "level: debug\n");
    // A rule for a directory is for what is secret in it.
    write(
        project.path(),
        "hosts/server/policies/loki.json",
        "{\"Version\": 1}\n",
    );
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

/// A flake that is one part of a repository, whose `.sops.yaml` lies at its top.
#[test]
fn the_rules_of_a_repository_count_for_a_flake_in_it() {
    let fixture = package().join("lints/src/recipients_out_of_sync/fixtures/fires");
    let repository = tempfile::tempdir().unwrap();
    let root = repository.path();
    test_support::copy(&fixture, &root.join("nix/desk"));
    std::fs::create_dir(root.join(".git")).unwrap();
    let rules = std::fs::read_to_string(fixture.join(".sops.yaml")).unwrap();
    std::fs::remove_file(root.join("nix/desk/.sops.yaml")).unwrap();
    write(
        root,
        ".sops.yaml",
        rules.replace("^secrets/", "^nix/[^/]+/secrets/"),
    );

    let found = files(root, "nix/desk");
    assert_eq!(found[0]["recipients"], json!(["alice"]));
    assert_eq!(
        found[0]["problems"],
        json!([{
            "code": "recipients-out-of-sync",
            "line": 1,
            "message": "not encrypted to desk, as ../../.sops.yaml says",
        }])
    );
    let output = run(root, &["check", "nix/desk", "--format", "json"]);
    let findings = json(&output);
    let finding = &findings["diagnostics"][0];
    assert_eq!(finding["lint"], "recipients-out-of-sync", "{findings}");
    assert_eq!(finding["primary"]["file"], "../../.sops.yaml", "{findings}");
    // Above the repository nothing counts.
    std::fs::remove_file(root.join(".sops.yaml")).unwrap();
    std::fs::remove_dir(root.join(".git")).unwrap();
    std::fs::create_dir(root.join("nix/.git")).unwrap();
    write(
        root,
        ".sops.yaml",
        rules.replace("^secrets/", "^nix/[^/]+/secrets/"),
    );
    assert_eq!(files(root, "nix/desk")[0]["problems"], json!([]));
    // Without a repository sops looks up to the root of the file system.
    std::fs::remove_dir(root.join("nix/.git")).unwrap();
    let problems = &files(root, "nix/desk")[0]["problems"];
    assert_eq!(problems[0]["code"], "recipients-out-of-sync");
}

#[test]
fn a_path_that_cannot_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;

    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    write(root, "secrets/a.yaml", SOPS);
    write(root, "b.age", AGE);
    let closed = |name: &str, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(root.join(name), permissions).unwrap();
    };
    write(root, "closed/c.age", AGE);
    closed("b.age", 0o000);
    closed("closed", 0o000);
    let is_refused = std::fs::read(root.join("b.age")).err();
    if require("permissions", is_refused.ok_or("root reads any file")).is_none() {
        closed("closed", 0o700);
        return;
    }
    // Nothing is seen in a directory that is closed, which is not the same as nothing there.
    let output = run(root, &["files", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let listed = stdout(&output);
    let inside = run(root, &["files", "closed", "--format", "json"]);
    assert_eq!(inside.status.code(), Some(2));
    closed("closed", 0o700);
    assert!(
        listed.contains("a directory that cannot be read: "),
        "{listed}"
    );
    for path in [".", "b.age"] {
        let output = run(root, &["files", path, "--format", "json"]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        let document = json(&output);
        let file = document["files"]
            .as_array()
            .unwrap()
            .iter()
            .find(|file| file["file"] == "b.age");
        let file = file.unwrap();
        assert_eq!(file["state"], "unreadable");
        assert_eq!(file["problems"][0]["code"], "unreadable-file");
    }
}
