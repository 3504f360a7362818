//! The examples on the lints' pages: what is under *Example* fires, what is under *Use instead* does
//! not. A test for each, named after its lint.
//!
//! A block ```` ```console ```` with a line `$ git add FILE…` makes the project a Git repository that tracks these.
//! A further block ```` ```yaml path ```` (or `text`, or `hex` for bytes) gives a file beside the configuration. Files
//! below `./secrets` that no block gives are encrypted ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::ExitCode;

use mcp_lint_lints::{LINTS, Lint};
use test_support::{case, run};

const SAMPLES: [(&str, &[u8]); 5] = [
    ("age", include_bytes!("samples/secret.age")),
    ("yaml", include_bytes!("samples/secrets.yaml")),
    ("json", include_bytes!("samples/app.json")),
    ("env", include_bytes!("samples/app.env")),
    ("ini", include_bytes!("samples/app.ini")),
];

/// The blocks of a section: the words after the fence, and the content.
fn blocks<'a>(page: &'a str, heading: &str) -> Vec<(&'a str, String)> {
    let section = page
        .split(&format!("## {heading}\n"))
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in section.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info, String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, text)), None) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

fn fires(lint: &Lint, heading: &str) -> bool {
    let project = tempfile::tempdir().unwrap();
    let blocks = blocks(lint.page, heading);
    let (_, configuration) = blocks.iter().find(|(info, _)| *info == "nix").unwrap();
    let named = configuration
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .filter(|name| name.ends_with(".nix"));
    let name = named.unwrap_or("configuration.nix");
    write(project.path(), name, configuration.as_bytes());
    for (info, text) in &blocks {
        if let Some((_, path)) = info.split_once(' ') {
            let content = if info.starts_with("hex ") {
                bytes(text)
            } else {
                text.clone().into_bytes()
            };
            write(project.path(), path, &content);
        }
    }
    let commands = blocks.iter().filter(|(info, _)| *info == "console");
    for (_, text) in commands {
        let added = text
            .lines()
            .find_map(|line| line.strip_prefix("$ git add "));
        if let Some(added) = added {
            support::git::track(project.path(), &added.split(' ').collect::<Vec<_>>());
        }
    }
    for path in paths(configuration) {
        let extension = path.rsplit('.').next().unwrap();
        let sample = SAMPLES.iter().find(|(name, _)| *name == extension);
        let is_newline = path.contains("newline");
        if let Some((_, content)) =
            sample.filter(|_| !project.path().join(path).exists() && path.starts_with("secrets/"))
        {
            let content = if is_newline {
                include_bytes!("samples/newline.age").as_slice()
            } else {
                content
            };
            write(project.path(), path, content);
        }
    }
    let found = support::found(project.path(), &project.path().join(name));
    found.iter().any(|(_, diagnostic)| diagnostic.lint == lint)
}

/// Two digits for each byte.
fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn write(project: &Path, name: &str, content: &[u8]) {
    let path = project.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// The relative paths that a configuration names.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.split("./").skip(1).map(|rest| {
        let end = rest.find(|character: char| {
            !(character.is_ascii_alphanumeric() || "/_.-".contains(character))
        });
        rest.get(..end.unwrap_or(rest.len())).unwrap()
    })
}

fn main() -> ExitCode {
    let mut cases = Vec::new();
    for lint in LINTS {
        let name = |test: &str| format!("{}::{test}", lint.name);
        cases.push(case(&name("the_example_fires"), || {
            assert!(fires(lint, "Example"), "the example does not fire");
        }));
        cases.push(case(&name("what_the_page_recommends_is_silent"), || {
            assert!(
                !fires(lint, "Use instead"),
                "what the page recommends fires"
            );
        }));
    }
    run(cases)
}
