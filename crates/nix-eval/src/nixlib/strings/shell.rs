//! Strings for a POSIX shell.

use std::rc::Rc;

use super::super::support::{
    StringBuilder, attributes, is_store_path, list_of, parts_like, presence_of,
};
use super::concat::join;
use super::string_like_value;
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{Eval, StringPart, Thunk, Value};

/// Whether a character needs no quotes in a shell.
const fn is_plain(character: char) -> bool {
    matches!(
        character,
        'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '_' | '+' | ':' | '@' | '%' | '/' | '-'
    )
}

/// A value as one word of a shell. Where it depends on a hole whether there are quotes around the
/// word, holes stand for them.
pub(in super::super) fn escape_shell(evaluator: &mut Evaluator, value: Thunk) -> Eval<Value> {
    let value = evaluator.force(value)?;
    let value = evaluator.coerce(value, Coercion::ToString)?;
    let Value::String(string) = value else {
        return Ok(value);
    };
    evaluator.check_escape_room(string)?;
    let parts = evaluator.arena.string_parts(string).parts();
    let mut quotes = false;
    let mut unknown = None;
    let mut empty = true;
    for part in &parts {
        match part {
            StringPart::Text(text) => {
                empty = empty && text.is_empty();
                quotes = quotes || !text.chars().all(is_plain);
            }
            StringPart::Hole(hole) if is_store_path(*hole) => empty = false,
            StringPart::Hole(hole) => {
                unknown.get_or_insert(*hole);
            }
        }
    }
    let quote = match unknown {
        _ if quotes => Some(StringPart::Text(Rc::from("'"))),
        Some(hole) => Some(StringPart::Hole(hole)),
        None if empty => Some(StringPart::Text(Rc::from("'"))),
        None => None,
    };
    let Some(quote) = quote else { return Ok(value) };
    let mut quoted = vec![quote.clone()];
    for part in parts {
        quoted.push(match part {
            StringPart::Text(text) => StringPart::Text(Rc::from(text.replace('\'', "'\\''"))),
            hole @ StringPart::Hole(_) => hole,
        });
    }
    quoted.push(quote);
    Ok(parts_like(evaluator, quoted, string))
}

/// `escapeShellArg x`
pub(super) fn escape_shell_arg(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    escape_shell(evaluator, value)
}

/// `escapeShellArgs xs`
pub(super) fn escape_shell_args(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut words = evaluator.arena.list_items(list);
    for (word, _) in &mut words {
        let value = *word;
        *word = evaluator.lazy(move |evaluator| escape_shell(evaluator, value));
    }
    let words = list_of(evaluator, &words);
    join(evaluator, " ", words)
}

fn is_posix_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// `toShellVar name value`: an assignment of a string, an array or an associative array.
pub(super) fn to_shell_var(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, value] = arguments(args);
    let name = evaluator.force_text(name)?;
    if !is_posix_name(&name) {
        let message = format!("toShellVar: {name} is not a valid shell variable name");
        return Err(evaluator.throw(message));
    }
    let mut builder = StringBuilder::new();
    let forced = evaluator.force(value);
    let plain = match forced {
        Ok(forced @ Value::Attrs(_)) => string_like_value(evaluator, forced)?,
        Ok(Value::List(_)) => false,
        _ => true,
    };
    if plain {
        let word = escape_shell(evaluator, value);
        builder.text(&format!("{name}=")).result(evaluator, word)?;
    } else if let Ok(Value::List(_)) = forced {
        let words = escape_shell_args(evaluator, &[value]);
        builder
            .text(&format!("declare -a {name}=("))
            .result(evaluator, words)?
            .text(")");
    } else {
        let (entries, _) = attributes(evaluator, value)?;
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = evaluator.name(entry.name);
            let key = evaluator.string_thunk(&key);
            let value = entry.value;
            let item = evaluator.lazy(move |evaluator| {
                let mut builder = StringBuilder::new();
                let key = escape_shell(evaluator, key);
                let value = escape_shell(evaluator, value);
                builder
                    .text("[")
                    .result(evaluator, key)?
                    .text("]=")
                    .result(evaluator, value)?;
                Ok(builder.finish(evaluator))
            });
            items.push((item, presence_of(&entry)));
        }
        let items = list_of(evaluator, &items);
        let items = join(evaluator, " ", items);
        builder
            .text(&format!("declare -A {name}=("))
            .result(evaluator, items)?
            .text(")");
    }
    Ok(builder.finish(evaluator))
}

/// `toShellVars set`
pub(super) fn to_shell_vars(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let (entries, open) = attributes(evaluator, set)?;
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = super::super::support::name_thunk(evaluator, entry.name);
        let value = entry.value;
        let line = evaluator.lazy(move |evaluator| to_shell_var(evaluator, &[name, value]));
        lines.push((line, presence_of(&entry)));
    }
    if let Some(why) = open {
        lines.push(super::super::support::unknown_elements(evaluator, why));
    }
    let lines = list_of(evaluator, &lines);
    join(evaluator, "\n", lines)
}
