//! Types that a project makes.

use super::CONSTANTS;
use super::made::required;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::modules::types::DEFAULT_TYPE_MERGE;
use crate::nixlib::options::merge_default_option;
use crate::value::{AttrsId, Eval, Thunk, Value, well_known};

/// `mkOptionType { name; check ? …; merge ? …; … }`
pub(super) fn make_option_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let name = required(evaluator, set, "name")?;
    let tag = evaluator.string_thunk("option-type");
    let null = evaluator.arena.ready(Value::Null);
    let empty = evaluator.arena.ready(Value::Attrs(AttrsId(0)));
    let functor = match evaluator.arena.attribute(set, well_known::FUNCTOR_FIELD) {
        Some(entry) => entry.value,
        None => {
            let make = evaluator.partial(&DEFAULT_FUNCTOR, &[]);
            let make = evaluator.arena.ready(make);
            evaluator.lazy_apply(make, name)
        }
    };
    let description = evaluator.symbol("description");
    let description = match evaluator.arena.attribute(set, description) {
        Some(entry) if evaluator.force(entry.value)? != Value::Null => entry.value,
        _ => name,
    };
    let mut function = |builtin: &'static Builtin, arguments: &[Thunk]| {
        let value = evaluator.partial(builtin, arguments);
        evaluator.arena.ready(value)
    };
    let accept = function(&ACCEPT, &[]);
    let merge = function(&MERGE_BY_DEFAULT, &[]);
    let no_options = function(&NO_OPTIONS, &[]);
    let no_modules = function(&NO_MODULES, &[]);
    let type_merge = function(&DEFAULT_TYPE_MERGE, &[functor]);
    let defaults = evaluator.set_of(&[
        ("_type", tag),
        ("descriptionClass", null),
        ("deprecationMessage", null),
        ("check", accept),
        ("merge", merge),
        ("emptyValue", empty),
        ("getSubOptions", no_options),
        ("getSubModules", null),
        ("substSubModules", no_modules),
        ("typeMerge", type_merge),
        ("functor", functor),
        ("nestedTypes", empty),
    ]);
    let given = evaluator.update_sets(defaults, set);
    let fixed = evaluator.set_of(&[("description", description)]);
    Ok(Value::Attrs(evaluator.update_sets(given, fixed)))
}

static ACCEPT: Builtin = Builtin {
    name: "check",
    arity: 1,
    run: |_, _| Ok(Value::Bool(true)),
};

static NO_OPTIONS: Builtin = Builtin {
    name: "getSubOptions",
    arity: 1,
    run: |_, _| Ok(Value::Attrs(AttrsId(0))),
};

static NO_MODULES: Builtin = Builtin {
    name: "substSubModules",
    arity: 1,
    run: |_, _| Ok(Value::Null),
};

static DEFAULT_FUNCTOR: Builtin = Builtin {
    name: "defaultFunctor",
    arity: 1,
    run: default_functor,
};

static MERGE_BY_DEFAULT: Builtin = Builtin {
    name: "merge",
    arity: 2,
    run: merge_default_option,
};

/// `{ name; type = types.name or null; payload = null; binOp = a: b: null; }`
pub(super) fn default_functor(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let kind = evaluator.lazy(move |evaluator| {
        let text = evaluator.force_text(name)?;
        match CONSTANTS.iter().find(|constant| constant.name == &*text) {
            Some(constant) => (constant.make)(evaluator),
            None => Ok(Value::Null),
        }
    });
    let null = evaluator.arena.ready(Value::Null);
    let join = evaluator.partial(&NO_PAYLOAD, &[]);
    let join = evaluator.arena.ready(join);
    let attributes = [
        ("name", name),
        ("type", kind),
        ("payload", null),
        ("binOp", join),
    ];
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

static NO_PAYLOAD: Builtin = Builtin {
    name: "binOp",
    arity: 2,
    run: |_, _| Ok(Value::Null),
};

pub(super) fn is_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kind, value] = arguments(args);
    let kind = evaluator.force_text(kind)?;
    let is = match evaluator.force(value)? {
        Value::Attrs(set) => evaluator.type_tag(set)?.is_some_and(|tag| tag == kind),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => false,
    };
    Ok(Value::Bool(is))
}

pub(super) fn set_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kind, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let tag = evaluator.set_of(&[("_type", kind)]);
    Ok(Value::Attrs(evaluator.update_sets(set, tag)))
}
