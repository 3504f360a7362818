//! Tables of text: comfy-table lays them out, this paints them.
//!
//! comfy-table's own styles need a terminal library (crossterm), which the program has no other use for. Styled
//! text has marks around it instead, which take no columns and which [`crate::display`] spells out in every text
//! of a repository; they become colours when the table has its lines.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Width as Columns, presets};
use unicode_width::UnicodeWidthStr;

use super::style::{BAD, CAUTION, FAINT, GOOD, STRONG};
use super::width::{Width, pieces};

const MARKS: [(char, Style); 5] = [
    ('\u{2061}', GOOD),
    ('\u{2062}', BAD),
    ('\u{2063}', CAUTION),
    ('\u{2064}', FAINT),
    ('\u{206a}', STRONG),
];
const END: char = '\u{2060}';
/// Before the first cell of a row.
const ROW: char = '\u{2065}';
/// Where a line of a cell may be broken.
const BREAK: char = '\u{200b}';
/// A space at which it may not.
pub(crate) const FIXED_SPACE: char = '\u{a0}';

/// Spaces between two columns.
const GAP: u16 = 2;

/// Text in a style, for a cell.
pub(crate) fn painted(style: Style, text: &str) -> String {
    let mark = MARKS.iter().find(|(_, known)| *known == style);
    match mark {
        Some((mark, _)) if !text.is_empty() => format!("{mark}{text}{END}"),
        _ => text.to_owned(),
    }
}

/// A table that fits a width.
pub(crate) struct Table {
    inner: comfy_table::Table,
    width: Width,
    longest_words: Vec<usize>,
    /// The width of the widest line of each column, in columns.
    widest: Vec<usize>,
    /// Lines of their own, each with the index of the row that they are written before.
    between: Vec<(usize, String)>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(width: Width, titles: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width.columns).unwrap_or(u16::MAX))
            .set_header(titles.iter().map(|title| painted(FAINT, title)));
        let mut table = Self {
            inner,
            width,
            longest_words: vec![0; titles.len()],
            widest: titles.iter().map(|title| title.width()).collect(),
            between: Vec::new(),
        };
        for (longest, title) in table.longest_words.iter_mut().zip(titles) {
            *longest = longest_word(title);
        }
        let last = titles.len().saturating_sub(1);
        for (index, column) in table.inner.column_iter_mut().enumerate() {
            column.set_delimiter(BREAK);
            column.set_padding((0, if index == last { 0 } else { GAP }));
        }
        table
    }

    /// Adds a row; a cell may have several lines.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().collect();
        for (longest, cell) in self.longest_words.iter_mut().zip(&cells) {
            *longest = longest_word(cell).max(*longest);
        }
        for (widest, cell) in self.widest.iter_mut().zip(&cells) {
            let lines = cell.split('\n').map(UnicodeWidthStr::width);
            *widest = lines.max().unwrap_or(0).max(*widest);
        }
        for cell in &mut cells {
            let lines = cell.split('\n').map(|line| self.breakable(line));
            *cell = lines.collect::<Vec<_>>().join("\n");
        }
        if let Some(first) = cells.first_mut() {
            first.insert(0, ROW);
        }
        self.inner.add_row(cells);
    }

    /// A line of a cell with [`BREAK`] where it may be broken.
    fn breakable(&self, line: &str) -> String {
        let pieces = if self.width.is_tight {
            pieces(line)
        } else {
            line.split_inclusive(' ').collect()
        };
        pieces.join(&BREAK.to_string())
    }

    /// Adds text below the last row, as wide as the table.
    pub(crate) fn below(&mut self, text: &str) {
        let text = self.width.wrap(text, "    ", "      ");
        self.heading(text);
    }

    /// Adds lines before the next row.
    pub(crate) fn heading(&mut self, lines: String) {
        self.between.push((self.inner.row_count(), lines));
    }

    /// Keeps the words of a column whole, however narrow the table is.
    pub(crate) fn keep_whole(&mut self, index: usize) {
        let longest = self.longest_words.get(index).copied().unwrap_or_default();
        let padding = if index + 1 == self.longest_words.len() {
            0
        } else {
            GAP
        };
        if let Some(column) = self.inner.column_mut(index) {
            let columns = u16::try_from(longest).unwrap_or(u16::MAX);
            let columns = Columns::Fixed(columns.saturating_add(padding));
            column.set_constraint(ColumnConstraint::LowerBoundary(columns));
        }
    }

    /// Gives every column but the last the width of its content, and the last what is left, but no less than its
    /// longest word.
    fn fix_columns(&mut self) {
        const NARROWEST: usize = 30;
        let last = self.longest_words.len().saturating_sub(1);
        for column in self.inner.column_iter_mut().take(last) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        let gap = usize::from(GAP);
        let others: usize = { self.widest.iter().take(last) }
            .map(|widest| widest + gap)
            .sum();
        let longest = self.longest_words.last().copied().unwrap_or_default();
        let left = self.width.columns.saturating_sub(others);
        let own = longest.max(NARROWEST).max(left);
        let columns = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        // A table that is no wider than it may be would break the words of its other columns.
        self.inner.set_width(columns(others + own));
        if let Some(column) = self.inner.column_mut(last) {
            column.set_constraint(ColumnConstraint::Absolute(Columns::Fixed(columns(own))));
        }
    }

    /// Writes it.
    pub(crate) fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        if !self.width.is_tight {
            self.fix_columns();
        }
        let mut between = self.between.into_iter().peekable();
        let mut rows = 0;
        for line in self.inner.lines() {
            if line.starts_with(ROW) {
                while let Some((_, lines)) = between.next_if(|(before, _)| *before <= rows) {
                    write_lines(&lines, out)?;
                }
                rows += 1;
            }
            writeln!(out, "{}", paint(&line))?;
        }
        between.try_for_each(|(_, lines)| write_lines(&lines, out))
    }
}

