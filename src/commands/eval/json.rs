//! Values as JSON: what is not known as `{"«unknown»": reason}`, and so the rest of a set that may have
//! more attributes.

use nix_eval::value::{
    AttrsId, Hole, ListId, Presence, StringId, StringPart, Thunk, UnknownId, Value,
};
use nix_eval::{Eval, Evaluator};

use crate::display::is_dangerous;

/// How deep JSON is written.
const MAX_DEPTH: usize = 100;

/// How long it may become, in bytes.
const MAX_LENGTH: usize = 64 << 20;

/// The value as JSON of several lines, and whether every part of it is known.
pub(super) fn print(evaluator: &mut Evaluator, value: Eval<Value>) -> (String, bool) {
    let mut json = Json::default();
    json.value(evaluator, value, 0);
    (json.text, !json.is_partial)
}

/// A document in the making.
#[derive(Default)]
struct Json {
    text: String,
    /// Whether a part is not known.
    is_partial: bool,
    /// Whether a limit was reached: what is open is closed, and no more is written.
    is_cut_short: bool,
}

impl Json {
    fn value(&mut self, evaluator: &mut Evaluator, value: Eval<Value>, depth: usize) {
        let value = match value.and_then(|value| {
            evaluator.check_text(self.text.len())?;
            Ok(value)
        }) {
            Ok(value) => value,
            Err(why) => {
                self.is_cut_short |= evaluator.limit_reached().is_some();
                return self.unknown(evaluator, why, depth);
            }
        };
        if self.text.len() > MAX_LENGTH {
            self.is_cut_short = true;
            return self.word("«unknown»", "the text is too long", depth);
        }
        if depth > MAX_DEPTH {
            return self.word("«unknown»", "nested too deeply", depth);
        }
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if value { "true" } else { "false" }),
            Value::Int(int) => self.text.push_str(&int.to_string()),
            Value::Float(float) => {
                let number = serde_json::Value::from(float).to_string();
                self.text.push_str(&number);
            }
            Value::String(id) => self.string(evaluator, id),
            Value::Path(path) => self.quoted(&evaluator.path_text(path)),
            Value::List(list) => self.list(evaluator, list, depth),
            Value::Attrs(set) => self.set(evaluator, set, depth),
            Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
                self.open('{', depth);
                self.quoted("«function»");
                self.text.push_str(": true");
                self.close('}', false, depth);
            }
            Value::External(external) => {
                let label = evaluator.external_label(external);
                self.word("«external»", &label, depth);
            }
        }
    }

    fn thunk(&mut self, evaluator: &mut Evaluator, thunk: Thunk, depth: usize) {
        let value = evaluator.force(thunk);
        self.value(evaluator, value, depth);
    }

    fn unknown(&mut self, evaluator: &Evaluator, why: UnknownId, depth: usize) {
        let (word, reason) = unknown_word(evaluator, why);
        self.word(word, &reason, depth);
    }

    /// An object of one word that says why something is not known.
    fn word(&mut self, word: &str, reason: &str, depth: usize) {
        self.is_partial = true;
        self.open('{', depth);
        self.quoted(word);
        self.text.push_str(": ");
        self.quoted(reason);
        self.close('}', false, depth);
    }

    fn list(&mut self, evaluator: &mut Evaluator, list: ListId, depth: usize) {
        let items = evaluator.list_items(list);
        let is_empty = items.is_empty();
        self.text.push('[');
        for (index, (item, presence)) in items.into_iter().enumerate() {
            if self.is_cut_short {
                break;
            }
            self.separate(index, depth);
            self.is_partial |= presence != Presence::Certain;
            match presence {
                Presence::Many(why) => self.unknown(evaluator, why, depth + 1),
                _ => self.thunk(evaluator, item, depth + 1),
            }
        }
        self.close(']', is_empty, depth);
    }

    /// A set; one that Nix takes for a text, as a derivation, is what it takes it for.
    fn set(&mut self, evaluator: &mut Evaluator, set: AttrsId, depth: usize) {
        match evaluator.text_of_set(set) {
            Some(Ok(Value::Attrs(inner))) if inner == set => {}
            Some(text) => return self.value(evaluator, text, depth + 1),
            None => {}
        }
        let entries = evaluator.entries_by_name(set);
        let open = evaluator.open_reason(set);
        let is_empty = entries.is_empty() && open.is_none();
        self.text.push('{');
        let mut count = 0;
        for entry in entries {
            if self.is_cut_short {
                break;
            }
            self.is_partial |= entry.maybe.is_some();
            self.separate(count, depth);
            count += 1;
            self.quoted(evaluator.name_ref(entry.name));
            self.text.push_str(": ");
            self.thunk(evaluator, entry.value, depth + 1);
        }
        if let Some(why) = open {
            self.is_partial = true;
            let (word, reason) = unknown_word(evaluator, why);
            self.separate(count, depth);
            self.quoted(word);
            self.text.push_str(": ");
            self.quoted(&reason);
        }
        self.close('}', is_empty, depth);
    }

    fn string(&mut self, evaluator: &mut Evaluator, id: StringId) {
        if let Some(text) = evaluator.text(id).cloned() {
            return self.quoted(&text);
        }
        let mut text = String::new();
        for part in evaluator.string_parts(id).parts() {
            match part {
                StringPart::Text(more) => text.push_str(&more),
                StringPart::Hole(Hole::Source(path)) => text.push_str(&evaluator.path_text(path)),
                StringPart::Hole(hole) => {
                    self.is_partial = true;
                    let why = evaluator.hole_unknown(hole);
                    let reason = &evaluator.unknown_data(why).reason;
                    text.push_str(&format!("«unknown: {reason}»"));
                }
            }
        }
        self.quoted(&text);
    }

    /// A text between quotes. What a terminal could take for a command is escaped as JSON does.
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                character if is_dangerous(character) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.text.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                character => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    fn open(&mut self, bracket: char, depth: usize) {
        self.text.push(bracket);
        self.line(depth + 1);
    }

    fn separate(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.text.push(',');
        }
        self.line(depth + 1);
    }

    fn close(&mut self, bracket: char, is_empty: bool, depth: usize) {
        if !is_empty {
            self.line(depth);
        }
        self.text.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", depth));
    }
}

/// How a value that is not there is called, and why it is not.
fn unknown_word(evaluator: &Evaluator, why: UnknownId) -> (&'static str, String) {
    let reason = &evaluator.unknown_data(why).reason;
    let word = if reason.kind().is_error() {
        "«error»"
    } else {
        "«unknown»"
    };
    (word, reason.to_string())
}
