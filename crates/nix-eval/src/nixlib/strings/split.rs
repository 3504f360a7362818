//! Taking strings apart. A hole may hold separators: it stands for any number of elements.

use std::rc::Rc;

use super::super::support::{
    call, call_builtin, list_of, string_argument, text_argument, unknown_elements,
};
use super::like;
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{Eval, Presence, StringId, StringPart, Thunk, UnknownId, Value};

/// A piece between separators.
enum Piece {
    Text(String),
    /// It has a hole.
    Unknown(UnknownId),
}

fn element(evaluator: &mut Evaluator, piece: Piece, string: StringId) -> (Thunk, Presence) {
    match piece {
        Piece::Text(text) => {
            let value = like(evaluator, &text, string);
            (evaluator.arena.ready(value), Presence::Certain)
        }
        Piece::Unknown(why) => unknown_elements(evaluator, why),
    }
}

/// `splitString separator s`
pub(super) fn split_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, string] = arguments(args);
    let separator = evaluator.force(separator)?;
    let separator = evaluator.coerce(separator, Coercion::ToString)?;
    let separator = evaluator.expect_text(separator)?;
    // As `toString` does: a path is not copied to the store.
    let path = match evaluator.force(string)? {
        path @ Value::Path(_) => Some(evaluator.coerce(path, Coercion::ToString)?),
        _ => None,
    };
    let string = match path {
        Some(Value::String(path)) => path,
        _ => string_argument(evaluator, string)?,
    };
    let mut pieces = Vec::new();
    if let Some(text) = evaluator.arena.text(string).cloned() {
        pieces.extend(split_text(&text, &separator).into_iter().map(Piece::Text));
    } else if separator.len() == 1 {
        pieces = split_parts(evaluator, string, &separator);
    } else {
        // A longer separator may be across the edge of a hole.
        let why = super::super::support::hole_reason(evaluator, string);
        pieces.push(Piece::Unknown(why));
    }
    let mut items = Vec::with_capacity(pieces.len());
    for piece in pieces {
        items.push(element(evaluator, piece, string));
    }
    Ok(list_of(evaluator, &items))
}

/// As the regular expression does it: an empty separator matches before each character and at the
/// end.
fn split_text(text: &str, separator: &str) -> Vec<String> {
    text.split(separator).map(str::to_owned).collect()
}

fn split_parts(evaluator: &mut Evaluator, string: StringId, separator: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut current = Piece::Text(String::new());
    for part in evaluator.arena.string_parts(string).parts() {
        match part {
            StringPart::Hole(hole) => current = Piece::Unknown(evaluator.hole_unknown(hole)),
            StringPart::Text(text) => {
                for (index, text) in text.split(separator).enumerate() {
                    if index > 0 {
                        pieces.push(std::mem::replace(&mut current, Piece::Text(String::new())));
                    }
                    if let Piece::Text(known) = &mut current {
                        known.push_str(text);
                    }
                }
            }
        }
    }
    pieces.push(current);
    pieces
}

/// `stringToCharacters s`
pub(super) fn string_to_characters(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = string_argument(evaluator, string)?;
    let mut items = Vec::new();
    for part in evaluator.arena.string_parts(string).parts() {
        match part {
            StringPart::Hole(hole) => {
                let why = evaluator.hole_unknown(hole);
                items.push(unknown_elements(evaluator, why));
            }
            StringPart::Text(text) => {
                evaluator.check_size(text.len() as u64)?;
                for character in text.chars() {
                    let text = Piece::Text(character.to_string());
                    items.push(element(evaluator, text, string));
                }
            }
        }
    }
    Ok(list_of(evaluator, &items))
}

/// `stringAsChars f s`
pub(super) fn string_as_chars(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, string] = arguments(args);
    let characters = string_to_characters(evaluator, &[string])?;
    let characters = evaluator.arena.ready(characters);
    let mapped = call_builtin(evaluator, "map", &[function, characters])?;
    super::concat::join(evaluator, "", mapped)
}

/// `splitStringBy p keep s`: splits where `p previous current` holds; `keep` decides whether the
/// character there stays.
pub(super) fn split_string_by(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, keep, string] = arguments(args);
    let keep = evaluator.force_bool(keep)?;
    let text = text_argument(evaluator, string)?;
    let mut pieces: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut previous: Rc<str> = Rc::from("");
    for character in text.chars() {
        let character: Rc<str> = Rc::from(character.to_string());
        let arguments = [&previous, &character].map(|text| evaluator.string_thunk(text));
        let splits = call(evaluator, predicate, &arguments)?;
        if evaluator.expect_bool(splits)? {
            pieces.push(std::mem::take(&mut current));
            if keep {
                current.push_str(&character);
            }
        } else {
            current.push_str(&character);
        }
        previous = character;
    }
    pieces.push(current);
    let pieces: Vec<Thunk> = pieces
        .iter()
        .map(|piece| evaluator.string_thunk(piece))
        .collect();
    Ok(evaluator.list(&pieces))
}
