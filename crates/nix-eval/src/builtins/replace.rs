//! `replaceStrings`

use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, Pieces, arguments};
use crate::value::{Eval, Hole, StringData, StringPart, Thunk, UnknownId, Value};

pub(super) const BUILTINS: &[Builtin] = &[Builtin::new("replaceStrings", 3, replace_strings)];

/// `replaceStrings from to s`. Text beside a hole is replaced as long as no match can reach into
/// the hole; what stands in the hole after the replacement is not known.
fn replace_strings(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, to, string] = arguments(args);
    let from = evaluator.force_exact_list(from)?;
    let to = evaluator.force_exact_list(to)?;
    if from.len() != to.len() {
        return Err(evaluator.error(
            "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths",
        ));
    }
    let mut patterns = Vec::with_capacity(from.len());
    for thunk in from {
        patterns.push(evaluator.force_text(thunk)?);
    }
    let string = evaluator.force_string(string)?;
    let context = evaluator.arena.string_context(string);
    let data = evaluator.arena.string_parts(string).clone();
    let mut replacement = Replacement {
        firsts: FirstBytes::of(&patterns),
        patterns,
        to,
        out: Pieces::default(),
        next_check: 0,
    };
    evaluator.push_context(&mut replacement.out, context);
    let has_empty = replacement.firsts.is_any;
    match data {
        StringData::Text(text) if has_empty && !text.is_ascii() => {
            // Nix goes on byte by byte and may tear a character apart.
            let why = evaluator.undetermined("a string that is not UTF-8");
            return Ok(evaluator.unknown_string(why, context));
        }
        StringData::Text(text) => replacement.text(evaluator, &text, true)?,
        StringData::Parts(parts) => {
            if has_empty {
                let why = evaluator.first_unknown(&parts);
                return Ok(evaluator.unknown_string(why, context));
            }
            replacement.parts(evaluator, &parts)?;
        }
    }
    Ok(evaluator.pieces_value(replacement.out))
}

/// How many bytes of the result are made before the limits are asked.
const CHECKED: usize = 1 << 12;

/// The bytes that patterns begin with: at most places of a text none begins.
struct FirstBytes {
    bytes: [bool; 256],
    /// Whether a pattern is empty and is found everywhere.
    is_any: bool,
}

impl FirstBytes {
    fn of(patterns: &[Rc<str>]) -> Self {
        let mut firsts = Self {
            bytes: [false; 256],
            is_any: false,
        };
        for pattern in patterns {
            let first = pattern.bytes().next();
            firsts.is_any |= first.is_none();
            if let Some(known) = first.and_then(|first| firsts.bytes.get_mut(usize::from(first))) {
                *known = true;
            }
        }
        firsts
    }

    /// The length of what no pattern begins in, at the beginning of a text.
    fn skip(&self, text: &str) -> usize {
        if self.is_any {
            return 0;
        }
        let begins = |byte| self.bytes.get(usize::from(byte)) == Some(&true);
        // The first byte of a character is at a boundary of characters.
        text.bytes().position(begins).unwrap_or(text.len())
    }
}

struct Replacement {
    patterns: Vec<Rc<str>>,
    firsts: FirstBytes,
    to: Vec<Thunk>,
    out: Pieces,
    /// The length of `out` at which it is checked next, in bytes.
    next_check: usize,
}

impl Replacement {
    /// Replaces in a string with holes.
    fn parts(&mut self, evaluator: &mut Evaluator, parts: &[StringPart]) -> Eval<()> {
        for (index, part) in parts.iter().enumerate() {
            match part {
                StringPart::Hole(hole) => {
                    let why = evaluator.hole_unknown(*hole);
                    self.hole(why);
                }
                StringPart::Text(text) => {
                    let after_hole = index > 0;
                    if after_hole && self.patterns.iter().any(|p| reaches_in(p, text)) {
                        // A match that begins in the hole may end here: all of it is in doubt.
                        continue;
                    }
                    self.text(evaluator, text, index + 1 == parts.len())?;
                }
            }
        }
        Ok(())
    }

    fn hole(&mut self, why: UnknownId) {
        if !self.out.ends_with_hole() {
            self.out.push(StringPart::Hole(Hole::Unknown(why)));
        }
    }

    /// Replaces in a text. Where a hole follows, it ends where a match might reach into the hole.
    fn text(&mut self, evaluator: &mut Evaluator, text: &str, is_last: bool) -> Eval<()> {
        let mut at = 0;
        let mut plain = 0;
        while let Some(rest) = text.get(at..) {
            let skipped = self.firsts.skip(rest);
            at += skipped;
            let rest = rest.get(skipped..).unwrap_or_default();
            // One look at each of the patterns.
            evaluator.arena.count_made(self.patterns.len() / 4);
            let found = self.patterns.iter().position(|pattern| {
                rest.starts_with(&**pattern)
                    || (!is_last && !rest.is_empty() && pattern.starts_with(rest))
            });
            let next = rest.chars().next().map_or(1, char::len_utf8);
            let Some(found) = found else {
                at += next;
                continue;
            };
            self.out.push_text(text.get(plain..at).unwrap_or_default());
            let length = self.patterns.get(found).map_or(0, |pattern| pattern.len());
            if length > rest.len() {
                return Ok(());
            }
            if let Some(to) = self.to.get(found) {
                let to = evaluator.force_string(*to)?;
                evaluator.push_string(&mut self.out, to);
                // There may be a match at every byte.
                if self.out.len() >= self.next_check {
                    evaluator.check_text(self.out.len())?;
                    self.next_check = self.out.len() + CHECKED;
                }
            }
            plain = at + length;
            at += if length == 0 { next } else { length };
            if length == 0 && rest.is_empty() {
                return Ok(());
            }
        }
        self.out.push_text(text.get(plain..).unwrap_or_default());
        Ok(())
    }
}

/// Whether a match of `pattern` that begins before `text` may end in it, or go on beyond it.
fn reaches_in(pattern: &str, text: &str) -> bool {
    let starts = pattern.char_indices().skip(1).map(|(at, _)| at);
    starts
        .filter_map(|at| pattern.get(at..))
        .any(|end| text.starts_with(end) || end.starts_with(text))
}
