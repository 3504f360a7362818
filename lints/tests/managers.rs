//! No lint names a secret manager: it asks what the manager can do. A lint about one manager's own option
//! may, and has the manager in its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::path::Path;

use extract::MANAGERS;
use test_support::files_with;

/// What names a manager or one of its options in a text: `agenix`, `sops.secrets`, `sops.age`.
fn names() -> Vec<&'static str> {
    let mut names = Vec::new();
    for manager in MANAGERS.iter() {
        names.extend([manager.name, manager.secrets]);
        names.extend(manager.naming_options().map(|(option, _)| option));
        names.extend(manager.rekeying.iter().map(|rekeying| rekeying.option));
        for key in manager.keys {
            let set = key.option.rsplit_once('.').map_or("", |(set, _)| set);
            names.push(if set.contains('.') { set } else { key.option });
        }
    }
    names
}

/// The words of which one is in the name of each lint about one manager's own option: `sops`, `rekey`.
fn words() -> Vec<&'static str> {
    let mut words = Vec::new();
    for manager in MANAGERS.iter() {
        words.extend(manager.name.split('-').next());
        let rekeying = manager.rekeying.iter();
        words.extend(rekeying.filter_map(|rekeying| rekeying.name.split('-').next_back()));
    }
    words
}

/// The texts in quotes of a line of Rust that is no comment and no summary for `mcp-lint lints`.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    let code = line.trim_start();
    let counts = !code.starts_with("//") && !code.starts_with("summary:");
    let parts = line.split('"').skip(1).step_by(2);
    parts.filter(move |_| counts)
}

/// The lines of a file outside its unit tests that name a manager.
fn naming(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let names = names();
    let named = |line: &str| texts(line).any(|text| names.iter().any(|name| text.contains(name)));
    let lines = code.lines().enumerate();
    let found = lines.filter(|(_, line)| named(line));
    found
        .map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

/// Whether a file below the folder of all lints is of one about a manager's own option.
fn is_about_one(lints: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(lints).unwrap();
    let folder = below.components().next().unwrap();
    let folder = folder.as_os_str().to_str().unwrap().to_owned();
    let words = words();
    folder
        .split('_')
        .any(|part| words.iter().any(|word| part.starts_with(word)))
}

#[test]
fn no_lint_names_a_manager() {
    let lints = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files_with(&lints, "rs");
    assert!(files.len() > 100, "the lints are not where they were");
    let asking = files.iter().filter(|path| !is_about_one(&lints, path));
    let named: Vec<String> = asking.flat_map(|path| naming(path)).collect();
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn no_output_names_a_manager() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in [
        "src/cli",
        "src/output",
        "src/lsp",
        "src/fix",
        "src/display",
        "src/commands",
    ] {
        let named: Vec<String> = files_with(&root.join(folder), "rs")
            .iter()
            .flat_map(|path| naming(path))
            // An example in the help of `eval`.
            .filter(|line| !line.contains(".help("))
            .collect();
        assert!(named.is_empty(), "{}", named.join("\n"));
    }
}
