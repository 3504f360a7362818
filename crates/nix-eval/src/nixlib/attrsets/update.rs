//! Deep updates and comparisons of two sets.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::support::{Operand, attributes, call, name_thunk, settle};
use crate::eval::{Evaluator, arguments};
use crate::value::{AttrsId, Entry, Eval, Symbol, Thunk, UnknownId, Value, merged_entries};
use nix_syntax::quote::attribute_name;

/// `recursiveUpdate left right`: as `//`, and sets on both sides are merged in turn.
pub(super) fn recursive_update(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let (left, right) = (evaluator.force(left), evaluator.force(right));
    let (left, right) = (
        Operand::of(evaluator, left)?,
        Operand::of(evaluator, right)?,
    );
    Ok(merge(evaluator, None, &[], left, right))
}

fn merge(
    evaluator: &mut Evaluator,
    until: Option<Thunk>,
    path: &[Thunk],
    left: Operand,
    right: Operand,
) -> Value {
    let (left_open, right_open) = (left.open(evaluator), right.open(evaluator));
    let mut above = right.entries(evaluator);
    for new in &mut above {
        let below = match until {
            Some(_) => deeper(evaluator, path, new.name),
            None => Vec::new(),
        };
        match (left.attribute(evaluator, new.name), left_open) {
            (None, None) => {}
            (None, Some(why)) => {
                new.value = merge_with_unknown(evaluator, until, below, why, new.value);
            }
            (Some(old), _) => {
                let both = merge_values(evaluator, until, below, old.value, new.value);
                new.value = match (old.maybe, new.maybe) {
                    (None, None) => both,
                    (Some(why), None) => evaluator.join_lazily(why, both, new.value),
                    (_, Some(why)) => evaluator.join_lazily(why, both, old.value),
                };
                new.maybe = new.maybe.and(old.maybe);
            }
        }
    }
    let open = left_open.or(right_open);
    let set = match (left, right_open) {
        (Operand::Set(left), None) => evaluator.arena.extended_attrs(left, &above, open),
        // The right set may have any attribute of the left one, too.
        (left, Some(why)) => {
            let mut below = left.entries(evaluator);
            for old in &mut below {
                if right.attribute(evaluator, old.name).is_none() {
                    let origin = evaluator.arena.origin(old.value);
                    old.value = evaluator.arena.failed(why);
                    evaluator.arena.set_origin(old.value, origin);
                }
            }
            let merged = merged_entries(&below, &above);
            evaluator.arena.sorted_attrs(&merged, open)
        }
        (Operand::Unknown(_), None) => evaluator.arena.sorted_attrs(&above, open),
    };
    Value::Attrs(set)
}

fn deeper(evaluator: &mut Evaluator, path: &[Thunk], name: Symbol) -> Vec<Thunk> {
    let name = name_thunk(evaluator, name);
    path.iter().copied().chain([name]).collect()
}

/// The merge of two values of the same name, when it is needed.
fn merge_values(
    evaluator: &mut Evaluator,
    until: Option<Thunk>,
    path: Vec<Thunk>,
    left: Thunk,
    right: Thunk,
) -> Thunk {
    let thunk = evaluator.lazy(move |evaluator| match until {
        None => merge_until_no_sets(evaluator, &path, left, right),
        Some(until) => merge_until(evaluator, until, &path, left, right),
    });
    evaluator
        .arena
        .set_origin(thunk, evaluator.arena.origin(right));
    thunk
}

fn merge_until_no_sets(
    evaluator: &mut Evaluator,
    path: &[Thunk],
    left: Thunk,
    right: Thunk,
) -> Eval<Value> {
    // Nix inspects the left value first; only whether that fails makes a difference.
    let old = evaluator.force(left);
    let old = settle(evaluator, old)?;
    let new = evaluator.force(right)?;
    let Value::Attrs(new_set) = new else {
        return Ok(new);
    };
    let old = match old {
        Ok(Value::Attrs(set)) => Operand::Set(set),
        Ok(Value::External(external)) => Operand::Unknown(evaluator.external_unknown(external)),
        Ok(_) => return Ok(new),
        Err(why) => Operand::Unknown(why),
    };
    Ok(merge(evaluator, None, path, old, Operand::Set(new_set)))
}

