//! What a type accepts.

use super::kind::{Kind, Text, TypeId};
use crate::eval::{Coercion, Evaluator};
use crate::value::{AttrsId, Eval, Hole, StringPart, Thunk, Value, well_known};

/// Where Nix keeps what it builds.
const STORE: &str = "/nix/store/";

/// Whether text is a path of something in the store: not the store itself, nor its own files.
fn is_in_store(text: &str) -> bool {
    text.strip_prefix(STORE)
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('.'))
}

impl Evaluator {
    /// Whether a type accepts a value, as its `check` does: not deeper than that looks.
    pub(crate) fn accepts(&mut self, id: TypeId, thunk: Thunk) -> Eval<bool> {
        let known = self.type_of(id);
        // These accept anything, or look at it themselves.
        match &known.kind {
            Kind::Unspecified | Kind::Raw | Kind::Anything | Kind::External => return Ok(true),
            Kind::Failed(why) => return Err(*why),
            Kind::Custom(custom) => return self.custom_accepts(*custom, thunk),
            Kind::Checked(inner, predicate) => {
                return Ok(self.accepts(*inner, thunk)? && self.predicate_holds(*predicate, thunk)?);
            }
            Kind::Unique(inner, _) => return self.accepts(*inner, thunk),
            Kind::Either(a, b) => return self.either_accepts(*a, *b, thunk),
            _ => {}
        }
        let value = self.force(thunk)?;
        if let Value::External(external) = value {
            // A package, a path, a set, …: not decided, except where it must be one.
            return match known.kind {
                Kind::Package | Kind::PackageSet => Ok(true),
                _ => Err(self.external_unknown(external)),
            };
        }
        Ok(match &known.kind {
            Kind::Boolean | Kind::BooleanByOr => matches!(value, Value::Bool(_)),
            Kind::Integer(low, high) => {
                matches!(value, Value::Int(int) if (*low..=*high).contains(&int))
            }
            Kind::Float => matches!(value, Value::Float(_)),
            Kind::Number(low, high) => match value {
                #[expect(clippy::cast_precision_loss, reason = "bounds are floats")]
                Value::Int(int) => within(int as f64, *low, *high),
                Value::Float(float) => within(float, *low, *high),
                _ => false,
            },
            Kind::Text(text) => self.accepts_text(text, value)?,
            Kind::PasswordEntry(inner) => {
                self.accepts(*inner, thunk)? && !self.expect_text(value)?.contains([':', '\n'])
            }
            Kind::Path { absolute, in_store } => self.accepts_path(*absolute, *in_store, value)?,
            Kind::Package => self.accepts_package(value)?,
            Kind::PackageSet => self.has_tag(value, "pkgs")?,
            Kind::Enumeration(values) => {
                let candidate = self.arena.ready(value);
                self.contains_value(values, candidate)?
            }
            Kind::List { non_empty, .. } => match value {
                Value::List(list) => !non_empty || self.arena.list_data(list).slots() > 0,
                _ => false,
            },
            Kind::Attributes { .. } | Kind::OpenAttributes(_) | Kind::AnyAttributes => {
                matches!(value, Value::Attrs(_))
            }
            Kind::NullOr(inner) => value == Value::Null || self.accepts(*inner, thunk)?,
            Kind::Coerced { from, function, to } => {
                if self.accepts(*from, thunk)? {
                    let coerced = self.lazy_apply(*function, thunk);
                    if self.accepts(*to, coerced)? {
                        return Ok(true);
                    }
                }
                self.accepts(*to, thunk)?
            }
            Kind::Submodule(_) | Kind::DeferredModule { .. } => match value {
                Value::Attrs(_) | Value::Path(_) => true,
                Value::String(_) => self.accepts_path(Some(true), None, value)?,
                _ => Self::is_function(&self.arena, value),
            },
            Kind::FunctionTo(_) => Self::is_function(&self.arena, value),
            Kind::OptionType => self.has_tag(value, "option-type")?,
            Kind::OptionDeclaration => match value {
                Value::Attrs(set) => {
                    self.has_tag(value, "option")?
                        && self.arena.attribute(set, well_known::LOCATION).is_none()
                }
                _ => false,
            },
            Kind::Tagged(tags) => match value {
                Value::Attrs(set) => match self.arena.entries(set) {
                    [entry] => self.arena.attribute(*tags, entry.name).is_some(),
                    _ => false,
                },
                _ => false,
            },
            Kind::Unspecified
            | Kind::Raw
            | Kind::Anything
            | Kind::External
            | Kind::Custom(_)
            | Kind::Checked(..)
            | Kind::Unique(..)
            | Kind::Either(..)
            | Kind::Deferred(_)
            | Kind::Failed(_) => true,
        })
    }

