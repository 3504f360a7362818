//! The text of string literals: escapes and indentation, to the letter of Nix's lexer and parser.
//!
//! Every function is total: whatever the text, it gives one, and none is ever longer than what it
//! came from.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// The text between the quotes of `"…"`, its escapes done and its line ends made `\n`.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if memchr2(b'\\', b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr2(b'\\', b'\r', rest.as_bytes()) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('\r') => {
                out.push('\n');
                rest = chars.as_str();
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
            _ => {
                out.extend(chars.next().map(escaped));
                rest = chars.as_str();
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What a backslash and this character stand for.
fn escaped(char: char) -> char {
    match char {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        char => char,
    }
}

/// A piece of an indented string, as Nix's lexer cuts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    /// Text as it is written.
    Text(&'t str),
    /// An escaped character or a sign that the lexer sees alone: `''$`, `''\n`, `$`, `'`. It ends
    /// the indentation of its line.
    Char(char),
    /// `'''`
    TwoQuotes,
}

/// What follows the opening `''`, without a first line that has nothing but spaces.
pub(crate) fn without_first_line(content: &str) -> &str {
    content
        .trim_start_matches(' ')
        .strip_prefix('\n')
        .unwrap_or(content)
}

/// Cuts what is between the quotes of `''…''`, and between its interpolations, into pieces.
fn pieces(content: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = first_piece(rest);
        rest = after;
        Some(piece)
    })
}

/// The first piece of a text that is not empty, and what follows it.
fn first_piece(content: &str) -> (Piece<'_>, &str) {
    if let Some(after) = content.strip_prefix("''") {
        let mut chars = after.chars();
        let piece = match chars.next() {
            Some('$') => Piece::Char('$'),
            Some('\'') => Piece::TwoQuotes,
            Some('\\') => Piece::Char(chars.next().map_or('\\', escaped)),
            _ => return (Piece::Text(""), after),
        };
        return (piece, chars.as_str());
    }
    let bytes = content.as_bytes();
    let mut at = 0;
    let end = loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(length) = memchr2(b'$', b'\'', rest) else {
            break bytes.len();
        };
        at += length;
        // A pair that the lexer takes together; its second half is no sign on its own.
        let is_pair = match (bytes.get(at), bytes.get(at + 1)) {
            (_, None) => false,
            (Some(b'$'), Some(next)) => !matches!(next, b'{' | b'\''),
            (_, Some(next)) => !matches!(next, b'$' | b'\''),
        };
        if !is_pair {
            break at;
        }
        at += 2;
    };
    if end == 0 {
        let mut chars = content.chars();
        let sign = chars.next().unwrap_or('$');
        return (Piece::Char(sign), chars.as_str());
    }
    let (text, after) = content.split_at_checked(end).unwrap_or((content, ""));
    (Piece::Text(text), after)
}

/// Adds to `out` what `content` stands for between the quotes of a `''…''` without interpolation.
pub(crate) fn dedent(content: &str, out: &mut String) {
    let content = without_first_line(content);
    let mut indentation = Indentation::new();
    indentation.content(content);
    indentation.stripper().content(content, true, out);
}

/// How many spaces the lines of an indented string have in common. The whole string is one run of
/// lines: what is not plain text ends the indentation of its line.
pub(crate) struct Indentation {
    at_line_start: bool,
    least: usize,
    current: usize,
}

impl Indentation {
    pub(crate) fn new() -> Self {
        // Nix begins with this number, too.
        Self {
            at_line_start: true,
            least: 1_000_000,
            current: 0,
        }
    }

    /// The text before, between or after interpolations.
    pub(crate) fn content(&mut self, content: &str) {
        for piece in pieces(content) {
            match piece {
                Piece::Text(text) => self.text(text),
                Piece::Char(_) | Piece::TwoQuotes => self.interpolation(),
            }
        }
    }

