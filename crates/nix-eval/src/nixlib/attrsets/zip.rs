//! Functions of lists of sets.

use super::super::support::{call_builtin, function_thunk, lazy_call};
use super::build::{from_names, weaken_set};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Eval, Presence, Thunk, Value};

/// `zipAttrsWithNames names f sets`: `f name values` for each of the names.
pub(super) fn zip_attrs_with_names(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [names, function, sets] = arguments(args);
    from_names(evaluator, names, |evaluator, name| {
        let name = super::name_thunk(evaluator, name);
        let values =
            evaluator.lazy(move |evaluator| call_builtin(evaluator, "catAttrs", &[name, sets]));
        evaluator.lazy_apply2(function, name, values)
    })
}

static SECOND: Builtin = Builtin::new("zipAttrs", 2, second);

fn second(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_, values] = arguments(args);
    evaluator.force(values)
}

/// `zipAttrs sets`: for each name the list of its values.
pub(super) fn zip_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [sets] = arguments(args);
    let function = function_thunk(evaluator, &SECOND, &[]);
    call_builtin(evaluator, "zipAttrsWith", &[function, sets])
}

/// `foldAttrs f init sets`: for each name its values folded from the right.
pub(super) fn fold_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, sets] = arguments(args);
    let fold = function_thunk(evaluator, &FOLD_VALUES, &[function, initial]);
    call_builtin(evaluator, "zipAttrsWith", &[fold, sets])
}

/// `f: init: name: values: foldr f init values`
static FOLD_VALUES: Builtin = Builtin::new("foldAttrs", 4, fold_values);

fn fold_values(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, _name, values] = arguments(args);
    let values = evaluator.force_exact_list(values)?;
    let result = values.into_iter().rev().fold(initial, |result, value| {
        lazy_call(evaluator, function, &[value, result])
    });
    evaluator.force(result)
}

/// `mergeAttrsList sets`: the later ones win.
pub(super) fn merge_attrs_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [sets] = arguments(args);
    let sets = evaluator.force_list(sets)?;
    let mut merged = Value::Attrs(AttrsId(0));
    for (set, presence) in evaluator.arena.list_items(sets) {
        let added = match presence {
            Presence::Certain => evaluator.force(set),
            Presence::Maybe(why) => {
                let set = evaluator.force(set);
                weaken_set(evaluator, set, why)
            }
            Presence::Many(why) => Err(why),
        };
        merged = evaluator.update(Ok(merged), added)?;
    }
    Ok(merged)
}
