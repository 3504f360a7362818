//! `mcp-lint init` writes what a project begins with, and takes nothing away.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{package, run, stderr, stdout, write};

#[test]
fn the_file_that_is_written_changes_nothing() {
    let project = test_support::copy_of(&package().join("tests/guide/complete-sops"));
    let before = stdout(&run(project.path(), &["--format", "json"]));
    let output = run(project.path(), &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "wrote ./mcp-lint.toml\n");
    assert_eq!(before, stdout(&run(project.path(), &["--format", "json"])));
    // What is commented out is an example that works.
    let path = project.path().join("mcp-lint.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let examples: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(example) if example.contains(" = ") || example.starts_with('[') => {
                format!("{example}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    assert!(examples.contains("\n[[reader]]\n"));
    run(
        project.path(),
        &["check", "--write-baseline", "mcp-lint-baseline.json"],
    );
    std::fs::write(&path, &examples).unwrap();
    std::fs::create_dir(project.path().join("nixpkgs")).unwrap();
    // The reader of the example is of no module here.
    let error = stderr(&run(project.path(), &[]));
    let is_told = error.starts_with("note: no configuration gives a secret to `services.foo.");
    assert!(is_told && error.lines().count() == 1, "{error}{examples}");
}

#[test]
fn nothing_is_overwritten_unless_asked_for() {
    let project = tempfile::tempdir().unwrap();
    write(project.path(), "mcp-lint.toml", "pedantic = true\n");
    let output = run(project.path(), &["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("mcp-lint.toml is there already"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("--force"), "{}", stderr(&output));
    assert!(!project.path().join(".pre-commit-config.yaml").exists());
    assert_eq!(
        run(project.path(), &["init", "--force"]).status.code(),
        Some(0)
    );
    let text = std::fs::read_to_string(project.path().join("mcp-lint.toml")).unwrap();
    assert!(text.contains("fail-on"));
}

#[test]
fn a_pre_commit_entry_is_added_to_what_is_there() {
    let project = tempfile::tempdir().unwrap();
    let before = "# ours\nrepos:\n- repo: https://github.com/a/b\n  rev: v1\n  hooks:\n  - id: c\n";
    write(project.path(), ".pre-commit-config.yaml", before);
    let output = run(project.path(), &["init", "--hook"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(project.path().join(".pre-commit-config.yaml")).unwrap();
    let added = text.strip_prefix(before).unwrap();
    assert!(
        added.starts_with("- repo: local\n  hooks:\n    - id: mcp-lint\n"),
        "{text}"
    );
    // Again: it is there.
    run(project.path(), &["init", "--hook", "--force"]);
    assert_eq!(
        text,
        std::fs::read_to_string(project.path().join(".pre-commit-config.yaml")).unwrap()
    );
    let fresh = tempfile::tempdir().unwrap();
    run(fresh.path(), &["init", "--hook"]);
    let text = std::fs::read_to_string(fresh.path().join(".pre-commit-config.yaml")).unwrap();
    assert!(
        text.starts_with("repos:\n  - repo: local\n    hooks:\n"),
        "{text}"
    );
}

#[test]
fn a_configuration_that_cannot_be_gone_on_with_is_left_alone() {
    let project = tempfile::tempdir().unwrap();
    let before = "repos: []\nci:\n  skip: [a]\n";
    write(project.path(), ".pre-commit-config.yaml", before);
    let output = run(project.path(), &["init", "--hook"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("add this to its list yourself"),
        "{}",
        stderr(&output)
    );
    assert!(!project.path().join("mcp-lint.toml").exists());
}

#[test]
fn the_hook_of_git_can_be_run() {
    let project = tempfile::tempdir().unwrap();
    let output = run(project.path(), &["init", "--hook=git"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("not a git repository")
            || project
                .path()
                .ancestors()
                .any(|above| above.join(".git").exists())
    );
    std::fs::create_dir(project.path().join(".git")).unwrap();
    let output = run(project.path(), &["init", "--hook=git", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let hook = project.path().join(".git/hooks/pre-commit");
    assert!(
        std::fs::read_to_string(&hook)
            .unwrap()
            .starts_with("#!/bin/sh\n")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_ne!(
            std::fs::metadata(&hook).unwrap().permissions().mode() & 0o100,
            0
        );
    }
}
