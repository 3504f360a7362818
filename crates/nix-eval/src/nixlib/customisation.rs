//! `lib.customisation`: functions that can be called again with other arguments.

use super::Namespace;
use super::support::{
    attributes, call, call_builtin, function_thunk, name_thunk, option, required, throw,
};
use super::trivial::{callable, function_arguments, set_function_args};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, Entry, Eval, External, Position, Symbol, Thunk, Value, well_known,
};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "customisation",
    functions: FUNCTIONS,
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("callPackageWith", 3, call_package_with),
    Builtin::new("callPackagesWith", 3, call_packages_with),
    Builtin::new("extendMkDerivation", 2, extend_mk_derivation),
    Builtin::new("makeOverridable", 1, make_overridable),
    Builtin::new("makeScope", 2, make_scope),
    Builtin::new("overrideDerivation", 2, override_derivation),
];

// Overriding

/// `overrideDerivation package f`
fn override_derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [package, function] = arguments(args);
    let value = evaluator.force(package)?;
    if let Value::External(external) = value {
        let name = evaluator.symbol("overrideDerivation");
        let method = evaluator.arena.external(External::Select {
            base: external,
            name,
        });
        let result = External::Apply {
            function: method,
            argument: function,
        };
        return Ok(Value::External(evaluator.arena.external(result)));
    }
    let attributes = evaluator.symbol("drvAttrs");
    let old = evaluator
        .select_optional(value, attributes)?
        .unwrap_or(value);
    let old = evaluator.arena.ready(old);
    let new = evaluator.call(function, old);
    let changed = evaluator.update(Ok(value), new)?;
    // What it was built to is not what it is built to now.
    let why = evaluator.undetermined("the output of an overridden derivation");
    let unknown = evaluator.arena.failed(why);
    let mut builder = AttrsBuilder::new();
    builder
        .insert(well_known::OUT_PATH, unknown)
        .insert(well_known::DRV_PATH, unknown);
    let outputs = Value::Attrs(evaluator.arena.attrs(builder));
    evaluator.update(Ok(changed), Ok(outputs))
}

/// `makeOverridable f`: `f`, whose result has `override`.
fn make_overridable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    overridable(evaluator, function)
}

fn overridable(evaluator: &mut Evaluator, function: Thunk) -> Eval<Value> {
    let callee = function_thunk(evaluator, &CALL_OVERRIDABLE, &[function]);
    with_arguments_of(evaluator, function, callee)
}

/// A function that declares the arguments that another one does.
fn with_arguments_of(evaluator: &mut Evaluator, model: Thunk, callee: Thunk) -> Eval<Value> {
    let declared = function_arguments(evaluator, model)?;
    match declared {
        Value::Attrs(set) if evaluator.arena.entries(set).is_empty() => evaluator.force(callee),
        declared => {
            let declared = evaluator.arena.ready(declared);
            set_function_args(evaluator, &[callee, declared])
        }
    }
}

/// `f: arguments: …`
static CALL_OVERRIDABLE: Builtin = Builtin::new("makeOverridable", 2, call_overridable);

fn call_overridable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, original] = arguments(args);
    let result = evaluator.call(function, original)?;
    let replace = function_thunk(evaluator, &OVERRIDE, &[function, original]);
    let replace = evaluator.lazy(move |evaluator| with_arguments_of(evaluator, function, replace));
    match result {
        Value::Attrs(set) => {
            let derivation = function_thunk(evaluator, &OVERRIDE_DERIVATION, &[function, original]);
            let mut builder = AttrsBuilder::new();
            for (name, value) in [("override", replace), ("overrideDerivation", derivation)] {
                let name = evaluator.symbol(name);
                builder.insert(name, value);
            }
            let name = evaluator.symbol("overrideAttrs");
            if evaluator.arena.attribute(set, name).is_some() {
                let value = function_thunk(evaluator, &OVERRIDE_ATTRS, &[function, original]);
                builder.insert(name, value);
            }
            let extra = evaluator.arena.attrs(builder);
            Ok(Value::Attrs(evaluator.update_sets(set, extra)))
        }
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            let callee = evaluator.arena.ready(result);
            let declared = function_arguments(evaluator, callee)?;
            let declared = evaluator.arena.ready(declared);
            let functor = set_function_args(evaluator, &[callee, declared])?;
            let extra = Value::Attrs(evaluator.set_of(&[("override", replace)]));
            evaluator.update(Ok(functor), Ok(extra))
        }
        other => Ok(other),
    }
}

/// `f: original: new: …`
static OVERRIDE: Builtin = Builtin::new("override", 3, |evaluator, args| {
    let [function, original, new] = arguments(args);
    let changed = evaluator.lazy(move |evaluator| {
        let new = if callable(evaluator, new)? {
            evaluator.call(new, original)
        } else {
            evaluator.force(new)
        };
        let original = evaluator.force(original);
        evaluator.update(original, new)
    });
    call_overridable(evaluator, &[function, changed])
});

