//! What a client's file holds: the value that a function of nixpkgs writes, or that of a text.

use nix_eval::value::{External, ExternalId, Thunk, Value};
use nix_eval::{Evaluator, Marks};

use crate::search::holes::HOLE;
use crate::values::Options;
use inventory::mcp_modules::FileFormat;

/// What a file is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// The value.
    pub(super) value: Thunk,
    /// Whether it is the file's text, not what the text is generated from.
    pub(super) is_text: bool,
}

/// What the file is made of that a call of nixpkgs or of a builtin writes; `None` if it is another call.
pub(super) fn made_of(evaluator: &mut Evaluator, external: ExternalId) -> Option<Made> {
    let mut arguments: Vec<Thunk> = Vec::new();
    let mut current = external;
    let name = loop {
        match evaluator.external_data(current) {
            External::Apply { function, argument } => {
                arguments.insert(0, *argument);
                current = *function;
            }
            External::Select { name, .. } => break evaluator.name_ref(*name).to_owned(),
            External::Root { label, .. } => break label.to_string(),
        }
    };
    let made = |value: Thunk, is_text: bool| Some(Made { value, is_text });
    match (name.as_str(), arguments.as_slice()) {
        // `(pkgs.formats.json { }).generate NAME VALUE`
        ("generate" | "writeJSON" | "writeTOML" | "writeYAML", [_, value]) => made(*value, false),
        ("writeText" | "builtins.toFile", [_, text]) => made(*text, true),
        ("writeTextFile", [set]) => {
            let Ok(Value::Attrs(set)) = evaluator.force(*set) else {
                return None;
            };
            let text = (Options { set }).entry(evaluator, "text")?;
            made(text.value, true)
        }
        _ => None,
    }
}

/// The section by which a file of no known client is recognised.
pub(super) const SECTION: &str = "mcpServers";

/// Whether [`parse`] can find servers in a content of that format; without a format it must name their section.
pub(super) fn may_hold_servers(bytes: &[u8], format: Option<FileFormat>) -> bool {
    format.is_some() || memchr::memmem::find(bytes, SECTION.as_bytes()).is_some()
}

/// The value of a text with marks; `None` if it is not in that format. Without a format it is JSON or none.
pub(super) fn parse(
    evaluator: &mut Evaluator,
    (text, marks): (&str, &Marks),
    format: Option<FileFormat>,
) -> Option<Thunk> {
    let is_json = text.trim_start().starts_with(['{', '/']);
    match format {
        Some(FileFormat::Toml) => evaluator.parse_toml(text, marks).ok(),
        // What begins like JSON is YAML as well.
        Some(FileFormat::Json | FileFormat::Jsonc | FileFormat::Yaml) if is_json => {
            evaluator.parse_json(&plain_json(text), marks).ok()
        }
        None if is_json && may_hold_servers(text.as_bytes(), None) => {
            evaluator.parse_json(&plain_json(text), marks).ok()
        }
        _ => None,
    }
}

/// JSON with comments, trailing commas and interpolations that are not known as JSON: an interpolation in the place of a
/// value becomes a string, others are left out.
fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut open: Vec<char> = Vec::new();
    let mut rest = text.chars().peekable();
    // The last character that is no blank.
    let mut last = ' ';
    while let Some(next) = rest.next() {
        match next {
            '"' => {
                // Between two interpolations of entries no comma is known.
                if matches!(last, '"' | '}' | ']') {
                    plain.push(',');
                }
                plain.push('"');
                while let Some(inner) = rest.next() {
                    plain.push(inner);
                    match inner {
                        '\\' => plain.extend(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                last = '"';
            }
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|it| *it != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => {
                rest.next();
                let mut star = false;
                for inner in rest.by_ref() {
                    if star && inner == '/' {
                        break;
                    }
                    star = inner == '*';
                }
            }
            HOLE => {
                // Which hole it is.
                let mark = rest.next();
                let in_list = open.last() == Some(&'[');
                if last == ':' || (in_list && matches!(last, '[' | ',')) {
                    plain.extend(['"', HOLE]);
                    plain.extend(mark);
                    plain.push('"');
                    last = '"';
                }
            }
            ',' => {
                if !matches!(last, '{' | '[' | ',') {
                    plain.push(',');
                    last = ',';
                }
            }
            '}' | ']' => {
                if last == ',' {
                    let end = plain.trim_end().trim_end_matches(',').len();
                    plain.truncate(end);
                }
                open.pop();
                plain.push(next);
                last = next;
            }
            '{' | '[' => {
                open.push(next);
                plain.push(next);
                last = next;
            }
            blank if blank.is_whitespace() => plain.push(blank),
            other => {
                plain.push(other);
                last = other;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_keeps_the_rest() {
        const HOLE: &str = "\u{fffc}\u{e000}";
        let text = format!(
            "{{ // a \"b\"\n {HOLE}\"a\": {HOLE}, \"b\": [{HOLE}, \"x{HOLE}\",], /* c */ {HOLE},\"d\":1{HOLE}\"e\":\"\\\"f\"{HOLE} }}"
        );
        let plain = plain_json(&text);
        let value: Result<serde_json::Value, _> = serde_json::from_str(&plain);
        // A number before an interpolation has no mark of its end.
        assert!(value.is_err(), "{plain}");
        let text = text.replace("1", "\"1\"");
        let plain = plain_json(&text);
        let value: serde_json::Value = serde_json::from_str(&plain).expect(&plain);
        assert_eq!(value["b"].as_array().map(Vec::len), Some(2));
        assert_eq!(value["e"], "\"f");
    }

    #[test]
    fn odd_texts_end() {
        for text in [
            "", "{", "\"", "\"\\", "/", "/*", "//", ",}", "]", "{\"a\"", "\u{fffc}",
        ] {
            let _ = plain_json(text);
        }
    }
}