    /// `${e}`
    pub(crate) fn interpolation(&mut self) {
        if self.at_line_start {
            self.at_line_start = false;
            self.least = self.least.min(self.current);
        }
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            if self.at_line_start {
                let line = rest.trim_start_matches(' ');
                self.current += rest.len() - line.len();
                rest = line;
                // Lines of nothing but spaces do not count.
                if !matches!(rest.bytes().next(), None | Some(b'\n')) {
                    self.interpolation();
                }
            }
            let newline = memchr(b'\n', rest.as_bytes());
            let Some(next) = newline.and_then(|at| rest.get(at + 1..)) else {
                return;
            };
            rest = next;
            self.at_line_start = true;
            self.current = 0;
        }
    }

    /// What takes the common indentation off.
    pub(crate) fn stripper(&self) -> Stripper {
        Stripper {
            indentation: self.least,
            at_line_start: true,
            dropped: 0,
        }
    }
}

/// Takes the common indentation off an indented string.
pub(crate) struct Stripper {
    indentation: usize,
    at_line_start: bool,
    /// Spaces seen since the line began.
    dropped: usize,
}

impl Stripper {
    /// Adds to `out` what precedes, between or after interpolations. At the end of the
    /// string a last line of nothing but spaces is left out.
    pub(crate) fn content(&mut self, content: &str, is_last: bool, out: &mut String) {
        let mut start = out.len();
        for piece in pieces(content) {
            start = out.len();
            match piece {
                Piece::Text(text) => self.text(text, out),
                Piece::Char(char) => self.text(char.encode_utf8(&mut [0; 4]), out),
                Piece::TwoQuotes => self.text("''", out),
            }
        }
        let last = out.get(start..).unwrap_or_default();
        if is_last
            && let Some(newline) = last.rfind('\n')
            && last.bytes().skip(newline + 1).all(|byte| byte == b' ')
        {
            out.truncate(start + newline + 1);
        }
    }

    /// `${e}`
    pub(crate) fn interpolation(&mut self) {
        self.at_line_start = false;
        self.dropped = 0;
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.at_line_start {
                let line = rest.trim_start_matches(' ');
                let spaces = rest.len() - line.len();
                let drop = spaces.min(self.indentation.saturating_sub(self.dropped));
                out.extend(rest.get(drop..spaces));
                self.dropped += spaces;
                rest = line;
                match rest.bytes().next() {
                    None => return,
                    Some(b'\n') => {}
                    Some(_) => self.at_line_start = false,
                }
                self.dropped = 0;
            }
            let newline = memchr(b'\n', rest.as_bytes());
            let end = newline.map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            out.push_str(line);
            self.at_line_start = newline.is_some();
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{dedent, unescape};

    #[test]
    fn escapes_are_those_of_nix() {
        for (text, expected) in [
            ("plain", "plain"),
            (r#"\n\t\r\\\"\${\a"#, "\n\t\r\\\"${a"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("\\\r\n", "\r\n"),
            ("é\\ü\\", "éü"),
            ("\\", ""),
        ] {
            assert_eq!(unescape(text), expected, "{text:?}");
        }
    }

    #[test]
    fn indentation_is_taken_off_as_nix_does_it() {
        for (content, expected) in [
            ("", ""),
            ("   ", ""),
            ("  a  ", "a  "),
            ("\n  a\n    b\n  ", "a\n  b\n"),
            // A blank line counts for nothing, whatever its spaces.
            ("\n  a\n\n \n  b", "a\n\n\nb"),
            // A first line counts if there is something on it.
            ("a\n  b", "a\n  b"),
            ("   \n  a", "a"),
            // Only spaces are indentation.
            ("\n\ta\n\tb", "\ta\n\tb"),
            ("\r\n  a", "\r\n  a"),
            // An escape ends the indentation of its line, and a line feed that is an escape
            // begins a line all the same.
            ("\n    ''$a\n  b", "  $a\nb"),
            ("\n  a''\\n  b", "a\nb"),
            ("\n  a\n  ''\\t", "a\n\t"),
            ("'''''$''\\n$$", "''$\n$$"),
            ("$ $a 'a ' é'ü", "$ $a 'a ' é'ü"),
            // The last line is what follows the last escape.
            ("\n  a\n ''$ \n  ", " a\n$ \n"),
        ] {
            let mut out = String::new();
            dedent(content, &mut out);
            assert_eq!(out, expected, "{content:?}");
        }
    }
}
