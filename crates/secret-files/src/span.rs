//! A range of bytes of the file that is described.

/// A half-open range of bytes: `start` is the first byte, `end` is one past the last.
///
/// Every span of this crate refers to the bytes that the caller handed over, whatever the
/// encoding of the file, so it can be given to a renderer as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`; an `end` before `start` gives an empty range at `start`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        let end = if end < start { start } else { end };
        Self { start, end }
    }

    /// The empty range at `offset`.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether no byte is covered.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range, `offset` bytes further on.
    #[must_use]
    pub(crate) const fn shifted(self, offset: usize) -> Self {
        Self {
            start: self.start.saturating_add(offset),
            end: self.end.saturating_add(offset),
        }
    }

    /// The 1-based line on which the span starts, counting line feeds.
    #[must_use]
    pub fn line(self, bytes: &[u8]) -> usize {
        let before = bytes.get(..self.start).unwrap_or(bytes);
        memchr::memchr_iter(b'\n', before).count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn a_reversed_range_is_empty() {
        let span = Span::new(7, 3);
        assert_eq!((span.start, span.end, span.is_empty()), (7, 7, true));
    }

    #[test]
    fn lines_count_from_one() {
        let text = b"a\nbc\n";
        assert_eq!(Span::at(0).line(text), 1);
        assert_eq!(Span::at(2).line(text), 2);
        assert_eq!(Span::at(99).line(text), 3);
    }
}
