//! What people see of every lint: the human output of all its fixtures that fire, to be read by a
//! person in `tests/snapshots`.
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

use std::path::{Path, PathBuf};

use annotated::copy_of;
use mcp_lint_lints::LINTS;
use support::{package, run, stderr, stdout, steady};

/// The fixtures of a lint that fire, sorted.
fn fixtures(lint: &str) -> Vec<PathBuf> {
    let folder = package()
        .join("lints/src")
        .join(lint.replace('-', "_"))
        .join("fixtures");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| name(path).starts_with("fires"))
        .collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_finding_reads_well() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        for lint in LINTS {
            let mut text = String::new();
            for fixture in fixtures(lint.name) {
                let project = copy_of(&fixture);
                let output = run(project.path(), &["check", "--pedantic"]);
                let root = project.path().canonicalize().unwrap().display().to_string();
                let shown = stdout(&output) + &stderr(&output);
                text += &format!("# {}\n\n{}\n", name(&fixture), steady(&shown).replace(&root, "."));
            }
            assert!(text.contains(&format!("[{}]", lint.name)), "{}: {text}", lint.name);
            insta::assert_snapshot!(format!("finding-{}", lint.name), text);
        }
    });
}
