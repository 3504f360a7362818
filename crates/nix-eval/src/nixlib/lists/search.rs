//! Looking for elements.

use super::super::support::{Known, call_builtin, list_of, settle, test, unknown_elements};
use super::Indexed;
use crate::builtins::lists::{doubt, weaken};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Presence, Thunk, UnknownId, Value};

/// The first element that a predicate certainly holds for; not decided if an earlier one may be it.
fn first(evaluator: &mut Evaluator, predicate: Thunk, list: Thunk) -> Eval<Option<Indexed>> {
    for indexed in super::indexed(evaluator, list, 0)? {
        let doubt = doubt(indexed.presence);
        match (test(evaluator, predicate, &[indexed.item], doubt)?, doubt) {
            (Ok(false), _) if !matches!(indexed.presence, Presence::Many(_)) => {}
            (Ok(true), None) => return Ok(Some(indexed)),
            (_, Some(why)) | (Err(why), None) => return Err(why),
            (Ok(false), None) => {}
        }
    }
    Ok(None)
}

/// `findFirst p default xs`
pub(super) fn find_first(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, default, list] = arguments(args);
    match first(evaluator, predicate, list)? {
        Some(found) => evaluator.force(found.item),
        None => evaluator.force(default),
    }
}

/// `findFirstIndex p default xs`
pub(super) fn find_first_index(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, default, list] = arguments(args);
    match first(evaluator, predicate, list)? {
        Some(found) => evaluator.force(found.index),
        None => evaluator.force(default),
    }
}

/// The elements that a predicate certainly holds for, and why there may be more.
fn matching(
    evaluator: &mut Evaluator,
    predicate: Thunk,
    list: Thunk,
) -> Eval<(Vec<Thunk>, Option<UnknownId>)> {
    let list = evaluator.force_list(list)?;
    let (mut found, mut undecided) = (Vec::new(), None);
    for (item, presence) in evaluator.arena.list_items(list) {
        let doubt = doubt(presence);
        match (test(evaluator, predicate, &[item], doubt)?, doubt) {
            (Ok(false), _) if !matches!(presence, Presence::Many(_)) => {}
            (Ok(true), None) => found.push(item),
            (_, Some(why)) | (Err(why), None) => {
                undecided.get_or_insert(why);
            }
            (Ok(false), None) => {}
        }
    }
    Ok((found, undecided))
}

/// `findSingle p default multiple xs`
pub(super) fn find_single(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, default, multiple, list] = arguments(args);
    let (found, undecided) = matching(evaluator, predicate, list)?;
    match (found.as_slice(), undecided) {
        ([_, _, ..], _) => evaluator.force(multiple),
        (_, Some(why)) => Err(why),
        ([only], None) => evaluator.force(*only),
        ([], None) => evaluator.force(default),
    }
}

/// `count p xs`
pub(super) fn count(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, list] = arguments(args);
    let (found, undecided) = matching(evaluator, predicate, list)?;
    match undecided {
        Some(why) => Err(why),
        None => Ok(Value::Int(i64::try_from(found.len()).unwrap_or(i64::MAX))),
    }
}

/// Keeps the elements that `keep` accepts.
fn retain(
    evaluator: &mut Evaluator,
    list: Thunk,
    mut keep: impl FnMut(&mut Evaluator, Thunk) -> Eval<bool>,
) -> Eval<Value> {
    let list = evaluator.force_list(list)?;
    let mut kept = Vec::new();
    for (item, presence) in evaluator.arena.list_items(list) {
        let result = keep(evaluator, item);
        match (settle(evaluator, result), presence) {
            (_, Presence::Many(_)) | (Ok(Ok(true)), _) => kept.push((item, presence)),
            (Ok(Ok(false)), _) => {}
            (Ok(Err(why)), _) => kept.push((item, weaken(presence, why))),
            (Err(_), Presence::Maybe(_)) => kept.push((item, presence)),
            (Err(why), Presence::Certain) => return Err(why),
        }
    }
    Ok(list_of(evaluator, &kept))
}

