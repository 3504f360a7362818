//! `lib.misc`: what is left of old names. Of the others little is used, and they are not known.

use super::support::{attributes, option};
use super::{Constant, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, AttrsId, Entry, Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "misc",
    functions: &[
        Builtin::new("ifEnable", 2, if_enable),
        Builtin::new("imap", 2, super::lists::map_indexed_from_one),
        Builtin::new("maybeAttr", 3, maybe_attribute),
        Builtin::new("maybeAttrNullable", 3, maybe_attribute_nullable),
        Builtin::new("mergeAttrsConcatenateValues", 2, merge_lists),
        Builtin::new("mergeAttrsWithFunc", 3, merge_with),
        Builtin::new("nixType", 1, nix_type),
        Builtin::new("nvs", 2, |evaluator, args| {
            let [name, value] = arguments(args);
            let name = evaluator.force(name)?;
            let name = evaluator.attribute_name(name)?;
            let mut builder = AttrsBuilder::new();
            builder.insert(name, value);
            Ok(Value::Attrs(evaluator.arena.attrs(builder)))
        }),
        Builtin::new("setAttr", 3, set_attribute),
    ],
    constants: &[
        Constant {
            name: "fakeHash",
            make: |evaluator| Ok(evaluator.string(&format!("sha256-{}=", "A".repeat(43)))),
        },
        Constant {
            name: "fakeSha256",
            make: |evaluator| Ok(evaluator.string(&"0".repeat(64))),
        },
        Constant {
            name: "fakeSha512",
            make: |evaluator| Ok(evaluator.string(&"0".repeat(128))),
        },
    ],
    ..Namespace::EMPTY
};

/// `ifEnable condition value`: the value or one that is empty in its way.
fn if_enable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, value] = arguments(args);
    let holds = evaluator.force_bool(when)?;
    let value = evaluator.force(value)?;
    Ok(match value {
        value if holds => value,
        Value::List(_) => evaluator.list(&[]),
        Value::Attrs(_) => Value::Attrs(AttrsId(0)),
        Value::Bool(_) => Value::Bool(false),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => Value::Null,
    })
}

/// `maybeAttr name default set`
fn maybe_attribute(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, default, set] = arguments(args);
    let name = evaluator.force_text(name)?;
    let set = evaluator.force_attrs(set)?;
    match option(evaluator, set, &name)? {
        Some(value) => evaluator.force(value),
        None => evaluator.force(default),
    }
}

/// `maybeAttrNullable name default set`: also of null.
fn maybe_attribute_nullable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, default, set] = arguments(args);
    match evaluator.force(set)? {
        Value::Null => evaluator.force(default),
        _ => maybe_attribute(evaluator, &[name, default, set]),
    }
}

/// `setAttr set name value`
fn set_attribute(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set, name, value] = arguments(args);
    let name = evaluator.force(name)?;
    let name = evaluator.attribute_name(name)?;
    let mut builder = AttrsBuilder::new();
    builder.insert(name, value);
    let extra = Value::Attrs(evaluator.arena.attrs(builder));
    let set = evaluator.force(set);
    evaluator.update(set, Ok(extra))
}

/// Both sets; what is in both by `both`.
fn merged(
    evaluator: &mut Evaluator,
    left: Thunk,
    right: Thunk,
    mut both: impl FnMut(&mut Evaluator, Thunk, Thunk) -> Thunk,
) -> Eval<Value> {
    let left = evaluator.force_exact_attrs(left)?;
    let (right, open) = attributes(evaluator, right)?;
    let mut builder = AttrsBuilder::new();
    if let Some(why) = open {
        return Err(why);
    }
    for entry in evaluator.arena.entries(left) {
        builder.push(*entry);
    }
    for entry in right {
        let value = match evaluator.arena.attribute(left, entry.name) {
            Some(old) => both(evaluator, old.value, entry.value),
            // As the real one does it.
            None => both(evaluator, entry.value, entry.value),
        };
        builder.push(Entry { value, ..entry });
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// `mergeAttrsWithFunc f left right`
fn merge_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, left, right] = arguments(args);
    merged(evaluator, left, right, |evaluator, a, b| {
        evaluator.lazy_apply2(function, a, b)
    })
}

/// `mergeAttrsConcatenateValues left right`
fn merge_lists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    merged(evaluator, left, right, |evaluator, a, b| {
        evaluator.lazy(move |evaluator| {
            let (a, b) = (evaluator.force(a), evaluator.force(b));
            evaluator.concat(a, b)
        })
    })
}

/// `nixType x`: the type by an older spelling.
fn nix_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let name = match evaluator.force(value)? {
        Value::Attrs(_) => "attrs",
        Value::List(_) => "list",
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => "function",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => "string",
    };
    Ok(evaluator.string(name))
}
