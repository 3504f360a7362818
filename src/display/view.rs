//! The lines around the labels of one diagnostic, as they are shown.
//!
//! A view holds only the lines that are needed. Dangerous characters and hidden values are replaced
//! by harmless ones of the same length in bytes, so that a span still covers the right characters;
//! a line that is too long is cut to a window around its labels. Line and column numbers are those
//! of the real file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use codespan_reporting::files::{Error, Files};
use inventory::{FileId, Source, SourceMap, Span};

use super::Redaction;
use super::escape::is_dangerous;
use super::redact::merged;

/// The longest line that is shown, in bytes.
const WIDEST: usize = 160;
/// How much of a long line is shown before its first label.
const BEFORE: usize = 40;
const MORE: &str = "…";

/// The files of one diagnostic.
#[derive(Debug)]
pub(crate) struct View<'a> {
    sources: &'a SourceMap,
    redaction: &'a Redaction,
    names: BTreeMap<FileId, String>,
    files: BTreeMap<FileId, Shown>,
}

/// The lines of one file that are shown.
#[derive(Debug)]
struct Shown {
    source: Arc<Source>,
    text: String,
    lines: BTreeMap<usize, Line>,
}

/// A line in the text of a view.
#[derive(Debug)]
struct Line {
    /// Where it is in the text of the view.
    range: Range<usize>,
    /// Where the text after a cut mark is, in the view and in the real file.
    begins: usize,
    real: usize,
    /// Whether a label begins in it. The other lines are empty: renderers only count them.
    is_labelled: bool,
}

