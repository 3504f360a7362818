//! `lib.lists`, element by element: what does not depend on an uncertain element is still known.

mod graph;
mod order;
mod search;
mod slices;

use super::support::{
    call, call_builtin, condition, function_thunk, int_thunk, lazy_call, list_of, settle,
    unknown_elements,
};
use super::{Exported, Namespace};
use crate::builtins::lists::weaken;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, Presence, Thunk, UnknownId, Value};

pub(super) use graph::toposort;

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "lists",
    functions: FUNCTIONS,
    aliases: &[
        "all",
        "any",
        "concatLists",
        "concatMap",
        "elem",
        "elemAt",
        "filter",
        "foldl'",
        "genList",
        "groupBy",
        "head",
        "isList",
        "length",
        "map",
        "partition",
        "sort",
        "tail",
    ],
    exported: Exported::Except(&["findFirstIndex", "hasPrefix", "removePrefix"]),
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    // Here
    Builtin::new("concatAttrValues", 1, concat_attr_values),
    Builtin::new("flatten", 1, flatten),
    Builtin::new("fold", 3, foldr),
    Builtin::new("foldl", 3, foldl),
    Builtin::new("foldr", 3, foldr),
    Builtin::new("forEach", 2, for_each),
    Builtin::new("groupBy'", 4, group_by_folded),
    Builtin::new("imap0", 2, map_indexed),
    Builtin::new("imap1", 2, map_indexed_from_one),
    Builtin::new("optional", 2, optional),
    Builtin::new("optionals", 2, optionals),
    Builtin::new("range", 2, range),
    Builtin::new("replicate", 2, replicate),
    Builtin::new("singleton", 1, singleton),
    Builtin::new("toList", 1, to_list),
    Builtin::new("zipLists", 2, zip_lists),
    Builtin::new("zipListsWith", 3, zip_lists_with),
    // Searching
    Builtin::new("allUnique", 1, search::all_unique),
    Builtin::new("count", 2, search::count),
    Builtin::new("findFirst", 3, search::find_first),
    Builtin::new("findFirstIndex", 3, search::find_first_index),
    Builtin::new("findSingle", 4, search::find_single),
    Builtin::new("intersectLists", 2, search::intersect_lists),
    Builtin::new("remove", 2, search::remove),
    Builtin::new("subtractLists", 2, search::subtract_lists),
    Builtin::new("unique", 1, search::unique),
    Builtin::new("uniqueStrings", 1, search::unique_strings),
    // Parts of lists
    Builtin::new("drop", 2, slices::drop),
    Builtin::new("dropEnd", 2, slices::drop_end),
    Builtin::new("hasPrefix", 2, slices::has_prefix),
    Builtin::new("init", 1, slices::init),
    Builtin::new("last", 1, slices::last),
    Builtin::new("removePrefix", 2, slices::remove_prefix),
    Builtin::new("reverseList", 1, slices::reverse_list),
    Builtin::new("sublist", 3, slices::sublist),
    Builtin::new("take", 2, slices::take),
    // Order
    Builtin::new("naturalSort", 1, order::natural_sort),
    Builtin::new("sortOn", 2, order::sort_on),
    Builtin::new("toposort", 2, graph::toposort),
];

/// `singleton x`
fn singleton(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    Ok(evaluator.list(args))
}

/// `optional condition x`: with a condition that is not decided an element that may be there.
fn optional(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, item] = arguments(args);
    let presence = match condition(evaluator, when)? {
        Ok(true) => Presence::Certain,
        Ok(false) => return Ok(evaluator.list(&[])),
        Err(why) => Presence::Maybe(why),
    };
    Ok(list_of(evaluator, &[(item, presence)]))
}

/// `optionals condition xs`
fn optionals(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, list] = arguments(args);
    match condition(evaluator, when)? {
        Ok(true) => evaluator.force(list),
        Ok(false) => Ok(evaluator.list(&[])),
        Err(why) => {
            let list = evaluator.force(list);
            // What fails is not the branch that is taken.
            let mut items = evaluator.concat_operand(list).unwrap_or_default();
            for (_, presence) in &mut items {
                *presence = weaken(*presence, why);
            }
            Ok(list_of(evaluator, &items))
        }
    }
}

