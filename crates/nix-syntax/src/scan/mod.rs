//! The scan before parsing: one pass over the text that finds
//!
//! - what rnix cannot bear: its parser recurses, and some lengths cost it their square,
//! - where rnix's tokenizer and Nix's lexer disagree: there rnix is given another byte,
//! - comments for this program.
//!
//! It cuts the text into tokens as Nix's lexer does, with the longest match, but inspects every
//! byte a bounded number of times.

mod bytes;
mod levels;
mod path;
mod string;
mod token;

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::error::{MAX_ERRORS, SyntaxError};
use crate::limits::Limits;
use crate::source::TextSpan;
use bytes::{SPACE, run};
use levels::{Kind, Levels, LongList, Result, error, offset};

/// What the scan found.
pub(crate) struct Scan {
    /// Bytes that are others for rnix: where, and which.
    changes: Vec<(usize, u8)>,
    /// What is wrong with the text though rnix does not mind.
    pub(crate) errors: Vec<SyntaxError>,
    /// Comments that contain [`DIRECTIVE`].
    pub(crate) directives: Vec<TextSpan>,
    /// Lists that are too long for rnix to get whole.
    pub(crate) long_lists: Vec<LongList>,
    /// Whether parsing and lowering need a large stack.
    pub(crate) deep: bool,
}

