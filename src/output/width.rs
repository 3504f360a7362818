//! How wide the output for people is, and text that is broken into lines of that width.

use std::io::IsTerminal;
use std::num::NonZeroUsize;

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::cli::common::CommonArguments;

/// The width where there is no terminal, in columns: that of a terminal beside a browser, and what a page of CI
/// logs shows without scrolling.
const WITHOUT_TERMINAL: usize = 100;
/// Wider text is hard to read, in columns: the eye loses the line.
const WIDEST_TEXT: usize = 100;
/// The narrowest width that a table can be laid out in, in columns: a phone's terminal has 40.
const NARROWEST: usize = 40;

/// How wide the output for people is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Width {
    /// In columns, as a terminal counts them: a Chinese character takes two.
    pub(crate) columns: usize,
    /// Whether lines may be no wider, and words that are longer are broken. Otherwise words stay whole, so that a
    /// search finds them.
    pub(crate) is_tight: bool,
}

impl Default for Width {
    fn default() -> Self {
        Self {
            columns: WITHOUT_TERMINAL,
            is_tight: false,
        }
    }
}

impl Width {
    /// The width that was asked for, else that of the terminal (`COLUMNS`, or what it reports), else a fixed one.
    pub(crate) fn of_output(asked: Option<usize>) -> Self {
        let columns = asked.or_else(|| {
            let is_terminal = std::io::stdout().is_terminal();
            is_terminal.then(of_terminal).flatten()
        });
        columns.map_or_else(Self::default, |columns| Self {
            columns: columns.max(NARROWEST),
            is_tight: true,
        })
    }

    /// How wide standard output is, as the command line says or as it is.
    pub(crate) fn asked(common: &CommonArguments) -> Self {
        Self::of_output(common.width.map(NonZeroUsize::get))
    }

    /// Breaks text between words, into lines with an indentation.
    pub(crate) fn wrap(self, text: &str, first: &str, rest: &str) -> String {
        let options = Options::new(self.columns.min(WIDEST_TEXT))
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(self.is_tight)
            .word_separator(match (self.is_tight, self.columns) {
                (false, _) => WordSeparator::AsciiSpace,
                (true, WIDE..) => WordSeparator::Custom(words::<{ WIDE - MARGIN }>),
                (true, _) => WordSeparator::Custom(words::<{ NARROWEST - MARGIN }>),
            })
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        textwrap::wrap(text, options).join("\n")
    }

    /// A line that stays one where nobody sees the width, for those who search or read it by program.
    pub(crate) fn line(self, text: &str) -> String {
        if self.is_tight {
            self.wrap(text, "", "  ")
        } else {
            text.to_owned()
        }
    }

    /// The same with fewer columns.
    pub(crate) const fn less(self, columns: usize) -> Self {
        Self {
            columns: self.columns.saturating_sub(columns),
            is_tight: self.is_tight,
        }
    }
}

/// From this width on, words of nearly a line stay whole, in columns.
const WIDE: usize = 80;
/// What a line has beside a long word, in columns: its indentation, and signs around it.
const MARGIN: usize = 8;

/// Words for textwrap, of which those that are longer than `LONGEST` bytes may be broken.
fn words<const LONGEST: usize>(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(parts(line, LONGEST).into_iter().map(Word::from))
}

/// Shorter words of a table's cell are not broken, in bytes: they fit beside another one on the narrowest line.
const SHORT: usize = 16;

/// The parts of a line between which it may be broken: words with the spaces after them, and of long words what ends
/// with a sign that parts names.
pub(super) fn pieces(line: &str) -> Vec<&str> {
    parts(line, SHORT)
}

fn parts(line: &str, longest: usize) -> Vec<&str> {
    let words = line.split_inclusive(' ');
    words
        .flat_map(|word| {
            let is_end = |character| {
                word.len() > longest && matches!(character, '/' | '.' | '-' | '_' | ':' | '#')
            };
            word.split_inclusive(is_end)
        })
        .collect()
}

fn of_terminal() -> Option<usize> {
    let variable = std::env::var("COLUMNS").ok();
    let given = variable.and_then(|text| text.parse().ok());
    given.filter(|columns| *columns > 0).or_else(|| {
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
        Some(usize::from(columns))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_nobody_sees_the_width() {
        let path = format!("/run/{}", "x".repeat(60));
        let text = format!("it lands at {path}");
        let loose = Width {
            columns: 40,
            is_tight: false,
        };
        assert_eq!(
            loose.wrap(&text, "", "  "),
            format!("it lands at\n  {path}")
        );
        let tight = Width::of_output(Some(40)).wrap(&text, "", "  ");
        assert!(tight.lines().all(|line| line.len() <= 40), "{tight}");
    }

    #[test]
    fn long_words_are_broken_where_a_name_ends() {
        let text = "/run/secrets/a-directory/another-directory/token";
        let wrapped = Width::of_output(Some(40)).wrap(text, "", "");
        assert_eq!(
            wrapped,
            "/run/secrets/a-directory/another-\ndirectory/token"
        );
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        let width = Width::of_output(Some(40));
        let text = "密".repeat(15) + " " + &"密".repeat(15);
        assert_eq!(width.wrap(&text, "", "").lines().count(), 2);
    }
}
