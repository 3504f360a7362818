//! nixpkgs' `lib`, natively: one file per namespace of `lib`, each with a table of its functions.
//!
//! The behaviour follows nixpkgs' documentation and what the real functions give; the code is ours.

use crate::builtins::Builtin;
use crate::eval::Evaluator;
use crate::value::{AttrsBuilder, Thunk, Value};

/// The functions of one namespace: `lib.strings`, `lib.lists`, … All of them are in `lib`, too.
pub(crate) struct Namespace {
    /// `strings`
    pub(crate) name: &'static str,
    /// Its functions.
    pub(crate) functions: &'static [Builtin],
}

const NAMESPACES: &[Namespace] = &[];

/// Makes the set `lib`.
pub(crate) fn make(evaluator: &mut Evaluator) -> Thunk {
    let mut lib = AttrsBuilder::new();
    for namespace in NAMESPACES {
        let mut set = AttrsBuilder::new();
        for function in namespace.functions {
            let value = evaluator.register(function);
            let thunk = evaluator.arena.ready(value);
            let symbol = evaluator.symbol(function.name);
            set.insert(symbol, thunk);
            lib.insert(symbol, thunk);
        }
        let set = Value::Attrs(evaluator.arena.attrs(set));
        let set = evaluator.arena.ready(set);
        let symbol = evaluator.symbol(namespace.name);
        lib.insert(symbol, set);
    }
    let set = Value::Attrs(evaluator.arena.attrs(lib));
    evaluator.arena.ready(set)
}
