//! The scan before parsing: one pass over the text that finds
//!
//! - what rnix cannot bear: its parser recurses, and some lengths cost it their square,
//! - where rnix's tokenizer and Nix's lexer disagree: there rnix is given another byte,
//! - comments for this program.
//!
//! It cuts the text into tokens as Nix's lexer does, with the longest match, but looks at every
//! byte a bounded number of times.

mod bytes;
mod levels;

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3, memmem};

use crate::error::{MAX_ERRORS, SyntaxError};
use crate::limits::Limits;
use crate::source::TextSpan;
use bytes::{NAME, PATH, SPACE, URI, is, run};
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

/// What rnix's tokenizer may look at again, in bytes: a quarter of a second.
const MAX_LOOKAHEAD: u64 = 200_000_000;

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
        run: Run::default(),
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

/// A run of [`PATH`] bytes that was looked at.
#[derive(Default)]
struct Run {
    end: usize,
    /// One past its last `_`, or 0.
    underscore: usize,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    levels: Levels,
    run: Run,
    /// Where the run of bytes that rnix looks at after `<` ends.
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

    /// A name, a word of the language, a URI or a relative path.
    fn word(&mut self) -> Result<()> {
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

    fn number_or_sign(&mut self) -> Result<()> {
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
    fn number(&mut self, start: usize) -> usize {
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
    fn digits(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A path or URI, if one begins here.
    fn path_or_uri(&mut self) -> Result<bool> {
        let start = self.at;
        if self.run.end <= start {
            self.look_ahead(start)?;
        }
        let end = self.run.end;
        match self.byte(end) {
            b'/' if self.is_path_start(end) => {
                self.at = end;
                self.path(Some(start))?;
                Ok(true)
            }
            b'/' => {
                // rnix takes a path for `a/(b)`. With another operator of the same kind it does
                // not.
                let next = self
                    .text
                    .get(end + 1..)
                    .and_then(|rest| rest.chars().next());
                if next.is_some_and(|next| !matches!(next, '/' | '*') && !next.is_whitespace())
                    && self.changes.last() != Some(&(end, b'*'))
                {
                    self.changes.push((end, b'*'));
                }
                Ok(false)
            }
            b':' if self.byte(start).is_ascii_alphabetic()
                && self.run.underscore <= start
                && is(self.byte(end + 1), URI) =>
            {
                self.at = run(self.bytes, end + 1, URI);
                self.levels.operand(start, self.at)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Finds the end of the run of path characters that begins at `start`, and what it costs
    /// rnix, which looks for it again at every token in it.
    fn look_ahead(&mut self, start: usize) -> Result<()> {
        let end = run(self.bytes, start, PATH);
        let run = self.bytes.get(start..end).unwrap_or_default();
        let mut underscore = 0;
        let mut tokens = 1;
        for (at, byte) in run.iter().enumerate() {
            match byte {
                b'_' => underscore = start + at + 1,
                b'.' | b'+' | b'-' => tokens += 2,
                _ => {}
            }
        }
        let length = run.len() as u64;
        self.run = Run { end, underscore };
        self.count_lookahead(tokens * length, start, end)
    }

    fn count_lookahead(&mut self, bytes: u64, start: usize, end: usize) -> Result<()> {
        self.lookahead += bytes;
        if self.lookahead > MAX_LOOKAHEAD {
            let message = "too many tokens without white space between them".to_owned();
            return Err(error(start, end, message));
        }
        Ok(())
    }

    /// Whether what follows the `/` at `at` makes it part of a path.
    fn is_path_start(&self, at: usize) -> bool {
        let next = self.byte(at + 1);
        is(next, PATH) || (next == b'$' && self.byte(at + 2) == b'{')
    }

    /// A path, up to its end or the next interpolation. `start` is where it begins, if part of it
    /// is known, and none after an interpolation.
    fn path(&mut self, start: Option<usize>) -> Result<()> {
        let segment = self.at;
        let mut end = segment;
        loop {
            end = run(self.bytes, end, PATH);
            if self.byte(end) != b'/' {
                break;
            }
            // After an interpolation Nix takes two slashes in a row; rnix does not.
            if start.is_none() && end > segment && self.byte(end - 1) == b'/' {
                self.changes.push((end, b'_'));
            }
            end += 1;
        }
        self.at = end;
        match start {
            Some(start) => self.levels.operand(start, end)?,
            None => self.levels.rest_of_operand(segment, end)?,
        }
        if self.starts_with(end, b"${") {
            return self.open(Kind::PathInterpolation, 2);
        }
        if end > segment && self.byte(end - 1) == b'/' {
            let start = start.unwrap_or(segment);
            self.error(start, end, "path has a trailing slash");
        }
        Ok(())
    }

    /// What begins with `/`.
    fn slash(&mut self) -> Result<()> {
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
    fn angle(&mut self) -> Result<()> {
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
    fn odd_character(&mut self) -> Result<()> {
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

    /// The rest of a `"…"`, up to its end or the next interpolation.
    fn string(&mut self) -> Result<()> {
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(length) = memchr3(b'"', b'\\', b'$', rest) else {
                self.at = self.bytes.len();
                return Ok(());
            };
            let at = self.at + length;
            self.at = at + 1;
            match (self.byte(at), self.byte(at + 1)) {
                (b'"', _) => {
                    self.find_nulls(start, at);
                    return self.levels.close(at, self.at);
                }
                (b'$', b'{') => {
                    self.find_nulls(start, at);
                    self.at = at;
                    return self.open(Kind::Interpolation, 2);
                }
                (b'$', b'$') | (b'\\', _) => self.at += 1,
                _ => {}
            }
        }
    }

    /// The rest of a `''…''`, up to its end or the next interpolation.
    fn indented_string(&mut self) -> Result<()> {
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(length) = memchr2(b'\'', b'$', rest) else {
                self.at = self.bytes.len();
                return Ok(());
            };
            let at = self.at + length;
            self.at = at + 1;
            match (self.byte(at), self.byte(at + 1)) {
                (b'\'', b'\'') => match self.byte(at + 2) {
                    b'\'' | b'$' => self.at = at + 3,
                    b'\\' => self.at = at + 4,
                    _ => {
                        self.find_nulls(start, at);
                        self.at = at + 2;
                        return self.levels.close(at, self.at);
                    }
                },
                (b'$', b'{') => {
                    self.find_nulls(start, at);
                    self.at = at;
                    return self.open(Kind::Interpolation, 2);
                }
                (b'$', b'$') => self.at += 1,
                _ => {}
            }
        }
    }

    fn find_nulls(&mut self, start: usize, end: usize) {
        if self.has_nulls
            && let Some(at) = self.bytes.get(start..end).and_then(|text| memchr(0, text))
        {
            self.error(
                start + at,
                start + at + 1,
                "a string cannot contain a null byte",
            );
        }
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
