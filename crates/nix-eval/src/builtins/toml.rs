//! `fromTOML`

use super::marks::Marks;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[Builtin::new("fromTOML", 1, from_toml)];

impl Evaluator {
    /// The value of a TOML text, in which marks stand for what is not known.
    pub fn parse_toml(&mut self, text: &str, marks: &Marks) -> Eval<Thunk> {
        let value = parse(self, text, marks)?;
        Ok(self.ready(value))
    }
}

/// `fromTOML text`
fn from_toml(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    let text = evaluator.force_text(text)?;
    parse(evaluator, &text, &Marks::default())
}

fn parse(evaluator: &mut Evaluator, text: &str, marks: &Marks) -> Eval<Value> {
    // A parsed document takes much more than its text.
    evaluator.check_size(text.len() as u64)?;
    match text.parse::<::toml::Table>() {
        Ok(table) => convert(evaluator, ::toml::Value::Table(table), marks),
        Err(error) => {
            let message = error.message().to_owned();
            Err(evaluator.error(format!("while parsing TOML: {message}")))
        }
    }
}

fn check_nul(evaluator: &mut Evaluator, text: &str) -> Eval<()> {
    if text.contains('\0') {
        return Err(evaluator.error("while parsing TOML: a Nix string cannot contain a NUL byte"));
    }
    Ok(())
}

/// A date or time as Nix shows it: `T` between the two, and three, six or nine digits of a second.
fn timestamp(value: ::toml::value::Datetime) -> String {
    let text = value.to_string();
    let Some((seconds, rest)) = text.split_once('.') else {
        return text;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, offset) = rest.split_at_checked(digits).unwrap_or((rest, ""));
    let digits = digits.trim_end_matches('0');
    let width = digits.len().div_ceil(3) * 3;
    if width == 0 {
        return format!("{seconds}{offset}");
    }
    format!("{seconds}.{digits:0<width$}{offset}")
}

/// A parsed document nests as deep as the parser lets it, which is not deep.
fn convert(evaluator: &mut Evaluator, value: ::toml::Value, marks: &Marks) -> Eval<Value> {
    evaluator.check_size(1)?;
    Ok(match value {
        ::toml::Value::String(text) => {
            check_nul(evaluator, &text)?;
            marks.string(evaluator, &text)
        }
        ::toml::Value::Integer(int) => Value::Int(int),
        ::toml::Value::Float(float) => Value::Float(float),
        ::toml::Value::Boolean(value) => Value::Bool(value),
        ::toml::Value::Datetime(value) if evaluator.environment.toml_timestamps => {
            let kind = evaluator.string_thunk("timestamp");
            let value = evaluator.string_thunk(&timestamp(value));
            Value::Attrs(evaluator.set_of(&[("_type", kind), ("value", value)]))
        }
        ::toml::Value::Datetime(_) => {
            return Err(evaluator.error("while parsing TOML: Dates and times are not supported"));
        }
        ::toml::Value::Array(items) => {
            let mut thunks = Vec::with_capacity(items.len());
            for item in items {
                let item = convert(evaluator, item, marks)?;
                thunks.push(evaluator.arena.ready(item));
            }
            evaluator.list(&thunks)
        }
        ::toml::Value::Table(table) => {
            let mut builder = AttrsBuilder::with_capacity(table.len());
            for (name, value) in table {
                check_nul(evaluator, &name)?;
                let value = convert(evaluator, value, marks)?;
                let name = evaluator.symbol(&name);
                let value = evaluator.arena.ready(value);
                builder.insert(name, value);
            }
            Value::Attrs(evaluator.arena.attrs(builder))
        }
    })
}
