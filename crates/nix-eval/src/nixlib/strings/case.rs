//! Upper and lower case, of ASCII letters alone.

use super::super::support::{map_whole, mapped_argument};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// `toLower s`
pub(super) fn to_lower(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    mapped_argument(evaluator, args, |_| false, str::to_ascii_lowercase)
}

/// `toUpper s`
pub(super) fn to_upper(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    mapped_argument(evaluator, args, |_| false, str::to_ascii_uppercase)
}

fn capitalised(text: &str) -> String {
    let mut text = text.to_ascii_lowercase();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// `toSentenceCase s`
pub(super) fn to_sentence_case(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = match evaluator.force(string)? {
        Value::String(string) => string,
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        other => {
            let kind = other.type_with_article();
            let message = format!(
                "lib.strings.toSentenceCase does only accepts string values, but got {kind}"
            );
            return Err(evaluator.throw(message));
        }
    };
    map_whole(evaluator, string, capitalised)
}

/// `toCamelCase s`: words are parted by what is neither letter nor digit, and by capitals.
pub(super) fn to_camel_case(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = match evaluator.force(string)? {
        Value::String(string) => string,
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => {
            let message = "lib.strings.toCamelCase: only accepts string values";
            return Err(evaluator.throw(message));
        }
    };
    map_whole(evaluator, string, camel_case)
}

fn camel_case(text: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    let mut previous_is_lower = false;
    for character in text.chars() {
        let separates = matches!(character, '-' | '_' | ' ');
        let starts = character.is_ascii_uppercase() && previous_is_lower;
        if separates || starts {
            words.push(String::new());
        }
        if !separates && let Some(word) = words.last_mut() {
            word.push(character);
        }
        previous_is_lower = character.is_ascii_lowercase();
    }
    let mut camel = String::new();
    for word in words {
        if camel.is_empty() {
            camel.push_str(&word.to_ascii_lowercase());
        } else {
            camel.push_str(&capitalised(&word));
        }
    }
    camel
}
