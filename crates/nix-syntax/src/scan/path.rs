//! Paths and URIs.

use super::Scanner;
use super::bytes::{PATH, URI, is, run};
use super::levels::{Kind, Result, error};

/// What rnix's tokenizer may look at again, in bytes: a quarter of a second.
const MAX_LOOKAHEAD: u64 = 200_000_000;

/// A run of path characters that was looked at.
#[derive(Default)]
pub(super) struct Run {
    end: usize,
    /// One past its last `_`, or 0.
    underscore: usize,
}

impl Scanner<'_> {
    /// A path or URI, if one begins here.
    pub(super) fn path_or_uri(&mut self) -> Result<bool> {
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
    pub(super) fn look_ahead(&mut self, start: usize) -> Result<()> {
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
