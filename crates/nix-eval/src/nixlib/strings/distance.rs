//! How alike two strings are, in bytes.

use super::super::support::text_argument;
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

fn int(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn texts(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<(std::rc::Rc<str>, std::rc::Rc<str>)> {
    let [a, b] = arguments(args);
    Ok((text_argument(evaluator, a)?, text_argument(evaluator, b)?))
}

/// `commonPrefixLength a b`
pub(super) fn common_prefix_length(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let (a, b) = texts(evaluator, args)?;
    Ok(int(a
        .bytes()
        .zip(b.bytes())
        .take_while(|(a, b)| a == b)
        .count()))
}

/// `commonSuffixLength a b`
pub(super) fn common_suffix_length(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let (a, b) = texts(evaluator, args)?;
    Ok(int(a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count()))
}

/// The least number of single-byte edits that make one text of the other.
fn distance(evaluator: &mut Evaluator, a: &[u8], b: &[u8]) -> Eval<usize> {
    evaluator.check_size((a.len() as u64).saturating_mul(b.len() as u64))?;
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, x) in a.iter().enumerate() {
        let mut next = vec![index + 1];
        let mut left = index + 1;
        for ((y, diagonal), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(x != y);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    Ok(row.last().copied().unwrap_or_default())
}

/// `levenshtein a b`
pub(super) fn levenshtein(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let (a, b) = texts(evaluator, args)?;
    distance(evaluator, a.as_bytes(), b.as_bytes()).map(int)
}

/// `levenshteinAtMost k a b`
pub(super) fn levenshtein_at_most(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [limit, a, b] = arguments(args);
    let limit = evaluator.force_int(limit)?;
    let (a, b) = texts(evaluator, &[a, b])?;
    let distance = distance(evaluator, a.as_bytes(), b.as_bytes())?;
    Ok(Value::Bool(
        i64::try_from(distance).is_ok_and(|distance| distance <= limit),
    ))
}
