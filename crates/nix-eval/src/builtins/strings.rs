//! Strings: lengths and offsets are in bytes, as in Nix.

use std::rc::Rc;

use super::lists::doubt;
use crate::eval::{Builtin, Coercion, Evaluator, Pieces, arguments};
use crate::value::{ContextId, Eval, Hole, StringData, StringPart, Thunk, UnknownId, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("concatStringsSep", 2, concat_strings_sep),
    Builtin::new("stringLength", 1, string_length),
    Builtin::new("substring", 3, substring),
    Builtin::new("toString", 1, to_string),
];

impl Evaluator {
    /// A value coerced to a string as by `coerceToString` without further conversions: strings,
    /// paths (not copied) and sets that say how.
    pub(crate) fn force_coerced(&mut self, thunk: Thunk) -> Eval<(StringData, ContextId)> {
        let mut pieces = Pieces::default();
        let value = self.force(thunk)?;
        self.coerce_into(value, Coercion::PathPart, &mut pieces)?;
        Ok(pieces.finish())
    }

    /// As [`Self::force_coerced`], with paths copied to the store.
    pub(crate) fn force_coerced_into_store(
        &mut self,
        thunk: Thunk,
    ) -> Eval<(StringData, ContextId)> {
        let mut pieces = Pieces::default();
        let value = self.force(thunk)?;
        self.coerce_into(value, Coercion::Interpolation, &mut pieces)?;
        Ok(pieces.finish())
    }

    /// A string of which nothing is known but its context.
    pub(crate) fn unknown_string(&mut self, why: UnknownId, context: ContextId) -> Value {
        let parts: Rc<[StringPart]> = Rc::from([StringPart::Hole(Hole::Unknown(why))]);
        Value::String(self.arena.string_data(StringData::Parts(parts), context))
    }

    /// A string of bytes; one that is not UTF-8 is not known.
    pub(crate) fn string_of_bytes(&mut self, bytes: Vec<u8>, context: ContextId) -> Eval<Value> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                let data = StringData::Text(Rc::from(text));
                Ok(Value::String(self.arena.string_data(data, context)))
            }
            Err(_) => {
                let why = self.undetermined("a string that is not UTF-8");
                Ok(self.unknown_string(why, context))
            }
        }
    }
}

/// `concatStringsSep separator strings`: an element that may not be there leaves a hole, which
/// stands for its separator, too.
fn concat_strings_sep(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, list] = arguments(args);
    let separator = evaluator.force_string(separator)?;
    let list = evaluator.force_list(list)?;
    let mut pieces = Pieces::default();
    let mut separates = false;
    for (item, presence) in evaluator.arena.list_items(list) {
        if let Some(why) = doubt(presence) {
            pieces.push(StringPart::Hole(Hole::Unknown(why)));
            // Its context may be in the result; its text is part of the hole.
            if let Ok(Value::String(id)) = evaluator.force(item) {
                let context = evaluator.arena.string_context(id);
                evaluator.push_context(&mut pieces, context);
            }
            continue;
        }
        if std::mem::replace(&mut separates, true) {
            evaluator.push_string(&mut pieces, separator);
        }
        evaluator.coerce_thunk(item, Coercion::Interpolation, &mut pieces)?;
        evaluator.check_text(pieces.len())?;
    }
    Ok(evaluator.pieces_value(pieces))
}

/// `stringLength s`
fn string_length(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let (data, _) = evaluator.force_coerced_into_store(string)?;
    let text = evaluator.whole_text(&data)?;
    Ok(Value::Int(i64::try_from(text.len()).unwrap_or(i64::MAX)))
}

impl Evaluator {
    /// The text of a string without holes.
    pub(crate) fn whole_text(&mut self, data: &StringData) -> Eval<Rc<str>> {
        match data {
            StringData::Text(text) => Ok(Rc::clone(text)),
            StringData::Parts(parts) => Err(self.first_unknown(parts)),
        }
    }

    /// Why a string with holes is not known.
    pub(crate) fn first_unknown(&mut self, parts: &[StringPart]) -> UnknownId {
        for part in parts {
            if let StringPart::Hole(hole) = part {
                return self.hole_unknown(*hole);
            }
        }
        self.undetermined("a string")
    }
}

/// `substring start length s`: as far as it does not depend on the length of a hole.
fn substring(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [start, length, string] = arguments(args);
    let start = evaluator.force_int(start)?;
    let Ok(start) = usize::try_from(start) else {
        return Err(evaluator.error("negative start position in 'substring'"));
    };
    // A negative length, or one that no string reaches, is the rest of the string.
    let length = evaluator.force_int(length)?;
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= u32::MAX as usize);
    let (data, context) = evaluator.force_coerced_into_store(string)?;
    let parts = match data {
        StringData::Text(text) => {
            let bytes = text.as_bytes();
            let end = length.map_or(bytes.len(), |length| bytes.len().min(start + length));
            let cut = bytes.get(start.min(end)..end).unwrap_or_default();
            return evaluator.string_of_bytes(cut.to_vec(), context);
        }
        StringData::Parts(parts) => parts,
    };
    if length == Some(0) {
        return evaluator.string_of_bytes(Vec::new(), context);
    }
    let (head, rest) = match parts.split_first() {
        Some((StringPart::Text(head), rest)) => (head.as_bytes(), rest),
        _ => (&[][..], &*parts),
    };
    if let Some(length) = length
        && start + length <= head.len()
    {
        let cut = head.get(start..start + length).unwrap_or_default();
        return evaluator.string_of_bytes(cut.to_vec(), context);
    }
    let tail = head
        .get(start..)
        .and_then(|tail| std::str::from_utf8(tail).ok());
    match tail {
        // The rest of a string, from a place in its first text on.
        Some(tail) if length.is_none() => {
            let tail = StringPart::Text(Rc::from(tail));
            let data = StringData::from_parts(std::iter::once(tail).chain(rest.iter().cloned()));
            Ok(Value::String(evaluator.arena.string_data(data, context)))
        }
        Some(tail) => {
            let why = evaluator.first_unknown(rest);
            let tail = StringPart::Text(Rc::from(tail));
            let hole = StringPart::Hole(Hole::Unknown(why));
            let data = StringData::from_parts([tail, hole]);
            Ok(Value::String(evaluator.arena.string_data(data, context)))
        }
        None => {
            let why = evaluator.first_unknown(rest);
            Ok(evaluator.unknown_string(why, context))
        }
    }
}

/// `toString x`
fn to_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let value = evaluator.force(value)?;
    evaluator.coerce(value, Coercion::ToString)
}
