//! What imports what: the order of the crates, the layers of the evaluator, and no large circle.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod circles;
mod layers;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use circles::circles;
use sources::Sources;

/// More files than these in a circle are no longer one subject.
const MAX_CIRCLE: usize = 5;

/// What each crate may use of the others.
const CRATES: [(&str, &[&str]); 12] = [
    ("nix_syntax", &[]),
    ("flake_lock", &[]),
    ("nix_source", &["nix_syntax", "flake_lock"]),
    ("input_fetch", &["flake_lock"]),
    ("nix_eval", &["nix_syntax", "nix_source", "flake_lock"]),
    ("secret_files", &[]),
    ("inventory", &["nix_syntax", "secret_files"]),
    ("inventory_schema", &[]),
    (
        "extract",
        &[
            "nix_syntax",
            "nix_source",
            "flake_lock",
            "nix_eval",
            "secret_files",
            "inventory",
        ],
    ),
    ("lints", &["nix_syntax", "secret_files", "inventory"]),
    (
        "runtime_check",
        &["secret_files", "inventory", "inventory_schema"],
    ),
    (
        "mcp_lint",
        &[
            "nix_syntax",
            "nix_source",
            "flake_lock",
            "nix_eval",
            "secret_files",
            "inventory",
            "inventory_schema",
            "extract",
            "input_fetch",
            "lints",
            "runtime_check",
        ],
    ),
];

#[test]
fn crates_use_only_those_below() {
    let sources = Sources::read();
    let mut wrong = BTreeSet::new();
    for (file, imports) in sources.files.iter().zip(sources.imports()) {
        let allowed = CRATES.iter().find(|(name, _)| *name == file.krate);
        for other in imports.iter().map(|other| &sources.files[*other].krate) {
            let may = allowed.is_none_or(|(_, allowed)| allowed.contains(&&**other));
            if *other != file.krate && !may {
                wrong.insert(format!("{} uses {other}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_circle_of_imports_is_large() {
    let sources = Sources::read();
    let imports = sources.imports();
    let mut circles = circles(&imports);
    circles.retain(|circle| circle.len() > MAX_CIRCLE);
    let path = |at: &usize| &*sources.files[*at].path;
    let mut arrows = String::new();
    for (circle, from) in circles
        .iter()
        .flat_map(|c| c.iter().map(move |from| (c, from)))
    {
        for to in imports[*from].iter().filter(|to| circle.contains(to)) {
            arrows.push_str(&format!("{} -> {}\n", path(from), path(to)));
        }
    }
    assert!(
        arrows.is_empty(),
        "larger than {MAX_CIRCLE} files:\n{arrows}"
    );
}

#[test]
fn no_folders_import_each_other_in_a_circle() {
    let sources = Sources::read();
    let mut wrong = Vec::new();
    for (parent, graph) in folders(&sources) {
        let names: Vec<&String> = graph.keys().collect();
        let number = |name: &String| names.binary_search(&name).unwrap();
        let edges: Vec<BTreeSet<usize>> = graph
            .values()
            .map(|targets| targets.iter().map(number).collect())
            .collect();
        for circle in circles(&edges) {
            let names: Vec<&&String> = circle.iter().map(|at| &names[*at]).collect();
            wrong.push(format!("{parent}: {names:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// By folder: which of the folders in it import from which.
fn folders(sources: &Sources) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut all: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (file, imports) in sources.files.iter().zip(sources.imports()) {
        for other in imports.iter().map(|other| &sources.files[*other]) {
            let (from, to): (Vec<_>, Vec<_>) = (
                file.path.split('/').collect(),
                other.path.split('/').collect(),
            );
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // Both go on with a folder.
            if file.krate == other.krate && from.len() > common + 1 && to.len() > common + 1 {
                let graph = all.entry(from[..common].join("/")).or_default();
                graph.entry(to[common].to_owned()).or_default();
                let targets = graph.entry(from[common].to_owned()).or_default();
                targets.insert(to[common].to_owned());
            }
        }
    }
    all
}