fn write_lines(lines: &str, out: &mut dyn Write) -> io::Result<()> {
    { lines.split('\n') }.try_for_each(|line| writeln!(out, "{}", paint(line)))
}

/// The width of the longest word, in columns.
fn longest_word(text: &str) -> usize {
    let words = text.split([' ', '\n']);
    words.map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// A line with colours in place of the marks.
pub(crate) fn paint(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut open: Option<Style> = None;
    let close = |shown: &mut String, open: &mut Option<Style>| {
        if let Some(style) = open.take() {
            shown.push_str(&format!("{style:#}"));
        }
    };
    for character in line.chars() {
        if character == END {
            close(&mut shown, &mut open);
        } else if let Some((_, style)) = MARKS.iter().find(|(mark, _)| *mark == character) {
            close(&mut shown, &mut open);
            shown.push_str(&style.to_string());
            open = Some(*style);
        } else if character == FIXED_SPACE {
            shown.push(' ');
        } else if character != ROW && character != BREAK {
            shown.push(character);
        }
    }
    close(&mut shown, &mut open);
    let length = shown.trim_end().len();
    shown.truncate(length);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: usize, is_tight: bool) -> String {
        let mut table = Table::new(Width { columns, is_tight }, &["secret", "read by"]);
        table.row(["密密".to_owned(), "alice".to_owned()]);
        table.row([
            "token".to_owned(),
            format!(
                "{}{FIXED_SPACE}root · /run/{}",
                painted(GOOD, "✓"),
                "x".repeat(50)
            ),
        ]);
        let mut text = Vec::new();
        table.write(&mut text).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string()
    }

    #[test]
    fn columns_are_counted_as_a_terminal_does() {
        let text = table(40, false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "secret  read by");
        assert_eq!(lines[1], "密密    alice");
        assert_eq!(lines[2], "token   ✓ root ·");
        assert!(lines[3].ends_with(&"x".repeat(50)), "{text}");
    }

    #[test]
    fn nothing_is_wider_than_a_tight_width() {
        let text = table(40, true);
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
    }

    #[test]
    fn a_style_ends_with_its_line() {
        let mark = painted(BAD, "✗");
        assert_eq!(paint(&mark), format!("{BAD}✗{BAD:#}"));
        assert_eq!(paint(mark.trim_end_matches(END)), format!("{BAD}✗{BAD:#}"));
    }
}
