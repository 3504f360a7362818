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
mod cli;
mod customisation;
mod debug;
mod deprecated;
mod derivations;
mod fileset;
mod filesystem;
mod fixed_points;
mod generators;
mod hm;
mod kernel;
mod lists;
mod meta;
mod modules;
mod network;
mod options;
mod path;
mod sources;
mod strings;
mod strings_with_deps;
mod support;
mod systems;
mod trivial;
mod types;
mod versions;

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
    cli::NAMESPACE,
    customisation::NAMESPACE,
    strings_with_deps::NAMESPACE,
    versions::NAMESPACE,
    kernel::NAMESPACE,
    network::NAMESPACE,
    derivations::NAMESPACE,
    derivations::FETCHERS,
    sources::NAMESPACE,
    sources::TYPES,
    filesystem::NAMESPACE,
    path::NAMESPACE,
    fileset::NAMESPACE,
    deprecated::NAMESPACE,
];

/// Makes the set `lib`, which can be extended.
pub(crate) fn make(evaluator: &mut Evaluator) -> Thunk {
    let set = evaluator.arena.lazy(make_set);
    let base = support::function_thunk(evaluator, &BASE, &[set]);
    evaluator
        .arena
        .lazy(move |evaluator| fixed_points::extensible(evaluator, base))
}

/// `lib: self: lib`: what a project overrides in `lib` changes `lib`'s own attributes, not what the
/// native functions do.
static BASE: Builtin = Builtin::new("lib", 2, |evaluator, args| {
    let [set, _this] = crate::builtins::arguments(args);
    evaluator.force(set)
});

/// `lib` without `extend`.
fn make_set(evaluator: &mut Evaluator) -> Eval<Value> {
    let why = evaluator.arena.unknown(crate::value::Unknown {
        kind: crate::value::UnknownKind::Undetermined,
        message: "an attribute of nixpkgs' `lib` that is not built in".into(),
        at: None,
    });
    evaluator.lib_open = Some(why);
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
    let more = [
        ("hm", hm::namespace(evaluator, why)),
        ("systems", systems::namespace(evaluator, why)),
        (
            "mkEUI64Suffix",
            evaluator.partial(&network::EUI64_SUFFIX, &[]),
        ),
    ];
    for (name, value) in more {
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
    // nixpkgs' flake adds it to its `lib`.
    let system = evaluator.nixos_system();
    let system = evaluator.arena.ready(system);
    let symbol = evaluator.symbol("nixosSystem");
    lib.insert(symbol, system);
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
const EXTERNALS: &[&str] = &["licenses", "maintainers", "teams", "platforms", "gvariant"];

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
