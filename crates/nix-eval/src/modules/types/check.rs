//! What a type accepts.

use super::{Kind, Text, TypeId};
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, Value, well_known};

impl Evaluator {
    /// Whether a type accepts a value, as its `check` does: not deeper than that looks.
    pub(crate) fn accepts(&mut self, id: TypeId, thunk: Thunk) -> Eval<bool> {
        let known = self.type_of(id);
        // These accept anything without looking at it.
        match &known.kind {
            Kind::Unspecified | Kind::Raw | Kind::Anything | Kind::External => return Ok(true),
            Kind::Custom { set, base } => return self.custom_accepts(*set, *base, thunk),
            Kind::Checked(inner, predicate) => {
                return Ok(self.accepts(*inner, thunk)? && self.holds(*predicate, thunk)?);
            }
            Kind::Unique(inner, _) => return self.accepts(*inner, thunk),
            _ => {}
        }
        let value = self.force(thunk)?;
        if let Value::External(external) = value {
            // A package, a path, a set, …: not decided, except where it must be a package.
            return match known.kind {
                Kind::Package => Ok(true),
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
            Kind::Path { absolute } => self.accepts_path(*absolute, value)?,
            Kind::Package => self.accepts_package(value)?,
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
            Kind::Either(a, b) => self.accepts(*a, thunk)? || self.accepts(*b, thunk)?,
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
                Value::Attrs(_) | Value::Path(_) | Value::Lambda(_) => true,
                Value::Builtin(_) | Value::Partial(_) => true,
                Value::String(id) => self
                    .arena
                    .text(id)
                    .is_some_and(|text| text.starts_with('/')),
                _ => false,
            },
            Kind::FunctionTo(_) => Self::is_function(&self.arena, value),
            Kind::OptionType => match value {
                Value::Attrs(set) => self
                    .type_tag(set)?
                    .is_some_and(|tag| &*tag == "option-type"),
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
            | Kind::Custom { .. }
            | Kind::Checked(..)
            | Kind::Unique(..) => true,
        })
    }

    fn holds(&mut self, predicate: Thunk, value: Thunk) -> Eval<bool> {
        match self.call(predicate, value)? {
            Value::Bool(value) => Ok(value),
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a Boolean")),
        }
    }

    fn custom_accepts(&mut self, set: AttrsId, base: Option<TypeId>, value: Thunk) -> Eval<bool> {
        match (self.arena.attribute(set, well_known::CHECK), base) {
            (Some(check), _) => self.holds(check.value, value),
            (None, Some(base)) => self.accepts(base, value),
            (None, None) => Ok(true),
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

    fn accepts_path(&mut self, absolute: Option<bool>, value: Value) -> Eval<bool> {
        let starts_absolute = match value {
            Value::Path(_) => true,
            Value::String(id) => match self.arena.string_parts(id).parts().first() {
                Some(crate::value::StringPart::Text(text)) => text.starts_with('/'),
                // A store path, or not known: a hole in front is a path in practice.
                Some(crate::value::StringPart::Hole(_)) => true,
                None => false,
            },
            Value::Attrs(set) => {
                self.arena.attribute(set, well_known::OUT_PATH).is_some()
                    || self.arena.attribute(set, well_known::TO_STRING).is_some()
            }
            _ => return Ok(false),
        };
        Ok(starts_absolute == absolute.unwrap_or(true))
    }

    fn accepts_package(&mut self, value: Value) -> Eval<bool> {
        match value {
            Value::Attrs(set) => {
                let Some(kind) = self.arena.attribute(set, well_known::OPTION_TYPE) else {
                    return Ok(false);
                };
                Ok(self
                    .force_text(kind.value)
                    .is_ok_and(|text| &*text == "derivation"))
            }
            Value::Path(_) => Ok(true),
            Value::String(id) => Ok(self
                .arena
                .text(id)
                .is_none_or(|text| text.starts_with("/nix/store/"))),
            _ => Ok(false),
        }
    }
}

fn within(value: f64, low: Option<f64>, high: Option<f64>) -> bool {
    low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
}
