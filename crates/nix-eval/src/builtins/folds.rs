//! Folding, sorting, grouping and closing lists.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::lists::{doubt, weaken};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, Entry, Eval, Presence, Symbol, Thunk, UnknownId, Value, well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("foldl'", 3, foldl_strict),
    Builtin::new("genericClosure", 1, generic_closure),
    Builtin::new("groupBy", 2, group_by),
    Builtin::new("sort", 2, sort),
    Builtin::new("zipAttrsWith", 2, zip_attrs_with),
];

/// `foldl' op nul xs`. Over an element that may be there, both outcomes are joined; over any number
/// of elements that are not known, the accumulator is not known either.
fn foldl_strict(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [operator, nul, list] = arguments(args);
    if let Err(why) = evaluator.force_function(operator)
        && evaluator.is_error(why)
    {
        return Err(why);
    }
    let list = evaluator.force_list(list)?;
    let mut accumulator = nul;
    let count = evaluator.arena.list_data(list).slots();
    for index in 0..count {
        let Some((item, presence)) = evaluator.arena.list_item(list, index) else {
            break;
        };
        let result = match presence {
            Presence::Certain => evaluator.call2(operator, accumulator, item),
            Presence::Maybe(why) => {
                let with = evaluator.call2(operator, accumulator, item);
                let without = evaluator.force(accumulator);
                evaluator.join(why, with, without)
            }
            Presence::Many(why) => Err(why),
        };
        accumulator = match result {
            Ok(value) => evaluator.arena.ready(value),
            Err(why) if evaluator.is_error(why) => return Err(why),
            Err(why) => evaluator.arena.failed(why),
        };
    }
    evaluator.force(accumulator)
}

/// `genericClosure { startSet; operator; }`
fn generic_closure(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let start = match evaluator.select_attribute(set, well_known::START_SET)? {
        Value::List(list) => list,
        other => return Err(evaluator.type_error(other, "a list")),
    };
    let mut work = std::collections::VecDeque::from(evaluator.exact_list(start)?);
    if work.is_empty() {
        return Ok(Value::List(start));
    }
    let operator = evaluator.select_attribute(set, well_known::OPERATOR)?;
    let operator = evaluator.arena.ready(operator);
    evaluator.force_function(operator)?;
    let mut seen = Keys::default();
    let mut closure = Vec::new();
    while let Some(item) = work.pop_front() {
        let element = evaluator.force_attrs(item)?;
        let key = evaluator.select_attribute(element, well_known::KEY)?;
        if !seen.insert(evaluator, key)? {
            continue;
        }
        closure.push(item);
        let more = evaluator.call(operator, item)?;
        let Value::List(more) = more else {
            return Err(evaluator.type_error(more, "a list"));
        };
        let more = evaluator.exact_list(more)?;
        for thunk in &more {
            evaluator.force(*thunk)?;
        }
        evaluator.check_size((closure.len() + work.len() + more.len()) as u64)?;
        work.extend(more);
    }
    evaluator.check_size(closure.len() as u64)?;
    Ok(evaluator.list(&closure))
}

/// The keys that a closure has seen, in their order.
#[derive(Default)]
struct Keys(Vec<Value>);

impl Keys {
    /// Whether the key is new. Keys that cannot be compared are an error, as in Nix.
    fn insert(&mut self, evaluator: &mut Evaluator, key: Value) -> Eval<bool> {
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = low.midpoint(high);
            let Some(other) = self.0.get(middle) else {
                break;
            };
            match evaluator.compare(key, *other)? {
                Some(Ordering::Less) => high = middle,
                Some(Ordering::Greater) => low = middle + 1,
                Some(Ordering::Equal) | None => return Ok(false),
            }
        }
        // What is behind it moves, a few hundred bytes in the time of a unit.
        evaluator.arena.count_made((self.0.len() - low) / 32);
        self.0.insert(low, key);
        Ok(true)
    }
}

/// Elements by name, in the order of the names' first mention.
#[derive(Default)]
struct Groups {
    index: FxHashMap<Symbol, usize>,
    groups: Vec<(Symbol, Vec<(Thunk, Presence)>)>,
}

impl Groups {
    fn push(&mut self, name: Symbol, item: (Thunk, Presence)) {
        let at = *self.index.entry(name).or_insert_with(|| {
            self.groups.push((name, Vec::new()));
            self.groups.len() - 1
        });
        if let Some((_, items)) = self.groups.get_mut(at) {
            items.push(item);
        }
    }
}

/// Why there may be no element at all; nothing if one is certain.
fn no_certain_element(items: &[(Thunk, Presence)]) -> Option<UnknownId> {
    let doubts: Option<Vec<UnknownId>> =
        items.iter().map(|(_, presence)| doubt(*presence)).collect();
    doubts?.first().copied()
}

