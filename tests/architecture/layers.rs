//! The layers of the evaluator: no file uses anything of a layer above its own or beside it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use crate::sources::{File, Sources};

/// From the lowest; modules of one row do not use each other.
const LAYERS: [&[&str]; 7] = [
    &["value"],
    &["eval"],
    &["print"],
    &["builtins", "modules"],
    &["nixlib"],
    &["flake"],
    &["engine"],
];

/// The layer of a file; `None` for the root of the crate.
fn layer(file: &File) -> Option<usize> {
    let module = file.module.first()?;
    let found = LAYERS.iter().position(|layer| layer.contains(&&**module));
    Some(found.unwrap_or_else(|| panic!("{module} is in no layer")))
}

/// Whether a file may use what another one defines.
fn may_use(file: &File, other: &File) -> bool {
    layer(other) < layer(file) || other.module.first() == file.module.first()
}

#[test]
fn layers_import_only_those_below() {
    let sources = Sources::read();
    let mut wrong = Vec::new();
    for (file, imports) in sources.files.iter().zip(sources.imports()) {
        for other in imports.iter().map(|other| &sources.files[*other]) {
            let both = file.krate == "nix_eval" && other.krate == "nix_eval";
            if both && layer(file).is_some() && !may_use(file, other) {
                wrong.push(format!("{} imports from {}", file.path, other.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn layers_call_only_methods_from_below() {
    let sources = Sources::read();
    let files = || sources.files.iter().filter(|file| layer_of_evaluator(file));
    let mut homes: BTreeMap<String, Vec<&File>> = BTreeMap::new();
    for file in files() {
        for (_, body) in implementations(&file.tokens) {
            for method in body.windows(2).filter_map(|two| after(two, "fn")) {
                homes.entry(method).or_default().push(file);
            }
        }
    }
    let mut wrong = BTreeSet::new();
    for file in files() {
        for method in calls(file) {
            let homes = homes.get(&method).map_or(&[][..], |homes| homes);
            if !homes.is_empty() && !homes.iter().any(|home| may_use(file, home)) {
                wrong.insert(format!("{} calls {method} of {}", file.path, homes[0].path));
            }
        }
    }
    assert!(
        homes.len() > 400,
        "the methods of the evaluator are not found"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn layer_of_evaluator(file: &File) -> bool {
    file.krate == "nix_eval" && layer(file).is_some()
}

/// The `impl … Evaluator { … }` of a file: the index and the tokens of each body.
fn implementations(tokens: &[TokenTree]) -> Vec<(usize, Vec<TokenTree>)> {
    let bodies = tokens
        .iter()
        .enumerate()
        .filter_map(|(at, token)| match token {
            TokenTree::Group(group)
                if at > 0
                    && group.delimiter() == Delimiter::Brace
                    && is(&tokens[at - 1], "Evaluator") =>
            {
                Some((at, group.stream().into_iter().collect()))
            }
            _ => None,
        });
    bodies.collect()
}

/// The methods that a file calls on an evaluator: `evaluator.force(…)`, `Evaluator::lib`, and
/// `self.force(…)` among its own methods.
fn calls(file: &File) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    let inherent: Vec<usize> = implementations(&file.tokens)
        .iter()
        .map(|(at, _)| *at)
        .collect();
    for (at, token) in file.tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            calls_in(&inner, inherent.contains(&at), &mut calls);
        }
    }
    calls
}

fn calls_in(tokens: &[TokenTree], in_methods: bool, calls: &mut BTreeSet<String>) {
    for four in tokens.windows(4) {
        let is_evaluator = is(&four[0], "evaluator") || (in_methods && is(&four[0], "self"));
        if is_evaluator && is(&four[1], ".") && matches!(four[3], TokenTree::Group(_)) {
            calls.insert(four[2].to_string());
        }
        if is(&four[0], "Evaluator") && is(&four[1], ":") && is(&four[2], ":") {
            calls.insert(four[3].to_string());
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            calls_in(&inner, in_methods, calls);
        }
    }
}

fn is(token: &TokenTree, text: &str) -> bool {
    token.to_string() == text
}

fn after(two: &[TokenTree], word: &str) -> Option<String> {
    is(&two[0], word).then(|| two[1].to_string())
}
