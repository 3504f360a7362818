//! Files that are there to take time or memory, or to be followed: `files` and `check` end soon, with a message
//! that names the file and says what is the matter, and never what is in it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{json, stderr, stdout};
use test_support::{program, require};

const SOPS: &str = include_str!("../lints/tests/samples/secrets.yaml");
/// More than any of these takes, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);
/// Address space, in KiB: stacks and arenas are reserved, and little of them is used.
const MEMORY: &str = "2000000";

/// A project whose configuration names one file.
struct Project {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Project {
    fn new(name: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("secrets")).unwrap();
        let declaration = match name.ends_with(".age") {
            true => format!("age.secrets.a.file = ./{name};"),
            false => format!("sops.secrets.a.sopsFile = ./{name};"),
        };
        let configuration = format!("{{\n  {declaration}\n}}\n");
        std::fs::write(folder.path().join("configuration.nix"), configuration).unwrap();
        Self { folder, name }
    }

    fn with(name: &'static str, content: impl AsRef<[u8]>) -> Self {
        let project = Self::new(name);
        std::fs::write(project.path(), content).unwrap();
        project
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join(self.name)
    }

    fn without_nix(&self) -> &Self {
        std::fs::remove_file(self.folder.path().join("configuration.nix")).unwrap();
        self
    }

    /// What `files` says of the file: state and messages.
    fn listed(&self) -> (String, String) {
        let output = limited(self.folder.path(), &["files", "--format", "json"]);
        let document = json(&output);
        let files = document["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["file"] == self.name);
        let file = file.unwrap_or_else(|| panic!("{} is not listed: {document}", self.name));
        let problems = file["problems"].as_array().unwrap();
        let messages: Vec<&str> = problems
            .iter()
            .map(|problem| problem["message"].as_str().unwrap())
            .collect();
        // What could not be read is no success.
        let is_unread = document.to_string().contains("\"unreadable-file\"");
        let expected = if is_unread { 2 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{document}");
        (
            file["state"].as_str().unwrap().to_owned(),
            messages.join("; "),
        )
    }

    /// The exit code of `check`, and what it says.
    fn checked(&self) -> (i32, String) {
        let output = limited(self.folder.path(), &["check", "--format", "json"]);
        let document = json(&output);
        let findings = document["diagnostics"].as_array().unwrap();
        let messages: Vec<&str> = findings
            .iter()
            .map(|finding: &Value| finding["message"].as_str().unwrap())
            .collect();
        (output.status.code().unwrap(), messages.join("; "))
    }

    /// That both commands say this, and `check` ends with this code.
    fn says(&self, state: &str, message: &str, code: i32) {
        let (listed_state, messages) = self.listed();
        assert_eq!(listed_state, state, "{messages}");
        assert!(messages.contains(message), "{messages}");
        let (checked_code, messages) = self.checked();
        assert!(messages.contains(self.name), "{messages}");
        assert!(messages.contains(message), "{messages}");
        assert_eq!(checked_code, code, "{messages}");
    }
}

/// Runs mcp-lint with little memory and against the clock.
fn limited(folder: &Path, arguments: &[&str]) -> Output {
    let start = Instant::now();
    let output = Command::new("/bin/sh")
        .args(["-c", "ulimit -v \"$0\"; exec \"$@\"", MEMORY])
        .arg(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)), "{code:?} {}", stderr(&output));
    assert!(!stdout(&output).contains("hunter2"), "{}", stdout(&output));
    output
}

fn one_gibibyte(project: &Project) {
    std::fs::write(project.path(), "").unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(project.path())
        .unwrap();
    file.set_len(1 << 30).unwrap();
}

#[test]
fn a_file_of_one_gibibyte() {
    for name in [
        "secrets/huge.yaml",
        "secrets/huge.json",
        "secrets/huge.env",
        "secrets/huge.age",
    ] {
        let project = Project::new(name);
        one_gibibyte(&project);
        project.says("unreadable", "larger than 64 MiB", 2);
        let (_, message) = project.without_nix().listed();
        assert_eq!(message, "larger than 64 MiB: not looked at");
    }
}

