//! Every command in the README and the book runs: what a reader copies is not answered with a usage
//! error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{package, stderr};
use test_support::{copy_of, files_with, program};

/// What needs a toolchain and much time, and is run by CI itself or by `tests/examples.rs`.
const OF_CARGO: [&str; 3] = [
    "cargo run --release -- examples/complete-sops/flake.nix",
    "cargo test --workspace",
    "cargo install --path .",
];

/// The commands of a page: the lines of its `sh` blocks, and those behind a prompt in `console` blocks.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut block = None;
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = block.is_none().then_some(language);
            // What an earlier block changed in the files is not what the next one is about.
            if block == Some("sh") {
                commands.push("git checkout -q -- .".to_owned());
            }
            continue;
        }
        let command = match block {
            Some("sh") => Some(line.trim()),
            Some("console") => line.strip_prefix("$ "),
            // A command in a block that nobody runs would be one that nobody checks.
            Some("text" | "") if line.starts_with("mcp-lint ") => {
                panic!("not in a sh block: {line}")
            }
            _ => None,
        };
        let command = command.filter(|command| !command.is_empty() && !OF_CARGO.contains(command));
        // Who may look at the machine is not what is tested.
        commands.extend(command.map(|command| command.trim_start_matches("sudo ").to_owned()));
    }
    commands
}

/// The commands within sentences and tables, with something in the place of words such as LINT.
fn mentions(text: &str) -> Vec<String> {
    let words = [
        ("LINT", "root-owned-secret"),
        ("FILE...", "secrets.nix"),
        ("FILE", "secrets.nix"),
        ("REV", "HEAD"),
        ("SHELL", "bash"),
        ("DIRECTORY", "made"),
        ("DIR", "made"),
        ("<name>", "desk"),
        ("HOST", "desk"),
        ("USER", "alice"),
        ("…", ""),
    ];
    let spans = text.split('`').skip(1).step_by(2);
    let commands = spans.filter(|span| span.starts_with("mcp-lint ") && !span.contains('\n'));
    commands
        .map(|command| {
            { words.iter() }.fold(command.to_owned(), |text, (word, by)| {
                text.replace(word, by)
            })
        })
        .collect()
}

#[test]
fn every_command_of_the_documentation_runs() {
    if program("git").is_none() {
        return;
    }
    let mut all = vec![
        package().join("README.md"),
        package().join("CONTRIBUTING.md"),
    ];
    // The pages of the lints have their own tests.
    let of_lint = package().join("docs/src/lints");
    let pages = files_with(&package().join("docs/src"), "md").into_iter();
    all.extend(pages.filter(|page| !page.starts_with(&of_lint)));
    let (mut ran, mut mentioned) = (0, 0);
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        let commands = commands(&text);
        let mentions = mentions(&text);
        if commands.is_empty() && mentions.is_empty() {
            continue;
        }
        let project = copy_of(&package().join("examples/nixos-sops-wrong"));
        let git = "git init -q -b main && git add -A && git -c user.name=a -c user.email=a@example.org commit -q -m x \
                   && git update-ref refs/remotes/origin/main HEAD";
        let prepared = shell(project.path(), git);
        assert!(prepared.status.success(), "{}", stderr(&prepared));
        // The commands of a page build on each other, as its reader's do.
        for command in commands {
            let output = shell(project.path(), &command);
            let code = output.status.code().unwrap();
            let error = stderr(&output);
            // What is on the machine is not for the documentation to know.
            let is_about_the_machine = command.contains("mcp-lint runtime");
            let is_usage = error.contains("Usage:") || error.contains("unexpected argument");
            assert!(
                (code < 2 || is_about_the_machine) && !is_usage,
                "{}: {command}: {code}: {error}",
                page.display()
            );
            ran += 1;
        }
        for command in mentions {
            let error = stderr(&shell(project.path(), &format!("{command} < /dev/null")));
            let is_usage = error.contains("Usage:") || error.contains("error: unexpected");
            assert!(!is_usage, "{}: {command}: {error}", page.display());
            mentioned += 1;
        }
    }
    assert!(
        ran > 40 && mentioned > 40,
        "{ran} commands, {mentioned} mentions"
    );
}

fn shell(folder: &Path, command: &str) -> std::process::Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_mcp-lint")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap()
}
