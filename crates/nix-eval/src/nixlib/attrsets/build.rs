//! Making attribute sets.

use rustc_hash::FxHashMap;

use super::super::support::{call_builtin, condition, name_thunk, pair};
use crate::builtins::lists::doubt;
use crate::eval::{Evaluator, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Position, Presence, Symbol, Thunk, UnknownId, Value,
    well_known,
};

/// The set of these names, each with the value that `make` gives it. A name that is not known opens
/// the set; it cannot change another attribute, because the value depends on the name alone.
pub(super) fn from_names(
    evaluator: &mut Evaluator,
    names: Thunk,
    mut make: impl FnMut(&mut Evaluator, Symbol) -> Thunk,
) -> Eval<Value> {
    let names = evaluator.force_list(names)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut index: FxHashMap<Symbol, usize> = FxHashMap::default();
    let mut open = None;
    for (item, presence) in evaluator.arena.list_items(names) {
        let name = evaluator
            .force(item)
            .and_then(|value| evaluator.attribute_name(value));
        let name = match (name, presence) {
            (Ok(name), _) => name,
            (Err(why), Presence::Certain) if evaluator.is_error(why) => return Err(why),
            (Err(why), _) => {
                open.get_or_insert(why);
                continue;
            }
        };
        if let Presence::Many(why) = presence {
            open.get_or_insert(why);
        }
        let maybe = doubt(presence);
        match index.get(&name).and_then(|at| entries.get_mut(*at)) {
            Some(earlier) => earlier.maybe = earlier.maybe.and(maybe),
            None => {
                index.insert(name, entries.len());
                let value = make(evaluator, name);
                entries.push(Entry {
                    name,
                    value,
                    position: Position::NONE,
                    maybe,
                });
            }
        }
    }
    entries.sort_by_key(|entry| entry.name);
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}

/// `genAttrs names f`
pub(super) fn gen_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [names, function] = arguments(args);
    from_names(evaluator, names, |evaluator, name| {
        let name = name_thunk(evaluator, name);
        evaluator.lazy_apply(function, name)
    })
}

/// `genAttrs' xs f`: `f` gives a pair of name and value for each element.
pub(super) fn gen_attrs_from_pairs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [items, function] = arguments(args);
    let pairs = crate::builtins::lists::map(evaluator, &[function, items])?;
    let pairs = evaluator.arena.ready(pairs);
    call_builtin(evaluator, "listToAttrs", &[pairs])
}

/// `nameValuePair name value`
pub(super) fn name_value_pair(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, value] = arguments(args);
    Ok(pair(evaluator, name, value))
}

/// `optionalAttrs condition set`
pub(super) fn optional_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, set] = arguments(args);
    match condition(evaluator, when)? {
        Ok(true) => evaluator.force(set),
        Ok(false) => Ok(Value::Attrs(AttrsId(0))),
        Err(why) => {
            let set = evaluator.force(set);
            weaken_set(evaluator, set, why)
        }
    }
}

/// A set that may be empty instead. What fails is not the branch that is taken.
pub(in super::super) fn weaken_set(
    evaluator: &mut Evaluator,
    set: Eval<Value>,
    why: UnknownId,
) -> Eval<Value> {
    match set {
        Ok(Value::Attrs(set)) => {
            // `mkIf` and functors mean something as a whole.
            let tagged = [well_known::TYPE, well_known::FUNCTOR]
                .iter()
                .any(|name| evaluator.arena.attribute(set, *name).is_some());
            if tagged {
                return Err(why);
            }
            let mut entries = evaluator.arena.entries(set).to_vec();
            for entry in &mut entries {
                entry.maybe = evaluator.arena.both_doubts(entry.maybe, Some(why));
            }
            let open = evaluator.arena.attrs_data(set).open;
            Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
        }
        Ok(_) => Err(why),
        Err(error) if evaluator.is_error(error) => Ok(Value::Attrs(AttrsId(0))),
        Err(inner) => {
            let mut builder = AttrsBuilder::new();
            builder.open(inner);
            Ok(Value::Attrs(evaluator.arena.attrs(builder)))
        }
    }
}

fn with_recursion(evaluator: &mut Evaluator, args: &[Thunk], recurse: bool) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force(set);
    let recurse = evaluator.arena.ready(Value::Bool(recurse));
    let extra = Value::Attrs(evaluator.set_of(&[("recurseForDerivations", recurse)]));
    evaluator.update(set, Ok(extra))
}

pub(super) fn recurse_into(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    with_recursion(evaluator, args, true)
}

pub(super) fn dont_recurse_into(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    with_recursion(evaluator, args, false)
}

/// `cartesianProduct { a = [ … ]; b = [ … ]; }`: a set for each choice, the last name fastest.
pub(super) fn cartesian_product(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [lists] = arguments(args);
    let lists = evaluator.force_exact_attrs(lists)?;
    let entries = evaluator.arena.entries_by_name(lists);
    let mut dimensions: Vec<(Entry, Vec<Thunk>)> = Vec::with_capacity(entries.len());
    let mut count: u64 = 1;
    for entry in entries {
        let values = evaluator.force_exact_list(entry.value)?;
        count = count.saturating_mul(values.len() as u64);
        dimensions.push((entry, values));
    }
    evaluator.check_size(count)?;
    let mut items = Vec::new();
    let mut places = vec![0; dimensions.len()];
    for _ in 0..count {
        evaluator.check_size(dimensions.len() as u64)?;
        let mut builder = AttrsBuilder::with_capacity(dimensions.len());
        for ((entry, values), place) in dimensions.iter().zip(&places) {
            if let Some(value) = values.get(*place) {
                builder.push(Entry {
                    value: *value,
                    ..*entry
                });
            }
        }
        let set = Value::Attrs(evaluator.arena.attrs(builder));
        items.push(evaluator.arena.ready(set));
        // On to the next choice, as a counter does.
        for ((_, values), place) in dimensions.iter().zip(&mut places).rev() {
            *place += 1;
            if *place < values.len() {
                break;
            }
            *place = 0;
        }
    }
    Ok(evaluator.list(&items))
}

pub(super) fn map_cartesian_product(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, lists] = arguments(args);
    let product = cartesian_product(evaluator, &[lists])?;
    let product = evaluator.arena.ready(product);
    crate::builtins::lists::map(evaluator, &[function, product])
}

/// A set with these names.
pub(in super::super) fn names_set(evaluator: &mut Evaluator, names: Thunk) -> Eval<Value> {
    from_names(evaluator, names, name_thunk)
}
