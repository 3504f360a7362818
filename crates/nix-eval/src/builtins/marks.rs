//! Texts with marks in the places of what is not known, so that a parser reads what is around them.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::value::{ContextId, Hole, StringData, StringPart, Value};

/// What a mark begins with; a character of its own says which hole it stands for.
const MARK: char = '\u{fffc}';

/// The character that stands for the first hole: the private use area begins here.
const FIRST: u32 = 0xe000;

/// How many holes have a character: the private use area ends after them.
const MOST: usize = 6_400;

/// The holes of a text, each with its mark.
#[derive(Debug, Default)]
pub struct Marks(Vec<Hole>);

impl Marks {
    /// A string with marks for its holes; `None` if it has too many.
    #[must_use]
    pub fn of(string: &StringData) -> Option<(String, Self)> {
        let mut text = String::new();
        let mut holes = Vec::new();
        for part in string.parts() {
            match part {
                StringPart::Text(piece) => text.push_str(&piece),
                StringPart::Hole(hole) => {
                    text.push(MARK);
                    text.push(character(holes.len())?);
                    holes.push(hole);
                }
            }
        }
        Some((text, Self(holes)))
    }

    /// The string of a piece of the text.
    pub(super) fn string(&self, evaluator: &mut Evaluator, text: &str) -> Value {
        if self.0.is_empty() || !text.contains(MARK) {
            return evaluator.string(text);
        }
        let mut parts = Vec::new();
        let mut pieces = text.split(MARK);
        parts.extend(pieces.next().map(|piece| StringPart::Text(Rc::from(piece))));
        for piece in pieces {
            let mut rest = piece.chars();
            let hole = rest.next().and_then(|it| self.hole(it));
            parts.extend(hole.map(StringPart::Hole));
            let known = if hole.is_some() { rest.as_str() } else { piece };
            parts.push(StringPart::Text(Rc::from(known)));
        }
        let data = StringData::from_parts(parts);
        Value::String(evaluator.arena.string_data(data, ContextId::default()))
    }

    fn hole(&self, character: char) -> Option<Hole> {
        let index = u32::from(character).checked_sub(FIRST)?;
        self.0.get(index as usize).copied()
    }
}

fn character(index: usize) -> Option<char> {
    if index >= MOST {
        return None;
    }
    char::from_u32(FIRST + u32::try_from(index).ok()?)
}
