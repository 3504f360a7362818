//! Lists, element by element. An element may be uncertain ([`Presence`]): what does not depend on
//! it is still known, what does is unknown.

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, ListId, Presence, Thunk, UnknownId, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("all", 2, all),
    Builtin::new("any", 2, any),
    Builtin::new("concatLists", 1, concat_lists),
    Builtin::new("concatMap", 2, concat_map),
    Builtin::new("elem", 2, elem),
    Builtin::new("elemAt", 2, elem_at),
    Builtin::new("filter", 2, filter),
    Builtin::new("genList", 2, gen_list),
    Builtin::new("head", 1, head),
    Builtin::new("length", 1, length),
    Builtin::new("map", 2, map),
    Builtin::new("partition", 2, partition),
    Builtin::new("tail", 1, tail),
];

/// The presence of something that is there if `presence` is and something undecided holds, too.
pub(crate) const fn weaken(presence: Presence, why: UnknownId) -> Presence {
    match presence {
        Presence::Certain => Presence::Maybe(why),
        uncertain => uncertain,
    }
}

/// Why an element is not certain.
pub(crate) const fn doubt(presence: Presence) -> Option<UnknownId> {
    match presence {
        Presence::Certain => None,
        Presence::Maybe(why) | Presence::Many(why) => Some(why),
    }
}

impl Evaluator {
    /// A Boolean that a predicate gives for a list's element; undecided as the inner `Err`.
    ///
    /// An error counts only where the element is certainly there.
    pub(crate) fn test(
        &mut self,
        predicate: Thunk,
        item: Thunk,
        presence: Presence,
    ) -> Eval<Result<bool, UnknownId>> {
        let result = self
            .call(predicate, item)
            .and_then(|value| self.expect_bool(value));
        match result {
            Ok(holds) => Ok(Ok(holds)),
            Err(why) if !self.is_error(why) => Ok(Err(why)),
            Err(why) => match doubt(presence) {
                None => Err(why),
                Some(doubt) => Ok(Err(doubt)),
            },
        }
    }

    /// A Boolean value.
    pub(crate) fn expect_bool(&mut self, value: Value) -> Eval<bool> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(self.type_error(other, "a Boolean")),
        }
    }

    /// A thunk that must be a function; an external may be one.
    pub(crate) fn force_function(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.force(thunk)?;
        if Self::is_function(&self.arena, value) || matches!(value, Value::External(_)) {
            return Ok(value);
        }
        if let Value::Attrs(set) = value
            && let Some(why) = self.arena.attrs_data(set).open
        {
            return Err(why);
        }
        Err(self.type_error(value, "a function"))
    }
}

/// `all p xs`
fn all(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    decide(evaluator, args, false)
}

/// `any p xs`
fn any(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    decide(evaluator, args, true)
}

/// Looks for an element for which the predicate is `decisive`.
fn decide(evaluator: &mut Evaluator, args: &[Thunk], decisive: bool) -> Eval<Value> {
    let [predicate, list] = arguments(args);
    evaluator.force_function(predicate)?;
    let list = evaluator.force_list(list)?;
    let mut undecided = None;
    for (item, presence) in evaluator.arena.list_items(list) {
        match evaluator.test(predicate, item, presence)? {
            Ok(holds) if holds != decisive => {}
            Ok(_) => match doubt(presence) {
                None => return Ok(Value::Bool(decisive)),
                Some(why) => {
                    undecided.get_or_insert(why);
                }
            },
            Err(why) => {
                undecided.get_or_insert(why);
            }
        }
    }
    undecided.map_or(Ok(Value::Bool(!decisive)), Err)
}

/// `concatLists lists`: a list that is not known stands for any number of elements.
fn concat_lists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [lists] = arguments(args);
    let lists = evaluator.force_list(lists)?;
    let lists = evaluator.arena.list_items(lists);
    concat_all(evaluator, &lists)
}

/// `concatMap f xs`
fn concat_map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    evaluator.force_function(function)?;
    let list = evaluator.force_list(list)?;
    let mut lists = evaluator.arena.list_items(list);
    for (item, _) in &mut lists {
        *item = evaluator.lazy_apply(function, *item);
    }
    concat_all(evaluator, &lists)
}

fn concat_all(evaluator: &mut Evaluator, lists: &[(Thunk, Presence)]) -> Eval<Value> {
    let mut all = Vec::new();
    for (list, presence) in lists {
        let list = evaluator.force(*list);
        let items = match (evaluator.concat_operand(list), doubt(*presence)) {
            (Ok(items), _) => items,
            (Err(_), Some(why)) => vec![(evaluator.arena.failed(why), Presence::Many(why))],
            (Err(why), None) => return Err(why),
        };
        evaluator.check_size((all.len() + items.len()) as u64)?;
        all.extend(
            items
                .into_iter()
                .map(|(item, inner)| match (*presence, inner) {
                    (Presence::Certain, inner) => (item, inner),
                    (Presence::Maybe(why), inner) => (item, weaken(inner, why)),
                    (Presence::Many(why), _) => (item, Presence::Many(why)),
                }),
        );
    }
    Ok(Value::List(evaluator.arena.list_of(&all)))
}

