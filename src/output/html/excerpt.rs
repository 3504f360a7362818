//! The lines that a finding is about, marked.

use std::collections::BTreeMap;
use std::ops::Range;

use inventory::{FileId, Span};
use maud::{Markup, html};
use mcp_lint_lints::{Diagnostic, Label};

use super::super::place::place;
use super::Page;
use crate::display::{View, escape_path};

/// A label in the text of a view.
struct Mark<'a> {
    range: Range<usize>,
    is_primary: bool,
    text: &'a str,
}

/// An excerpt of each file, that of the primary label first.
pub(super) fn markup(page: &Page<'_>, found: &Diagnostic) -> Markup {
    let report = page.report;
    let labels = || found.primary.iter().chain(&found.secondary);
    let places: Vec<Span> = labels().map(|label| label.at).collect();
    let view = View::new(
        &report.sources,
        &report.summary.redaction,
        &places,
        |source| page.names.of(source.path()),
    );
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
    html! {
        @for file in files {
            @let first = labels().find(|label| label.at.file == file);
            (of_file(page, &view, file, first, marks.remove(&file).unwrap_or_default()))
        }
    }
}

fn of_file(
    page: &Page<'_>,
    view: &View<'_>,
    file: FileId,
    first: Option<&Label>,
    mut marks: Vec<Mark<'_>>,
) -> Markup {
    marks.sort_by_key(|mark| (mark.range.start, mark.range.end));
    let at = first.and_then(|label| place(&page.report.sources, &page.names, label.at));
    let mut last: Option<usize> = None;
    html! {
        figure {
            figcaption { @if let Some(at) = at { (escape_path(&at.file)) ":" (at.line) ":" (at.column) } }
            pre.source {
                @for (number, range, text) in view.lines(file) {
                    @if last.replace(number).is_some_and(|last| last + 1 < number) {
                        span.gap { "⋯" } "\n"
                    }
                    @let here: Vec<&Mark<'_>> = { marks.iter() }
                        .filter(|mark| range.contains(&mark.range.start))
                        .collect();
                    span.number { (format!("{number:>4}")) } " " (marked(text, range.start, &here)) "\n"
                    @for mark in here.iter().filter(|mark| !mark.text.is_empty()) {
                        span.number {} " "
                        (indentation(text, mark.range.start.saturating_sub(range.start)))
                        span class={ "label " (class(mark)) } { (page.text(mark.text)) } "\n"
                    }
                }
            }
        }
        "\n"
    }
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
        "primary"
    } else {
        "secondary"
    }
}

/// A line with the marked characters in elements; where marks overlap, the first one counts.
fn marked(text: &str, starts_at: usize, marks: &[&Mark<'_>]) -> Markup {
    let text = text.trim_end_matches('\n');
    let mut parts: Vec<(Option<&'static str>, &str)> = Vec::new();
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
        parts.extend([(None, before), (Some(class(mark)), inside)]);
        done = end;
    }
    parts.push((None, text.get(done..).unwrap_or_default()));
    html! {
        @for (class, part) in parts {
            @match class {
                Some(class) => mark class=(class) { (part) },
                None => (part),
            }
        }
    }
}
