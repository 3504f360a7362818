//! Annotated projects: every expected finding is marked at its line, everything else is silent.
//!
//! A mark is a comment below the line that it is about, with a caret under the first character of
//! the finding:
//!
//! ```nix
//! sops.secrets.token.mode = "0444";
//! #                         ^ error[world-accessible-secret-mode]
//! ```
//!
//! `# < error[lint]` stands for a finding whose first character is one of the first two of the line.
//! A fixture is looked at in a copy, so that nothing around it counts. A file `git-add.txt` in it lists
//! what Git tracks there, one file a line; without one there is no repository.
//!
//! Where a comment cannot be written, `expected.txt` has lines `path:line: severity[lint]`; a finding
//! without a place is `-: severity[lint]`.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

pub(crate) mod git;

use std::collections::BTreeMap;
use std::path::Path;

use extract::{BuildOptions, build};
use mcp_lint_lints::{Diagnostic, LINTS};
use test_support::files;

/// A finding: file, line (from 1), column (from 1; nothing where any will do), `severity[lint]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: Option<u32>,
    pub(crate) what: String,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let column = self
            .column
            .map(|column| format!(":{column}"))
            .unwrap_or_default();
        write!(f, "{}:{}{column}: {}", self.file, self.line, self.what)
    }
}

/// What the lints find in a project, `info` included.
pub(crate) fn found(project: &Path, named: &Path) -> Vec<(Mark, Diagnostic)> {
    let options = BuildOptions {
        paths: vec![named.to_owned()],
        ..BuildOptions::default()
    };
    let built = build(&options).unwrap_or_else(|error| panic!("{}: {error}", project.display()));
    let findings = mcp_lint_lints::run(&built.inventory, &built.sources, LINTS);
    assert!(findings.crashes.is_empty(), "{:?}", findings.crashes);
    let root = project.canonicalize().unwrap();
    let mark = |diagnostic: Diagnostic| {
        let what = format!("{}[{}]", diagnostic.severity.name(), diagnostic.lint.name);
        let place = diagnostic.primary.as_ref().map(|label| {
            let source = built.sources.get(label.at.file).unwrap();
            let start = source.line_column(label.at.start);
            (
                source
                    .path()
                    .strip_prefix(&root)
                    .unwrap()
                    .display()
                    .to_string(),
                start,
            )
        });
        let mark = match place {
            Some((file, start)) => Mark {
                file,
                line: start.line,
                column: Some(start.column),
                what,
            },
            None => Mark {
                file: "-".to_owned(),
                line: 0,
                column: None,
                what,
            },
        };
        (mark, diagnostic)
    };
    findings.diagnostics.into_iter().map(mark).collect()
}

/// The marks that are written in a project.
pub(crate) fn expected(project: &Path) -> Vec<Mark> {
    let mut marks = Vec::new();
    for file in files(project) {
        let name = file.strip_prefix(project).unwrap().display().to_string();
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        if name == "expected.txt" {
            marks.extend(text.lines().filter(|line| !line.is_empty()).map(listed));
            continue;
        }
        let mut above = 0;
        for (index, line) in text.lines().enumerate() {
            match written(&name, above, line) {
                Some(mark) => marks.push(mark),
                None => above = index as u32 + 1,
            }
        }
    }
    marks.sort();
    marks
}

/// `path:line: severity[lint]`
fn listed(line: &str) -> Mark {
    let (place, what) = line
        .split_once(": ")
        .unwrap_or_else(|| panic!("not a mark: {line}"));
    let (file, number) = place.split_once(':').unwrap_or((place, "0"));
    Mark {
        file: file.to_owned(),
        line: number.parse().unwrap(),
        column: None,
        what: what.to_owned(),
    }
}

/// A comment that is a mark for the line above.
fn written(file: &str, above: u32, line: &str) -> Option<Mark> {
    let comment = line.trim_start().strip_prefix('#')?;
    let trimmed = comment.trim_start();
    let what = trimmed
        .strip_prefix('^')
        .or_else(|| trimmed.strip_prefix('<'))?
        .trim();
    let is_mark = ["error[", "warning[", "info["]
        .iter()
        .any(|start| what.starts_with(start))
        && what.ends_with(']');
    let caret = line
        .find('^')
        .map(|at| line.get(..at).unwrap().chars().count() as u32 + 1);
    let column = caret.filter(|_| trimmed.starts_with('^'));
    is_mark.then(|| Mark {
        file: file.to_owned(),
        line: above,
        column,
        what: what.to_owned(),
    })
}

