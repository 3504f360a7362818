//! Types as messages and documentation describe them.

use std::rc::Rc;

use super::kind::{Kind, Submodule, Text, TypeId};
use crate::eval::Evaluator;
use crate::modules::configuration::ModuleArguments;
use crate::value::{Eval, Value, well_known};

/// What kind of phrase a description is, which says where it needs parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    Noun,
    NonRestrictiveClause,
    Conjunction,
    Composite,
    Other,
}

impl Phrase {
    /// As `descriptionClass` names it.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Noun => Some("noun"),
            Self::NonRestrictiveClause => Some("nonRestrictiveClause"),
            Self::Conjunction => Some("conjunction"),
            Self::Composite => Some("composite"),
            Self::Other => None,
        }
    }
}

const NOUN: &[Phrase] = &[Phrase::Noun];
const ELEMENT: &[Phrase] = &[Phrase::Noun, Phrase::Composite];
const ALTERNATIVE: &[Phrase] = &[Phrase::Noun, Phrase::Conjunction];
const LAST_ALTERNATIVE: &[Phrase] = &[Phrase::Noun, Phrase::Conjunction, Phrase::Composite];

impl Evaluator {
    /// A description inside another one, in parentheses unless it is one of these phrases.
    fn phrase(&mut self, id: TypeId, bare: &[Phrase]) -> Eval<Rc<str>> {
        let text = self.type_description(id)?;
        // A type that has another one in it twice is described twice.
        self.check_text(text.len())?;
        Ok(if bare.contains(&self.type_phrase(id)) {
            text
        } else {
            Rc::from(format!("({text})"))
        })
    }

    /// What kind of phrase a type's description is.
    pub(crate) fn type_phrase(&mut self, id: TypeId) -> Phrase {
        match &self.type_of(id).kind {
            Kind::List { .. }
            | Kind::Attributes { .. }
            | Kind::OpenAttributes(_)
            | Kind::FunctionTo(_) => Phrase::Composite,
            Kind::NullOr(_) | Kind::Either(..) | Kind::Number(Some(_), Some(_)) => {
                Phrase::Conjunction
            }
            Kind::Number(..) | Kind::PasswordEntry(_) | Kind::Integer(0 | 1, i64::MAX) => {
                Phrase::NonRestrictiveClause
            }
            Kind::Enumeration(values) if values.len() > 1 => Phrase::Conjunction,
            Kind::AnyAttributes | Kind::Coerced { .. } | Kind::Submodule(_) => Phrase::Other,
            Kind::Checked(inner, _) | Kind::Unique(inner, _) => self.type_phrase(*inner),
            Kind::Custom(custom) => {
                let name = self.symbol("descriptionClass");
                match self.custom_text(*custom, name) {
                    Ok(Some(class)) => match &*class {
                        "noun" => Phrase::Noun,
                        "nonRestrictiveClause" => Phrase::NonRestrictiveClause,
                        "conjunction" => Phrase::Conjunction,
                        "composite" => Phrase::Composite,
                        _ => Phrase::Other,
                    },
                    _ => Phrase::Other,
                }
            }
            _ => Phrase::Noun,
        }
    }

    /// A type as Nix describes it in its messages.
    pub(crate) fn type_description(&mut self, id: TypeId) -> Eval<Rc<str>> {
        let known = self.type_of(id);
        let fixed = match &known.kind {
            Kind::Unspecified => "unspecified value",
            Kind::Anything => "anything",
            Kind::Raw => "raw value",
            Kind::Boolean => "boolean",
            Kind::BooleanByOr => "boolean (merged using or)",
            Kind::Float => "floating point number",
            Kind::Package => "package",
            Kind::PackageSet => "Nixpkgs package set",
            Kind::AnyAttributes => "attribute set",
            Kind::DeferredModule { .. } => "module",
            Kind::OptionType => "optionType",
            Kind::OptionDeclaration => "option declaration",
            Kind::External => "external type",
            Kind::Text(text) => return Ok(Rc::from(describe_text(text))),
            Kind::Path { absolute, in_store } => describe_path(*absolute, *in_store),
            Kind::Submodule(submodule) => return self.describe_submodule(id, submodule),
            _ => return self.describe_composed(id).map(Rc::from),
        };
        Ok(Rc::from(fixed))
    }