    fn either_accepts(&mut self, a: TypeId, b: TypeId, thunk: Thunk) -> Eval<bool> {
        match self.accepts(a, thunk) {
            Ok(false) => self.accepts(b, thunk),
            Err(why) if !self.is_error(why) => match self.accepts(b, thunk) {
                Ok(true) => Ok(true),
                _ => Err(why),
            },
            decided => decided,
        }
    }

    fn has_tag(&mut self, value: Value, tag: &str) -> Eval<bool> {
        match value {
            Value::Attrs(set) => Ok(self.type_tag(set)?.is_some_and(|found| &*found == tag)),
            _ => Ok(false),
        }
    }

    fn accepts_text(&mut self, text: &Text, value: Value) -> Eval<bool> {
        let Value::String(_) = value else {
            return Ok(false);
        };
        if matches!(text, Text::Any | Text::Separated(_)) {
            return Ok(true);
        }
        let known = self.expect_text(value)?;
        Ok(match text {
            Text::Any | Text::Separated(_) => true,
            Text::NonEmpty => known.chars().any(|c| !matches!(c, ' ' | '\t' | '\n')),
            Text::SingleLine => !known.trim_end_matches('\n').contains('\n'),
            Text::Matching(pattern) => {
                let pattern = self.string_thunk(pattern);
                let value = self.arena.ready(value);
                let symbol = self.symbol("__match");
                match self.global(symbol) {
                    Some(function) => self.call2(function, pattern, value)? != Value::Null,
                    None => return Err(self.undetermined("regular expressions")),
                }
            }
        })
    }

    fn accepts_path(
        &mut self,
        absolute: Option<bool>,
        in_store: Option<bool>,
        value: Value,
    ) -> Eval<bool> {
        let text = match value {
            // A path that is not to be in the store must not be one that Nix would copy there.
            Value::Path(_) if in_store == Some(false) => return Ok(false),
            Value::Path(_) if in_store == Some(true) => {
                // In a flake it is in the store, elsewhere it is not.
                return Err(self.undetermined("whether a path of the project is in the store"));
            }
            Value::Path(_) => return Ok(absolute != Some(false)),
            Value::String(id) => id,
            Value::Attrs(set) => {
                let is_like_string = self.arena.attribute(set, well_known::OUT_PATH).is_some()
                    || self.arena.attribute(set, well_known::TO_STRING).is_some();
                if !is_like_string || in_store == Some(false) {
                    return Ok(false);
                }
                match self.coerce(value, Coercion::ToString)? {
                    Value::String(id) => id,
                    _ => return Ok(true),
                }
            }
            _ => return Ok(false),
        };
        let (is_absolute, is_stored) = match self.arena.string_parts(text).parts().first() {
            Some(StringPart::Text(text)) => (text.starts_with('/'), is_in_store(text)),
            Some(StringPart::Hole(Hole::Unknown(why))) => {
                if in_store.is_some() {
                    return Err(*why);
                }
                // A path in practice.
                (true, true)
            }
            Some(StringPart::Hole(_)) => (true, true),
            None => (false, false),
        };
        Ok(absolute.is_none_or(|absolute| absolute == is_absolute)
            && in_store.is_none_or(|in_store| in_store == is_stored))
    }

    fn accepts_package(&mut self, value: Value) -> Eval<bool> {
        match value {
            Value::Attrs(set) => Ok(self.is_derivation_set(set)),
            Value::Path(_) => Ok(true),
            Value::String(id) => Ok(self.arena.text(id).is_none_or(|text| is_in_store(text))),
            _ => Ok(false),
        }
    }

    fn is_derivation_set(&mut self, set: AttrsId) -> bool {
        match self.arena.attribute(set, well_known::OPTION_TYPE) {
            Some(kind) => self
                .force_text(kind.value)
                .is_ok_and(|text| &*text == "derivation"),
            None => false,
        }
    }
}

fn within(value: f64, low: Option<f64>, high: Option<f64>) -> bool {
    low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
}
