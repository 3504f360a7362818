//! Sorting and comparing lists.

use std::cmp::Ordering;

use super::super::support::{call_builtin, function_thunk};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// `a: b: head a < head b`
static FIRST_IS_LESS: Builtin = Builtin::new("sortOn", 2, first_is_less);

fn first_is_less(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let mut keys = [Value::Null; 2];
    for (key, pair) in keys.iter_mut().zip(args) {
        let pair = evaluator.force_exact_list(*pair)?;
        if let Some(first) = pair.first() {
            *key = evaluator.force(*first)?;
        }
    }
    let [a, b] = keys;
    let order = evaluator.compare(a, b)?;
    Ok(Value::Bool(order == Some(Ordering::Less)))
}

/// `sortOn f xs`: by what `f` gives for each element, which is computed once.
pub(super) fn sort_on(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    let mut pairs = Vec::new();
    for item in evaluator.force_exact_list(list)? {
        let key = evaluator.lazy_apply(function, item);
        let pair = evaluator.list(&[key, item]);
        pairs.push(evaluator.arena.ready(pair));
    }
    let pairs = evaluator.list(&pairs);
    let pairs = evaluator.arena.ready(pairs);
    let less = function_thunk(evaluator, &FIRST_IS_LESS, &[]);
    let sorted = call_builtin(evaluator, "sort", &[less, pairs])?;
    let sorted = evaluator.arena.ready(sorted);
    let mut items = Vec::new();
    for pair in evaluator.force_exact_list(sorted)? {
        items.extend(evaluator.force_exact_list(pair)?.get(1));
    }
    Ok(evaluator.list(&items))
}

/// A piece of a string in natural order: text, or a number without leading zeros.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Text(String),
    Number(i64),
}

/// Text and numbers in turn, as `naturalSort` compares them; nothing for a number that is too large.
fn natural_key(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut current = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if !c.is_ascii_digit() {
            current.push(c);
            continue;
        }
        pieces.push(Piece::Text(std::mem::take(&mut current)));
        let mut digits = String::from(c);
        // A zero is a number of its own: `007` is three numbers.
        while c != '0'
            && let Some(digit) = rest.next_if(char::is_ascii_digit)
        {
            digits.push(digit);
        }
        pieces.push(Piece::Number(digits.parse().ok()?));
    }
    pieces.push(Piece::Text(current));
    Some(pieces)
}

/// `naturalSort xs`: numbers inside of the strings count as numbers.
pub(super) fn natural_sort(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let mut keyed = Vec::new();
    for item in evaluator.force_exact_list(list)? {
        let text = evaluator.force_text(item)?;
        let Some(key) = natural_key(&text) else {
            return Err(evaluator.error(format!("'{text}' has a number that is too large")));
        };
        keyed.push((key, item));
    }
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let items: Vec<Thunk> = keyed.into_iter().map(|(_, item)| item).collect();
    Ok(evaluator.list(&items))
}