fn merge_until(
    evaluator: &mut Evaluator,
    until: Thunk,
    path: &[Thunk],
    left: Thunk,
    right: Thunk,
) -> Eval<Value> {
    let path_value = evaluator.list(path);
    let path_value = evaluator.arena.ready(path_value);
    let stops = call(evaluator, until, &[path_value, left, right])
        .and_then(|value| evaluator.expect_bool(value));
    let recurse = |evaluator: &mut Evaluator| -> Eval<Value> {
        let (left, right) = (evaluator.force(left), evaluator.force(right));
        let (left, right) = (
            Operand::of(evaluator, left)?,
            Operand::of(evaluator, right)?,
        );
        Ok(merge(evaluator, Some(until), path, left, right))
    };
    match settle(evaluator, stops)? {
        Ok(true) => evaluator.force(right),
        Ok(false) => recurse(evaluator),
        Err(why) => {
            let (stopped, merged) = (evaluator.force(right), recurse(evaluator));
            evaluator.join(why, stopped, merged)
        }
    }
}

/// A right value where the left set may have something of that name.
fn merge_with_unknown(
    evaluator: &mut Evaluator,
    until: Option<Thunk>,
    path: Vec<Thunk>,
    why: UnknownId,
    right: Thunk,
) -> Thunk {
    let thunk = evaluator.lazy(move |evaluator| match evaluator.force(right)? {
        Value::Attrs(set) => {
            let left = Operand::Unknown(why);
            Ok(merge(evaluator, until, &path, left, Operand::Set(set)))
        }
        other => Ok(other),
    });
    evaluator
        .arena
        .set_origin(thunk, evaluator.arena.origin(right));
    thunk
}

/// `matchAttrs pattern set`: whether everything in `pattern` is in `set`, too.
pub(in super::super) fn match_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern, set] = arguments(args);
    let pattern = evaluator.force_exact_attrs(pattern)?;
    let set = evaluator.force_attrs(set)?;
    matches(evaluator, pattern, set).map(Value::Bool)
}

fn matches(evaluator: &mut Evaluator, pattern: AttrsId, set: AttrsId) -> Eval<bool> {
    evaluator.step()?;
    let mut undecided = None;
    for wanted in evaluator.arena.entries_by_name(pattern) {
        let result = match evaluator.arena.attribute(set, wanted.name) {
            None => match evaluator.arena.attrs_data(set).open {
                Some(why) => Err(why),
                None => Ok(false),
            },
            Some(found) => match found.maybe {
                Some(why) => Err(why),
                None => value_matches(evaluator, wanted.value, found.value),
            },
        };
        match settle(evaluator, result)? {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(why) => {
                undecided.get_or_insert(why);
            }
        }
    }
    undecided.map_or(Ok(true), Err)
}

fn value_matches(evaluator: &mut Evaluator, wanted: Thunk, found: Thunk) -> Eval<bool> {
    match (evaluator.force(wanted)?, evaluator.force(found)?) {
        (Value::Attrs(wanted), Value::Attrs(found)) => matches(evaluator, wanted, found),
        (wanted, found) => evaluator.equal(wanted, found),
    }
}

/// `unionOfDisjoint left right`: both; what is in both is an error when it is needed.
pub(super) fn union_of_disjoint(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let names = |entries: &[Entry]| -> BTreeSet<Symbol> {
        entries.iter().map(|entry| entry.name).collect()
    };
    let (a, _) = attributes(evaluator, left)?;
    let (b, _) = attributes(evaluator, right)?;
    let (left, right) = (evaluator.force(left), evaluator.force(right));
    let union = evaluator.update(left, right)?;
    let collisions: BTreeSet<Symbol> = names(&a).intersection(&names(&b)).copied().collect();
    let Value::Attrs(set) = union else {
        return Ok(union);
    };
    if collisions.is_empty() {
        return Ok(union);
    }
    let mut shown: Vec<String> = collisions
        .iter()
        .map(|name| attribute_name(evaluator.arena.symbols.name_ref(*name)))
        .collect();
    shown.sort();
    let shown: Rc<str> = Rc::from(shown.join(" "));
    let mut entries = evaluator.arena.entries(set).to_vec();
    for entry in &mut entries {
        if collisions.contains(&entry.name) {
            let name = evaluator.name(entry.name);
            let shown = Rc::clone(&shown);
            // The list would be there once for each of them.
            entry.value = evaluator.lazy(move |evaluator| {
                Err(evaluator.throw(format!(
                    "unionOfDisjoint: collision on {name}; complete list: {shown}"
                )))
            });
        }
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}
