//! nixpkgs' `lib`, natively: one file per namespace of `lib`, each with a table of its functions.
//!
//! The behaviour follows nixpkgs' documentation and what the real functions give; the code is ours.
//! `lib` is an open set: nixpkgs has functions that are not here and gets new ones, so a name that
//! is missing is not determined and never an error.
//!
//! To add a function, add a line to the table of its namespace. Functions that are builtins under
//! the same name stand in `aliases`. What is not on disk (licences, maintainers, kernels) is an
//! external under its own name.

mod asserts;
mod attrsets;
mod debug;
mod fixed_points;
mod generators;
mod lists;
mod meta;
mod modules;
mod options;
mod strings;
mod support;
mod trivial;
mod types;

use crate::builtins::Builtin;
use crate::eval::Evaluator;
use crate::value::{AttrsBuilder, Eval, ExternalKind, Thunk, UnknownId, Value};

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
    pub(crate) const EMPTY: Self = Self {
        name: "",
        functions: &[],
        aliases: &[],
        constants: &[],
        exported: Exported::All,
    };
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

/// Later namespaces win in `lib`.
const NAMESPACES: &[Namespace] = &[
    modules::NAMESPACE,
    options::NAMESPACE,
    types::NAMESPACE,
    trivial::NAMESPACE,
    fixed_points::NAMESPACE,
    attrsets::NAMESPACE,
    lists::NAMESPACE,
    strings::NAMESPACE,
    meta::NAMESPACE,
    asserts::NAMESPACE,
    debug::NAMESPACE,
    generators::NAMESPACE,
];

/// Makes the set `lib`, which can be extended.
pub(crate) fn make(evaluator: &mut Evaluator) -> Thunk {
    let base = support::function_thunk(evaluator, &BASE, &[]);
    evaluator
        .arena
        .lazy(move |evaluator| fixed_points::extensible(evaluator, base))
}

/// `self: lib` without `extend`. What a project overrides in `lib` changes `lib`'s own attributes,
/// not what the native functions do.
static BASE: Builtin = Builtin::new("lib", 1, base);

fn base(evaluator: &mut Evaluator, _: &[Thunk]) -> Eval<Value> {
    let why = evaluator.arena.unknown(crate::value::Unknown {
        kind: crate::value::UnknownKind::Undetermined,
        message: "an attribute of nixpkgs' `lib` that is not built in".to_owned(),
        at: None,
    });
    let mut lib = AttrsBuilder::with_capacity(1024);
    lib.open(why);
    for namespace in NAMESPACES {
        let set = make_namespace(evaluator, namespace, &mut lib, why);
        let symbol = evaluator.symbol(namespace.name);
        lib.insert(symbol, set);
    }
    for name in EXTERNALS {
        let value = evaluator.external_root(&format!("lib.{name}"), ExternalKind::Other);
        let value = evaluator.arena.ready(value);
        let symbol = evaluator.symbol(name);
        lib.insert(symbol, value);
    }
    for name in BUILTINS_IN_LIB {
        if let Some(value) = support::builtin_thunk(evaluator, name) {
            let symbol = evaluator.symbol(name);
            lib.insert(symbol, value);
        }
    }
    Ok(Value::Attrs(evaluator.arena.attrs(lib)))
}

fn make_namespace(
    evaluator: &mut Evaluator,
    namespace: &'static Namespace,
    lib: &mut AttrsBuilder,
    why: UnknownId,
) -> Thunk {
    let mut set = AttrsBuilder::with_capacity(namespace.functions.len() + namespace.aliases.len());
    set.open(why);
    let mut insert = |evaluator: &mut Evaluator, name: &str, value: Thunk| {
        let symbol = evaluator.symbol(name);
        set.insert(symbol, value);
        if namespace.exported.contains(name) {
            lib.insert(symbol, value);
        }
    };
    for name in namespace.aliases {
        if let Some(value) = support::builtin_thunk(evaluator, name) {
            insert(evaluator, name, value);
        }
    }
    for function in namespace.functions {
        let value = support::function_thunk(evaluator, function, &[]);
        insert(evaluator, function.name, value);
    }
    for constant in namespace.constants {
        let make = constant.make;
        let value = evaluator.arena.lazy(make);
        insert(evaluator, constant.name, value);
    }
    let set = Value::Attrs(evaluator.arena.attrs(set));
    evaluator.arena.ready(set)
}

/// Data of nixpkgs that is not on disk.
const EXTERNALS: &[&str] = &[
    "licenses",
    "maintainers",
    "teams",
    "platforms",
    "systems",
    "version",
    "nixpkgsVersion",
];

/// Builtins that are in `lib` and in no namespace.
const BUILTINS_IN_LIB: &[&str] = &[
    "convertHash",
    "fromTOML",
    "getContext",
    "hasContext",
    "hashString",
    "placeholder",
    "toFile",
    "toString",
    "toXML",
    "tryEval",
];