/// What is found and not marked, and what is marked and not found; empty if all is well. With
/// `UPDATE=1` the marks are written anew, to be read by a person.
pub(crate) fn compare(project: &Path) -> String {
    if std::env::var_os("UPDATE").is_some() {
        remark(project);
    }
    let copy = copy_of(project);
    let mut expected = expected(project);
    let marks = found(copy.path(), copy.path()).into_iter();
    let found = marks.map(|(mark, _)| mark).filter(|mark| {
        // What a fixture of another lint declares need not be read by anything.
        !mark.what.ends_with("[unread-secret]")
            || project
                .components()
                .any(|part| part.as_os_str() == "unread_secret")
    });
    let mut difference = String::new();
    for mark in found {
        let fits = |wanted: &Mark| {
            let column = wanted
                .column
                .is_none_or(|column| Some(column) == mark.column);
            wanted.file == mark.file
                && wanted.line == mark.line
                && wanted.what == mark.what
                && column
        };
        match expected.iter().position(fits) {
            Some(index) => {
                expected.remove(index);
            }
            None => difference += &format!("  found, but not marked: {mark}\n"),
        }
    }
    for mark in expected {
        difference += &format!("  marked, but not found: {mark}\n");
    }
    match difference.is_empty() {
        true => difference,
        false => format!("{}\n{difference}", project.display()),
    }
}

/// A copy of a fixture in a folder of its own, tracked as its `git-add.txt` says.
pub(crate) fn copy_of(project: &Path) -> tempfile::TempDir {
    let copy = test_support::copy_of(project);
    let list = copy.path().join("git-add.txt");
    if let Ok(tracked) = std::fs::read_to_string(&list) {
        std::fs::remove_file(list).unwrap();
        git::track(copy.path(), &tracked.lines().collect::<Vec<_>>());
    }
    copy
}

fn remark(project: &Path) {
    for file in files(project) {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| written("", 0, line).is_none())
            .collect();
        if kept.len() != text.lines().count() {
            std::fs::write(&file, kept.join("\n") + "\n").unwrap();
        }
    }
    let list = project.join("expected.txt");
    let _ = std::fs::remove_file(&list);
    let mut by_file: BTreeMap<String, Vec<Mark>> = BTreeMap::new();
    let copy = copy_of(project);
    for (mark, _) in found(copy.path(), copy.path()) {
        by_file.entry(mark.file.clone()).or_default().push(mark);
    }
    let mut listed = String::new();
    for (file, marks) in by_file {
        let takes_comments = [".nix", ".yaml"]
            .iter()
            .any(|ending| file.ends_with(ending));
        if !takes_comments {
            for mark in marks {
                let place = if mark.file == "-" {
                    mark.file
                } else {
                    format!("{}:{}", mark.file, mark.line)
                };
                listed += &format!("{place}: {}\n", mark.what);
            }
            continue;
        }
        let path = project.join(&file);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines = String::new();
        for (index, line) in text.lines().enumerate() {
            lines += &format!("{line}\n");
            for mark in marks.iter().filter(|mark| mark.line == index as u32 + 1) {
                lines += &format!("{}\n", comment(line, mark));
            }
        }
        std::fs::write(&path, lines).unwrap();
    }
    if !listed.is_empty() {
        std::fs::write(list, listed).unwrap();
    }
}

fn comment(line: &str, mark: &Mark) -> String {
    let column = mark.column.unwrap_or(1) as usize;
    let indentation = line
        .chars()
        .take_while(|character| *character == ' ')
        .count()
        .min(column.saturating_sub(2));
    match column {
        0..=2 => format!("# < {}", mark.what),
        _ => format!(
            "{}#{}^ {}",
            " ".repeat(indentation),
            " ".repeat(column - indentation - 2),
            mark.what
        ),
    }
}
