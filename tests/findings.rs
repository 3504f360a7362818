//! What people see of every lint: the human output of all its fixtures that fire, to be read by a
//! person in `tests/snapshots`. A test for each lint.
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

use std::path::Path;
use std::process::ExitCode;

use annotated::copy_of;
use mcp_lint_lints::{LINTS, Lint};
use support::{package, run, stderr, stdout, steady};
use test_support::{case, folders};

fn main() -> ExitCode {
    let reads_well = |lint: &'static Lint| case(lint.name, || every_finding_reads_well(lint));
    test_support::run(LINTS.iter().copied().map(reads_well).collect())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn every_finding_reads_well(lint: &Lint) {
    let folder = lint.name.replace('-', "_");
    let fixtures = folders(&package().join("lints/src").join(folder).join("fixtures"));
    let mut text = String::new();
    for fixture in { fixtures.iter() }.filter(|path| name(path).starts_with("fires")) {
        let project = copy_of(fixture);
        let mut arguments = vec!["check", "--pedantic"];
        if lint.name != "unread-secret" {
            // What a fixture of another lint declares need not be read by anything.
            arguments.extend(["--ignore", "unread-secret"]);
        }
        let output = run(project.path(), &arguments);
        let root = project.path().canonicalize().unwrap().display().to_string();
        let shown = steady(&(stdout(&output) + &stderr(&output))).replace(&root, ".");
        text += &format!("# {}\n\n{shown}\n", name(fixture));
    }
    let shown = format!("[{}]", lint.name);
    assert!(text.contains(&shown), "{}: {text}", lint.name);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("finding-{}", lint.name), text);
    });
}
