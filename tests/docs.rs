//! The pages of the book that are made from the lints' own pages are up to date. `UPDATE=1` writes
//! them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mcp_lint_lints::{Fixable, Group, LINTS, Lint};
use test_support::files_with;

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src")
}

#[test]
fn the_pages_of_the_lints_are_up_to_date() {
    let mut pages: BTreeMap<PathBuf, String> = LINTS
        .iter()
        .map(|lint| (PathBuf::from(format!("lints/{}.md", lint.name)), page(lint)))
        .collect();
    pages.insert("lints/index.md".into(), index());
    for (path, text) in &pages {
        up_to_date(&book().join(path), text);
    }
    for entry in std::fs::read_dir(book().join("lints")).unwrap() {
        let path = Path::new("lints").join(entry.unwrap().file_name());
        assert!(
            pages.contains_key(&path),
            "{} is the page of no lint",
            path.display()
        );
    }
}

fn up_to_date(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let now = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        now == text,
        "{} is out of date: run UPDATE=1 cargo test --test docs",
        path.display()
    );
}

fn page(lint: &Lint) -> String {
    let fix = match lint.fixable {
        Fixable::No => "",
        Fixable::Unsafe => ", fix (unsafe)",
        Fixable::Safe => ", fix (safe)",
    };
    format!(
        "<!-- Made from lints/src/{}/page.md: change it there. -->\n# {}\n\n*{}, group {}{fix}, since {}:* {}.\n\n{}",
        lint.name.replace('-', "_"),
        lint.name,
        lint.severity.name(),
        lint.group.name(),
        lint.since,
        lint.summary,
        lint.page
    )
}

fn index() -> String {
    let mut text = String::from(
        "<!-- Made from the lints' metadata: see tests/docs.rs. -->\n# Lints\n\n\
         An *error* certainly fails, leaks or locks out. A *warning* does so under conditions that the \
         configuration makes\nlikely. An *info* is worth knowing, and shown with `--pedantic` only. \
         `--select` and `--ignore` take names and groups.\n",
    );
    for group in Group::ALL {
        let lints: Vec<&&Lint> = LINTS.iter().filter(|lint| lint.group == group).collect();
        if lints.is_empty() {
            continue;
        }
        text += &format!(
            "\n## {} ({})\n\n| lint | severity | fix | what it finds |\n|---|---|---|---|\n",
            group.name(),
            group.letter()
        );
        for lint in lints {
            let (name, severity, fixable) = (lint.name, lint.severity.name(), lint.fixable.name());
            let fixable = if fixable == "no" { "" } else { fixable };
            text += &format!(
                "| [{name}]({name}.md) | {severity} | {fixable} | {} |\n",
                lint.summary
            );
        }
    }
    text
}

#[test]
fn the_summary_names_every_page() {
    let path = book().join("SUMMARY.md");
    let summary = std::fs::read_to_string(&path).unwrap();
    let of_lints: String = LINTS
        .iter()
        .map(|lint| format!("  - [{0}](lints/{0}.md)\n", lint.name))
        .collect();
    let heading = "(lints/index.md)\n";
    let start = summary.find(heading).unwrap() + heading.len();
    let end = start + summary.get(start..).unwrap().find("\n- [").unwrap() + 1;
    let summary = format!(
        "{}{of_lints}{}",
        summary.get(..start).unwrap(),
        summary.get(end..).unwrap()
    );
    up_to_date(&path, &summary);
    for page in files_with(&book(), "md") {
        let link = format!("]({})", page.strip_prefix(book()).unwrap().display());
        assert!(
            summary.contains(&link) || page.ends_with("SUMMARY.md"),
            "SUMMARY.md lacks {link}"
        );
    }
    for link in summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        assert!(
            book().join(link).is_file(),
            "SUMMARY.md names {link}, which is not there"
        );
    }
}

/// Every link from one page to another leads somewhere, headings included.
#[test]
fn every_link_within_the_documentation_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = files_with(&book(), "md");
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        pages.push(root.join(name));
    }
    let mut checked = 0;
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        let folder = page.parent().unwrap();
        for (link, is_include) in links(&text) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                folder.join(file)
            };
            let shown = format!("{}: {link}", page.display());
            assert!(target.exists(), "{shown} leads nowhere");
            if page.starts_with(book()) && !is_include {
                let real = target.canonicalize().unwrap();
                assert!(
                    real.starts_with(book().canonicalize().unwrap()),
                    "{shown} leaves the book"
                );
            }
            if !heading.is_empty() {
                let headings = headings(&std::fs::read_to_string(&target).unwrap());
                assert!(
                    headings.contains(heading),
                    "{shown}: there is no such heading"
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} links");
}

/// The targets of a page's links within the documentation, and the files that it includes.
fn links(text: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        let inline = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let named = line
            .strip_prefix('[')
            .and_then(|rest| rest.split("]: ").nth(1));
        for target in inline.chain(named) {
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push((target, false));
            }
        }
        // `{{#include FILE:FIRST:LAST}}`
        let included = line
            .strip_prefix("{{#include ")
            .and_then(|rest| rest.split([':', '}']).next());
        found.extend(included.map(|file| (file, true)));
    }
    found
}

/// The headings of a page as mdBook and code hosts name them.
fn headings(text: &str) -> std::collections::BTreeSet<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    lines.map(name).collect()
}
