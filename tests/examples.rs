//! The examples give the findings that are marked in them, and no others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "../lints/tests/support/mod.rs"]
mod annotated;
mod support;

use std::path::PathBuf;

use support::{package, run};

fn examples() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(package().join("examples")).unwrap();
    let mut folders: Vec<PathBuf> = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn findings_are_where_they_are_marked_and_nowhere_else() {
    let differences: String = examples()
        .iter()
        .map(|example| annotated::compare(example))
        .collect();
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn the_wrong_ones_fail_and_the_right_ones_have_no_error() {
    for example in examples() {
        let name = example.file_name().unwrap().to_string_lossy().into_owned();
        let code = run(&example, &[]).status.code();
        assert_eq!(code, Some(i32::from(name.ends_with("-wrong"))), "{name}");
        if !name.ends_with("-wrong") && name != "complete-sops" {
            assert_eq!(
                run(&example, &["--fail-on", "warning"]).status.code(),
                Some(0),
                "{name}"
            );
        }
    }
}

/// The main job of the README, at the file that it names.
#[test]
fn the_command_of_the_readme_gives_warnings_and_no_error() {
    let readme = std::fs::read_to_string(package().join("README.md")).unwrap();
    let command = "cargo run --release -- examples/complete-sops/flake.nix";
    assert!(readme.contains(command));
    let output = run(package(), &["examples/complete-sops/flake.nix"]);
    let text = support::stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("warning[path-inside-secrets-for-users]") && !text.contains("error["),
        "{text}"
    );
}
