//! Strings.

use memchr::{memchr, memchr2, memchr3};

use super::Scanner;
use super::levels::{Kind, Result};

impl Scanner<'_> {
    /// The rest of a `"…"`, up to its end or the next interpolation.
    pub(super) fn string(&mut self) -> Result<()> {
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
    pub(super) fn indented_string(&mut self) -> Result<()> {
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

    pub(super) fn find_nulls(&mut self, start: usize, end: usize) {
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
}