/// `elem x xs`: true as soon as one certain element is equal.
fn elem(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [wanted, list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut undecided = None;
    for (item, presence) in evaluator.arena.list_items(list) {
        match (evaluator.equal_thunks(wanted, item), doubt(presence)) {
            (Ok(true), None) => return Ok(Value::Bool(true)),
            // What stands for elements that are not known is itself not known.
            (Ok(false), _) if !matches!(presence, Presence::Many(_)) => {}
            (Err(why), None) if evaluator.is_error(why) => return Err(why),
            (_, Some(why)) | (Err(why), None) => {
                undecided.get_or_insert(why);
            }
            (Ok(false), None) => {}
        }
    }
    undecided.map_or(Ok(Value::Bool(false)), Err)
}

/// The element at `index`, if those before it are certain.
fn element(evaluator: &mut Evaluator, list: ListId, index: i64) -> Eval<Value> {
    let found = usize::try_from(index).ok().and_then(|at| {
        let item = evaluator.arena.elements(list).get(at).copied()?;
        let certain = evaluator.arena.list_data(list).is_exact()
            || (0..=at).all(|at| {
                matches!(
                    evaluator.arena.list_item(list, at),
                    Some((_, Presence::Certain))
                )
            });
        certain.then_some(item)
    });
    match (found, evaluator.arena.list_uncertainty(list)) {
        (Some(item), _) => evaluator.force(item),
        (None, Some(why)) if index >= 0 => Err(why),
        _ => Err(evaluator.error(format!("list index {index} is out of bounds"))),
    }
}

/// `elemAt xs n`
fn elem_at(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list, index] = arguments(args);
    let index = evaluator.force_int(index)?;
    let list = evaluator.force_list(list)?;
    element(evaluator, list, index)
}

/// `head xs`
fn head(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    if evaluator.arena.list_data(list).slots() == 0 {
        return Err(evaluator.error("'builtins.head' called on an empty list"));
    }
    element(evaluator, list, 0)
}

/// `tail xs`
fn tail(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    match evaluator.arena.list_item(list, 0) {
        None => Err(evaluator.error("'builtins.tail' called on an empty list")),
        Some((_, Presence::Certain)) => Ok(Value::List(evaluator.arena.list_from(list, 1))),
        Some((_, Presence::Maybe(why) | Presence::Many(why))) => Err(why),
    }
}

/// `filter p xs`: an element for which `p` is undecided may be there.
fn filter(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, list] = arguments(args);
    let list_id = evaluator.force_list(list)?;
    if evaluator.arena.list_data(list_id).slots() == 0 {
        return Ok(Value::List(list_id));
    }
    evaluator.force_function(predicate)?;
    let mut kept = Vec::new();
    for (item, presence) in evaluator.arena.list_items(list_id) {
        match evaluator.test(predicate, item, presence)? {
            Ok(true) => kept.push((item, presence)),
            Ok(false) => {}
            Err(why) => kept.push((item, weaken(presence, why))),
        }
    }
    Ok(Value::List(evaluator.arena.list_of(&kept)))
}

/// `genList f n`
fn gen_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, count] = arguments(args);
    let count = evaluator.force_int(count)?;
    if count < 0 {
        return Err(evaluator.error(format!("cannot create list of size {count}")));
    }
    evaluator.check_size(count.unsigned_abs().saturating_mul(2))?;
    let mut items = Vec::new();
    for index in 0..count {
        let index = evaluator.arena.ready(Value::Int(index));
        items.push(evaluator.lazy_apply(function, index));
    }
    Ok(evaluator.list(&items))
}

/// `length xs`
fn length(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    if let Some(why) = evaluator.arena.list_uncertainty(list) {
        return Err(why);
    }
    let length = evaluator.arena.list_data(list).slots();
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// `map f xs`: element by element, also where an element is uncertain.
pub(crate) fn map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    let list = evaluator.force_list(list)?;
    if evaluator.arena.list_data(list).is_exact() {
        let count = evaluator.arena.elements(list).len();
        evaluator.check_size(count as u64)?;
        let mut items = evaluator.arena.elements(list).to_vec();
        for item in &mut items {
            *item = evaluator.lazy_apply(function, *item);
        }
        return Ok(evaluator.list(&items));
    }
    let mut items = evaluator.arena.list_items(list);
    for (item, _) in &mut items {
        *item = evaluator.lazy_apply(function, *item);
    }
    Ok(Value::List(evaluator.arena.list_of(&items)))
}

/// `partition p xs`: an undecided element may be on either side.
fn partition(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, list] = arguments(args);
    evaluator.force_function(predicate)?;
    let list = evaluator.force_list(list)?;
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for (item, presence) in evaluator.arena.list_items(list) {
        match evaluator.test(predicate, item, presence)? {
            Ok(true) => right.push((item, presence)),
            Ok(false) => wrong.push((item, presence)),
            Err(why) => {
                right.push((item, weaken(presence, why)));
                wrong.push((item, weaken(presence, why)));
            }
        }
    }
    let right = Value::List(evaluator.arena.list_of(&right));
    let wrong = Value::List(evaluator.arena.list_of(&wrong));
    let (right, wrong) = (evaluator.arena.ready(right), evaluator.arena.ready(wrong));
    Ok(Value::Attrs(
        evaluator.set_of(&[("right", right), ("wrong", wrong)]),
    ))
}
