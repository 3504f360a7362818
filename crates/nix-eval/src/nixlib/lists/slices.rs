//! Parts of lists.

use super::super::support::list_of;
use crate::builtins::lists::weaken;
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Presence, Thunk, UnknownId, Value};

type Items = Vec<(Thunk, Presence)>;

fn items(evaluator: &mut Evaluator, list: Thunk) -> Eval<Items> {
    let list = evaluator.force_list(list)?;
    Ok(evaluator.arena.list_items(list))
}

/// The elements as such that may be there.
fn weaken_all(items: &mut [(Thunk, Presence)], why: UnknownId) {
    for (_, presence) in items {
        *presence = weaken(*presence, why);
    }
}

/// Why the first of these that is not certain is not.
fn first_doubt(items: &[(Thunk, Presence)]) -> Option<UnknownId> {
    items
        .iter()
        .find_map(|(_, presence)| crate::builtins::lists::doubt(*presence))
}

fn certain_prefix(items: &[(Thunk, Presence)]) -> usize {
    items
        .iter()
        .take_while(|(_, presence)| *presence == Presence::Certain)
        .count()
}

fn clamp(count: i64) -> usize {
    usize::try_from(count.max(0)).unwrap_or(usize::MAX)
}

/// How many of these elements are meant; a negative count of some is an error.
fn force_count(evaluator: &mut Evaluator, count: Thunk, items: &Items) -> Eval<usize> {
    let count = evaluator.force_int(count)?;
    if count < 0 && !items.is_empty() {
        return Err(evaluator.error(format!("cannot create list of size {count}")));
    }
    Ok(clamp(count))
}

/// The first elements. Behind an uncertain element any may be among them.
fn prefix(mut items: Items, count: usize) -> Items {
    let certain = certain_prefix(&items);
    if count <= certain || certain == items.len() {
        items.truncate(count);
        return items;
    }
    if let (Some(why), Some(rest)) = (first_doubt(&items), items.get_mut(certain..)) {
        weaken_all(rest, why);
    }
    items
}

/// All but the first elements.
fn suffix(mut items: Items, count: usize) -> Items {
    let certain = certain_prefix(&items);
    let dropped = count.min(certain);
    items.drain(..dropped.min(items.len()));
    if count > dropped
        && let Some(why) = first_doubt(&items)
    {
        weaken_all(&mut items, why);
    }
    items
}

/// `take n xs`
pub(super) fn take(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [count, list] = arguments(args);
    let items = items(evaluator, list)?;
    let count = force_count(evaluator, count, &items)?;
    let taken = prefix(items, count);
    Ok(list_of(evaluator, &taken))
}

/// `drop n xs`
pub(super) fn drop(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [count, list] = arguments(args);
    let items = items(evaluator, list)?;
    let count = force_count(evaluator, count, &items)?;
    let kept = suffix(items, count);
    Ok(list_of(evaluator, &kept))
}

fn from_the_end(
    evaluator: &mut Evaluator,
    args: &[Thunk],
    part: fn(Items, usize) -> Items,
) -> Eval<Value> {
    let [count, list] = arguments(args);
    let count = clamp(evaluator.force_int(count)?);
    let mut reversed = items(evaluator, list)?;
    reversed.reverse();
    let mut part = part(reversed, count);
    part.reverse();
    Ok(list_of(evaluator, &part))
}

/// `dropEnd n xs`
pub(super) fn drop_end(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    from_the_end(evaluator, args, suffix)
}

/// `sublist start count xs`
pub(super) fn sublist(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [start, count, list] = arguments(args);
    if evaluator.force_int(count)? == 0 {
        return Ok(evaluator.list(&[]));
    }
    let items = items(evaluator, list)?;
    let start = force_count(evaluator, start, &items)?;
    let rest = suffix(items, start);
    let count = force_count(evaluator, count, &rest)?;
    let part = prefix(rest, count);
    Ok(list_of(evaluator, &part))
}

/// `last xs`
pub(super) fn last(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    match items(evaluator, list)?.last() {
        Some((item, Presence::Certain)) => evaluator.force(*item),
        Some((_, Presence::Maybe(why) | Presence::Many(why))) => Err(*why),
        None => Err(throw(evaluator, "lists.last: list must not be empty!")),
    }
}

/// `init xs`: all but the last element.
pub(super) fn init(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    match items(evaluator, list)?.split_last() {
        Some(((_, Presence::Certain), rest)) => Ok(list_of(evaluator, rest)),
        Some(((_, Presence::Maybe(why) | Presence::Many(why)), _)) => Err(*why),
        None => Err(throw(evaluator, "lists.init: list must not be empty!")),
    }
}

/// `reverseList xs`
pub(super) fn reverse_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let mut items = items(evaluator, list)?;
    items.reverse();
    Ok(list_of(evaluator, &items))
}

/// How many elements two lists have in common at their beginning.
fn common(evaluator: &mut Evaluator, left: &[Thunk], right: &[Thunk]) -> Eval<usize> {
    let mut count = 0;
    for (a, b) in left.iter().zip(right) {
        if !evaluator.equal_thunks(*a, *b)? {
            break;
        }
        count += 1;
    }
    Ok(count)
}

/// `lists.hasPrefix prefix xs`
pub(super) fn has_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, list] = arguments(args);
    let prefix = evaluator.force_exact_list(prefix)?;
    let list = items(evaluator, list)?;
    let certain = certain_prefix(&list);
    let beginning: Vec<Thunk> = list.iter().take(certain).map(|(item, _)| *item).collect();
    let common = common(evaluator, &prefix, &beginning)?;
    match first_doubt(&list) {
        // The certain elements agree as far as they go.
        Some(why) if common == certain && common < prefix.len() => Err(why),
        _ => Ok(Value::Bool(common == prefix.len())),
    }
}

/// `lists.removePrefix prefix xs`
pub(super) fn remove_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, list] = arguments(args);
    if has_prefix(evaluator, args)? == Value::Bool(false) {
        return Err(throw(
            evaluator,
            "lists.removePrefix: First argument is not a list prefix of the second argument",
        ));
    }
    let count = evaluator.force_exact_list(prefix)?.len();
    let rest = suffix(items(evaluator, list)?, count);
    Ok(list_of(evaluator, &rest))
}

fn throw(evaluator: &mut Evaluator, message: &str) -> UnknownId {
    evaluator.throw(message)
}