/// `remove x xs`
pub(super) fn remove(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [unwanted, list] = arguments(args);
    retain(evaluator, list, |evaluator, item| {
        evaluator.equal_thunks(item, unwanted).map(|equal| !equal)
    })
}

fn is_in(evaluator: &mut Evaluator, item: Thunk, list: Thunk) -> Eval<bool> {
    let found = call_builtin(evaluator, "elem", &[item, list])?;
    evaluator.expect_bool(found)
}

/// `intersectLists wanted xs`: the elements of `xs` that are in `wanted`.
pub(super) fn intersect_lists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [wanted, list] = arguments(args);
    retain(evaluator, list, |evaluator, item| {
        is_in(evaluator, item, wanted)
    })
}

/// `subtractLists unwanted xs`: the elements of `xs` that are not in `unwanted`.
pub(super) fn subtract_lists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [unwanted, list] = arguments(args);
    retain(evaluator, list, |evaluator, item| {
        is_in(evaluator, item, unwanted).map(|found| !found)
    })
}

/// Whether an element is equal to one of those, and where that is not decided.
fn find_equal(
    evaluator: &mut Evaluator,
    item: Thunk,
    earlier: &[(Thunk, Presence)],
) -> Eval<Known<bool>> {
    let mut undecided = None;
    for (other, presence) in earlier {
        // Elements that are not known stand for this one, too, perhaps: the caller's concern.
        if matches!(presence, Presence::Many(_)) {
            continue;
        }
        let equal = evaluator.equal_thunks(*other, item);
        match (settle(evaluator, equal)?, doubt(*presence)) {
            (Ok(false), _) => {}
            (Ok(true), None) => return Ok(Ok(true)),
            (Ok(true), Some(why)) | (Err(why), _) => {
                undecided.get_or_insert(why);
            }
        }
    }
    Ok(undecided.map_or(Ok(false), Err))
}

/// `unique xs`: each element at its first place.
pub(super) fn unique(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let items = evaluator.arena.list_items(list);
    // Elements that are known to differ by their text are not compared with each other.
    let mut texts = rustc_hash::FxHashSet::default();
    let mut kept: Vec<(Thunk, Presence)> = Vec::new();
    let mut plain = true;
    let mut many = None;
    for (item, presence) in items {
        if let Presence::Many(why) = presence {
            many.get_or_insert(why);
            kept.push((item, presence));
            continue;
        }
        let text = match evaluator.force(item) {
            Ok(Value::String(id)) if presence == Presence::Certain => {
                evaluator.arena.text(id).cloned()
            }
            _ => None,
        };
        if let Some(text) = &text
            && plain
        {
            if texts.insert(std::rc::Rc::clone(text)) {
                kept.push((item, presence));
            }
            continue;
        }
        plain = false;
        evaluator.check_size(kept.len() as u64)?;
        match find_equal(evaluator, item, &kept)? {
            Ok(true) => {}
            Ok(false) => kept.push((item, presence)),
            Err(why) => kept.push((item, weaken(presence, why))),
        }
    }
    // Elements that are not known may be any of these, at an earlier place.
    if let Some(why) = many
        && !matches!(kept.last(), Some((_, Presence::Many(_))))
    {
        kept.push(unknown_elements(evaluator, why));
    }
    Ok(list_of(evaluator, &kept))
}

/// `allUnique xs`
pub(super) fn all_unique(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let before = evaluator.force_exact_list(list)?.len();
    let unique = unique(evaluator, args)?;
    let unique = evaluator.arena.ready(unique);
    let after = evaluator.force_exact_list(unique)?.len();
    Ok(Value::Bool(before == after))
}

/// `uniqueStrings xs`: sorted.
pub(super) fn unique_strings(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let set = super::super::attrsets::names_set(evaluator, list)?;
    let set = evaluator.arena.ready(set);
    call_builtin(evaluator, "attrNames", &[set])
}
