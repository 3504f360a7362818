//! Writes JSON documents.

use std::io::{self, Write};

use serde::Serialize;

use crate::display::is_dangerous;

/// Writes a document with a line feed at its end. Characters that a terminal could take for a command
/// or that hide or reorder text are written as escapes; the values are the same.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", inert(&serde_json::to_string_pretty(document)?))
}

/// Writes a document on one line.
pub(super) fn write_line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", inert(&serde_json::to_string(document)?))
}

fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' || !is_dangerous(character) {
            inert.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                inert.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    inert
}
