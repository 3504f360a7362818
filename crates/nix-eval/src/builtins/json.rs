//! `toJSON` and `fromJSON`

use rustc_hash::FxHashMap;

use super::lists::doubt;
use super::marks::Marks;
use crate::eval::{Builtin, Coercion, Evaluator, Pieces, State, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Eval, Hole, ListId, StringId, StringPart, Thunk, UnknownId, Value,
    well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("fromJSON", 1, from_json),
    Builtin::new("toJSON", 1, to_json),
];

/// The sets of which texts were made: a text has no places of its own.
#[derive(Debug, Default)]
pub(crate) struct SetsOfTexts(FxHashMap<StringId, Thunk>);

impl State for SetsOfTexts {
    fn memory(&self) -> usize {
        self.0.len() * 2 * size_of::<(StringId, Thunk)>()
    }
}

impl Evaluator {
    /// The set of which `toJSON` made a string; `None` if it is another string.
    #[must_use]
    pub fn set_of_json(&self, string: StringId) -> Option<Thunk> {
        self.state::<SetsOfTexts>().0.get(&string).copied()
    }

    /// The value of a JSON text, in which marks stand for what is not known.
    pub fn parse_json(&mut self, text: &str, marks: &Marks) -> Eval<Thunk> {
        let mut parser = Parser {
            text: text.as_bytes(),
            at: 0,
            marks,
        };
        parser.document(self)
    }
}

/// `toJSON value`. What is not known leaves a hole in the text.
fn to_json(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let mut pieces = Pieces::default();
    write_thunk(evaluator, value, 0, &mut pieces)?;
    let text = evaluator.pieces_value(pieces);
    if let (Value::String(id), Ok(Value::Attrs(_))) = (text, evaluator.force(value)) {
        evaluator.state_mut::<SetsOfTexts>().0.insert(id, value);
    }
    Ok(text)
}

/// Deeper values are an error in Nix.
const MAX_CALL_DEPTH: usize = 10_000;

/// Writes a thunk's value; one that is not known leaves a hole. `depth` is how deep it stands.
pub(super) fn write_thunk(
    evaluator: &mut Evaluator,
    thunk: Thunk,
    depth: usize,
    out: &mut Pieces,
) -> Eval<()> {
    if depth > MAX_CALL_DEPTH {
        return Err(evaluator.error("stack overflow; max-call-depth exceeded"));
    }
    match evaluator.force(thunk) {
        Ok(value) => write(evaluator, value, (depth, false), out),
        Err(why) if evaluator.is_error(why) => Err(why),
        Err(why) => {
            out.push(StringPart::Hole(Hole::Unknown(why)));
            Ok(())
        }
    }
}

/// Writes a value; `plain_path` where a path is its own text and not one in the store.
fn write(
    evaluator: &mut Evaluator,
    value: Value,
    (depth, plain_path): (usize, bool),
    out: &mut Pieces,
) -> Eval<()> {
    evaluator.check_text(out.len())?;
    match value {
        Value::Null => out.push_text("null"),
        Value::Bool(value) => out.push_text(if value { "true" } else { "false" }),
        Value::Int(int) => out.push_text(&int.to_string()),
        Value::Float(float) => out.push_text(&format_float(float)),
        Value::String(id) => {
            evaluator.check_escape_room(id)?;
            out.push_text("\"");
            for part in evaluator.arena.string_parts(id).parts() {
                match part {
                    StringPart::Text(text) => escape(&text, out),
                    // A store path needs no escapes; anything else might.
                    hole @ StringPart::Hole(Hole::Source(_) | Hole::External(_)) => out.push(hole),
                    StringPart::Hole(hole) => {
                        let why = evaluator.hole_unknown(hole);
                        out.push(StringPart::Hole(Hole::Unknown(why)));
                    }
                }
            }
            evaluator.push_context(out, evaluator.arena.string_context(id));
            out.push_text("\"");
        }
        Value::Path(path) if plain_path => {
            let text = evaluator.arena.path_text(path);
            out.push_text("\"");
            escape(&text, out);
            out.push_text("\"");
        }
        Value::Path(path) => {
            out.push_text("\"");
            out.push(StringPart::Hole(Hole::Source(path)));
            out.push_text("\"");
        }
        Value::List(list) => write_list(evaluator, list, depth, out)?,
        Value::Attrs(set) => write_set(evaluator, (value, set), depth, out)?,
        Value::External(external) => {
            // A package is its store path between quotes, other things are something else.
            let why = evaluator.external_unknown(external);
            out.push(StringPart::Hole(Hole::Unknown(why)));
        }
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            let kind = value.type_with_article();
            return Err(evaluator.error(format!("cannot convert {kind} to JSON")));
        }
    }
    Ok(())
}

