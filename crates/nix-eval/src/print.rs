//! Values as Nix prints them.

use nix_syntax::quote::{attribute_name, escape};
use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::value::{
    Attrs, AttrsId, Eval, Hole, ListId, Presence, Slot, StringData, StringPart, Thunk, UnknownId,
    Value,
};

/// How deep a value is printed; Nix ends with an error there.
const MAX_DEPTH: usize = 10_000;

/// Longer texts are cut.
const MAX_LENGTH: usize = 64 << 20;

/// Prints values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printer {
    /// Evaluates what is printed; without it, what is not evaluated yet prints as `«thunk»`.
    pub deep: bool,
}

/// A text in the making.
#[derive(Default)]
struct Output {
    text: String,
    /// Sets that were printed: each is printed once.
    sets: FxHashSet<AttrsId>,
    /// Thunks of lists that were printed.
    lists: FxHashSet<Thunk>,
    /// Whether a part is not known.
    is_partial: bool,
}

impl Output {
    fn unknown(&mut self, evaluator: &Evaluator, why: UnknownId) {
        self.is_partial = true;
        self.text.push_str(&reason(evaluator, why));
    }

    fn maybe(&mut self) {
        self.is_partial = true;
        self.text.push_str("«maybe» ");
    }
}

impl Printer {
    /// The value as Nix prints it; what is not known as `«unknown: reason»`, an error as
    /// `«error: message»`, a set or list that was printed before as `«repeated»`.
    #[must_use]
    pub fn print(self, evaluator: &mut Evaluator, value: Eval<Value>) -> String {
        self.print_whole(evaluator, value).0
    }

    /// The same, and whether every part of it is known.
    #[must_use]
    pub fn print_whole(self, evaluator: &mut Evaluator, value: Eval<Value>) -> (String, bool) {
        let mut out = Output::default();
        self.write(evaluator, value, 0, &mut out);
        (out.text, !out.is_partial)
    }

    fn write(self, evaluator: &mut Evaluator, value: Eval<Value>, depth: usize, out: &mut Output) {
        let value = match value {
            Ok(value) => value,
            Err(why) => return out.unknown(evaluator, why),
        };
        if depth > MAX_DEPTH || out.text.len() > MAX_LENGTH {
            out.is_partial = true;
            return out.text.push('…');
        }
        match value {
            Value::Null => out.text.push_str("null"),
            Value::Bool(value) => out.text.push_str(if value { "true" } else { "false" }),
            Value::Int(int) => out.text.push_str(&int.to_string()),
            Value::Float(float) => out.text.push_str(&format_float(float)),
            Value::String(id) => {
                let data = evaluator.arena.string_parts(id).clone();
                let is_whole = |part| {
                    matches!(
                        part,
                        StringPart::Text(_) | StringPart::Hole(Hole::Source(_))
                    )
                };
                out.is_partial |= !data.parts().into_iter().all(is_whole);
                write_string(evaluator, &data, &mut out.text);
            }
            Value::Path(path) => out.text.push_str(&evaluator.arena.path_text(path)),
            Value::List(list) => self.write_list(evaluator, list, depth, out),
            Value::Attrs(set) => self.write_set(evaluator, set, depth, out),
            Value::Lambda(_) => out.text.push_str("<LAMBDA>"),
            Value::Builtin(_) => out.text.push_str("<PRIMOP>"),
            Value::Partial(_) => out.text.push_str("<PRIMOP-APP>"),
            Value::External(external) => {
                out.is_partial = true;
                let label = evaluator.external_label(external);
                out.text.push_str(&format!("«external: {label}»"));
            }
        }
    }

    fn write_list(self, evaluator: &mut Evaluator, list: ListId, depth: usize, out: &mut Output) {
        let items = evaluator.arena.list_items(list);
        out.text.push_str("[ ");
        for (item, presence) in items {
            match presence {
                Presence::Certain => {}
                Presence::Maybe(_) => out.maybe(),
                Presence::Many(why) => {
                    out.unknown(evaluator, why);
                    out.text.push_str(" … ");
                    continue;
                }
            }
            self.write_thunk(evaluator, item, depth, out);
            out.text.push(' ');
        }
        out.text.push(']');
    }

    fn write_set(self, evaluator: &mut Evaluator, set: AttrsId, depth: usize, out: &mut Output) {
        let Attrs { open, .. } = evaluator.arena.attrs_data(set);
        let entries = evaluator.arena.entries_by_name(set);
        if !entries.is_empty() && !out.sets.insert(set) {
            return out.text.push_str("«repeated»");
        }
        out.text.push_str("{ ");
        for entry in entries {
            if entry.maybe.is_some() {
                out.maybe();
            }
            out.text
                .push_str(&attribute_name(&evaluator.name(entry.name)));
            out.text.push_str(" = ");
            self.write_thunk(evaluator, entry.value, depth, out);
            out.text.push_str("; ");
        }
        if let Some(why) = open {
            out.unknown(evaluator, why);
            out.text.push_str(" … ");
        }
        out.text.push('}');
    }

    fn write_thunk(self, evaluator: &mut Evaluator, thunk: Thunk, depth: usize, out: &mut Output) {
        let value = match evaluator.arena.slot(thunk) {
            Slot::Value(value) => Ok(value),
            Slot::Failed(why) => Err(why),
            Slot::Forcing => return out.text.push_str("«potential infinite recursion»"),
            _ if self.deep => evaluator.force(thunk),
            _ => return out.text.push_str("<CODE>"),
        };
        if let Ok(Value::List(list)) = value
            && !evaluator.arena.elements(list).is_empty()
            && !out.lists.insert(thunk)
        {
            return out.text.push_str("«repeated»");
        }
        self.write(evaluator, value, depth + 1, out);
    }
}

fn reason(evaluator: &Evaluator, why: UnknownId) -> String {
    let unknown = evaluator.arena.unknown_data(why);
    let word = if unknown.reason.kind().is_error() {
        "error"
    } else {
        "unknown"
    };
    format!("«{word}: {}»", unknown.reason)
}

fn write_string(evaluator: &mut Evaluator, data: &StringData, out: &mut String) {
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

/// A float as Nix prints it: six significant digits, as C's `%g`.
#[must_use]
pub fn format_float(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float == 0.0 || float.is_infinite() {
        let sign = if float.is_sign_negative() { "-" } else { "" };
        let digits = if float == 0.0 { "0" } else { "inf" };
        return format!("{sign}{digits}");
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
