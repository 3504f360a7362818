//! `lib.misc`: what is left of old names. Of the others little is used, and they are not known.

use super::support::attributes;
use super::{Constant, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, AttrsId, Entry, Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "misc",
    functions: &[
        Builtin::new("ifEnable", 2, if_enable),
        Builtin::new("imap", 2, super::lists::map_indexed_from_one),
        Builtin::new("mergeAttrsWithFunc", 3, merge_with),
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
