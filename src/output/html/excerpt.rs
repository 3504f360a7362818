//! The lines that a finding is about, marked.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use inventory::{FileId, Span};
use mcp_lint_lints::{Diagnostic, Label};

use super::super::place::place;
use super::super::xml::entities;
use crate::display::{Redaction, View, escape, escape_path};
use crate::report::{Names, Report};

/// A label in the text of a view.
struct Mark<'a> {
    range: Range<usize>,
    is_primary: bool,
    text: &'a str,
}

/// Writes an excerpt of each file, that of the primary label first.
pub(super) fn write(
    report: &Report,
    names: &Names,
    redaction: &Redaction,
    found: &Diagnostic,
    out: &mut dyn Write,
) -> io::Result<()> {
    let labels = || found.primary.iter().chain(&found.secondary);
    let places: Vec<Span> = labels().map(|label| label.at).collect();
    let view = View::new(&report.sources, redaction, &places, |source| {
        names.of(source.path())
    });
    let mut files: Vec<FileId> = Vec::new();
    let mut marks: BTreeMap<FileId, Vec<Mark<'_>>> = BTreeMap::new();
    for (index, label) in labels().enumerate() {
        let Some(range) = view.range(label.at) else {
            continue;
        };
        if !files.contains(&label.at.file) {
            files.push(label.at.file);
        }
        marks.entry(label.at.file).or_default().push(Mark {
            range,
            is_primary: index == 0 && found.primary.is_some(),
            text: &label.text,
        });
    }
    for file in files {
        let marks = marks.remove(&file).unwrap_or_default();
        let first = labels().find(|label| label.at.file == file);
        of_file(report, names, &view, file, first, marks, out)?;
    }
    Ok(())
}

fn of_file(
    report: &Report,
    names: &Names,
    view: &View<'_>,
    file: FileId,
    first: Option<&Label>,
    mut marks: Vec<Mark<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    marks.sort_by_key(|mark| (mark.range.start, mark.range.end));
    let at = first.and_then(|label| place(&report.sources, names, label.at));
    let at = at.map_or_else(String::new, |at| {
        format!("{}:{}:{}", escape_path(&at.file), at.line, at.column)
    });
    writeln!(
        out,
        "<figure><figcaption>{}</figcaption><pre class=\"source\">",
        entities(&at)
    )?;
    let mut last: Option<usize> = None;
    for (number, range, text) in view.lines(file) {
        if last.is_some_and(|last| last + 1 < number) {
            writeln!(out, "<span class=\"gap\">⋯</span>")?;
        }
        last = Some(number);
        let here: Vec<&Mark<'_>> = marks
            .iter()
            .filter(|mark| range.contains(&mark.range.start))
            .collect();
        let line = marked(text, range.start, &here);
        writeln!(out, "<span class=\"number\">{number:>4}</span> {line}")?;
        for mark in here.iter().filter(|mark| !mark.text.is_empty()) {
            writeln!(
                out,
                "<span class=\"number\"></span> {}<span class=\"{}\">{}</span>",
                indentation(text, mark.range.start.saturating_sub(range.start)),
                class(mark),
                entities(&escape(mark.text))
            )?;
        }
    }
    writeln!(out, "</pre></figure>")
}

/// White space as wide as the text before a mark, at most half a line.
fn indentation(text: &str, start: usize) -> String {
    const WIDEST: usize = 60;
    let before = text.get(..start).unwrap_or_default();
    let blank = |character| if character == '\t' { '\t' } else { ' ' };
    before.chars().take(WIDEST).map(blank).collect()
}

const fn class(mark: &Mark<'_>) -> &'static str {
    if mark.is_primary {
        "label primary"
    } else {
        "label secondary"
    }
}

/// A line with the marked characters in elements; where marks overlap, the first one counts.
fn marked(text: &str, starts_at: usize, marks: &[&Mark<'_>]) -> String {
    let text = text.trim_end_matches('\n');
    let mut shown = String::new();
    let mut done = 0;
    for mark in marks {
        let start = mark.range.start.saturating_sub(starts_at).min(text.len());
        let end = mark.range.end.saturating_sub(starts_at).min(text.len());
        if start < done {
            continue;
        }
        let (Some(before), Some(inside)) = (text.get(done..start), text.get(start..end)) else {
            continue;
        };
        shown.push_str(&entities(before));
        let class = if mark.is_primary {
            "primary"
        } else {
            "secondary"
        };
        shown.push_str(&format!(
            "<mark class=\"{class}\">{}</mark>",
            entities(inside)
        ));
        done = end;
    }
    shown.push_str(&entities(text.get(done..).unwrap_or_default()));
    shown
}
