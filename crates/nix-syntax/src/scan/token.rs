//! Tokens of code that are not paths, brackets or strings.

use memchr::memmem;

use super::Scanner;
use super::bytes::{NAME, PATH, is, run};
use super::levels::Result;

impl Scanner<'_> {
    /// A name, a word of the language, a URI or a relative path.
    pub(super) fn word(&mut self) -> Result<()> {
        let start = self.at;
        let end = run(self.bytes, start + 1, NAME);
        if matches!(self.byte(end), b'.' | b'+' | b'/' | b':') && self.path_or_uri()? {
            return Ok(());
        }
        self.at = end;
        match self.bytes.get(start..end).unwrap_or_default() {
            b"if" | b"with" | b"assert" | b"let" | b"in" => self.levels.word(start, end),
            b"then" | b"else" => self.levels.separator(start, end),
            b"inherit" => self.levels.inherit(start, end),
            b"rec" => self.levels.operator(start, end),
            b"or" => self.levels.or(start, end),
            _ => self.levels.operand(start, end),
        }
    }

    pub(super) fn number_or_sign(&mut self) -> Result<()> {
        let start = self.at;
        if self.path_or_uri()? {
            return Ok(());
        }
        let byte = self.byte(start);
        let next = self.byte(start + 1);
        match (byte, next) {
            (b'0'..=b'9', _) | (b'.', b'0'..=b'9') => {
                self.at = self.number(start);
                self.levels.operand(start, self.at)
            }
            (b'.', b'.') if self.byte(start + 2) == b'.' => {
                self.at += 3;
                self.levels.operator(start, self.at)
            }
            (b'.', _) => {
                self.at += 1;
                self.levels.dot(start, self.at)
            }
            (b'-', b'>') => {
                self.at += 2;
                self.levels.operator(start, self.at)
            }
            _ => {
                self.at += if (byte, next) == (b'+', b'+') { 2 } else { 1 };
                self.levels.arithmetic(start, self.at)
            }
        }
    }

    /// Where the number that begins at `start` ends.
    pub(super) fn number(&mut self, start: usize) -> usize {
        let whole = self.digits(start);
        let leading_zero = self.byte(start) == b'0';
        let is_float = self.byte(whole) == b'.'
            && match whole - start {
                0 => true,
                1 if leading_zero => self.byte(whole + 1).is_ascii_digit(),
                _ => !leading_zero,
            };
        if !is_float {
            if self.byte(whole) == b'.' && whole - start == 1 {
                // rnix takes `0.` for a number.
                self.error(whole, whole + 1, "syntax error, unexpected '.'");
            }
            return whole;
        }
        let end = self.digits(whole + 1);
        if !matches!(self.byte(end), b'e' | b'E') {
            return end;
        }
        let signed = end + 1 + usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
        let exponent = self.digits(signed);
        if exponent > signed { exponent } else { end }
    }

    /// Where the digits that begin at `at` end.
    pub(super) fn digits(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// What begins with `/`.
    pub(super) fn slash(&mut self) -> Result<()> {
        let start = self.at;
        match self.byte(start + 1) {
            b'/' => {
                self.at += 2;
                self.levels.operator(start, self.at)
            }
            b'*' => {
                let rest = self.bytes.get(start + 2..).unwrap_or_default();
                self.at = match memmem::find(rest, b"*/") {
                    Some(length) => start + 2 + length + 2,
                    None => self.bytes.len(),
                };
                self.comment(start);
                Ok(())
            }
            _ if self.is_path_start(start) => self.path(Some(start)),
            _ => {
                self.at += 1;
                self.levels.arithmetic(start, self.at)
            }
        }
    }

    /// What begins with `<`.
    pub(super) fn angle(&mut self) -> Result<()> {
        let start = self.at;
        // rnix looks over all that could be a search path, at every `<`.
        if self.angles <= start {
            let rest = self.bytes.get(start..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|byte| !is(*byte, PATH) && !matches!(byte, b'<' | b'/'));
            self.angles = start + length.unwrap_or(rest.len());
        }
        self.count_lookahead((self.angles - start) as u64, start, self.angles)?;
        let mut end = start + 1;
        loop {
            let segment = run(self.bytes, end, PATH);
            match self.byte(segment) {
                b'/' if segment > end => end = segment + 1,
                b'>' if segment > end => {
                    self.at = segment + 1;
                    return self.levels.operand(start, self.at);
                }
                _ => break,
            }
        }
        self.at += if matches!(self.byte(start + 1), b'=' | b'|') {
            2
        } else {
            1
        };
        self.levels.operator(start, self.at)
    }

    /// A character that Nix has no token for.
    pub(super) fn odd_character(&mut self) -> Result<()> {
        let start = self.at;
        let char = self.text.get(start..).and_then(|rest| rest.chars().next());
        self.at += char.map_or(1, char::len_utf8);
        // rnix takes all that Unicode calls white space for white space.
        if char.is_some_and(char::is_whitespace) {
            self.error(start, self.at, "syntax error, unexpected invalid token");
            return Ok(());
        }
        self.levels.operator(start, self.at)
    }
}
