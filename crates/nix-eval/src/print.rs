//! Values as Nix prints them.

use crate::eval::Evaluator;
use crate::value::{Eval, Slot, StringData, StringPart, Thunk, UnknownId, Value};

/// How deep a value is printed.
const MAX_DEPTH: usize = 100;

/// Prints values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printer {
    /// Evaluates what is printed; without it, what is not evaluated yet prints as `«thunk»`.
    pub deep: bool,
}

impl Printer {
    /// The value as Nix prints it; what is not known as `«unknown: reason»`, an error as
    /// `«error: message»`.
    #[must_use]
    pub fn print(self, evaluator: &mut Evaluator, value: Eval<Value>) -> String {
        let mut out = String::new();
        self.write(evaluator, value, 0, &mut out);
        out
    }

    fn write(self, evaluator: &mut Evaluator, value: Eval<Value>, depth: usize, out: &mut String) {
        let value = match value {
            Ok(value) => value,
            Err(why) => return out.push_str(&reason(evaluator, why)),
        };
        if depth > MAX_DEPTH {
            return out.push('…');
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Int(int) => out.push_str(&int.to_string()),
            Value::Float(float) => out.push_str(&format_float(float)),
            Value::String(id) => {
                write_string(evaluator, evaluator.arena.string_parts(id).clone(), out)
            }
            Value::Path(path) => out.push_str(&evaluator.arena.path_text(path)),
            Value::List(list) => {
                out.push_str("[ ");
                for (item, presence) in evaluator.arena.list_items(list) {
                    match presence {
                        crate::value::Presence::Certain => {}
                        crate::value::Presence::Maybe(_) => out.push_str("«maybe» "),
                        crate::value::Presence::Many(why) => {
                            out.push_str(&reason(evaluator, why));
                            out.push_str(" … ");
                            continue;
                        }
                    }
                    self.write_thunk(evaluator, item, depth, out);
                    out.push(' ');
                }
                out.push(']');
            }
            Value::Attrs(set) => {
                out.push_str("{ ");
                for entry in evaluator.arena.entries_by_name(set) {
                    if entry.maybe.is_some() {
                        out.push_str("«maybe» ");
                    }
                    out.push_str(&attribute_name(&evaluator.name(entry.name)));
                    out.push_str(" = ");
                    self.write_thunk(evaluator, entry.value, depth, out);
                    out.push_str("; ");
                }
                if let Some(why) = evaluator.arena.attrs_data(set).open {
                    out.push_str(&reason(evaluator, why));
                    out.push_str(" … ");
                }
                out.push('}');
            }
            Value::Lambda(_) => out.push_str("<LAMBDA>"),
            Value::Builtin(_) => out.push_str("<PRIMOP>"),
            Value::Partial(_) => out.push_str("<PRIMOP-APP>"),
            Value::External(external) => {
                out.push_str(&format!(
                    "«external: {}»",
                    evaluator.external_label(external)
                ));
            }
        }
    }

    fn write_thunk(self, evaluator: &mut Evaluator, thunk: Thunk, depth: usize, out: &mut String) {
        let value = match evaluator.arena.slot(thunk) {
            Slot::Value(value) => Ok(value),
            Slot::Failed(why) => Err(why),
            Slot::Forcing => return out.push_str("«repeated»"),
            _ if self.deep => evaluator.force(thunk),
            _ => return out.push_str("<CODE>"),
        };
        self.write(evaluator, value, depth + 1, out);
    }
}

fn reason(evaluator: &Evaluator, why: UnknownId) -> String {
    let unknown = evaluator.arena.unknown_data(why);
    let word = if unknown.kind.is_error() {
        "error"
    } else {
        "unknown"
    };
    format!("«{word}: {}»", unknown.message)
}

fn write_string(evaluator: &mut Evaluator, data: StringData, out: &mut String) {
    out.push('"');
    for part in data.parts() {
        match part {
            StringPart::Text(text) => escape(&text, out),
            StringPart::Hole(hole) => {
                let why = evaluator.hole_unknown(hole);
                out.push_str(&format!("${{{}}}", reason(evaluator, why)));
            }
        }
    }
    out.push('"');
}

/// A string's text as it stands between quotes.
pub fn escape(text: &str, out: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
            c => out.push(c),
        }
    }
}

/// A float as Nix prints it: six significant digits, as C's `%g`.
#[must_use]
pub fn format_float(float: f64) -> String {
    if float == 0.0 || !float.is_finite() {
        return if float.is_nan() {
            "nan".to_owned()
        } else if float.is_infinite() {
            if float > 0.0 { "inf" } else { "-inf" }.to_owned()
        } else {
            "0".to_owned()
        };
    }
    let scientific = format!("{float:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        trim(&format!("{float:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

/// Whether a name can stand in an attribute path without quotes.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or",
    ];
    let mut chars = name.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'' | '-'))
        && !KEYWORDS.contains(&name)
}

/// An attribute's name as it stands in a set: quoted where Nix needs it.
#[must_use]
pub fn attribute_name(name: &str) -> String {
    if is_identifier(name) {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    escape(name, &mut quoted);
    quoted.push('"');
    quoted
}
