//! Escaping.

use super::super::support::{
    call_builtin, is_store_path, map_characters, map_whole, mapped_argument, string_argument,
    text_argument,
};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Reason, Thunk, Value};

/// The texts of a list of strings.
fn texts(evaluator: &mut Evaluator, list: Thunk) -> Eval<Vec<std::rc::Rc<str>>> {
    let items = evaluator.force_exact_list(list)?;
    items
        .into_iter()
        .map(|item| evaluator.force_text(item))
        .collect()
}

/// Replaces each of the words, the first that fits at a place, as `replaceStrings` does.
fn replace(
    evaluator: &mut Evaluator,
    words: &[std::rc::Rc<str>],
    with: impl Fn(&str) -> String,
    string: Thunk,
) -> Eval<Value> {
    let from: Vec<Thunk> = words
        .iter()
        .map(|word| evaluator.string_thunk(word))
        .collect();
    let to: Vec<Thunk> = words
        .iter()
        .map(|word| evaluator.string_thunk(&with(word)))
        .collect();
    let (from, to) = (evaluator.list(&from), evaluator.list(&to));
    let (from, to) = (evaluator.arena.ready(from), evaluator.arena.ready(to));
    call_builtin(evaluator, "replaceStrings", &[from, to, string])
}

/// `escape words s`: a backslash before each of them.
pub(super) fn escape(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [words, string] = arguments(args);
    let words = texts(evaluator, words)?;
    replace(evaluator, &words, |word| format!("\\{word}"), string)
}

/// `charToInt c`: the number of a character.
pub(super) fn char_to_int(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [character] = arguments(args);
    let text = evaluator.force_text(character)?;
    match text.as_bytes() {
        [byte] => Ok(Value::Int(i64::from(*byte))),
        _ => Err(evaluator.unknown(Reason::MissingAttribute(text))),
    }
}

/// `escapeC characters s`: `\x` and the number of each of them.
pub(super) fn escape_c(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [characters, string] = arguments(args);
    let characters = texts(evaluator, characters)?;
    let number = |text: &str| format!("\\x{:02x}", text.bytes().next().unwrap_or_default());
    replace(evaluator, &characters, number, string)
}

/// `escapeRegex s`
pub(super) fn escape_regex(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    mapped_argument(
        evaluator,
        args,
        |_| false,
        |text| {
            let mut escaped = String::with_capacity(text.len());
            for character in text.chars() {
                if "\\[{()^$?*+|.".contains(character) {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
            escaped
        },
    )
}

/// `escapeXML s`
pub(super) fn escape_xml(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    mapped_argument(evaluator, args, is_store_path, |text| {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&apos;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '&' => escaped.push_str("&amp;"),
                other => escaped.push(other),
            }
        }
        escaped
    })
}

/// `escapeURL s`: ASCII but letters, digits and `-_.~` as `%XX`.
pub(super) fn escape_url(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    mapped_argument(
        evaluator,
        args,
        |_| false,
        |text| {
            let mut escaped = String::with_capacity(text.len());
            for character in text.chars() {
                let plain = character.is_ascii_alphanumeric() || "-_.~".contains(character);
                // The real function leaves what is not ASCII as it is.
                if plain || !character.is_ascii() {
                    escaped.push(character);
                } else {
                    escaped.push_str(&format!("%{:02X}", u32::from(character)));
                }
            }
            escaped
        },
    )
}

/// A text between quotes, as a Nix string that means it.
fn escape_nix_string(text: &str) -> String {
    let mut escaped = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '$' => escaped.push_str("\\$"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            // As JSON writes the others, which is what the real function is made of.
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            control if u32::from(control) < 0x20 => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped.push('"');
    escaped
}

/// `escapeNixString s`
pub(super) fn escape_nix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = string_argument(evaluator, string)?;
    if evaluator.arena.text(string).is_some() {
        return map_whole(evaluator, string, escape_nix_string);
    }
    let inner = map_characters(evaluator, string, is_store_path, |text| {
        let escaped = escape_nix_string(text);
        escaped.trim_matches('"').to_owned()
    })?;
    let mut builder = super::super::support::StringBuilder::new();
    builder.text("\"").result(evaluator, Ok(inner))?.text("\"");
    Ok(builder.finish(evaluator))
}

/// A name as it can be in an attribute path.
pub(in super::super) fn escape_identifier(text: &str) -> String {
    if nix_syntax::quote::is_identifier(text) {
        text.to_owned()
    } else {
        escape_nix_string(text)
    }
}

/// `escapeNixIdentifier s`
pub(super) fn escape_nix_identifier(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = string_argument(evaluator, string)?;
    map_whole(evaluator, string, escape_identifier)
}

/// `replaceString from to s`
pub(super) fn replace_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, to, string] = arguments(args);
    let (from, to) = (evaluator.list(&[from]), evaluator.list(&[to]));
    let (from, to) = (evaluator.arena.ready(from), evaluator.arena.ready(to));
    call_builtin(evaluator, "replaceStrings", &[from, to, string])
}

/// `replaceChars`, the old name of `replaceStrings`.
pub(super) fn replace_chars(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    call_builtin(evaluator, "replaceStrings", args)
}

/// The text of an argument, where only text makes sense.
pub(super) fn required_text(
    evaluator: &mut Evaluator,
    thunk: Thunk,
    message: &str,
) -> Eval<std::rc::Rc<str>> {
    match evaluator.force(thunk)? {
        Value::String(_) | Value::External(_) => text_argument(evaluator, thunk),
        _ => Err(evaluator.throw(message)),
    }
}