/// `toList x`: a list as it is, else a list of `x`.
fn to_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    match evaluator.force(value)? {
        list @ Value::List(_) => Ok(list),
        _ => Ok(evaluator.list(&[value])),
    }
}

fn for_each(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list, function] = arguments(args);
    crate::builtins::lists::map(evaluator, &[function, list])
}

/// `foldr f init xs`: `f x (f y init)`, lazily.
fn foldr(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, list] = arguments(args);
    let items = evaluator.force_exact_list(list)?;
    let result = items.into_iter().rev().fold(initial, |result, item| {
        lazy_call(evaluator, function, &[item, result])
    });
    evaluator.force(result)
}

/// `foldl f init xs`: `f (f init x) y`, lazily.
fn foldl(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, list] = arguments(args);
    let items = evaluator.force_exact_list(list)?;
    let result = items.into_iter().fold(initial, |result, item| {
        lazy_call(evaluator, function, &[result, item])
    });
    evaluator.force(result)
}

/// The elements with their indices, counted from `first`; behind an uncertain element an index is
/// not known.
fn indexed(evaluator: &mut Evaluator, list: Thunk, first: usize) -> Eval<Vec<Indexed>> {
    let list = evaluator.force_list(list)?;
    let mut uncertain: Option<UnknownId> = None;
    let mut items = Vec::new();
    for (at, (item, presence)) in evaluator.arena.list_items(list).into_iter().enumerate() {
        let index = match uncertain {
            Some(why) => evaluator.arena.failed(why),
            None => int_thunk(evaluator, first + at),
        };
        uncertain = uncertain.or(crate::builtins::lists::doubt(presence));
        items.push(Indexed {
            index,
            item,
            presence,
        });
    }
    Ok(items)
}

struct Indexed {
    index: Thunk,
    item: Thunk,
    presence: Presence,
}

fn map_from(evaluator: &mut Evaluator, args: &[Thunk], first: usize) -> Eval<Value> {
    let [function, list] = arguments(args);
    let mut mapped = Vec::new();
    for Indexed {
        index,
        item,
        presence,
    } in indexed(evaluator, list, first)?
    {
        mapped.push((evaluator.lazy_apply2(function, index, item), presence));
    }
    Ok(list_of(evaluator, &mapped))
}

fn map_indexed(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    map_from(evaluator, args, 0)
}

pub(super) fn map_indexed_from_one(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    map_from(evaluator, args, 1)
}

/// `flatten x`: the elements of the lists in the lists; what is not a list is a list of itself. An
/// external counts as an element.
fn flatten(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let mut items = Vec::new();
    flatten_into(evaluator, value, Presence::Certain, &mut items)?;
    Ok(list_of(evaluator, &items))
}

fn flatten_into(
    evaluator: &mut Evaluator,
    value: Thunk,
    outer: Presence,
    items: &mut Vec<(Thunk, Presence)>,
) -> Eval<()> {
    evaluator.check_size(1)?;
    let result = evaluator.force(value);
    match settle(evaluator, result) {
        Ok(Ok(Value::List(list))) => {
            for (item, presence) in evaluator.arena.list_items(list) {
                let presence = match outer {
                    Presence::Certain => presence,
                    Presence::Maybe(why) | Presence::Many(why) => weaken(presence, why),
                };
                if let Presence::Many(_) = presence {
                    items.push((item, presence));
                } else {
                    flatten_into(evaluator, item, presence, items)?;
                }
            }
        }
        Ok(Ok(_)) => items.push((value, outer)),
        Ok(Err(why)) => items.push(unknown_elements(evaluator, why)),
        Err(why) => match crate::builtins::lists::doubt(outer) {
            Some(doubt) => items.push(unknown_elements(evaluator, doubt)),
            None => return Err(why),
        },
    }
    Ok(())
}

