//! Positions of the protocol: lines from 0, and columns in UTF-16 code units unless agreed otherwise.

use std::rc::Rc;

use gen_lsp_types::{Position, Range};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what every client can.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    const fn width(self, character: char) -> u32 {
        match self {
            Self::Utf8 => character.len_utf8() as u32,
            Self::Utf16 => character.len_utf16() as u32,
            Self::Utf32 => 1,
        }
    }
}

/// The lines of one text.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    encoding: Encoding,
    /// Where each line starts, in bytes; the first one at 0.
    starts: Rc<[usize]>,
}

impl<'t> Lines<'t> {
    /// A line ends with a line feed, a carriage return, or both.
    pub(crate) fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
        Self {
            text,
            encoding,
            starts: starts.collect(),
        }
    }

    /// The same with what [`Lines::starts`] gave for this text.
    pub(crate) const fn with_starts(
        text: &'t str,
        encoding: Encoding,
        starts: Rc<[usize]>,
    ) -> Self {
        Self {
            text,
            encoding,
            starts,
        }
    }

    /// Where each line starts.
    pub(crate) fn starts(&self) -> Rc<[usize]> {
        Rc::clone(&self.starts)
    }

    /// The byte of a position. A column past the end of its line is the end of the line, a line past
    /// the last one the end of the text; a column within a character is its start.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else {
            return self.text.len();
        };
        let next = self.starts.get(line + 1).copied();
        let content = self.text.get(start..next.unwrap_or(self.text.len()));
        let content = content.unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut column = 0;
        for (at, character) in content.char_indices() {
            column += self.encoding.width(character);
            if column > position.character {
                return start + at;
            }
        }
        start + content.len()
    }

    /// The position of a byte; past the end it is the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..).unwrap_or_default().char_indices();
        let before =
            before.take_while(|(at, character)| start + at + character.len_utf8() <= offset);
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: before
                .map(|(_, character)| self.encoding.width(character))
                .sum(),
        }
    }

    /// The range of some bytes.
    pub(crate) fn range(&self, start: usize, end: usize) -> Range {
        Range {
            start: self.position(start),
            end: self.position(end.max(start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = \"é🔑b\";\r\nsecond\rthird\n";

    fn at(encoding: Encoding, line: u32, character: u32) -> usize {
        Lines::new(TEXT, encoding).offset(Position { line, character })
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let b = TEXT.find('b').unwrap();
        for (encoding, column) in [
            (Encoding::Utf8, 11),
            (Encoding::Utf16, 8),
            (Encoding::Utf32, 7),
        ] {
            assert_eq!(at(encoding, 0, column), b, "{encoding:?}");
            let position = Lines::new(TEXT, encoding).position(b);
            assert_eq!((position.line, position.character), (0, column));
        }
    }

    #[test]
    fn lines_end_with_any_line_break() {
        assert_eq!(at(Encoding::Utf16, 1, 0), TEXT.find("second").unwrap());
        assert_eq!(at(Encoding::Utf16, 2, 0), TEXT.find("third").unwrap());
        assert_eq!(at(Encoding::Utf16, 3, 0), TEXT.len());
        let position = Lines::new(TEXT, Encoding::Utf16).position(TEXT.find("third").unwrap() + 2);
        assert_eq!((position.line, position.character), (2, 2));
    }

    #[test]
    fn positions_that_do_not_exist_are_the_nearest_ones_before() {
        let end_of_first = TEXT.find('\r').unwrap();
        assert_eq!(at(Encoding::Utf16, 0, 999), end_of_first);
        assert_eq!(at(Encoding::Utf16, 0, u32::MAX), end_of_first);
        assert_eq!(at(Encoding::Utf16, 99, 3), TEXT.len());
        assert_eq!(at(Encoding::Utf16, 0, 7), TEXT.find('🔑').unwrap());
        assert_eq!(
            Lines::new("", Encoding::Utf16).offset(Position {
                line: 5,
                character: 5
            }),
            0
        );
    }

    #[test]
    fn every_character_comes_back() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(TEXT, encoding);
            for (offset, character) in TEXT.char_indices() {
                if character != '\n' || !TEXT.get(..offset).unwrap().ends_with('\r') {
                    assert_eq!(
                        lines.offset(lines.position(offset)),
                        offset,
                        "{character:?}"
                    );
                }
            }
        }
    }
}
