//! nixpkgs' `lib`, natively (temporary).

mod modules;
mod options;
mod types;

pub(crate) use modules::module_arguments;

use crate::builtins::Builtin;
use crate::eval::Evaluator;
use crate::value::{AttrsBuilder, Eval, Thunk, Value};

/// The functions of one namespace: `lib.strings`, `lib.lists`, …
pub(crate) struct Namespace {
    /// `strings`
    pub(crate) name: &'static str,
    /// Its functions.
    pub(crate) functions: &'static [Builtin],
    /// Its functions that are builtins of the same name.
    pub(crate) aliases: &'static [&'static str],
    /// What is not a function of the table: constants, sets inside the namespace.
    pub(crate) constants: &'static [Constant],
    /// Which of them `lib` itself has, too.
    pub(crate) exported: Exported,
}

impl Namespace {
    /// A namespace without anything in it, all of which is in `lib`, too.
    pub(crate) const EMPTY: Self =
        Self { name: "", functions: &[], aliases: &[], constants: &[], exported: Exported::All };
}

/// An attribute of a namespace that is made when it is needed.
pub(crate) struct Constant {
    /// `upperChars`
    pub(crate) name: &'static str,
    /// Makes it.
    pub(crate) make: fn(&mut Evaluator) -> Eval<Value>,
}

/// Which attributes of a namespace are in `lib` itself.
pub(crate) enum Exported {
    /// All.
    All,
    /// All but these.
    Except(&'static [&'static str]),
    /// These.
    Only(&'static [&'static str]),
}

impl Exported {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Except(names) => !names.contains(&name),
            Self::Only(names) => names.contains(&name),
        }
    }
}


const NAMESPACES: &[Namespace] = &[modules::NAMESPACE, options::NAMESPACE, types::NAMESPACE];

pub(crate) fn make(evaluator: &mut Evaluator) -> Thunk {
    let mut lib = AttrsBuilder::new();
    for namespace in NAMESPACES {
        let mut set = AttrsBuilder::new();
        for function in namespace.functions {
            let value = evaluator.register(function);
            let thunk = evaluator.arena.ready(value);
            let symbol = evaluator.symbol(function.name);
            set.insert(symbol, thunk);
            if namespace.exported.contains(function.name) { lib.insert(symbol, thunk); }
        }
        for constant in namespace.constants {
            let make = constant.make;
            let thunk = evaluator.arena.lazy(make);
            let symbol = evaluator.symbol(constant.name);
            set.insert(symbol, thunk);
        }
        let set = Value::Attrs(evaluator.arena.attrs(set));
        let set = evaluator.arena.ready(set);
        let symbol = evaluator.symbol(namespace.name);
        lib.insert(symbol, set);
    }
    let set = Value::Attrs(evaluator.arena.attrs(lib));
    let lib = evaluator.arena.ready(set);
    evaluator.set_global("lib", lib);
    lib
}