#[test]
fn deep_nesting() {
    let levels: String = (0..3_000).map(|level| " ".repeat(level) + "a:\n").collect();
    let deep = [
        "- ".repeat(200_000),
        "[".repeat(200_000),
        "{a: ".repeat(100_000),
        levels,
    ];
    for text in &deep {
        Project::with("secrets/deep.yaml", text).says("plaintext", "not encrypted", 1);
        // With the metadata of sops it would be trusted to be encrypted.
        let sops = SOPS.replace(
            "sops:\n",
            &format!("deep: {}\nsops:\n", "[".repeat(200_000)),
        );
        Project::with("secrets/deep.yaml", sops).says("broken", "nested", 1);
    }
    let json = format!("{{\"sops\":{}", "[".repeat(200_000));
    Project::with("secrets/deep.json", json).listed();
}

#[test]
fn an_alias_bomb() {
    let levels = (1..60).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n")
    });
    Project::with("secrets/bomb.yaml", &levels).says("plaintext", "not encrypted", 1);
    let sops = format!("{levels}{SOPS}");
    Project::with("secrets/bomb.yaml", sops).says(
        "broken",
        "too many values, aliases or levels",
        1,
    );
}

#[test]
fn an_alias_bomb_in_the_rules() {
    let project = Project::with("secrets/good.yaml", SOPS);
    let bomb = (1..60).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n")
    });
    let rules = format!("{bomb}creation_rules:\n  - path_regex: .*\n    age: *a59\n");
    std::fs::write(project.folder.path().join(".sops.yaml"), rules).unwrap();
    project.listed();
    let (_, messages) = project.checked();
    assert!(messages.contains(".sops.yaml"), "{messages}");
}

#[test]
fn bytes_that_are_no_utf8() {
    Project::with("secrets/latin1.yaml", b"key: caf\xe9\n").says("plaintext", "not encrypted", 1);
    let mut sops = SOPS.as_bytes().to_vec();
    sops.insert(3, 0xe9);
    Project::with("secrets/latin1.yaml", sops).says("broken", "must be UTF-8", 1);
}

#[test]
fn bytes_that_are_nul() {
    Project::with("secrets/nul.yaml", b"a\0b: \0\n").says("plaintext", "not encrypted", 1);
    let mut sops = SOPS.as_bytes().to_vec();
    sops.insert(3, 0);
    Project::with("secrets/nul.yaml", sops).says("broken", "not valid YAML", 1);
}

#[test]
fn a_line_without_end() {
    let long = "x".repeat(9 << 20);
    for (name, text) in [
        ("secrets/line.yaml", format!("token: {long}\n")),
        ("secrets/line.json", format!("{{\"token\": \"{long}\"}}\n")),
        ("secrets/line.env", format!("TOKEN={long}\n")),
        ("secrets/line.ini", format!("token={long}\n")),
        ("secrets/line.age", long.clone()),
    ] {
        Project::with(name, text).says("plaintext", "not encrypted", 1);
    }
}

#[test]
fn a_symbolic_link_out_of_the_project() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(
        outside.path().join("secret.yaml"),
        "password: hunter2-outside\n",
    )
    .unwrap();
    let project = Project::new("secrets/link.yaml");
    std::os::unix::fs::symlink(outside.path().join("secret.yaml"), project.path()).unwrap();
    project.says("unreadable", "outside the project", 2);
    let (_, message) = project.without_nix().listed();
    assert_eq!(message, "a symbolic link that is not followed");
}

#[test]
fn links_in_a_circle() {
    let project = Project::with("secrets/good.yaml", SOPS);
    let root = project.folder.path();
    std::os::unix::fs::symlink(root, root.join("secrets/loop")).unwrap();
    std::os::unix::fs::symlink("self.yaml", root.join("secrets/self.yaml")).unwrap();
    assert_eq!(project.listed().0, "encrypted");
    project.checked();
}

#[test]
fn a_device() {
    let project = Project::new("secrets/zero.yaml");
    std::os::unix::fs::symlink("/dev/zero", project.path()).unwrap();
    project.says("unreadable", "outside the project", 2);
    // One in the tree itself, where that is allowed.
    let project = Project::new("secrets/null.yaml");
    let made = Command::new("mknod")
        .arg(project.path())
        .args(["c", "1", "5"])
        .output();
    let made = made.is_ok_and(|output| output.status.success());
    if require("devices", made.then_some(()).ok_or("mknod fails")).is_none() {
        return;
    }
    project.says("unreadable", "not a regular file", 2);
}

