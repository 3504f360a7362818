//! Functions that descend into sets of sets.

use super::super::support::{
    attributes, call, lazy_call, list_of, name_thunk, presence_of, settle, test, unknown_elements,
};
use crate::builtins::lists::weaken;
use crate::eval::{Evaluator, arguments};
use crate::value::{Entry, Eval, Presence, Thunk, UnknownId, Value};

/// Whether a value is a set; not decided for an external.
fn set_or_not(evaluator: &mut Evaluator, value: Thunk) -> Eval<bool> {
    match evaluator.force(value)? {
        Value::Attrs(_) => Ok(true),
        Value::External(external) => Err(evaluator.external_unknown(external)),
        _ => Ok(false),
    }
}

/// `mapAttrsRecursive f set`: `f path value` for every value that is not a set.
pub(super) fn map_attrs_recursive(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    map_below(evaluator, None, function, set, &[])
}

/// `mapAttrsRecursiveCond c f set`: sets that `c` does not hold for count as values.
pub(super) fn map_attrs_recursive_cond(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [condition, function, set] = arguments(args);
    map_below(evaluator, Some(condition), function, set, &[])
}

fn map_below(
    evaluator: &mut Evaluator,
    condition: Option<Thunk>,
    function: Thunk,
    set: Thunk,
    path: &[Thunk],
) -> Eval<Value> {
    let set = evaluator.force_attrs(set)?;
    let mut entries = evaluator.arena.entries(set).to_vec();
    for entry in &mut entries {
        let name = name_thunk(evaluator, entry.name);
        let path: Vec<Thunk> = path.iter().copied().chain([name]).collect();
        let value = entry.value;
        entry.value = evaluator.lazy(move |evaluator| {
            let descends = set_or_not(evaluator, value)?
                && match condition {
                    Some(condition) => {
                        let holds = evaluator.call(condition, value)?;
                        evaluator.expect_bool(holds)?
                    }
                    None => true,
                };
            if descends {
                return map_below(evaluator, condition, function, value, &path);
            }
            let path = evaluator.list(&path);
            let path = evaluator.arena.ready(path);
            call(evaluator, function, &[path, value])
        });
        evaluator
            .arena
            .set_origin(entry.value, evaluator.arena.origin(value));
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}

/// `filterAttrsRecursive p set`: also in the sets inside.
pub(super) fn filter_attrs_recursive(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    super::filtered(evaluator, set, predicate, |evaluator, entry| {
        let value = entry.value;
        evaluator.lazy(move |evaluator| match evaluator.force(value)? {
            Value::Attrs(_) => filter_attrs_recursive(evaluator, &[predicate, value]),
            other => Ok(other),
        })
    })
}

/// `collect p set`: the values that `p` holds for, without looking inside of them.
pub(super) fn collect(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, set] = arguments(args);
    let mut found = Vec::new();
    collect_into(evaluator, predicate, set, None, &mut found)?;
    Ok(list_of(evaluator, &found))
}

fn collect_into(
    evaluator: &mut Evaluator,
    predicate: Thunk,
    value: Thunk,
    doubt: Option<UnknownId>,
    found: &mut Vec<(Thunk, Presence)>,
) -> Eval<()> {
    evaluator.check_size(found.len() as u64)?;
    match test(evaluator, predicate, &[value], doubt)? {
        Ok(true) => {
            found.push((value, doubt.map_or(Presence::Certain, Presence::Maybe)));
            return Ok(());
        }
        Ok(false) => {}
        // Either it, or any of what is inside of it.
        Err(why) => {
            found.push(unknown_elements(evaluator, why));
            return Ok(());
        }
    }
    let result = evaluator.force(value);
    match settle(evaluator, result) {
        Ok(Ok(Value::Attrs(_))) => {
            let (entries, open) = attributes(evaluator, value)?;
            for entry in entries {
                let doubt = doubt.or(entry.maybe);
                collect_into(evaluator, predicate, entry.value, doubt, found)?;
            }
            if let Some(why) = open {
                found.push(unknown_elements(evaluator, why));
            }
            Ok(())
        }
        Ok(Ok(Value::External(external))) => {
            let why = evaluator.external_unknown(external);
            found.push(unknown_elements(evaluator, why));
            Ok(())
        }
        Ok(Ok(_)) => Ok(()),
        Ok(Err(why)) => {
            found.push(unknown_elements(evaluator, why));
            Ok(())
        }
        Err(_) if doubt.is_some() => Ok(()),
        Err(why) => Err(why),
    }
}

/// `mapAttrsToListRecursive f set`: `f path value` for every value that is not a set.
pub(super) fn map_to_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let mut items = Vec::new();
    list_below(
        evaluator,
        None,
        function,
        set,
        &[],
        Presence::Certain,
        &mut items,
    )?;
    Ok(list_of(evaluator, &items))
}

fn list_below(
    evaluator: &mut Evaluator,
    condition: Option<Thunk>,
    function: Thunk,
    value: Thunk,
    path: &[Thunk],
    presence: Presence,
    items: &mut Vec<(Thunk, Presence)>,
) -> Eval<()> {
    evaluator.check_size(items.len() as u64)?;
    let path_value = evaluator.list(path);
    let path_value = evaluator.arena.ready(path_value);
    let result = set_or_not(evaluator, value);
    let descends = match (settle(evaluator, result)?, condition) {
        (Ok(true), Some(condition)) => test(evaluator, condition, &[path_value, value], None)?,
        (known, _) => known,
    };
    match descends {
        Ok(false) => items.push((
            lazy_call(evaluator, function, &[path_value, value]),
            presence,
        )),
        Err(why) => items.push(unknown_elements(evaluator, why)),
        Ok(true) => {
            let (entries, open) = attributes(evaluator, value)?;
            for entry in entries {
                let name = name_thunk(evaluator, entry.name);
                let path: Vec<Thunk> = path.iter().copied().chain([name]).collect();
                let presence = inner_presence(presence, &entry);
                list_below(
                    evaluator,
                    condition,
                    function,
                    entry.value,
                    &path,
                    presence,
                    items,
                )?;
            }
            if let Some(why) = open {
                items.push(unknown_elements(evaluator, why));
            }
        }
    }
    Ok(())
}

fn inner_presence(outer: Presence, entry: &Entry) -> Presence {
    match outer {
        Presence::Certain => presence_of(entry),
        Presence::Maybe(why) | Presence::Many(why) => weaken(presence_of(entry), why),
    }
}
