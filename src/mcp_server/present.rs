//! Answers as they leave the program.

use serde::Serialize;
use serde_json::Value;

use crate::display::{Known, escape_lines};

/// An answer as JSON in which every text is inert and shows no credential; lines that are very long are cut.
pub(super) fn present(answer: &impl Serialize, known: &Known) -> Result<Value, String> {
    let mut value = serde_json::to_value(answer).map_err(|error| error.to_string())?;
    cover(&mut value, known);
    Ok(value)
}

/// A text in which no credential is shown, inert.
pub(super) fn text(text: &str, known: &Known) -> String {
    escape_lines(&known.cover(text))
}

fn cover(value: &mut Value, known: &Known) {
    match value {
        Value::String(content) => *content = text(content, known),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| cover(entry, known)),
        // Names of fields are those of the program's own types.
        Value::Object(fields) => fields.values_mut().for_each(|entry| cover(entry, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