impl Scan {
    /// The text for rnix, long lists whole. Every byte is where it was.
    pub(crate) fn changed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.changes.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        for (at, new) in &self.changes {
            if let Some(byte) = bytes.get_mut(*at) {
                *byte = *new;
            }
        }
        String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// The same with white space in place of the elements that are parsed on their own.
    pub(crate) fn without_long_lists<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.long_lists.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        for element in self.long_lists.iter().flat_map(|list| &list.elements) {
            if let Some(bytes) = bytes.get_mut(element.start as usize..element.end as usize) {
                bytes.fill(b' ');
            }
        }
        String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

/// What a comment for this program contains.
const DIRECTIVE: &str = "mcp-lint:";

/// Scans a text. The error is what rnix could not bear.
pub(crate) fn scan(text: &str, limits: &Limits) -> Result<Scan> {
    if text.len() > limits.size as usize {
        let message = format!("the file is larger than {} bytes", limits.size);
        return Err(error(0, 0, message));
    }
    let bytes = text.as_bytes();
    let mut scanner = Scanner {
        text,
        bytes,
        at: 0,
        levels: Levels::new(*limits),
        run_end: 0,
        angles: 0,
        lookahead: 0,
        has_directives: memmem::find(bytes, DIRECTIVE.as_bytes()).is_some(),
        has_nulls: memchr(0, bytes).is_some(),
        changes: Vec::new(),
        directives: Vec::new(),
        errors: Vec::new(),
    };
    scanner.scan()?;
    Ok(scanner.finish())
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    levels: Levels,
    /// Where the run of path characters that was inspected last ends.
    run_end: usize,
    /// Where the run of bytes that rnix inspects after `<` ends.
    angles: usize,
    lookahead: u64,
    has_directives: bool,
    has_nulls: bool,
    /// Bytes to change for rnix.
    changes: Vec<(usize, u8)>,
    directives: Vec<TextSpan>,
    errors: Vec<SyntaxError>,
}

impl Scanner<'_> {
    /// The byte at an offset; at the end a 0.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts_with(&self, at: usize, text: &[u8]) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(text))
    }

    fn scan(&mut self) -> Result<()> {
        while self.at < self.bytes.len() {
            match self.levels.kind() {
                Kind::String => self.string()?,
                Kind::Indented => self.indented_string()?,
                _ => self.token()?,
            }
        }
        self.levels.finish(self.bytes.len())
    }

    fn finish(self) -> Scan {
        Scan {
            changes: self.changes,
            errors: self.errors,
            directives: self.directives,
            deep: self.levels.deep,
            long_lists: self.levels.long_lists,
        }
    }

    fn error(&mut self, start: usize, end: usize, message: &str) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(*error(start, end, message.to_owned()));
        }
    }

    /// One token, white space or comment of code.
    fn token(&mut self) -> Result<()> {
        let start = self.at;
        let byte = self.byte(start);
        let next = self.byte(start + 1);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.at = run(self.bytes, start + 1, SPACE);
                Ok(())
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' | b'.' | b'+' | b'-' => self.number_or_sign(),
            b';' | b',' => {
                self.at += 1;
                self.levels.separator(start, self.at)
            }
            b'"' => self.open(Kind::String, 1),
            b'\'' if next == b'\'' => self.open(Kind::Indented, 2),
            b'(' => self.open(Kind::Parenthesis, 1),
            b'[' => self.open(Kind::List, 1),
            b'{' => self.open(Kind::Brace, 1),
            b'$' if next == b'{' => self.open(Kind::Interpolation, 2),
            b')' | b']' => self.close_bracket(byte),
            b'}' => self.close_brace(),
            b'#' => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                self.at += memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                // rnix ends a comment at a line feed only.
                if self.byte(self.at) == b'\r' && self.byte(self.at + 1) != b'\n' {
                    self.changes.push((self.at, b'\n'));
                }
                self.comment(start);
                Ok(())
            }
            b'/' => self.slash(),
            b'~' if next == b'/' && self.is_path_start(start + 1) => {
                self.at += 1;
                self.path(Some(start))
            }
            b'<' => self.angle(),
            b':' => {
                self.at += 1;
                self.levels.word(start, self.at)
            }
            b'!' if next != b'=' => {
                self.at += 1;
                // rnix takes `!` after these operators for a mistake, but another prefix not. What
                // follows is a type error either way.
                if self.levels.is_after_arithmetic() {
                    self.changes.push((start, b'-'));
                    return self.levels.arithmetic(start, self.at);
                }
                self.levels.operator(start, self.at)
            }
            b'*' => {
                self.at += 1;
                self.levels.arithmetic(start, self.at)
            }
            b'=' | b'!' | b'>' | b'&' | b'|' => {
                let is_pair =
                    matches!((byte, next), (_, b'=') | (b'&', b'&') | (b'|', b'|' | b'>'));
                self.at += if is_pair { 2 } else { 1 };
                self.levels.operator(start, self.at)
            }
            0x80.. | 0x0b | 0x0c => self.odd_character(),
            _ => {
                self.at += 1;
                self.levels.operator(start, self.at)
            }
        }
    }

    fn open(&mut self, kind: Kind, length: usize) -> Result<()> {
        let start = self.at;
        self.at += length;
        self.levels.open(kind, start, self.at)
    }

    fn close_bracket(&mut self, byte: u8) -> Result<()> {
        let start = self.at;
        self.at += 1;
        match (byte, self.levels.kind()) {
            (b')', Kind::Parenthesis) | (b']', Kind::List) => self.levels.close(start, self.at),
            _ => self.levels.operator(start, self.at),
        }
    }

    /// `}`, at which the lexer goes back to the string or path around an interpolation, whatever
    /// else is open inside it.
    fn close_brace(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        let is_sought = |kind| {
            matches!(
                kind,
                Kind::Brace | Kind::Interpolation | Kind::PathInterpolation
            )
        };
        let closed = self.levels.close_through(is_sought, start, self.at)?;
        if closed == Some(Kind::PathInterpolation) {
            self.path(None)?;
        }
        Ok(())
    }

    fn comment(&mut self, start: usize) {
        if self.has_directives
            && self
                .bytes
                .get(start..self.at)
                .is_some_and(|text| memmem::find(text, DIRECTIVE.as_bytes()).is_some())
        {
            self.directives
                .push(TextSpan::new(offset(start), offset(self.at)));
        }
    }
}