impl<'a> View<'a> {
    /// A view of these places. `name` gives a file's name, ready to be shown.
    pub(crate) fn new(
        sources: &'a SourceMap,
        redaction: &'a Redaction,
        places: &[Span],
        name: impl Fn(&Source) -> String,
    ) -> Self {
        let mut view = Self {
            sources,
            redaction,
            names: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        let mut by_file: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        for place in places {
            by_file.entry(place.file).or_default().push(*place);
        }
        for (file, places) in by_file {
            let Some(source) = view.sources.get(file) else {
                continue;
            };
            view.names.insert(file, name(&source));
            let shown = view.show(file, source, &places);
            view.files.insert(file, shown);
        }
        view
    }

    fn show(&self, file: FileId, source: Arc<Source>, places: &[Span]) -> Shown {
        let mut wanted: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for place in places {
            let line = source.line_column(place.start).line as usize - 1;
            wanted.entry(line).or_default().push(place.start);
            wanted.entry(line + 1).or_default();
            if let Some(before) = line.checked_sub(1) {
                wanted.entry(before).or_default();
            }
        }
        let mut shown = Shown {
            source: Arc::clone(&source),
            text: String::new(),
            lines: BTreeMap::new(),
        };
        let text: &str = source.text();
        let texts = self.redaction.texts(file, text);
        for (line, labels) in wanted {
            let Some(real) = source.line_range(u32::try_from(line + 1).unwrap_or(u32::MAX)) else {
                continue;
            };
            let Some(content) = text.get(real.clone()) else {
                continue;
            };
            let is_labelled = !labels.is_empty();
            let content = if is_labelled { content } else { "" };
            let mut hidden = self.redaction.hidden(file, real.start, content);
            hidden.extend(unlabelled(
                &texts,
                places,
                &(real.start..real.start + content.len()),
            ));
            let first = labels
                .iter()
                .min()
                .map_or(0, |start| (*start as usize).saturating_sub(real.start));
            let window = window(content, first);
            let begins_line = shown.text.len();
            if window.start > 0 {
                shown.text.push_str(MORE);
            }
            let begins = shown.text.len();
            push_harmless(&mut shown.text, content, &window, merged(hidden));
            if window.end < content.len() {
                shown.text.push_str(MORE);
            }
            shown.text.push('\n');
            let range = begins_line..shown.text.len();
            shown.lines.insert(
                line,
                Line {
                    range,
                    begins,
                    real: real.start + window.start,
                    is_labelled,
                },
            );
        }
        shown
    }

    /// The lines of a file that have a label: number from 1, range in the text of the view, text.
    pub(crate) fn lines(&self, file: FileId) -> Vec<(usize, Range<usize>, &str)> {
        let Some(shown) = self.files.get(&file) else {
            return Vec::new();
        };
        let lines = shown.lines.iter().filter(|(_, line)| line.is_labelled);
        let lines = lines.filter_map(|(index, line)| {
            let text = shown.text.get(line.range.clone())?;
            Some((index + 1, line.range.clone(), text))
        });
        lines.collect()
    }

    /// The characters of a place within its first line, as a range of bytes of the view.
    pub(crate) fn range(&self, place: Span) -> Option<Range<usize>> {
        let shown = self.files.get(&place.file)?;
        let line = shown
            .lines
            .get(&(shown.source.line_column(place.start).line as usize - 1))?;
        let last = line.range.end - 1;
        let at = |real: u32| (line.begins + (real as usize).saturating_sub(line.real)).min(last);
        let (start, end) = (at(place.start), at(place.end));
        Some(floor(&shown.text, start)..floor(&shown.text, end.max(start)))
    }
}

/// The parts of `texts` in a line that no label covers, in bytes of the line.
fn unlabelled(texts: &[Range<usize>], labels: &[Span], line: &Range<usize>) -> Vec<Range<usize>> {
    let first = texts.partition_point(|text| text.end <= line.start);
    let texts = texts.get(first..).unwrap_or_default();
    let mut hidden = Vec::new();
    for text in texts.iter().take_while(|text| text.start < line.end) {
        let whole = text.start.max(line.start)..text.end.min(line.end);
        let mut rest: Vec<Range<usize>> = std::iter::once(whole).collect();
        for label in labels {
            let label = label.start as usize..label.end as usize;
            let parts = rest.into_iter().flat_map(|part| {
                [
                    part.start..part.end.min(label.start),
                    part.start.max(label.end)..part.end,
                ]
            });
            rest = parts.filter(|part| part.start < part.end).collect();
        }
        hidden.extend(
            rest.into_iter()
                .map(|part| part.start - line.start..part.end - line.start),
        );
    }
    hidden
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The part of a line that is shown.
fn window(content: &str, first: usize) -> Range<usize> {
    if content.len() <= WIDEST {
        return 0..content.len();
    }
    let start = if first > WIDEST - BEFORE {
        floor(content, first - BEFORE)
    } else {
        0
    };
    start..floor(content, content.len().min(start + WIDEST))
}

/// Adds part of a line, every character replaced by as many bytes as it has.
fn push_harmless(
    text: &mut String,
    content: &str,
    window: &Range<usize>,
    hidden: Vec<Range<usize>>,
) {
    let mut hidden = hidden.into_iter().peekable();
    for (at, character) in content
        .char_indices()
        .skip_while(|(at, _)| *at < window.start)
    {
        if at >= window.end {
            break;
        }
        while hidden.next_if(|range| range.end <= at).is_some() {}
        let is_hidden = hidden.peek().is_some_and(|range| range.start <= at);
        match (character, character.len_utf8()) {
            (_, length) if is_hidden => text.extend(std::iter::repeat_n('*', length)),
            ('\t', _) => text.push('\t'),
            ('\r', _) => text.push(' '),
            (character, _) if !is_dangerous(character) => text.push(character),
            (_, 1) => text.push('?'),
            (_, 2) => text.push('¿'),
            (_, 3) => text.push('\u{fffd}'),
            (_, _) => text.push_str("\u{fffd}?"),
        }
    }
}

impl<'b> Files<'b> for View<'_> {
    type FileId = FileId;
    type Name = &'b str;
    type Source = &'b str;

    fn name(&'b self, id: FileId) -> Result<&'b str, Error> {
        self.names
            .get(&id)
            .map(String::as_str)
            .ok_or(Error::FileMissing)
    }

    fn source(&'b self, id: FileId) -> Result<&'b str, Error> {
        self.files
            .get(&id)
            .map(|shown| shown.text.as_str())
            .ok_or(Error::FileMissing)
    }

    fn line_index(&'b self, id: FileId, byte: usize) -> Result<usize, Error> {
        let shown = self.files.get(&id).ok_or(Error::FileMissing)?;
        let line = shown
            .lines
            .iter()
            .find(|(_, line)| line.range.contains(&byte));
        let last = || shown.lines.keys().next_back();
        line.map(|(index, _)| index)
            .or_else(last)
            .copied()
            .ok_or(Error::FileMissing)
    }

    fn line_range(&'b self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let shown = self.files.get(&id).ok_or(Error::FileMissing)?;
        let too_large = Error::LineTooLarge {
            given: line,
            max: 0,
        };
        shown
            .lines
            .get(&line)
            .map(|line| line.range.clone())
            .ok_or(too_large)
    }

    fn column_number(&'b self, id: FileId, line: usize, byte: usize) -> Result<usize, Error> {
        let shown = self.files.get(&id).ok_or(Error::FileMissing)?;
        let too_large = Error::LineTooLarge {
            given: line,
            max: 0,
        };
        let line = shown.lines.get(&line).ok_or(too_large)?;
        let real = line.real + byte.saturating_sub(line.begins);
        Ok(shown
            .source
            .line_column(u32::try_from(real).unwrap_or(u32::MAX))
            .column as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view_of(text: &str, at: &str, check: impl FnOnce(&View<'_>, Span)) {
        let sources = SourceMap::new();
        let file = FileId::in_project("a.nix");
        sources.add(file, "a.nix".into(), text.into());
        let start = text.find(at).unwrap();
        let place = Span {
            file,
            start: start as u32,
            end: (start + at.len()) as u32,
        };
        let redaction = Redaction::default();
        check(
            &View::new(&sources, &redaction, &[place], |_| "a.nix".to_owned()),
            place,
        );
    }

    #[test]
    fn a_place_keeps_its_characters_behind_dangerous_ones() {
        view_of(
            "{\n  a = \"\x1b\u{9b}é\"; owner = 1;\n}\n",
            "owner",
            |view, place| {
                let range = view.range(place).unwrap();
                assert_eq!(
                    view.source(place.file).unwrap().get(range.clone()),
                    Some("owner")
                );
                assert_eq!(view.line_index(place.file, range.start).unwrap(), 1);
                assert_eq!(
                    view.source(place.file).unwrap(),
                    "\n  a = \"?¿é\"; owner = 1;\n\n"
                );
            },
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place_and_keeps_its_column() {
        let text = format!("{}owner = 1;{}", "x".repeat(500_000), "y".repeat(500_000));
        view_of(&text, "owner", |view, place| {
            let range = view.range(place).unwrap();
            let shown = view.source(place.file).unwrap();
            assert_eq!(shown.get(range.clone()), Some("owner"));
            assert!(shown.len() < 200);
            assert_eq!(
                view.column_number(place.file, 0, range.start).unwrap(),
                500_001
            );
        });
    }

    #[test]
    fn a_place_of_several_lines_ends_with_its_first_line() {
        view_of(
            "{\n  a = {\n    b = 1;\n  };\n}\n",
            "{\n    b = 1;\n  }",
            |view, place| {
                let range = view.range(place).unwrap();
                assert_eq!(view.source(place.file).unwrap().get(range), Some("{"));
            },
        );
    }

    #[test]
    fn a_place_past_the_end_is_shown_at_the_end() {
        view_of("{ }", "}", |view, place| {
            let beyond = Span {
                start: 900,
                end: 999,
                ..place
            };
            assert!(view.range(beyond).is_some());
        });
    }
}