    fn describe_composed(&mut self, id: TypeId) -> Eval<String> {
        let known = self.type_of(id);
        Ok(match &known.kind {
            Kind::Integer(low, high) => describe_integer(&known.name, *low, *high),
            Kind::Number(low, high) => describe_number(*low, *high),
            Kind::PasswordEntry(inner) => {
                format!(
                    "{}, not containing newlines or colons",
                    self.phrase(*inner, NOUN)?
                )
            }
            Kind::Enumeration(values) => {
                let mut shown = Vec::with_capacity(values.len());
                for value in values.iter() {
                    let value = self.force(*value)?;
                    shown.push(match value {
                        Value::String(_) => format!("\"{}\"", self.expect_text(value)?),
                        Value::Int(int) => int.to_string(),
                        Value::Bool(value) => value.to_string(),
                        other => format!("<{}>", crate::modules::messages::type_name(other)),
                    });
                }
                match shown.as_slice() {
                    [] => "impossible (empty enum)".to_owned(),
                    [one] => format!("value {one} (singular enum)"),
                    many => format!("one of {}", many.join(", ")),
                }
            }
            Kind::List { element, non_empty } => {
                let list = format!("list of {}", self.phrase(*element, ELEMENT)?);
                if *non_empty {
                    format!("non-empty ({list})")
                } else {
                    list
                }
            }
            Kind::Attributes { element, lazy, .. } => {
                let element = self.phrase(*element, ELEMENT)?;
                let prefix = if *lazy { "lazy " } else { "" };
                format!("{prefix}attribute set of {element}")
            }
            Kind::OpenAttributes(element) => {
                format!("attribute set of {}", self.phrase(*element, ELEMENT)?)
            }
            Kind::NullOr(inner) => format!("null or {}", self.phrase(*inner, ALTERNATIVE)?),
            Kind::Either(a, b) => {
                let last = self.phrase(*b, LAST_ALTERNATIVE)?;
                if self.type_phrase(*a) == Phrase::NonRestrictiveClause {
                    format!("{}, or {last}", self.type_description(*a)?)
                } else {
                    format!("{} or {last}", self.phrase(*a, ALTERNATIVE)?)
                }
            }
            Kind::Coerced { from, to, .. } => {
                let to = self.phrase(*to, NOUN)?;
                format!("{to} or {} convertible to it", self.phrase(*from, NOUN)?)
            }
            Kind::FunctionTo(inner) => {
                format!(
                    "function that evaluates to a(n) {}",
                    self.phrase(*inner, ELEMENT)?
                )
            }
            Kind::Unique(inner, _) | Kind::Checked(inner, _) => {
                self.type_description(*inner)?.to_string()
            }
            Kind::Tagged(tags) => {
                let entries = self.arena.entries_by_name(*tags);
                let names: Vec<Rc<str>> =
                    entries.iter().map(|entry| self.name(entry.name)).collect();
                format!("attribute-tagged union with choices: {}", names.join(", "))
            }
            Kind::Failed(why) => return Err(*why),
            Kind::Custom(custom) => {
                let text = self.custom_text(*custom, well_known::DESCRIPTION)?;
                text.unwrap_or_else(|| Rc::clone(&known.name)).to_string()
            }
            _ => known.name.to_string(),
        })
    }

    fn describe_submodule(&mut self, id: TypeId, submodule: &Rc<Submodule>) -> Eval<Rc<str>> {
        if let Some(description) = submodule.description {
            return self.force_text(description);
        }
        // One that is its own freeform type would be evaluated again at each level.
        if self.modules().described.contains(&id) {
            return Err(self.needs_itself());
        }
        self.modules_mut().described.push(id);
        let described = self.describe_by_freeform_type(submodule);
        self.modules_mut().described.pop();
        described
    }

    fn describe_by_freeform_type(&mut self, submodule: &Rc<Submodule>) -> Eval<Rc<str>> {
        let documented = ModuleArguments {
            check: false,
            ..submodule.arguments()
        };
        let configuration = self.configuration(documented);
        let config = self.force(configuration.config)?;
        let module = self.select(config, well_known::MODULE)?;
        Ok(match self.select(module, well_known::FREEFORM_TYPE)? {
            Value::Null => Rc::from("submodule"),
            freeform => {
                let freeform = self.arena.ready(freeform);
                let freeform = self.resolve_type(freeform)?;
                Rc::from(format!(
                    "open submodule of {}",
                    self.phrase(freeform, ELEMENT)?
                ))
            }
        })
    }
}

fn describe_text(text: &Text) -> String {
    match text {
        Text::Any => "string".to_owned(),
        Text::NonEmpty => "non-empty string".to_owned(),
        Text::SingleLine => "(optionally newline-terminated) single-line string".to_owned(),
        Text::Matching(pattern) => format!("string matching the pattern {pattern}"),
        Text::Separated(separator) => {
            let mut quoted = String::new();
            nix_syntax::quote::escape(separator, &mut quoted);
            format!("strings concatenated with \"{quoted}\"")
        }
    }
}

const fn describe_path(absolute: Option<bool>, in_store: Option<bool>) -> &'static str {
    match (absolute, in_store) {
        (Some(true), Some(true)) => "absolute path in the Nix store",
        (_, Some(true)) => "path in the Nix store",
        (None, Some(false)) => "path not in the Nix store",
        (Some(true), Some(false)) => "absolute path not in the Nix store",
        (Some(false), Some(false)) => "relative path not in the Nix store",
        (None, None) => "path",
        (Some(true), None) => "absolute path",
        (Some(false), None) => "relative path",
    }
}

fn describe_integer(name: &str, low: i64, high: i64) -> String {
    if let Some(bits) = name
        .strip_prefix("unsignedInt")
        .filter(|bits| !bits.is_empty())
    {
        return format!("{bits} bit unsigned integer; between {low} and {high} (both inclusive)");
    }
    if let Some(bits) = name.strip_prefix("signedInt") {
        return format!("{bits} bit signed integer; between {low} and {high} (both inclusive)");
    }
    match (low, high) {
        (i64::MIN, i64::MAX) => "signed integer".to_owned(),
        (0, i64::MAX) => "unsigned integer, meaning >=0".to_owned(),
        (1, i64::MAX) => "positive integer, meaning >0".to_owned(),
        _ => format!("integer between {low} and {high} (both inclusive)"),
    }
}

fn describe_number(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!(
            "integer or floating point number between {} and {} (both inclusive)",
            crate::print::format_float(low),
            crate::print::format_float(high)
        ),
        (Some(0.0), None) => "nonnegative integer or floating point number, meaning >=0".to_owned(),
        _ => "positive integer or floating point number, meaning >0".to_owned(),
    }
}
