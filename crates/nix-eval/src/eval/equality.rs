//! `==` and `<`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::evaluator::Evaluator;
use crate::value::{
    AttrsId, Eval, Hole, ListId, StringData, StringId, StringPart, Thunk, Value, well_known,
};

/// The text that a string begins with, whatever its holes are.
pub(crate) struct KnownStart {
    pub(crate) text: Rc<str>,
    /// Whether it is the whole string.
    pub(crate) is_whole: bool,
}

impl Evaluator {
    /// `a == b`; an error where it is not known.
    pub fn equal(&mut self, a: Value, b: Value) -> Eval<bool> {
        self.step()?;
        match (a, b) {
            (Value::External(a), Value::External(b)) if a == b => Ok(true),
            (Value::External(external), _) | (_, Value::External(external)) => {
                Err(self.external_unknown(external))
            }
            (Value::Null, Value::Null) => Ok(true),
            (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
            (Value::Int(a), Value::Int(b)) => Ok(a == b),
            (Value::Float(a), Value::Float(b)) => Ok(equal_floats(a, b)),
            #[expect(clippy::cast_precision_loss, reason = "Nix compares them as floats")]
            (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => {
                Ok(equal_floats(a as f64, b))
            }
            (Value::String(a), Value::String(b)) => self.equal_strings(a, b),
            (Value::Path(a), Value::Path(b)) => Ok(a == b),
            (Value::List(a), Value::List(b)) => self.equal_lists(a, b),
            (Value::Attrs(a), Value::Attrs(b)) => self.equal_sets(a, b),
            _ => Ok(false),
        }
    }

    /// `a == b` of two thunks, which are forced in that order.
    pub(crate) fn equal_thunks(&mut self, a: Thunk, b: Thunk) -> Eval<bool> {
        // One value is itself, even a function; Nix compares pointers first, too.
        if a == b {
            return self.force(a).map(|_| true);
        }
        let a = self.force(a)?;
        let b = self.force(b)?;
        self.equal(a, b)
    }

    fn equal_strings(&mut self, a: StringId, b: StringId) -> Eval<bool> {
        let (a_parts, b_parts) = (self.arena.string_parts(a), self.arena.string_parts(b));
        if let (StringData::Text(a), StringData::Text(b)) = (a_parts, b_parts) {
            return Ok(a == b);
        }
        if a_parts == b_parts {
            return Ok(true);
        }
        if differ_surely(a_parts, b_parts) {
            return Ok(false);
        }
        let hole = self
            .arena
            .first_hole(a)
            .or_else(|| self.arena.first_hole(b));
        match hole {
            Some(hole) => Err(self.hole_unknown(hole)),
            None => Ok(false),
        }
    }

    fn equal_lists(&mut self, a: ListId, b: ListId) -> Eval<bool> {
        let same = a == b;
        let (a, b) = if same {
            (
                self.arena.elements(a).to_vec(),
                self.arena.elements(b).to_vec(),
            )
        } else {
            (self.exact_list(a)?, self.exact_list(b)?)
        };
        if a.len() != b.len() {
            return Ok(false);
        }
        self.all_equal(a.into_iter().zip(b))
    }

    /// Whether all pairs are equal; one unequal pair decides, whatever else is not known.
    fn all_equal(&mut self, pairs: impl IntoIterator<Item = (Thunk, Thunk)>) -> Eval<bool> {
        let mut undecided = None;
        for (a, b) in pairs {
            match self.equal_thunks(a, b) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => {
                    undecided.get_or_insert(why);
                }
            }
        }
        undecided.map_or(Ok(true), Err)
    }

    fn equal_sets(&mut self, a: AttrsId, b: AttrsId) -> Eval<bool> {
        if self.is_derivation(a)?
            && self.is_derivation(b)?
            && let Some(x) = self.arena.attribute(a, well_known::OUT_PATH)
            && let Some(y) = self.arena.attribute(b, well_known::OUT_PATH)
        {
            return self.equal_thunks(x.value, y.value);
        }
        // A set has what it has, known or not. Nix still forces all of it.
        let undecided = if a == b {
            None
        } else {
            if self.lacks_an_attribute(a, b) || self.lacks_an_attribute(b, a) {
                return Ok(false);
            }
            self.attrs_uncertainty(a).or(self.attrs_uncertainty(b))
        };
        let mut pairs = Vec::new();
        for entry in self.arena.entries_by_name(a) {
            if let Some(other) = self.arena.attribute(b, entry.name)
                && (a == b || (entry.maybe.is_none() && other.maybe.is_none()))
            {
                pairs.push((entry.value, other.value));
            }
        }
        match (self.all_equal(pairs), undecided) {
            (Ok(true), Some(why)) => Err(why),
            (result, _) => result,
        }
    }

    /// Whether `b` surely lacks an attribute that `a` surely has.
    fn lacks_an_attribute(&self, a: AttrsId, b: AttrsId) -> bool {
        let mut entries = self.arena.entries(a).iter();
        self.arena.attrs_data(b).open.is_none()
            && entries
                .any(|entry| entry.maybe.is_none() && self.arena.attribute(b, entry.name).is_none())
    }

    /// Whether a set is a derivation: two of them are equal when their `outPath` is.
    pub(crate) fn is_derivation(&mut self, set: AttrsId) -> Eval<bool> {
        let Some(kind) = self.arena.attribute(set, well_known::OPTION_TYPE) else {
            return Ok(false);
        };
        match self.force(kind.value)? {
            Value::String(id) => Ok(self
                .arena
                .text(id)
                .is_some_and(|text| &**text == "derivation")),
            _ => Ok(false),
        }
    }

    /// The order of two values, as `<` and `builtins.lessThan` see it; nothing for a NaN.
    pub fn compare(&mut self, a: Value, b: Value) -> Eval<Option<Ordering>> {
        self.step()?;
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(&b))),
            (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(&b)),
            #[expect(clippy::cast_precision_loss, reason = "Nix compares them as floats")]
            (Value::Int(a), Value::Float(b)) => Ok((a as f64).partial_cmp(&b)),
            #[expect(clippy::cast_precision_loss, reason = "Nix compares them as floats")]
            (Value::Float(a), Value::Int(b)) => Ok(a.partial_cmp(&(b as f64))),
            (Value::String(left), Value::String(right)) => {
                let (known, other) = (self.known_start(left), self.known_start(right));
                let unlike = known.text.bytes().zip(other.text.bytes());
                if let Some(order) = unlike.map(|(a, b)| a.cmp(&b)).find(|it| it.is_ne()) {
                    return Ok(Some(order));
                }
                let (a, b) = (self.expect_text(a)?, self.expect_text(b)?);
                Ok(Some(a.cmp(&b)))
            }
            (Value::Path(a), Value::Path(b)) => {
                Ok(Some(self.arena.path_text(a).cmp(&self.arena.path_text(b))))
            }
            (Value::List(a), Value::List(b)) => self.compare_lists(a, b),
            (Value::External(external), _) | (_, Value::External(external)) => {
                Err(self.external_unknown(external))
            }
            (a, b) => {
                let (a, b) = (a.type_with_article(), b.type_with_article());
                Err(self.error(format!("cannot compare {a} with {b}")))
            }
        }
    }

    /// What is known of the start of a string.
    pub(crate) fn known_start(&self, string: StringId) -> KnownStart {
        match self.arena.string_parts(string) {
            StringData::Text(text) => KnownStart {
                text: Rc::clone(text),
                is_whole: true,
            },
            StringData::Parts(parts) => KnownStart {
                text: match parts.first() {
                    Some(StringPart::Text(text)) => Rc::clone(text),
                    _ => Rc::from(""),
                },
                is_whole: parts.is_empty(),
            },
        }
    }

    fn compare_lists(&mut self, a: ListId, b: ListId) -> Eval<Option<Ordering>> {
        let (a, b) = (self.exact_list(a)?, self.exact_list(b)?);
        for (x, y) in a.iter().zip(&b) {
            if !self.equal_thunks(*x, *y)? {
                let (x, y) = (self.force(*x)?, self.force(*y)?);
                return self.compare(x, y);
            }
        }
        Ok(Some(a.len().cmp(&b.len())))
    }
}

fn equal_floats(a: f64, b: f64) -> bool {
    a.partial_cmp(&b) == Some(Ordering::Equal)
}

/// Whether two strings differ whatever stands in their holes: by how they begin or how they end.
fn differ_surely(a: &StringData, b: &StringData) -> bool {
    let (a, b) = (a.parts(), b.parts());
    let text = |part: Option<&StringPart>| match part {
        Some(StringPart::Text(text)) => Some(text.to_string()),
        // A store path begins like every other.
        Some(StringPart::Hole(Hole::Source(_) | Hole::External(_))) => None,
        _ => None,
    };
    if let (Some(a), Some(b)) = (text(a.first()), text(b.first())) {
        let common = a.len().min(b.len());
        if a.as_bytes().get(..common) != b.as_bytes().get(..common) {
            return true;
        }
    }
    if let (Some(a), Some(b)) = (text(a.last()), text(b.last())) {
        let common = a.len().min(b.len());
        return a.as_bytes().get(a.len() - common..) != b.as_bytes().get(b.len() - common..);
    }
    false
}
