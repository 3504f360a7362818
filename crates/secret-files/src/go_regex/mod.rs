//! Regular expressions as Go's `regexp` reads them, on top of the `regex` crate.
//!
//! `.sops.yaml` and the metadata of sops files hold Go patterns. Go and Rust both implement
//! RE2, but differ in what they accept (`\<` is a literal in Go, a word boundary in Rust) and
//! in what a class means (`\s` has no vertical tab in Go, `\d` is ASCII). [`GoRegex::new`]
//! follows Go's parser, rejects what Go rejects and writes an equivalent pattern for `regex`.

mod class;
mod translate;

use std::fmt;

/// A compiled Go pattern; matching is unanchored, as with Go's `MatchString`.
#[derive(Clone)]
pub struct GoRegex {
    pattern: String,
    compiled: regex::Regex,
}

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoRegexError {
    /// Go refuses it too; the text says why, in the terms of the pattern's author.
    Invalid(&'static str),
    /// Go accepts it, but it would need more memory than is spent on one pattern.
    TooLarge,
}

impl fmt::Display for GoRegexError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => formatter.write_str(reason),
            Self::TooLarge => formatter.write_str("the regular expression is too large"),
        }
    }
}

impl std::error::Error for GoRegexError {}

/// Longest pattern that is compiled, in bytes.
const MAX_PATTERN: usize = 16 * 1024;
/// Memory limit of one compiled pattern, in bytes.
const SIZE_LIMIT: usize = 512 << 10;
/// Go allows a nesting of 1000.
const NEST_LIMIT: u32 = 1100;

impl GoRegex {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// When Go would refuse it, or when it is too large.
    pub fn new(pattern: &str) -> Result<Self, GoRegexError> {
        if pattern.len() > MAX_PATTERN {
            return Err(GoRegexError::TooLarge);
        }
        let translated = translate::translate(pattern).map_err(GoRegexError::Invalid)?;
        let compiled = regex::RegexBuilder::new(&translated)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => GoRegexError::TooLarge,
                _ => GoRegexError::Invalid("the regular expression is not valid"),
            })?;
        Ok(Self {
            pattern: pattern.to_owned(),
            compiled,
        })
    }

    /// Whether the pattern matches anywhere in `text`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

impl fmt::Debug for GoRegex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("GoRegex")
            .field(&self.pattern)
            .finish()
    }
}

impl PartialEq for GoRegex {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for GoRegex {}