/// `f: original: change: …`
static OVERRIDE_DERIVATION: Builtin = Builtin::new("overrideDerivation", 3, |evaluator, args| {
    let [function, original, change] = arguments(args);
    let changed = function_thunk(evaluator, &CHANGED_DERIVATION, &[function, change]);
    call_overridable(evaluator, &[changed, original])
});

static CHANGED_DERIVATION: Builtin = Builtin::new("overrideDerivation", 3, |evaluator, args| {
    let [function, change, arguments_set] = arguments(args);
    let package = evaluator.lazy_apply(function, arguments_set);
    override_derivation(evaluator, &[package, change])
});

/// `f: original: change: …`
static OVERRIDE_ATTRS: Builtin = Builtin::new("overrideAttrs", 3, |evaluator, args| {
    let [function, original, change] = arguments(args);
    let changed = function_thunk(evaluator, &CHANGED_ATTRS, &[function, change]);
    call_overridable(evaluator, &[changed, original])
});

static CHANGED_ATTRS: Builtin = Builtin::new("overrideAttrs", 3, |evaluator, args| {
    let [function, change, arguments_set] = arguments(args);
    let package = evaluator.call(function, arguments_set)?;
    let name = evaluator.symbol("overrideAttrs");
    let method = evaluator.select(package, name)?;
    evaluator.apply(method, change)
});

// Packages

/// A function, or the file that holds one.
fn function_or_file(evaluator: &mut Evaluator, function: Thunk) -> Eval<Thunk> {
    match evaluator.force(function)? {
        Value::Path(_) | Value::String(_) => {
            let function = call_builtin(evaluator, "import", &[function])?;
            Ok(evaluator.arena.ready(function))
        }
        _ => Ok(function),
    }
}

/// The arguments of a call: those that are given, and what `automatic` has of the others.
fn package_arguments(
    evaluator: &mut Evaluator,
    automatic: Thunk,
    function: Thunk,
    given: Thunk,
) -> Eval<Value> {
    let formals = function_arguments(evaluator, function)?;
    let formals = evaluator.arena.ready(formals);
    let (formals, _) = attributes(evaluator, formals)?;
    let given = evaluator.force(given)?;
    let mut builder = AttrsBuilder::new();
    for formal in formals {
        let has_default = evaluator.force(formal.value)? == Value::Bool(true);
        if let Value::Attrs(set) = given
            && evaluator.arena.attribute(set, formal.name).is_some()
        {
            continue;
        }
        match automatic_argument(evaluator, automatic, formal.name, has_default)? {
            Some(entry) => {
                builder.push(entry);
            }
            None if has_default => {}
            None => {
                let name = evaluator.name(formal.name);
                let message = format!("Function called without required argument \"{name}\"");
                return Err(throw(evaluator, message));
            }
        }
    }
    let automatic = Value::Attrs(evaluator.arena.attrs(builder));
    evaluator.update(Ok(automatic), Ok(given))
}

/// An argument of the package set, if that has it. A set that is not on disk has what a function
/// must have; whether it has what there is a default for is not known.
fn automatic_argument(
    evaluator: &mut Evaluator,
    automatic: Thunk,
    name: Symbol,
    has_default: bool,
) -> Eval<Option<Entry>> {
    match evaluator.force(automatic)? {
        Value::Attrs(set) => match evaluator.arena.attribute(set, name) {
            Some(entry) => Ok(Some(entry)),
            None => match evaluator.arena.attrs_data(set).open {
                Some(why) => {
                    let value = evaluator.arena.failed(why);
                    let maybe = has_default.then_some(why);
                    Ok(Some(Entry {
                        name,
                        value,
                        position: Position::NONE,
                        maybe,
                    }))
                }
                None => Ok(None),
            },
        },
        Value::External(external) => {
            let value = evaluator.lazy(move |evaluator| evaluator.select_external(external, name));
            let maybe = if has_default {
                Some(evaluator.external_unknown(external))
            } else {
                None
            };
            Ok(Some(Entry {
                name,
                value,
                position: Position::NONE,
                maybe,
            }))
        }
        other => Err(evaluator.type_error(other, "a set")),
    }
}

/// `callPackageWith automatic f arguments`
pub(crate) fn call_package_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [automatic, function, given] = arguments(args);
    let function = function_or_file(evaluator, function)?;
    let all = package_arguments(evaluator, automatic, function, given)?;
    let all = evaluator.arena.ready(all);
    call_overridable(evaluator, &[function, all])
}

