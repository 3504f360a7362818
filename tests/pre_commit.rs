//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit in a repository made here.
//!
//! pre-commit comes from the PATH, or from PyPI into an environment in cargo's target directory;
//! where neither is to be had, the test says so and proves nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{package, stderr, stdout};
use test_support::{copy_of, program, require};

/// The program, or nothing where it cannot be had.
fn pre_commit() -> Option<PathBuf> {
    let works = |program: &Path| {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    let on_path = PathBuf::from("pre-commit");
    if works(&on_path) {
        return Some(on_path);
    }
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit");
    let program = environment.join("bin/pre-commit");
    if works(&program) {
        return Some(program);
    }
    let mut venv = Command::new("python3");
    let made = venv.args(["-m", "venv"]).arg(&environment).output();
    made.ok().filter(|output| output.status.success())?;
    let installed = Command::new(environment.join("bin/pip"))
        .args(["install", "--quiet", "pre-commit"])
        .output();
    installed.ok().filter(|output| output.status.success())?;
    works(&program).then_some(program)
}

/// A git repository that nothing outside configures.
struct Repository {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
    pre_commit: PathBuf,
}

impl Repository {
    fn new(folder: tempfile::TempDir, pre_commit: &Path) -> Self {
        let repository = Self {
            folder,
            home: tempfile::tempdir().unwrap(),
            pre_commit: pre_commit.to_owned(),
        };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_mcp-lint")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "alice")
            .env("GIT_AUTHOR_EMAIL", "alice@example.org")
            .env("GIT_COMMITTER_NAME", "alice")
            .env("GIT_COMMITTER_EMAIL", "alice@example.org");
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            stderr(&output)
        );
        stdout(&output).trim().to_owned()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--no-verify", "--message", "Change"]);
    }

    fn run_hooks(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(&self.pre_commit);
        command.arg("run").args(arguments).output().unwrap()
    }
}

/// The hooks as they are published, but for the program: the one under test is on the PATH, so that
/// pre-commit does not compile it once more.
fn hooks(pre_commit: &Path) -> Repository {
    let hooks = Repository::new(tempfile::tempdir().unwrap(), pre_commit);
    let text = std::fs::read_to_string(package().join(".pre-commit-hooks.yaml")).unwrap();
    assert_eq!(text.matches("language: rust").count(), 2);
    let text = text.replace("language: rust", "language: system");
    std::fs::write(hooks.path().join(".pre-commit-hooks.yaml"), text).unwrap();
    hooks.commit();
    hooks
}

fn project(example: &str, hooks: &Repository, hook: &str) -> Repository {
    let folder = copy_of(&package().join("examples").join(example));
    let project = Repository::new(folder, &hooks.pre_commit);
    let configuration = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: {hook}\n",
        hooks.path().display(),
        hooks.git(&["rev-parse", "HEAD"])
    );
    std::fs::write(
        project.path().join(".pre-commit-config.yaml"),
        configuration,
    )
    .unwrap();
    project.commit();
    project
}

#[test]
fn the_hooks_run_under_pre_commit() {
    if program("git").is_none() {
        return;
    }
    let found = pre_commit().ok_or("it is not on the PATH and cannot be installed");
    let Some(pre_commit) = require("pre-commit", found) else {
        return;
    };
    let hooks = hooks(&pre_commit);
    the_whole_project_is_checked(&hooks);
    only_what_is_staged_is_reported(&hooks);
}

fn the_whole_project_is_checked(hooks: &Repository) {
    let wrong = project("nixos-sops-wrong", hooks, "mcp-lint");
    let output = wrong.run_hooks(&["--all-files"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(text.contains("error[root-owned-secret]"), "{text}");
    // Once, however many files there are.
    assert_eq!(text.matches("mcp-lint explain").count(), 1, "{text}");

    let right = project("nixos-sops", hooks, "mcp-lint");
    let output = right.run_hooks(&["--all-files"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    // A commit that touches neither Nix nor secrets is not held up.
    std::fs::write(right.path().join("notes.md"), "notes").unwrap();
    right.git(&["add", "notes.md"]);
    let output = stdout(&right.run_hooks(&[]));
    assert!(output.contains("Skipped"), "{output}");
}

fn only_what_is_staged_is_reported(hooks: &Repository) {
    let project = project("nixos-sops-wrong", hooks, "mcp-lint-staged");
    let path = project.path().join("users.nix");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}# touched\n")).unwrap();
    project.git(&["add", "users.nix"]);
    let output = project.run_hooks(&[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(text.contains("error[mcp-secret-name-mismatch]"), "{text}");
    // This one is about secrets.nix alone.
    assert!(!text.contains("world-accessible-secret-mode"), "{text}");
}