/// `range first last`
fn range(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, last] = arguments(args);
    let (first, last) = (evaluator.force_int(first)?, evaluator.force_int(last)?);
    evaluator.check_size(first.abs_diff(last).min(u64::from(u32::MAX)))?;
    let items: Vec<_> = (first..=last)
        .map(|int| evaluator.arena.ready(Value::Int(int)))
        .collect();
    Ok(evaluator.list(&items))
}

/// `replicate n x`
pub(super) fn replicate(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [count, item] = arguments(args);
    let count = evaluator.force_int(count)?;
    let Ok(count) = usize::try_from(count) else {
        return Err(evaluator.error(format!("cannot create list of size {count}")));
    };
    evaluator.check_size(count as u64)?;
    Ok(evaluator.list(&vec![item; count]))
}

/// `groupBy' f init key xs`: groups, each folded from the left.
fn group_by_folded(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, key, list] = arguments(args);
    let groups = call_builtin(evaluator, "groupBy", &[key, list])?;
    let groups = evaluator.arena.ready(groups);
    let fold = function_thunk(evaluator, &FOLD_GROUP, &[function, initial]);
    call_builtin(evaluator, "mapAttrs", &[fold, groups])
}

static FOLD_GROUP: Builtin = Builtin::new("groupBy'", 4, fold_group);

fn fold_group(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, _name, items] = arguments(args);
    foldl(evaluator, &[function, initial, items])
}

/// `zipListsWith f xs ys`, as long as the shorter one; behind an uncertain element it is not known
/// what meets what.
fn zip_lists_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, left, right] = arguments(args);
    zip_with(evaluator, left, right, |evaluator, a, b| {
        evaluator.lazy_apply2(function, a, b)
    })
}

fn zip_lists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    zip_with(evaluator, left, right, |evaluator, a, b| {
        let set = Value::Attrs(evaluator.set_of(&[("fst", a), ("snd", b)]));
        evaluator.arena.ready(set)
    })
}

fn zip_with(
    evaluator: &mut Evaluator,
    left: Thunk,
    right: Thunk,
    mut make: impl FnMut(&mut Evaluator, Thunk, Thunk) -> Thunk,
) -> Eval<Value> {
    let (left, right) = (evaluator.force_list(left)?, evaluator.force_list(right)?);
    let (left, right) = (
        evaluator.arena.list_items(left),
        evaluator.arena.list_items(right),
    );
    let mut zipped = Vec::new();
    for ((a, a_presence), (b, b_presence)) in left.into_iter().zip(right) {
        match (a_presence, b_presence) {
            (Presence::Certain, Presence::Certain) => {
                zipped.push((make(evaluator, a, b), Presence::Certain));
            }
            (Presence::Maybe(why) | Presence::Many(why), _)
            | (_, Presence::Maybe(why) | Presence::Many(why)) => {
                zipped.push(unknown_elements(evaluator, why));
                break;
            }
        }
    }
    Ok(list_of(evaluator, &zipped))
}

/// `concatAttrValues set`
fn concat_attr_values(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let values = call_builtin(evaluator, "attrValues", &[set])?;
    let values = evaluator.arena.ready(values);
    call_builtin(evaluator, "concatLists", &[values])
}

/// A predicate's certain answer.
fn holds(evaluator: &mut Evaluator, predicate: Thunk, args: &[Thunk]) -> Eval<bool> {
    let value = call(evaluator, predicate, args)?;
    evaluator.expect_bool(value)
}

/// A set value with these attributes.
fn record(evaluator: &mut Evaluator, attributes: &[(&str, Value)]) -> Value {
    let mut builder = AttrsBuilder::with_capacity(attributes.len());
    for (name, value) in attributes {
        let name = evaluator.symbol(name);
        let value = evaluator.arena.ready(*value);
        builder.insert(name, value);
    }
    Value::Attrs(evaluator.arena.attrs(builder))
}
