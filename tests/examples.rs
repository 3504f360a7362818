//! The examples give the findings that are marked in them, and no others: a test for each.
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

use std::path::Path;
use std::process::ExitCode;

use support::{package, run};
use test_support::{case, folders};

fn main() -> ExitCode {
    let readme = "the_command_of_the_readme_gives_warnings_and_no_error";
    let mut cases = vec![case(
        readme,
        the_command_of_the_readme_gives_warnings_and_no_error,
    )];
    for example in folders(&package().join("examples")) {
        let name = example.file_name().unwrap().to_string_lossy().into_owned();
        cases.push(case(&name.clone(), move || {
            let difference = annotated::compare(&example);
            assert!(difference.is_empty(), "\n{difference}");
            a_wrong_one_fails_and_a_right_one_has_no_error(&name, &example);
        }));
    }
    test_support::run(cases)
}

fn a_wrong_one_fails_and_a_right_one_has_no_error(name: &str, example: &Path) {
    let code = run(example, &[]).status.code();
    assert_eq!(code, Some(i32::from(name.ends_with("-wrong"))), "{name}");
    if !name.ends_with("-wrong") && name != "complete-sops" {
        let strict = run(example, &["--fail-on", "warning"]);
        assert_eq!(strict.status.code(), Some(0), "{name}");
    }
}

/// The main job of the README, at the file that it names.
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
