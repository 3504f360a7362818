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
    let mut pages = Vec::new();
    collect(&book(), &mut pages);
    for page in pages {
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

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}
