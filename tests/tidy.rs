//! What holds for the files of this repository.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use support::{package, stderr, stdout};
use test_support::{files, folders, program};

/// `cargo fmt` sees the modules that `mod` lines name, and no `mod` line within a macro.
#[test]
fn cargo_fmt_covers_every_file() {
    if program("rustfmt").is_none() {
        return;
    }
    let mut covered = BTreeSet::new();
    for arguments in [&["--all"][..], &["--manifest-path", "fuzz/Cargo.toml"]] {
        let mut fmt = Command::new(env!("CARGO"));
        fmt.arg("fmt").args(arguments);
        fmt.args(["--", "--check", "--verbose"]);
        let output = fmt.current_dir(package()).output().unwrap();
        let text = stdout(&output);
        let named = { text.lines() }.filter_map(|line| line.strip_prefix("Formatting "));
        let before = covered.len();
        covered.extend(named.map(|path| PathBuf::from(path).canonicalize().unwrap()));
        assert!(covered.len() > before, "{text}{}", stderr(&output));
    }
    // Not what is built, and not the fixtures, which are projects of users.
    let source = ["benches", "crates", "fuzz", "lints", "src", "tests"];
    let mut all = BTreeSet::from([package().join("build.rs").canonicalize().unwrap()]);
    for folder in folders(package()) {
        if source.iter().any(|name| folder.ends_with(name)) {
            let rust = files(&folder).into_iter();
            let rust = rust.filter(|path| path.extension().is_some_and(|end| end == "rs"));
            all.extend(rust.map(|path| path.canonicalize().unwrap()));
        }
    }
    all.retain(|path| !path.components().any(|part| part.as_os_str() == "target"));
    let missed: Vec<_> = all.difference(&covered).collect();
    assert!(missed.is_empty(), "cargo fmt does not cover {missed:#?}");
}
