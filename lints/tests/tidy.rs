//! Folder, page, fixtures, registry and names of every lint agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mcp_lint_lints::{Fixable, Group, LINTS, Lint};

const HEADINGS: [&str; 7] = [
    "## What it does",
    "## Why is this bad",
    "## Example",
    "## Use instead",
    "## Configuration",
    "## Limits",
    "## References",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn folder(lint: &Lint) -> PathBuf {
    source().join(lint.name.replace('-', "_"))
}

#[test]
fn every_folder_is_a_lint_and_every_lint_has_its_folder() {
    let folders: BTreeSet<String> = std::fs::read_dir(source())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .replace('_', "-")
        })
        .collect();
    let lints: BTreeSet<String> = LINTS.iter().map(|lint| lint.name.to_owned()).collect();
    assert_eq!(folders, lints);
}

#[test]
fn lints_are_sorted_and_named_in_kebab_case() {
    assert!(LINTS.is_sorted_by_key(|lint| lint.name));
    for lint in LINTS {
        let is_kebab = |character: char| character.is_ascii_lowercase() || character == '-';
        assert!(lint.name.chars().all(is_kebab), "{}", lint.name);
        assert!(
            Group::ALL.iter().all(|group| group.name() != lint.name),
            "{} is a group",
            lint.name
        );
    }
}

#[test]
fn every_page_has_the_headings_in_order_and_two_examples() {
    for lint in LINTS {
        let headings: Vec<&str> = lint
            .page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(headings, HEADINGS, "{}", lint.name);
        assert!(
            lint.page.ends_with('\n') && !lint.page.contains('\t'),
            "{}",
            lint.name
        );
        for (heading, next) in [
            ("## Example", "## Use instead"),
            ("## Use instead", "## Configuration"),
        ] {
            let section = lint
                .page
                .split(heading)
                .nth(1)
                .unwrap()
                .split(next)
                .next()
                .unwrap();
            assert!(
                section.contains("```nix\n"),
                "{}: no nix block under {heading}",
                lint.name
            );
        }
        let longest = lint
            .page
            .lines()
            .filter(|line| !line.contains("ENC["))
            .map(|line| line.chars().count())
            .max();
        assert!(
            longest <= Some(120),
            "{}: a line of {longest:?} characters",
            lint.name
        );
    }
}

#[test]
fn every_summary_is_one_line_without_a_full_stop() {
    for lint in LINTS {
        assert!(
            !lint.summary.contains('\n') && !lint.summary.ends_with('.'),
            "{}",
            lint.name
        );
        assert!(
            lint.summary.starts_with(char::is_lowercase) || lint.summary.starts_with("MCP"),
            "{}",
            lint.name
        );
        assert!(!lint.since.is_empty());
    }
}

#[test]
fn every_lint_has_a_fixture_that_fires_and_one_that_is_silent() {
    for lint in LINTS {
        let fixtures = folder(lint).join("fixtures");
        let names: Vec<String> = std::fs::read_dir(&fixtures)
            .unwrap_or_else(|error| panic!("{}: {error}", fixtures.display()))
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        for kind in ["fires", "silent"] {
            assert!(
                names.iter().any(|name| name.starts_with(kind)),
                "{}: no {kind} fixture",
                lint.name
            );
        }
        for name in &names {
            let is_known = ["fires", "silent", "known-gaps"]
                .iter()
                .any(|kind| name.starts_with(kind));
            assert!(is_known, "{}: what is fixtures/{name}?", lint.name);
        }
    }
}

#[test]
fn a_lint_that_says_so_makes_fixes_and_no_other() {
    for lint in LINTS {
        let text = std::fs::read_to_string(folder(lint).join("mod.rs")).unwrap();
        let makes_fixes = text.contains("Fix {");
        assert_eq!(
            lint.fixable != Fixable::No,
            makes_fixes,
            "{}: fixable says {:?}",
            lint.name,
            lint.fixable
        );
    }
}

#[test]
fn files_stay_small_and_lints_stay_pure() {
    for lint in LINTS {
        let path = folder(lint).join("mod.rs");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() <= 300, "{}", path.display());
        for impure in [
            "std::fs",
            "std::env",
            "std::io",
            "std::time",
            "println!",
            "HashMap",
            "HashSet",
        ] {
            assert!(!text.contains(impure), "{}: {impure}", path.display());
        }
    }
}

/// A name that was published stays: people have it in their configuration. With `UPDATE=1` new
/// names are added to the list.
#[test]
fn no_name_ever_disappears() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/names.txt");
    let names: Vec<&str> = LINTS.iter().map(|lint| lint.name).collect();
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    for name in known.lines() {
        assert!(names.contains(&name), "{name} was published and is gone");
    }
    let now = names.join("\n") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    } else {
        assert_eq!(known, now, "run UPDATE=1 cargo test -p mcp-lint-lints");
    }
}