fn write_list(evaluator: &mut Evaluator, list: ListId, depth: usize, out: &mut Pieces) -> Eval<()> {
    out.push_text("[");
    for (index, (item, presence)) in evaluator.arena.list_items(list).into_iter().enumerate() {
        if let Some(why) = doubt(presence) {
            hole(why, out);
            continue;
        }
        if index > 0 {
            out.push_text(",");
        }
        write_thunk(evaluator, item, depth + 1, out)?;
    }
    out.push_text("]");
    Ok(())
}

fn hole(why: UnknownId, out: &mut Pieces) {
    if !out.ends_with_hole() {
        out.push(StringPart::Hole(Hole::Unknown(why)));
    }
}

fn write_set(
    evaluator: &mut Evaluator,
    (value, set): (Value, AttrsId),
    depth: usize,
    out: &mut Pieces,
) -> Eval<()> {
    if let Some(entry) = evaluator.arena.attribute(set, well_known::TO_STRING) {
        let this = evaluator.arena.ready(value);
        let text = evaluator.call(entry.value, this)?;
        let text = evaluator.coerce(text, Coercion::PathPart)?;
        return write(evaluator, text, (depth + 1, true), out);
    }
    if let Some(entry) = evaluator.arena.attribute(set, well_known::OUT_PATH) {
        return write_thunk(evaluator, entry.value, depth + 1, out);
    }
    let open = evaluator.arena.attrs_data(set).open;
    out.push_text("{");
    let mut first = true;
    for entry in evaluator.arena.entries_by_name(set) {
        if let Some(why) = entry.maybe.or(open) {
            hole(why, out);
        }
        if entry.maybe.is_some() {
            first = false;
            continue;
        }
        if !first && open.is_none() {
            out.push_text(",");
        }
        first = false;
        out.push_text("\"");
        escape(&evaluator.name(entry.name), out);
        out.push_text("\":");
        write_thunk(evaluator, entry.value, depth + 1, out)?;
    }
    if let Some(why) = open {
        hole(why, out);
    }
    out.push_text("}");
    Ok(())
}

/// A text as it stands in JSON between quotes.
fn escape(text: &str, out: &mut Pieces) {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            c if c < ' ' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    out.push_text(&escaped);
}

/// A float as Nix writes it into JSON: the shortest digits that give it back, and a fraction or an
/// exponent always.
#[must_use]
pub(super) fn format_float(float: f64) -> String {
    if !float.is_finite() {
        return "null".to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..15).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{float}");
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// `fromJSON text`
fn from_json(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    let text = evaluator.force_text(text)?;
    let thunk = evaluator.parse_json(&text, &Marks::default())?;
    evaluator.force(thunk)
}

/// How deep arrays and objects may nest. Nix has no limit; its parser is not recursive.
const MAX_DEPTH: usize = 100_000;

/// A parser of JSON that keeps its own stack.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    marks: &'a Marks,
}

/// An array or object in the making.
enum Container {
    Array(Vec<Thunk>),
    Object(AttrsBuilder, crate::value::Symbol),
}

