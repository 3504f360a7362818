//! `lib` from its namespaces.

use super::namespace::Namespace;
use super::{
    asserts, attrsets, cli, customisation, debug, deprecated, derivations, fileset, filesystem,
    fixed_points, generators, hm, kernel, lists, meta, modules, options, path, sources, strings,
    strings_with_deps, support, systems, trivial, types, versions,
};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, ExternalKind, Reason, Thunk, Unknown, UnknownId, Value};

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
    derivations::NAMESPACE,
    derivations::FETCHERS,
    sources::NAMESPACE,
    sources::TYPES,
    filesystem::NAMESPACE,
    path::NAMESPACE,
    fileset::NAMESPACE,
    deprecated::NAMESPACE,
];

impl Evaluator {
    /// nixpkgs' `lib`.
    pub fn lib(&mut self) -> Thunk {
        if let Some(lib) = self.lib_state().lib {
            return lib;
        }
        let lib = make(self);
        self.lib_state_mut().lib = Some(lib);
        lib
    }
}

/// Makes the set `lib`, which can be extended.
fn make(evaluator: &mut Evaluator) -> Thunk {
    let set = evaluator.lazy(make_set);
    let base = support::function_thunk(evaluator, &BASE, &[set]);
    evaluator.lazy(move |evaluator| fixed_points::extensible(evaluator, base))
}

/// `lib: self: lib`: what a project overrides in `lib` changes `lib`'s own attributes, not what the
/// native functions do.
static BASE: Builtin = Builtin::new("lib", 2, |evaluator, args| {
    let [set, _this] = arguments(args);
    evaluator.force(set)
});

/// `lib` without `extend`.
fn make_set(evaluator: &mut Evaluator) -> Eval<Value> {
    let why = evaluator.arena.unknown(Unknown {
        reason: Reason::Undetermined("an attribute of nixpkgs' `lib` that is not built in".into()),
        at: None,
    });
    evaluator.keep_attributes(why);
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
        ("platforms", systems::doubles(evaluator)),
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
    for constant in evaluator.lib_state().additions {
        let value = (constant.make)(evaluator)?;
        let value = evaluator.arena.ready(value);
        let symbol = evaluator.symbol(constant.name);
        lib.insert(symbol, value);
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
        let value = evaluator.lazy(make);
        insert(evaluator, constant.name, value);
    }
    let set = Value::Attrs(evaluator.arena.attrs(set));
    evaluator.arena.ready(set)
}

/// Data of nixpkgs that is not on disk.
const EXTERNALS: &[&str] = &["licenses", "maintainers", "teams", "gvariant"];

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
