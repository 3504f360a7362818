//! One pass over a Go pattern, writing the pattern for the `regex` crate.
//!
//! The checks follow `regexp/syntax/parse.go` with the flags `syntax.Perl`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::class;

/// Go's limit for `x{n}`, also for the product of nested ones.
const MAX_REPEAT: u32 = 1000;
const MAX_NESTING: usize = 1000;

const MISSING_ARGUMENT: &str = "missing argument to a repetition operator";
const NESTED_REPETITION: &str = "two repetition operators in a row";
const REPEAT_SIZE: &str = "a repetition of more than 1000, or with the larger number first";
const BAD_ESCAPE: &str = "an escape sequence that Go does not know";
const TRAILING_BACKSLASH: &str = "a backslash at the end";
const BAD_GROUP: &str =
    "a group that Go does not know (no lookaround, no atomic groups, flags i m s U only)";
const BAD_NAME: &str = "a group name that Go refuses";
const UNCLOSED_GROUP: &str = "a group is not closed";
const UNOPENED_GROUP: &str = "a closing parenthesis without an opening one";
const TOO_DEEP: &str = "groups are nested too deeply";

/// The rest of the pattern.
pub(super) struct Input<'a> {
    rest: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn at(rest: &'a str) -> Self {
        Self { rest }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let first = chars.next();
        self.rest = chars.as_str();
        first
    }

    pub(super) fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn starts_with(&self, prefix: &str) -> bool {
        self.rest.starts_with(prefix)
    }

    /// Takes everything up to `end`, and `end`; `None` if it does not follow.
    pub(super) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }
}

/// What the operators `*`, `+`, `?` and `{}` need to know about what precedes them.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Product of the counted repetitions of the last atom; `None` where there is none.
    atom: Option<u32>,
    /// The highest product among all atoms of this group.
    highest: u32,
}

struct Translator<'a> {
    input: Input<'a>,
    output: String,
    groups: Vec<Level>,
    level: Level,
    /// Whether the last thing was a repetition operator.
    repeated: bool,
    names: BTreeSet<&'a str>,
    /// Flags that were set but not yet written: in Go an operator after them still applies to
    /// what precedes them.
    flags: String,
}

pub(super) fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut translator = Translator {
        input: Input { rest: pattern },
        output: String::with_capacity(pattern.len() + 16),
        groups: Vec::new(),
        level: Level::default(),
        repeated: false,
        names: BTreeSet::new(),
        flags: String::new(),
    };
    translator.run()?;
    Ok(translator.output)
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), &'static str> {
        while let Some(next) = self.input.peek() {
            let repeated = std::mem::take(&mut self.repeated);
            match next {
                '*' | '+' | '?' => {
                    self.input.next();
                    self.repeat(&next.to_string(), 1, repeated)?;
                }
                '{' => match counted(self.input.rest()) {
                    Some((length, min, max)) => {
                        let text = self
                            .input
                            .rest()
                            .get(..length)
                            .unwrap_or_default()
                            .to_owned();
                        self.input.take(&text);
                        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || min > max)
                        {
                            return Err(REPEAT_SIZE);
                        }
                        self.repeat(&text, max.unwrap_or(min).max(1), repeated)?;
                    }
                    None => self.literal(),
                },
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.input.next();
                    self.write_flags();
                    self.output.push('|');
                    self.level.atom = None;
                }
                '[' => {
                    self.input.next();
                    self.start_atom();
                    class::translate(&mut self.input, &mut self.output)?;
                }
                '\\' => self.escape()?,
                '.' => {
                    self.input.next();
                    self.start_atom();
                    self.output.push('.');
                }
                '^' | '$' => {
                    self.input.next();
                    self.start_atom();
                    self.output
                        .push_str(if next == '^' { "(?:^)" } else { "(?:$)" });
                }
                _ => self.literal(),
            }
        }
        if self.groups.is_empty() {
            Ok(())
        } else {
            Err(UNCLOSED_GROUP)
        }
    }

    fn write_flags(&mut self) {
        self.output.push_str(&self.flags);
        self.flags.clear();
    }

    fn start_atom(&mut self) {
        self.write_flags();
        self.level.atom = Some(1);
        self.level.highest = self.level.highest.max(1);
    }

    fn literal(&mut self) {
        if let Some(next) = self.input.next() {
            self.start_atom();
            push_literal(&mut self.output, next);
        }
    }

    fn repeat(&mut self, operator: &str, factor: u32, repeated: bool) -> Result<(), &'static str> {
        if repeated {
            return Err(NESTED_REPETITION);
        }
        let product = self.level.atom.ok_or(MISSING_ARGUMENT)?;
        let product = product.saturating_mul(factor);
        if factor > 1 && product > MAX_REPEAT {
            return Err(REPEAT_SIZE);
        }
        self.level.atom = Some(product);
        self.level.highest = self.level.highest.max(product);
        self.repeated = true;
        self.output.push_str(operator);
        if self.input.take("?") {
            self.output.push('?');
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), &'static str> {
        self.input.next();
        if self.input.peek() == Some('?') {
            let named =
                self.input.take("?P<") || (self.input.starts_with("?<") && self.input.take("?<"));
            if named {
                let name = self.input.take_until(">").ok_or(BAD_NAME)?;
                let is_name = !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !is_name || !self.names.insert(name) {
                    return Err(BAD_NAME);
                }
            } else {
                self.input.next();
                return self.flags();
            }
        }
        self.push_group("(?:")
    }

    fn push_group(&mut self, opening: &str) -> Result<(), &'static str> {
        if self.groups.len() >= MAX_NESTING {
            return Err(TOO_DEEP);
        }
        self.write_flags();
        self.groups.push(std::mem::take(&mut self.level));
        self.output.push_str(opening);
        Ok(())
    }

    /// `(?flags)` or `(?flags:`, after the question mark.
    fn flags(&mut self) -> Result<(), &'static str> {
        let mut text = String::new();
        let mut negative = false;
        let mut seen = false;
        loop {
            match self.input.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    // Go allows to name a flag twice, `regex` does not.
                    if !text.contains(flag) {
                        text.push(flag);
                    }
                    seen = true;
                }
                Some('-') if !negative => {
                    negative = true;
                    seen = false;
                    text.push('-');
                }
                Some(end @ (':' | ')')) => {
                    if negative && !seen {
                        return Err(BAD_GROUP);
                    }
                    if end == ':' {
                        return self.push_group(&format!("(?{text}:"));
                    }
                    if !text.is_empty() {
                        let _ = write!(self.flags, "(?{text})");
                    }
                    return Ok(());
                }
                _ => return Err(BAD_GROUP),
            }
        }
    }

    fn close(&mut self) -> Result<(), &'static str> {
        self.input.next();
        let inner = self.level;
        let outer = self.groups.pop().ok_or(UNOPENED_GROUP)?;
        self.flags.clear();
        self.output.push(')');
        self.level = outer;
        self.level.atom = Some(inner.highest.max(1));
        self.level.highest = self.level.highest.max(inner.highest);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), &'static str> {
        self.input.next();
        if self.input.take("Q") {
            let rest = self.input.rest();
            let quoted = match self.input.take_until("\\E") {
                Some(quoted) => quoted,
                None => {
                    self.input.take(rest);
                    rest
                }
            };
            for character in quoted.chars() {
                self.start_atom();
                push_literal(&mut self.output, character);
            }
            return Ok(());
        }
        let anchor = [
            ("A", r"(?:\A)"),
            ("z", r"(?:\z)"),
            ("b", r"(?-u:\b)"),
            ("B", r"(?-u:\B)"),
        ];
        for (name, output) in anchor {
            if self.input.take(name) {
                self.start_atom();
                self.output.push_str(output);
                return Ok(());
            }
        }
        self.start_atom();
        if let Some(ranges) = class::escaped_class(&mut self.input)? {
            self.output.push_str(&ranges);
            return Ok(());
        }
        let character = character_escape(&mut self.input)?;
        push_literal(&mut self.output, character);
        Ok(())
    }
}

