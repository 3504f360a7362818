//! Every lint fires where its fixtures say so, and no lint fires anywhere else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::{Path, PathBuf};

use mcp_lint_lints::LINTS;

fn fixtures(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(name.replace('-', "_"))
        .join("fixtures");
    let mut projects: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    projects.sort();
    projects
}

fn is(project: &Path, kind: &str) -> bool {
    project
        .file_name()
        .unwrap()
        .to_string_lossy()
        .starts_with(kind)
}

#[test]
fn findings_are_where_they_are_marked_and_nowhere_else() {
    let mut differences = String::new();
    for lint in LINTS {
        for project in fixtures(lint.name) {
            differences += &support::compare(&project);
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn fixtures_that_fire_mark_their_lint_and_the_silent_ones_do_not() {
    for lint in LINTS {
        let end = format!("[{}]", lint.name);
        for project in fixtures(lint.name) {
            let marks = support::expected(&project)
                .iter()
                .filter(|mark| mark.what.ends_with(&end))
                .count();
            if is(&project, "fires") {
                assert!(marks > 0, "{} does not fire", project.display());
            }
            if is(&project, "silent") {
                assert_eq!(marks, 0, "{} is not silent", project.display());
            }
        }
    }
}
