//! Every lint fires where its fixtures say so, and no lint fires anywhere else: a test for each fixture,
//! named after its lint (`cargo test -p mcp-lint-lints --test fixtures root-owned-secret`).
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

use mcp_lint_lints::LINTS;
use test_support::{case, folders, run};

fn main() -> ExitCode {
    let mut cases = Vec::new();
    for lint in LINTS {
        let folder = lint.name.replace('-', "_");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for project in folders(&source.join(&folder).join("fixtures")) {
            let fixture = project.file_name().unwrap().to_string_lossy().into_owned();
            cases.push(case(&format!("{folder}::{fixture}"), move || {
                let difference = support::compare(&project);
                assert!(difference.is_empty(), "\n{difference}");
                it_marks_what_it_is_called(lint.name, &fixture, &project);
            }));
        }
    }
    run(cases)
}

/// A fixture that fires marks its lint, a silent one does not.
fn it_marks_what_it_is_called(lint: &str, fixture: &str, project: &Path) {
    let end = format!("[{lint}]");
    let expected = support::expected(project);
    let marks = expected.iter().filter(|mark| mark.what.ends_with(&end));
    let count = marks.count();
    if fixture.starts_with("fires") {
        assert!(count > 0, "{} does not fire", project.display());
    }
    if fixture.starts_with("silent") {
        assert_eq!(count, 0, "{} is not silent", project.display());
    }
}
