//! `==` and `<`.

use std::cmp::Ordering;

use super::Evaluator;
use crate::value::{
    AttrsId, Eval, Hole, ListId, StringData, StringId, StringPart, Thunk, Value, well_known,
};

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
        if a == b && self.arena.list_data(a).is_exact() {
            return Ok(true);
        }
        let a = self.exact_list(a)?;
        let b = self.exact_list(b)?;
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
        if let (Some(a), Some(b)) = (self.derivation_path(a)?, self.derivation_path(b)?) {
            return self.equal(a, b);
        }
        if a == b && self.attrs_uncertainty(a).is_none() {
            return Ok(true);
        }
        if let Some(why) = self.attrs_uncertainty(a).or(self.attrs_uncertainty(b)) {
            return Err(why);
        }
        let (a, b) = (
            self.arena.entries(a).to_vec(),
            self.arena.entries(b).to_vec(),
        );
        if a.len() != b.len() || a.iter().zip(&b).any(|(a, b)| a.name != b.name) {
            return Ok(false);
        }
        self.all_equal(a.into_iter().zip(b).map(|(a, b)| (a.value, b.value)))
    }

    /// `outPath` of a derivation: derivations are equal when these are.
    fn derivation_path(&mut self, set: AttrsId) -> Eval<Option<Value>> {
        let Some(kind) = self.arena.attribute(set, well_known::OPTION_TYPE) else {
            return Ok(None);
        };
        let Ok(Value::String(kind)) = self.force(kind.value) else {
            return Ok(None);
        };
        if self
            .arena
            .text(kind)
            .is_none_or(|text| &**text != "derivation")
        {
            return Ok(None);
        }
        match self.arena.attribute(set, well_known::OUT_PATH) {
            Some(path) => self.force(path.value).map(Some),
            None => Ok(None),
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
            (Value::String(_), Value::String(_)) => {
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
