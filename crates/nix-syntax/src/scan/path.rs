//! Paths and URIs.

use memchr::memchr;

use super::Scanner;
use super::bytes::{PATH, URI, is, run};
use super::levels::{Kind, Result, error};

/// What rnix's tokenizer may inspect again, in bytes: a quarter of a second.
const MAX_LOOKAHEAD: u64 = 200_000_000;

/// From what length on it is counted. What is shorter is inspected again that often at most.
const LONG_RUN: usize = 64;

impl Scanner<'_> {
    /// A path or URI, if one begins here.
    pub(super) fn path_or_uri(&mut self) -> Result<bool> {
        let start = self.at;
        if self.run_end <= start {
            self.look_ahead(start)?;
        }
        let end = self.run_end;
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
            b':' if is(self.byte(end + 1), URI) && self.is_scheme(start, end) => {
                self.at = run(self.bytes, end + 1, URI);
                self.levels.operand(start, self.at)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether the path characters from `start` to `end` are a URI's scheme, too.
    fn is_scheme(&self, start: usize, end: usize) -> bool {
        let scheme = self.bytes.get(start..end).unwrap_or_default();
        scheme.first().is_some_and(u8::is_ascii_alphabetic) && memchr(b'_', scheme).is_none()
    }

    /// Finds the end of the run of path characters that begins at `start`, and what it costs
    /// rnix, which looks for it again at every token in it.
    fn look_ahead(&mut self, start: usize) -> Result<()> {
        let end = run(self.bytes, start, PATH);
        self.run_end = end;
        if end - start < LONG_RUN {
            return Ok(());
        }
        let run = self.bytes.get(start..end).unwrap_or_default();
        let signs = run
            .iter()
            .filter(|byte| matches!(byte, b'.' | b'+' | b'-'))
            .count();
        let tokens = 2 * signs as u64 + 1;
        self.count_lookahead(tokens * run.len() as u64, start, end)
    }

    pub(super) fn count_lookahead(&mut self, bytes: u64, start: usize, end: usize) -> Result<()> {
        self.lookahead += bytes;
        if self.lookahead > MAX_LOOKAHEAD {
            let message = "too many tokens without white space between them".to_owned();
            return Err(error(start, end, message));
        }
        Ok(())
    }

    /// Whether what follows the `/` at `at` makes it part of a path.
    pub(super) fn is_path_start(&self, at: usize) -> bool {
        let next = self.byte(at + 1);
        is(next, PATH) || (next == b'$' && self.byte(at + 2) == b'{')
    }

    /// A path, up to its end or the next interpolation. `start` is where it begins, if part of it
    /// is known, and none after an interpolation.
    pub(super) fn path(&mut self, start: Option<usize>) -> Result<()> {
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
}
