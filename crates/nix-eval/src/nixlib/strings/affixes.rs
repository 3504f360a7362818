//! How strings begin and end.

use std::rc::Rc;

use super::super::support::{
    hole_reason, map_whole, parts_like, settle, string_argument, text_argument,
};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Hole, StringData, StringId, StringPart, Thunk, UnknownId, Value};

/// What every store path begins with.
const STORE: &str = "/nix/store/";

/// How many characters of a store path are its hash.
const HASH_LENGTH: usize = 32;

/// The characters of such a hash: Nix leaves out the letters E, O, U and T.
const HASH_ALPHABET: &[u8] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// How the text that is known of a string agrees with what it is compared with.
enum Agreement {
    Yes,
    No,
    /// As far as it is known.
    Open,
}

fn agreement(known: &str, wanted: &str, agrees: impl Fn(&str, &str) -> bool) -> Agreement {
    if agrees(known, wanted) {
        Agreement::Yes
    } else if agrees(wanted, known) {
        Agreement::Open
    } else {
        Agreement::No
    }
}

/// The text that a string surely begins with.
fn known_beginning(data: &StringData) -> String {
    let mut text = String::new();
    for part in data.parts() {
        match part {
            StringPart::Text(more) => text.push_str(&more),
            // A file of the project is copied to the store.
            StringPart::Hole(Hole::Source(_)) => {
                text.push_str(STORE);
                break;
            }
            StringPart::Hole(_) => break,
        }
    }
    text
}

/// The text that a string surely ends with.
fn known_end(evaluator: &Evaluator, data: &StringData) -> String {
    let mut parts = data.parts();
    let text = match parts.last() {
        Some(StringPart::Text(text)) => {
            let text = Rc::clone(text);
            parts.pop();
            text
        }
        _ => Rc::from(""),
    };
    match parts.last() {
        Some(StringPart::Hole(Hole::Source(path))) => match evaluator.store_name(*path) {
            Some(name) => format!("-{name}{text}"),
            None => text.to_string(),
        },
        _ => text.to_string(),
    }
}

fn begins(evaluator: &mut Evaluator, string: StringId, prefix: &str) -> Result<bool, UnknownId> {
    let data = evaluator.arena.string_parts(string).clone();
    match (
        agreement(&known_beginning(&data), prefix, |a, b| a.starts_with(b)),
        data.text(),
    ) {
        (Agreement::Yes, _) => Ok(true),
        (Agreement::No, _) | (Agreement::Open, Some(_)) => Ok(false),
        (Agreement::Open, None) => Err(hole_reason(evaluator, string)),
    }
}

fn ends(evaluator: &mut Evaluator, string: StringId, suffix: &str) -> Result<bool, UnknownId> {
    let data = evaluator.arena.string_parts(string).clone();
    match (
        agreement(&known_end(evaluator, &data), suffix, |a, b| a.ends_with(b)),
        data.text(),
    ) {
        (Agreement::Yes, _) => Ok(true),
        (Agreement::No, _) | (Agreement::Open, Some(_)) => Ok(false),
        (Agreement::Open, None) => Err(hole_reason(evaluator, string)),
    }
}

/// Where both strings begin with the store path of the same file of the project: what follows the
/// prefix in the first one, if it begins with it.
fn after_source(
    evaluator: &Evaluator,
    string: StringId,
    prefix: StringId,
) -> Option<Option<Rc<str>>> {
    let source = |id| match evaluator.arena.string_parts(id) {
        StringData::Parts(parts) => crate::eval::source_path_parts(parts),
        StringData::Text(_) => None,
    };
    let ((path, text), (base, wanted)) = (source(string)?, source(prefix)?);
    let is_same = evaluator.arena.path_text(path) == evaluator.arena.path_text(base);
    is_same.then(|| text.strip_prefix(wanted).map(Rc::from))
}

/// `hasPrefix prefix s`
pub(super) fn has_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, string] = arguments(args);
    let wanted = string_argument(evaluator, prefix)?;
    let string = string_argument(evaluator, string)?;
    if let Some(rest) = after_source(evaluator, string, wanted) {
        return Ok(Value::Bool(rest.is_some()));
    }
    let prefix = text_argument(evaluator, prefix)?;
    begins(evaluator, string, &prefix).map(Value::Bool)
}

/// `hasSuffix suffix s`
pub(in super::super) fn has_suffix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [suffix, string] = arguments(args);
    let suffix = text_argument(evaluator, suffix)?;
    let string = string_argument(evaluator, string)?;
    ends(evaluator, string, &suffix).map(Value::Bool)
}

/// `hasInfix infix s`: any of the known texts decides.
pub(super) fn has_infix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [infix, string] = arguments(args);
    let infix = text_argument(evaluator, infix)?;
    let string = string_argument(evaluator, string)?;
    let data = evaluator.arena.string_parts(string).clone();
    if let Some(text) = data.text() {
        return Ok(Value::Bool(text.contains(&*infix)));
    }
    match occurs(&infix, &bytes_of(evaluator, &data)) {
        Some(found) => Ok(Value::Bool(found)),
        None => Err(hole_reason(evaluator, string)),
    }
}

/// What is known of one byte of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Byte(u8),
    /// One of the characters of a store path's hash.
    OfHash,
    /// Any text, maybe none.
    Open,
}