impl Parser<'_> {
    fn document(&mut self, evaluator: &mut Evaluator) -> Eval<Thunk> {
        let mut stack: Vec<Container> = Vec::new();
        loop {
            self.space();
            let mut value = match self.peek() {
                Some(b'[') => {
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b']') {
                        stack.push(Container::Array(Vec::new()));
                        self.check_depth(evaluator, &stack)?;
                        continue;
                    }
                    self.at += 1;
                    evaluator.list(&[])
                }
                Some(b'{') => {
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b'}') {
                        let key = self.key(evaluator)?;
                        stack.push(Container::Object(AttrsBuilder::new(), key));
                        self.check_depth(evaluator, &stack)?;
                        continue;
                    }
                    self.at += 1;
                    Value::Attrs(evaluator.arena.attrs(AttrsBuilder::new()))
                }
                _ => self.scalar(evaluator)?,
            };
            // Put the value where it belongs, and close what ends after it.
            loop {
                evaluator.check_size(1)?;
                let thunk = evaluator.arena.ready(value);
                self.space();
                let next = self.peek();
                value = match stack.pop() {
                    None if next.is_none() => return Ok(thunk),
                    None => return Err(self.error(evaluator, "unexpected characters at the end")),
                    Some(Container::Array(mut items)) => {
                        items.push(thunk);
                        self.at += 1;
                        match next {
                            Some(b',') => {
                                stack.push(Container::Array(items));
                                break;
                            }
                            Some(b']') => evaluator.list(&items),
                            _ => return Err(self.error(evaluator, "expected ',' or ']'")),
                        }
                    }
                    Some(Container::Object(mut builder, key)) => {
                        builder.insert(key, thunk);
                        self.at += 1;
                        match next {
                            Some(b',') => {
                                self.space();
                                let key = self.key(evaluator)?;
                                stack.push(Container::Object(builder, key));
                                break;
                            }
                            Some(b'}') => Value::Attrs(evaluator.arena.attrs(builder)),
                            _ => return Err(self.error(evaluator, "expected ',' or '}'")),
                        }
                    }
                };
            }
        }
    }

    fn check_depth(&self, evaluator: &mut Evaluator, stack: &[Container]) -> Eval<()> {
        if stack.len() > MAX_DEPTH {
            return Err(self.error(evaluator, "it nests too deeply"));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, evaluator: &mut Evaluator, what: &str) -> UnknownId {
        let at = self.at;
        evaluator.error(format!(
            "while decoding a JSON string: parse error at byte {at}: {what}"
        ))
    }

    /// `"key":`
    fn key(&mut self, evaluator: &mut Evaluator) -> Eval<crate::value::Symbol> {
        let key = self.string(evaluator)?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.error(evaluator, "expected ':'"));
        }
        self.at += 1;
        Ok(evaluator.symbol(&key))
    }

    /// Where the token that starts here ends.
    fn token(&self, belongs: impl Fn(u8) -> bool) -> &str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| belongs(**byte)).count();
        std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    fn scalar(&mut self, evaluator: &mut Evaluator) -> Eval<Value> {
        if self.peek() == Some(b'"') {
            let text = self.string(evaluator)?;
            return Ok(self.marks.string(evaluator, &text));
        }
        let word =
            self.token(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'));
        let value = match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            number => parse_number(number),
        };
        let Some(value) = value else {
            return Err(self.error(evaluator, "syntax error"));
        };
        self.at += word.len();
        Ok(value)
    }

    /// A string between quotes.
    fn string(&mut self, evaluator: &mut Evaluator) -> Eval<String> {
        if self.peek() != Some(b'"') {
            return Err(self.error(evaluator, "expected a string"));
        }
        let start = self.at;
        let mut end = start + 1;
        loop {
            match self.text.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(self.error(evaluator, "missing closing quote")),
            }
        }
        // One string alone is no risk for a parser that recurses.
        let token = self.text.get(start..=end).unwrap_or_default();
        match serde_json::from_slice::<String>(token) {
            Ok(text) if text.contains('\0') => {
                Err(self.error(evaluator, "a Nix string cannot contain a NUL byte"))
            }
            Ok(text) => {
                self.at = end + 1;
                Ok(text)
            }
            Err(_) => Err(self.error(evaluator, "invalid string")),
        }
    }
}

/// A number: without fraction and exponent an integer. One that does not fit becomes a float below
/// zero and an error above, as in Nix.
fn parse_number(text: &str) -> Option<Value> {
    match serde_json::from_str::<serde_json::Number>(text) {
        Ok(number)
            if text
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit()) =>
        {
            match text.parse::<i64>() {
                Ok(int) => Some(Value::Int(int)),
                Err(_) if text.parse::<u64>().is_ok() => None,
                Err(_) => number.as_f64().map(Value::Float),
            }
        }
        Ok(_) => text
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
            .map(Value::Float),
        Err(_) => None,
    }
}