/// `{n}`, `{n,}`, `{n,m}` at the beginning of `text`: its length and numbers. Anything else
/// that begins with a brace is a literal brace in Go.
fn counted(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let inner_length = text.find('}')?;
    let inner = text.get(1..inner_length)?;
    let (min, max) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((inner_length + 1, min, max))
}

/// Go's numbers have no leading zero; more digits than fit mean "too large".
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}

pub(super) fn push_literal(output: &mut String, character: char) {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        output.push(character);
    } else {
        let _ = write!(output, "\\x{{{:X}}}", u32::from(character));
    }
}

/// What follows a backslash, when it stands for one character.
pub(super) fn character_escape(input: &mut Input<'_>) -> Result<char, &'static str> {
    let first = input.next().ok_or(TRAILING_BACKSLASH)?;
    match first {
        // A single digit other than 0 would be a back reference.
        '1'..='7' if !input.peek().is_some_and(|next| ('0'..='7').contains(&next)) => {
            Err(BAD_ESCAPE)
        }
        '0'..='7' => {
            let mut value = u32::from(first) - u32::from('0');
            for _ in 0..2 {
                match input.peek().and_then(|next| next.to_digit(8)) {
                    Some(digit) => {
                        value = value * 8 + digit;
                        input.next();
                    }
                    None => break,
                }
            }
            char::from_u32(value).ok_or(BAD_ESCAPE)
        }
        'x' => hexadecimal(input),
        'a' => Ok('\u{7}'),
        'f' => Ok('\u{c}'),
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        't' => Ok('\t'),
        'v' => Ok('\u{b}'),
        punctuation if punctuation.is_ascii() && !punctuation.is_ascii_alphanumeric() => {
            Ok(punctuation)
        }
        _ => Err(BAD_ESCAPE),
    }
}

fn hexadecimal(input: &mut Input<'_>) -> Result<char, &'static str> {
    let digits = if input.take("{") {
        input.take_until("}").ok_or(BAD_ESCAPE)?
    } else {
        let digits = input.rest().get(..2).ok_or(BAD_ESCAPE)?;
        input.take(digits);
        digits
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BAD_ESCAPE);
    }
    let value = u32::from_str_radix(digits, 16).map_err(|_| BAD_ESCAPE)?;
    char::from_u32(value).ok_or(BAD_ESCAPE)
}
