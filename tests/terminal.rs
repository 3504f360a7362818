//! What people expect of a command in a terminal: version, completions, manual pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::process::Command;

use support::{run, stderr, stdout};
use test_support::program;

#[test]
fn the_version_is_that_of_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let version = stdout(&run(folder.path(), &["--version"]));
    let expected = format!("mcp-lint {}", env!("CARGO_PKG_VERSION"));
    let rest = version.trim_end().strip_prefix(&expected).unwrap();
    // A release build knows its commit.
    let is_commit = |text: &str| {
        let commit = text
            .strip_prefix(" (")
            .and_then(|text| text.strip_suffix(')'));
        commit.is_some_and(|commit| commit.chars().all(|digit| digit.is_ascii_hexdigit()))
    };
    assert!(rest.is_empty() || is_commit(rest), "{version}");
}

#[test]
fn every_shell_gets_completions_that_it_can_read() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "nushell", "zsh"] {
        let output = run(folder.path(), &["completions", shell]);
        let script = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        for word in ["mcp-lint", "inventory", "fail-on", "output"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
        let path = folder.path().join(shell);
        std::fs::write(&path, script).unwrap();
        let check = match shell {
            "bash" | "zsh" => Some("-n"),
            "fish" => Some("--no-execute"),
            _ => None,
        };
        let Some(check) = check else { continue };
        if let Some(program) = program(shell) {
            let output = Command::new(program).arg(check).arg(&path).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{shell}: {}", stderr(&output));
        }
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let page = stdout(&run(folder.path(), &["man"]));
    assert!(
        page.contains(".TH mcp-lint 1") && page.contains("Exit codes"),
        "{page}"
    );
    let output = run(folder.path(), &["man", "--out", "pages"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in [
        "mcp-lint",
        "mcp-lint-check",
        "mcp-lint-inventory",
        "mcp-lint-runtime",
    ] {
        let page = folder.path().join(format!("pages/{name}.1"));
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains(&format!(".TH {name} 1")), "{text}");
    }
}

#[test]
fn help_has_examples_and_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        ["--help"].as_slice(),
        &["check", "--help"],
        &["runtime", "--help"],
    ] {
        let help = stdout(&run(folder.path(), arguments));
        assert!(
            help.contains("Examples:") && help.contains("Exit codes:"),
            "{help}"
        );
    }
}

#[test]
fn a_lint_that_is_mistyped_is_named_aright() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        ["explain", "root-owned-secrets"].as_slice(),
        &["--select", "root-owned-secrets"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        let error = stderr(&output);
        assert!(error.contains("did you mean root-owned-secret?"), "{error}");
    }
}

/// Runs with a text on standard input.
fn with_input(folder: &std::path::Path, arguments: &[&str], text: &str) -> std::process::Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading, which closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn standard_input_stands_for_a_file_of_the_project() {
    let project = test_support::copy_of(&support::package().join("examples/nixos-sops-wrong"));
    let text = std::fs::read_to_string(project.path().join("secrets.nix")).unwrap();
    let text = text.replace("mode = \"0444\";", "");
    let arguments = ["-", "--stdin-filename", "secrets.nix", "--format", "short"];
    let mended = stdout(&with_input(project.path(), &arguments, &text));
    assert!(!mended.contains("world-accessible-secret-mode"), "{mended}");
    let written = stdout(&run(project.path(), &["secrets.nix", "--format", "short"]));
    assert!(
        written.contains("world-accessible-secret-mode"),
        "{written}"
    );
    let broken = with_input(project.path(), &arguments, "{ a = ; }");
    assert_eq!(broken.status.code(), Some(2));
    assert!(
        stdout(&broken).contains("secrets.nix:1:"),
        "{}",
        stdout(&broken)
    );
}

#[test]
fn standard_input_needs_a_name_and_nothing_else() {
    let project = test_support::copy_of(&support::package().join("examples/nixos-sops"));
    for (arguments, message) in [
        (["-"].as_slice(), "needs the name of the file"),
        (&["--stdin-filename", "secrets.nix"], "needs standard input"),
        (
            &["-", "mcp.nix", "--stdin-filename", "secrets.nix"],
            "is looked at alone",
        ),
        (
            &["-", "--stdin-filename", "no.nix"],
            "cannot take standard input for no.nix",
        ),
        (
            &["-", "--stdin-filename", "secrets.nix", "--fix"],
            "standard input cannot be fixed",
        ),
    ] {
        let output = with_input(project.path(), arguments, "{ }");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(message),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}
