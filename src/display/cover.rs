//! Texts in which credentials are covered: the last thing that happens to whatever leaves the program.
//!
//! That no credential gets here is the task of others: contents of secret files are in no value
//! (`holds_plain_secret`), excerpts show what is labelled. This is for what nobody knew to be one.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::known::Known;
use super::redact::{assigned, shapes};

/// The text with every credential that its shape tells replaced by as many `*` as it has bytes: JSON
/// stays JSON, and columns stay where they are.
pub(crate) fn cover(text: &str) -> Cow<'_, str> {
    cover_ranges(text, shapes(text))
}

/// The same, and every value that has the name of a credential: `API_KEY = "…"`. For texts that show values
/// because somebody asked for them.
pub(crate) fn cover_values(text: &str) -> Cow<'_, str> {
    cover_ranges(
        text,
        shapes(text).into_iter().chain(assigned(text)).collect(),
    )
}

/// The text with as many `*` in the place of these ranges, which may overlap, as they have bytes.
pub(super) fn cover_ranges(text: &str, mut hidden: Vec<Range<usize>>) -> Cow<'_, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    hidden.sort_by_key(|range| range.start);
    let mut covered = String::with_capacity(text.len());
    let mut done = 0;
    for range in hidden {
        let start = range.start.max(done);
        if start >= range.end {
            continue;
        }
        covered.push_str(text.get(done..start).unwrap_or_default());
        covered.extend(std::iter::repeat_n('*', range.end - start));
        done = range.end;
    }
    covered.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(covered)
}

/// A writer that covers credentials line by line; what follows the last line feed comes with the flush.
pub(crate) struct Covering<W: Write> {
    out: W,
    known: Known,
    line: Vec<u8>,
}

impl<W: Write> Covering<W> {
    pub(crate) fn new(out: W) -> Self {
        Self::with(out, Known::default())
    }

    /// A writer that covers what is known as well.
    pub(crate) fn with(out: W, known: Known) -> Self {
        Self {
            out,
            known,
            line: Vec::new(),
        }
    }

    fn pass_on(&mut self, length: usize) -> io::Result<()> {
        let rest = self.line.split_off(length);
        let lines = std::mem::replace(&mut self.line, rest);
        match std::str::from_utf8(&lines) {
            Ok(text) => self.out.write_all(self.known.cover(text).as_bytes()),
            Err(_) => {
                let text = String::from_utf8_lossy(&lines);
                self.out.write_all(self.known.cover(&text).as_bytes())
            }
        }
    }
}

impl<W: Write> Write for Covering<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
            let after = bytes.len() - last - 1;
            self.pass_on(self.line.len() - after)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on(self.line.len())?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        format!("ghp_{}", "a1B2".repeat(9))
    }

    #[test]
    fn credentials_are_covered_and_the_length_stays() {
        let text = format!("undefined variable '{}'", token());
        let covered = cover(&text);
        assert_eq!(covered.len(), text.len());
        assert!(!covered.contains("a1B2"), "{covered}");
        assert!(matches!(cover("owner = \"alice\""), Cow::Borrowed(_)));
    }

    #[test]
    fn a_credential_that_is_written_in_pieces_is_covered() {
        let mut out = Vec::new();
        let mut covering = Covering::new(&mut out);
        let token = token();
        let (start, end) = token.split_at(9);
        for piece in ["a\nb \"", start, end, "\"\nc"] {
            covering.write_all(piece.as_bytes()).unwrap();
        }
        covering.flush().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("a1B2"), "{text}");
        assert!(
            text.starts_with("a\nb \"") && text.ends_with("*\"\nc"),
            "{text}"
        );
    }
}