/// Makes a pipe, where there is the program for it.
fn pipe(path: &Path) -> bool {
    program("mkfifo").is_some_and(|mkfifo| {
        let output = Command::new(mkfifo).arg(path).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        true
    })
}

#[test]
fn a_pipe_that_nobody_writes_to() {
    for name in ["secrets/pipe.yaml", "secrets/pipe.age"] {
        let project = Project::new(name);
        if !pipe(&project.path()) {
            return;
        }
        project.says("unreadable", "not a regular file", 2);
        let (_, message) = project.without_nix().listed();
        assert_eq!(message, "not a regular file");
    }
}

/// Rules and keys may be anything, too.
#[test]
fn pipes_in_the_place_of_rules() {
    let project = Project::with("secrets/good.yaml", SOPS);
    let root = project.folder.path();
    for name in [
        ".sops.yaml",
        "secrets/secrets.nix",
        "secrets.nix",
        "desk.pub",
        ".git",
    ] {
        if !pipe(&root.join(name)) {
            return;
        }
    }
    assert_eq!(project.listed().0, "encrypted");
    project.checked();
}

/// Whatever of Git, or of what is ignored, is a pipe: nothing waits for it, and nothing is unseen for it.
#[test]
fn pipes_in_the_place_of_git_files() {
    for (link, name) in [
        ("", ".gitignore"),
        ("", ".ignore"),
        ("", "secrets/.gitignore"),
        ("", ".git/HEAD"),
        ("", ".git/index"),
        ("", ".git/packed-refs"),
        ("", ".git/config"),
        ("", ".git/info/exclude"),
        ("gitdir: real", "real/commondir"),
        ("gitdir: real", "real/HEAD"),
        ("gitdir: real", "real/index"),
        ("gitdir: real", "real/info/exclude"),
    ] {
        let project = Project::with("secrets/good.yaml", SOPS);
        let root = project.folder.path();
        if !link.is_empty() {
            std::fs::write(root.join(".git"), link).unwrap();
        }
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !pipe(&path) {
            return;
        }
        assert_eq!(project.listed().0, "encrypted", "{name}");
        project.checked();
    }
}

/// A pipe where a report is to be written: nobody reads it, and nothing waits for a reader.
#[test]
fn a_pipe_in_the_place_of_a_report() {
    let project = Project::with("secrets/good.yaml", SOPS);
    if !pipe(&project.folder.path().join("report.sarif")) {
        return;
    }
    let output = limited(
        project.folder.path(),
        &["check", "--output", "sarif=report.sarif", "."],
    );
    assert_eq!(output.status.code(), Some(2));
    let message = "it is a pipe that nobody reads";
    assert!(stderr(&output).contains(message), "{}", stderr(&output));
}

/// What looks like a key and is none.
fn private_key() -> String {
    let body = "Zq7mark".repeat(10);
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

fn finds_the_key(folder: &Path) {
    let output = limited(folder, &["check", "--format", "short", "."]);
    let text = stdout(&output);
    assert!(text.contains("private-key-in-repository"), "{text}");
    assert!(text.contains("host_key"), "{text}");
}

/// What makes a file large hides no key that it begins with.
#[test]
fn a_key_with_padding() {
    let project = Project::with("secrets/good.yaml", SOPS);
    let padded = private_key() + &"\n".repeat(2 << 20);
    std::fs::write(project.folder.path().join("host_key"), padded).unwrap();
    finds_the_key(project.folder.path());
}

/// Rules of other programs than Git hide nothing.
#[test]
fn a_key_that_other_programs_ignore() {
    let project = Project::with("secrets/good.yaml", SOPS);
    for name in [".ignore", ".rgignore", ".fdignore"] {
        std::fs::write(project.folder.path().join(name), "host_key\n").unwrap();
    }
    std::fs::write(project.folder.path().join("host_key"), private_key()).unwrap();
    finds_the_key(project.folder.path());
}
