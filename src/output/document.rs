//! Writes JSON documents.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::display::is_dangerous;

/// How much of a document is kept until it is written, in bytes: lines are covered together.
const BUFFER: usize = 1 << 18;

/// Writes a document with a line feed at its end. Characters that a terminal could take for a command
/// or that hide or reorder text are written as escapes; the values are the same.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    serde_json::to_writer_pretty(Inert(&mut out), document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A writer of JSON that writes dangerous characters as escapes.
struct Inert<W>(W);

impl<W: Write> Write for Inert<W> {
    /// Text is given in whole characters: serde parts it at those that it escapes, which are ASCII.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            self.0.write_all(bytes)?;
        } else {
            let text = String::from_utf8_lossy(bytes);
            self.0.write_all(inert(&text).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