/// `callPackagesWith automatic f arguments`: a set of packages, each of which can be overridden.
fn call_packages_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [automatic, function, given] = arguments(args);
    let function = function_or_file(evaluator, function)?;
    let all = package_arguments(evaluator, automatic, function, given)?;
    let all = evaluator.arena.ready(all);
    let packages = evaluator.lazy_apply(function, all);
    let (entries, open) = attributes(evaluator, packages)?;
    let mut builder = AttrsBuilder::with_capacity(entries.len());
    if let Some(why) = open {
        builder.open(why);
    }
    for entry in entries {
        let name = name_thunk(evaluator, entry.name);
        let one = function_thunk(evaluator, &ONE_PACKAGE, &[function, name]);
        let one = evaluator.lazy(move |evaluator| with_arguments_of(evaluator, function, one));
        let value = evaluator.lazy(move |evaluator| call_overridable(evaluator, &[one, all]));
        builder.push(Entry { value, ..entry });
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// `f: name: arguments: (f arguments).${name}`
static ONE_PACKAGE: Builtin = Builtin::new("callPackages", 3, |evaluator, args| {
    let [function, name, all] = arguments(args);
    let packages = evaluator.call(function, all)?;
    let name = evaluator.force(name)?;
    let name = evaluator.attribute_name(name)?;
    evaluator.select(packages, name)
});

/// `extendMkDerivation { constructDrv; extendDrvArgs; … } arguments`: a builder made of another one.
fn extend_mk_derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, given] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let construct = required(evaluator, options, "constructDrv")?;
    let extend = required(evaluator, options, "extendDrvArgs")?;
    let none = evaluator.list(&[]);
    let none = evaluator.arena.ready(none);
    let excluded = option(evaluator, options, "excludeDrvArgNames")?.unwrap_or(none);
    let all = function_thunk(evaluator, &EXTENDED_ARGUMENTS, &[extend, excluded, given]);
    let package = evaluator.lazy_apply(construct, all);
    match option(evaluator, options, "transformDrv")? {
        Some(transform) => evaluator.call(transform, package),
        None => evaluator.force(package),
    }
}

/// `extend: excluded: arguments: final: …`
static EXTENDED_ARGUMENTS: Builtin = Builtin::new("extendDrvArgs", 4, |evaluator, args| {
    let [extend, excluded, given, last] = arguments(args);
    let given = if callable(evaluator, given)? {
        evaluator.lazy_apply(given, last)
    } else {
        given
    };
    let kept = call_builtin(evaluator, "removeAttrs", &[given, excluded]);
    let extension = call(evaluator, extend, &[last, given]);
    evaluator.update(kept, extension)
});

// Scopes

/// `makeScope newScope f`: a package set that can be extended.
pub(super) fn make_scope(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [new_scope, packages] = arguments(args);
    let this = evaluator.arena.ready(Value::Null);
    let value = evaluator.lazy(move |evaluator| {
        let own = evaluator.call(packages, this);
        let scope = function_thunk(evaluator, &NEW_SCOPE, &[new_scope, this]);
        let call = evaluator.lazy(move |evaluator| {
            let name = evaluator.symbol("newScope");
            let this = evaluator.force(this)?;
            let scope = evaluator.select(this, name)?;
            let nothing = evaluator
                .arena
                .ready(Value::Attrs(crate::value::AttrsId(0)));
            evaluator.apply(scope, nothing)
        });
        let extend = function_thunk(evaluator, &OVERRIDE_SCOPE, &[new_scope, packages]);
        // A scope may call packages in its own way.
        let default = Value::Attrs(evaluator.set_of(&[("callPackage", call)]));
        let own = evaluator.update(Ok(default), own);
        let extra = evaluator.set_of(&[
            ("newScope", scope),
            ("overrideScope", extend),
            ("packages", packages),
        ]);
        evaluator.update(own, Ok(Value::Attrs(extra)))
    });
    let slot = evaluator.arena.slot(value);
    evaluator.arena.set_slot(this, slot);
    evaluator.force(this)
}

/// `newScope: self: scope: newScope (self // scope)`
static NEW_SCOPE: Builtin = Builtin::new("newScope", 3, |evaluator, args| {
    let [new_scope, this, scope] = arguments(args);
    let merged = evaluator.lazy(move |evaluator| {
        let (this, scope) = (evaluator.force(this), evaluator.force(scope));
        evaluator.update(this, scope)
    });
    evaluator.call(new_scope, merged)
});

/// `newScope: f: overlay: makeScope newScope (extends overlay f)`
static OVERRIDE_SCOPE: Builtin = Builtin::new("overrideScope", 3, |evaluator, args| {
    let [new_scope, packages, overlay] = arguments(args);
    let extended = super::fixed_points::extended(evaluator, overlay, packages);
    make_scope(evaluator, &[new_scope, extended])
});
