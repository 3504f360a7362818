//! Numbers in strings.

use super::super::support::text_argument;
use super::escape::required_text;
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

fn throw(evaluator: &mut Evaluator, message: String) -> crate::value::UnknownId {
    evaluator.throw(message)
}

/// An integer with spaces around it. Zeros at the front are an error unless `zeros` are let pass;
/// behind a sign they always are.
fn parse(evaluator: &mut Evaluator, text: &str, zeros: bool, function: &str) -> Eval<Value> {
    let mut digits = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    while zeros && let Some(rest) = digits.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        digits = rest;
    }
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let is_number = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    let padded = unsigned.len() > 1 && unsigned.starts_with('0');
    if is_number && padded {
        return Err(throw(
            evaluator,
            format!(
                "{function}: Ambiguity in interpretation of {text} between octal and zero padded integer."
            ),
        ));
    }
    match digits.parse() {
        Ok(int) if is_number => Ok(Value::Int(int)),
        _ => Err(throw(
            evaluator,
            format!("{function}: Could not convert {text} to int."),
        )),
    }
}

/// `toInt s`
pub(super) fn to_int(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let text = required_text(evaluator, string, "toInt: not a string")?;
    parse(evaluator, &text, false, "toInt")
}

/// `toIntBase10 s`: zeros at the front do not count.
pub(super) fn to_int_base_10(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let text = required_text(evaluator, string, "toIntBase10: not a string")?;
    parse(evaluator, &text, true, "toIntBase10")
}

/// `fixedWidthString width filler s`
pub(super) fn fixed_width_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [width, filler, string] = arguments(args);
    let width = evaluator.force_int(width)?;
    let filler = text_argument(evaluator, filler)?;
    let text = text_argument(evaluator, string)?;
    let missing = usize::try_from(width)
        .ok()
        .and_then(|width| width.checked_sub(text.len()));
    let Some(missing) = missing else {
        let message = format!(
            "fixedWidthString: requested string length ({width}) must not be shorter than actual length ({})",
            text.len()
        );
        return Err(throw(evaluator, message));
    };
    evaluator.check_text(missing)?;
    let padded = match filler.len() {
        0 => text.to_string(),
        1 => format!("{}{text}", filler.repeat(missing)),
        _ if missing == 0 => text.to_string(),
        length => {
            // One filler at a time, as long as it is shorter than the width.
            let count = missing.div_ceil(length);
            if count * length == missing {
                format!("{}{text}", filler.repeat(count))
            } else {
                let message = "fixedWidthString: the filler does not fit".to_owned();
                return Err(throw(evaluator, message));
            }
        }
    };
    Ok(evaluator.string(&padded))
}

/// `floatToString x`: as JSON writes it where that means the same number, else as `toString` does.
pub(super) fn float_to_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number] = arguments(args);
    let number = evaluator.force(number)?;
    let value = evaluator.coerce(number, Coercion::ToString)?;
    let text = evaluator.expect_text(value)?;
    let exact = match number {
        Value::Float(float) => text.parse() == Ok(float),
        _ => true,
    };
    if !exact {
        let message = format!("Imprecise conversion from float to string {text}");
        evaluator.push_trace(format!("evaluation warning: {message}"));
    }
    Ok(value)
}
