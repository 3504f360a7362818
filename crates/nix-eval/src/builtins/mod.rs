//! `builtins`: one file per subject, each with a table of its builtins.
//!
//! To add a builtin, add a line to the table of the file that its subject belongs to. A builtin
//! gets its arguments unevaluated; it forces what Nix would force, in that order. What it cannot
//! decide is an `Err` with the reason, which is not an error of the configuration.

mod context;
pub(crate) mod control;
mod derivations;
mod environment;
mod fetchers;
mod files;
mod folds;
mod hash;
mod json;
pub(crate) mod lists;
mod marks;
mod numbers;
mod paths;
mod posix;
mod replace;
pub(crate) mod sets;
mod strings;
mod toml;
mod types;
mod versions;
mod xml;

pub use marks::Marks;

use crate::eval::{Builtin, Evaluator, States};
use crate::value::{AttrsBuilder, Value};

/// The tables, in the order of the files above.
const TABLES: &[&[Builtin]] = &[
    context::BUILTINS,
    control::BUILTINS,
    derivations::BUILTINS,
    environment::BUILTINS,
    fetchers::BUILTINS,
    files::BUILTINS,
    folds::BUILTINS,
    hash::BUILTINS,
    json::BUILTINS,
    lists::BUILTINS,
    numbers::BUILTINS,
    paths::BUILTINS,
    posix::BUILTINS,
    replace::BUILTINS,
    sets::BUILTINS,
    strings::BUILTINS,
    toml::BUILTINS,
    types::BUILTINS,
    versions::BUILTINS,
    xml::BUILTINS,
];

/// The builtins that are variables of their own; the others are with `__` before their name.
const GLOBAL: &[&str] = &[
    "abort",
    "baseNameOf",
    "break",
    "derivation",
    "derivationStrict",
    "dirOf",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
];

/// Adds what builtins remember.
pub(crate) fn add_states(states: &mut States) {
    states.add(files::FilesRead::default());
    states.add(json::SetsOfTexts::default());
    states.add(posix::PatternCache::default());
}

/// Makes the global variables: `builtins`, `true`, `map`, `__filter`, …
pub(crate) fn install(evaluator: &mut Evaluator) {
    let mut set = AttrsBuilder::new();
    environment::add_constants(evaluator, &mut set);
    for builtin in TABLES.iter().flat_map(|table| table.iter()) {
        let value = evaluator.register(builtin);
        let thunk = evaluator.arena.ready(value);
        let symbol = evaluator.symbol(builtin.name);
        set.insert(symbol, thunk);
        if GLOBAL.contains(&builtin.name) {
            evaluator.set_nix_global(builtin.name, thunk);
        } else {
            evaluator.set_nix_global(&format!("__{}", builtin.name), thunk);
        }
    }
    // `builtins.builtins` is the set itself: the thunk comes first, its value after.
    let this = evaluator.arena.ready(Value::Null);
    let symbol = evaluator.symbol("builtins");
    set.insert(symbol, this);
    let set = evaluator.arena.attrs(set);
    evaluator
        .arena
        .set_slot(this, crate::value::Slot::Value(Value::Attrs(set)));
    evaluator.set_nix_global("builtins", this);
}