/// `groupBy f xs`. An element whose group is not known may be in each of them, or in another.
fn group_by(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    evaluator.force_function(function)?;
    let list = evaluator.force_list(list)?;
    let mut placed = Vec::new();
    let mut names = Vec::new();
    let mut open = None;
    for (item, presence) in evaluator.arena.list_items(list) {
        let name = evaluator
            .call(function, item)
            .and_then(|name| evaluator.attribute_name(name));
        let name = match (name, doubt(presence)) {
            (Ok(name), _) => {
                names.push(name);
                Ok(name)
            }
            (Err(why), None) if evaluator.is_error(why) => return Err(why),
            (Err(_), Some(why)) | (Err(why), None) => {
                open.get_or_insert(why);
                Err(why)
            }
        };
        placed.push((name, item, presence));
    }
    let mut groups = Groups::default();
    names.sort();
    names.dedup();
    for (name, item, presence) in placed {
        match name {
            Ok(name) => groups.push(name, (item, presence)),
            Err(why) => {
                for name in &names {
                    groups.push(*name, (item, weaken(presence, why)));
                }
            }
        }
    }
    let mut builder = AttrsBuilder::with_capacity(groups.groups.len());
    for (name, items) in groups.groups {
        // A group whose elements all may be missing may be missing itself.
        let maybe = no_certain_element(&items);
        let list = Value::List(evaluator.arena.list_of(&items));
        let value = evaluator.arena.ready(list);
        let position = crate::value::Position::NONE;
        builder.push(Entry {
            name,
            value,
            position,
            maybe,
        });
    }
    if let Some(why) = open {
        builder.open(why);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// `sort less xs`, stable. Where the order is not known, so is every place in the list.
fn sort(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [less, list] = arguments(args);
    let list = evaluator.force_list(list)?;
    if evaluator.arena.list_data(list).slots() == 0 {
        return Ok(Value::List(list));
    }
    if let Err(why) = evaluator.force_function(less)
        && evaluator.is_error(why)
    {
        return Err(why);
    }
    let items = evaluator.arena.list_items(list);
    let mut shuffled = None;
    for (item, presence) in &items {
        match (evaluator.force(*item), presence) {
            (Err(why), Presence::Certain) if evaluator.is_error(why) => return Err(why),
            (_, Presence::Many(why)) => {
                shuffled.get_or_insert(*why);
            }
            _ => {}
        }
    }
    let known: Vec<_> = items
        .iter()
        .copied()
        .filter(|(_, p)| !matches!(p, Presence::Many(_)))
        .collect();
    let sorted = match merge_sort(evaluator, less, known.clone()) {
        Ok(sorted) => sorted,
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(why) => {
            shuffled.get_or_insert(why);
            known
        }
    };
    let Some(why) = shuffled else {
        return Ok(Value::List(evaluator.arena.list_of(&sorted)));
    };
    let many = (evaluator.arena.failed(why), Presence::Many(why));
    let items: Vec<_> = std::iter::once(many)
        .chain(sorted)
        .chain(std::iter::once(many))
        .collect();
    Ok(Value::List(evaluator.arena.list_of(&items)))
}

type Items = Vec<(Thunk, Presence)>;

/// A stable merge sort that gives a reordering of its input whatever `less` says.
fn merge_sort(evaluator: &mut Evaluator, less: Thunk, mut items: Items) -> Eval<Items> {
    let count = items.len();
    let mut width = 1;
    while width < count {
        let mut merged = Vec::with_capacity(count);
        for run in items.chunks(width * 2) {
            let (left, right) = run.split_at(width.min(run.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                // Only a strictly smaller right element goes first.
                let right_first = {
                    let value = evaluator.call2(less, b.0, a.0)?;
                    evaluator.expect_bool(value)?
                };
                merged.extend(if right_first {
                    right.next()
                } else {
                    left.next()
                });
            }
            merged.extend(left);
            merged.extend(right);
        }
        items = merged;
        width *= 2;
    }
    Ok(items)
}

/// `zipAttrsWith f sets`: for each name `f name values`.
fn zip_attrs_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut sets = Vec::new();
    let mut names: Vec<Symbol> = Vec::new();
    let mut open = None;
    for (item, presence) in evaluator.arena.list_items(list) {
        match (evaluator.force_attrs(item), doubt(presence)) {
            (Ok(set), _) => {
                evaluator
                    .check_size((names.len() + evaluator.arena.attrs_data(set).len()) as u64)?;
                names.extend(evaluator.arena.entries(set).iter().map(|entry| entry.name));
                if let Some(why) = evaluator.arena.attrs_data(set).open {
                    open.get_or_insert(why);
                }
                if let Presence::Many(why) = presence {
                    open.get_or_insert(why);
                }
                sets.push((Ok(set), presence));
            }
            (Err(why), None) if evaluator.is_error(why) => return Err(why),
            (Err(_), Some(why)) | (Err(why), None) => {
                open.get_or_insert(why);
                sets.push((Err(why), weaken(presence, why)));
            }
        }
    }
    names.sort();
    names.dedup();
    let mut builder = AttrsBuilder::with_capacity(names.len());
    for name in names {
        evaluator.check_size(sets.len() as u64)?;
        evaluator.arena.count_made(sets.len());
        let mut values: Items = Vec::new();
        for (set, presence) in &sets {
            let (found, more) = match set {
                Ok(set) => (
                    evaluator.arena.attribute(*set, name),
                    evaluator.arena.attrs_data(*set).open,
                ),
                Err(why) => (None, Some(*why)),
            };
            match (found, more) {
                (
                    Some(Entry {
                        value, maybe: None, ..
                    }),
                    _,
                ) => values.push((value, *presence)),
                (
                    Some(Entry {
                        value,
                        maybe: Some(why),
                        ..
                    }),
                    _,
                ) => {
                    values.push((value, weaken(*presence, why)));
                }
                (None, Some(why)) => {
                    values.push((evaluator.arena.failed(why), weaken(*presence, why)));
                }
                (None, None) => {}
            }
        }
        let maybe = no_certain_element(&values);
        let values = Value::List(evaluator.arena.list_of(&values));
        let values = evaluator.arena.ready(values);
        let text = Value::String(evaluator.arena.symbol_string(name));
        let text = evaluator.arena.ready(text);
        let value = evaluator.lazy_apply2(function, text, values);
        let position = crate::value::Position::NONE;
        builder.push(Entry {
            name,
            value,
            position,
            maybe,
        });
    }
    if let Some(why) = open {
        builder.open(why);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}
