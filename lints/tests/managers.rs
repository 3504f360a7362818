//! No lint names a secret manager: it asks what the manager can do. A lint about one manager's own option
//! may, and has the manager in its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::path::Path;

use test_support::files_with;

/// Lints about an option that only one manager has; the value says which.
const ABOUT_ONE: [(&str, &str); 7] = [
    ("generate_key_not_a_recipient", "`sops.age.generateKey`"),
    ("creation_rule_defect", "`.sops.yaml`"),
    ("agenix_", "agenix"),
    ("hm_agenix_", "agenix for Home Manager"),
    ("rekey_", "agenix-rekey"),
    ("rekeyed_", "agenix-rekey"),
    ("sops_", "sops-nix"),
];

/// What names a manager or one of its options in a text.
const NAMES: [&str; 9] = [
    "sops-nix",
    "agenix",
    "age.secrets",
    "age.identityPaths",
    "age.rekey",
    "sops.secrets",
    "sops.templates",
    "sops.placeholder",
    "sops.age",
];

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
    let named = |line: &str| texts(line).any(|text| NAMES.iter().any(|name| text.contains(name)));
    let lines = code.lines().enumerate();
    let found = lines.filter(|(_, line)| named(line));
    found
        .map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

fn is_about_one(path: &Path) -> bool {
    let mut folders = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    folders.any(|folder| ABOUT_ONE.iter().any(|(lint, _)| folder.starts_with(lint)))
}

#[test]
fn no_lint_names_a_manager() {
    let lints = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files_with(&lints, "rs");
    assert!(files.len() > 100, "the lints are not where they were");
    let asking = files.iter().filter(|path| !is_about_one(path));
    let named: Vec<String> = asking.flat_map(|path| naming(path)).collect();
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn no_output_names_a_manager() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in [
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