/// The bytes of a string, as far as they are known.
fn bytes_of(evaluator: &Evaluator, data: &StringData) -> Vec<Known> {
    let mut bytes = Vec::new();
    for part in data.parts() {
        match part {
            StringPart::Text(text) => bytes.extend(text.bytes().map(Known::Byte)),
            StringPart::Hole(Hole::Source(path)) => {
                bytes.extend(STORE.bytes().map(Known::Byte));
                bytes.extend([Known::OfHash; HASH_LENGTH]);
                bytes.push(Known::Byte(b'-'));
                match evaluator.store_name(path) {
                    Some(name) => bytes.extend(name.bytes().map(Known::Byte)),
                    None => bytes.push(Known::Open),
                }
            }
            StringPart::Hole(_) => bytes.push(Known::Open),
        }
    }
    bytes
}

/// Whether a text occurs in a string; `None` if that hangs on what is not known of it.
fn occurs(infix: &str, string: &[Known]) -> Option<bool> {
    let mut is_possible = string.contains(&Known::Open) && !infix.is_empty();
    for window in string.windows(infix.len().max(1)) {
        let pairs = || infix.bytes().zip(window);
        if pairs().all(|(wanted, known)| *known == Known::Byte(wanted)) {
            return Some(true);
        }
        is_possible |= pairs().all(|(wanted, known)| match known {
            Known::Byte(byte) => *byte == wanted,
            Known::OfHash => HASH_ALPHABET.contains(&wanted),
            Known::Open => true,
        });
    }
    if infix.is_empty() {
        return Some(true);
    }
    (!is_possible).then_some(false)
}

/// The string without its first or last `count` bytes, which are text.
fn without(
    evaluator: &mut Evaluator,
    string: StringId,
    count: usize,
    at_end: bool,
) -> Option<Value> {
    let mut parts = evaluator.arena.string_parts(string).parts();
    let part = if at_end {
        parts.last_mut()?
    } else {
        parts.first_mut()?
    };
    let StringPart::Text(text) = part else {
        return None;
    };
    let rest = if at_end {
        text.get(..text.len().checked_sub(count)?)?
    } else {
        text.get(count..)?
    };
    *part = StringPart::Text(Rc::from(rest));
    Some(parts_like(evaluator, parts, string))
}

fn remove_affix(
    evaluator: &mut Evaluator,
    args: &[Thunk],
    has: fn(&mut Evaluator, StringId, &str) -> Result<bool, UnknownId>,
    at_end: bool,
) -> Eval<Value> {
    let [affix, string] = arguments(args);
    let affix = text_argument(evaluator, affix)?;
    let string = string_argument(evaluator, string)?;
    let decided = has(evaluator, string, &affix);
    let removed = match settle(evaluator, decided)? {
        Ok(false) => return Ok(Value::String(string)),
        Ok(true) if affix.is_empty() => return Ok(Value::String(string)),
        Ok(true) => without(evaluator, string, affix.len(), at_end),
        Err(_) => None,
    };
    if let Some(value) = removed {
        return Ok(value);
    }
    let why = hole_reason(evaluator, string);
    let context = evaluator.arena.string_context(string);
    Ok(evaluator.unknown_string(why, context))
}

/// `removePrefix prefix s`
pub(super) fn remove_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, string] = arguments(args);
    let wanted = string_argument(evaluator, prefix)?;
    let whole = string_argument(evaluator, string)?;
    match after_source(evaluator, whole, wanted) {
        Some(Some(rest)) => return Ok(evaluator.string(&rest)),
        Some(None) => return Ok(Value::String(whole)),
        None => {}
    }
    remove_affix(evaluator, args, begins, false)
}

/// `removeSuffix suffix s`
pub(in super::super) fn remove_suffix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    remove_affix(evaluator, args, ends, true)
}

const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn trimmed(evaluator: &mut Evaluator, string: Thunk, start: bool, end: bool) -> Eval<Value> {
    let string = string_argument(evaluator, string)?;
    let mut parts = evaluator.arena.string_parts(string).parts();
    if parts.len() == 1 {
        return map_whole(evaluator, string, |text| {
            let text = if start {
                text.trim_start_matches(is_space)
            } else {
                text
            };
            let text = if end {
                text.trim_end_matches(is_space)
            } else {
                text
            };
            text.to_owned()
        });
    }
    // A hole at an end may bring spaces; a store path does not.
    let reason = |evaluator: &mut Evaluator, part: &StringPart| match part {
        StringPart::Hole(hole @ Hole::Unknown(_)) => Some(StringPart::Hole(Hole::Unknown(
            evaluator.hole_unknown(*hole),
        ))),
        _ => None,
    };
    if start && let Some(first) = parts.first_mut() {
        if let Some(hole) = reason(evaluator, first) {
            *first = hole;
        } else if let StringPart::Text(text) = first {
            *first = StringPart::Text(Rc::from(text.trim_start_matches(is_space)));
        }
    }
    if end && let Some(last) = parts.last_mut() {
        if let Some(hole) = reason(evaluator, last) {
            *last = hole;
        } else if let StringPart::Text(text) = last {
            *last = StringPart::Text(Rc::from(text.trim_end_matches(is_space)));
        }
    }
    Ok(parts_like(evaluator, parts, string))
}

/// `trim s`
pub(super) fn trim(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    trimmed(evaluator, string, true, true)
}

/// `trimWith { start ? false; end ? false; } s`
pub(super) fn trim_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, string] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let mut option = |name| {
        let value = evaluator
            .argument(options, name)?
            .unwrap_or(Value::Bool(false));
        evaluator.expect_bool(value)
    };
    let (start, end) = (option("start")?, option("end")?);
    trimmed(evaluator, string, start, end)
}
