//! What is wrong in `mcp-lint.toml`, with its place.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use anstream::StripStream;
use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::term::{self, Config};
use inventory::{FileId, SourceMap, Span};

use crate::display::{Redaction, View, escape};
use crate::output::Styled;

/// How many problems of a file are shown.
const SHOWN: usize = 10;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The bytes of the file.
    pub(crate) at: Range<usize>,
    /// What, in one line.
    pub(crate) message: String,
    /// A few words for the characters.
    pub(crate) label: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(super) fn new(
        at: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            at,
            message: message.into(),
            label: label.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the candidate that is most like `name`, else with all of them.
    pub(super) fn suggest<'a>(self, name: &str, candidates: impl Iterator<Item = &'a str>) -> Self {
        let candidates: Vec<&str> = candidates.collect();
        match crate::usage::closest(name, candidates.iter().copied()) {
            Some(meant) => self.help(format!("did you mean `{meant}`?")),
            None if candidates.len() > 12 => self.help("mcp-lint lints shows all names"),
            None => self.help(format!("known are {}", candidates.join(", "))),
        }
    }
}

/// The problems as text for standard error, in order of place.
pub(super) fn render(path: &Path, text: &str, mut problems: Vec<Problem>) -> String {
    problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
    let name = escape(&crate::report::near(path));
    let sources = SourceMap::new();
    let file = FileId::in_project(path);
    sources.add(file, path.to_owned(), Arc::from(text));
    let redaction = Redaction::default();
    let mut out = StripStream::new(Vec::new());
    for problem in problems.iter().take(SHOWN) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let at = Span {
            file,
            start: offset(problem.at.start),
            end: offset(problem.at.end.max(problem.at.start + 1).min(text.len())),
        };
        let view = View::new(&sources, &redaction, &[at], |_| name.clone());
        let labels = view
            .range(at)
            .map(|range| Label::primary(file, range).with_message(escape(&problem.label)));
        let help = problem.help.as_ref();
        let shown = Diagnostic::error()
            .with_message(escape(&problem.message))
            .with_labels(labels.into_iter().collect())
            .with_notes(
                help.map(|help| format!("help: {}", escape(help)))
                    .into_iter()
                    .collect(),
            );
        // Writing to memory does not fail.
        let _ = term::emit_to_write_style(&mut Styled(&mut out), &Config::default(), &view, &shown);
    }
    let mut text = String::from_utf8_lossy(&out.into_inner())
        .trim_end()
        .to_owned();
    if problems.len() > SHOWN {
        text.push_str(&format!("\n\nand {} more", problems.len() - SHOWN));
    }
    text
}
