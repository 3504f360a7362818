//! A finding as it is kept.

use std::collections::BTreeSet;

use inventory::Span;
use mcp_lint_lints::{Confidence, Diagnostic, Edit, Fix, Help, Label, Severity};
use serde::{Deserialize, Serialize};

use super::entry::{Numbered, Place};

#[derive(Serialize, Deserialize)]
pub(super) struct Finding {
    lint: String,
    severity: String,
    message: String,
    primary: Option<Labelled>,
    secondary: Vec<Labelled>,
    note: Option<String>,
    help: Option<(String, Option<String>)>,
    confidence: String,
    hosts: BTreeSet<String>,
    fixes: Vec<Change>,
    subject: String,
    ordinal: usize,
    file: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Labelled {
    at: Place,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct Change {
    title: String,
    safe: bool,
    edits: Vec<(Place, String)>,
}

impl Finding {
    /// Nothing if one of its places has no number.
    pub(super) fn of(found: &Diagnostic, place: &dyn Fn(Span) -> Option<Place>) -> Option<Self> {
        let labelled = |label: &Label| {
            Some(Labelled {
                at: place(label.at)?,
                text: label.text.clone(),
            })
        };
        let edit = |edit: &Edit| Some((place(edit.span)?, edit.replacement.clone()));
        let change = |fix: &Fix| {
            Some(Change {
                title: fix.title.clone(),
                safe: fix.safe,
                edits: fix.edits.iter().map(edit).collect::<Option<_>>()?,
            })
        };
        let primary = match &found.primary {
            Some(label) => Some(labelled(label)?),
            None => None,
        };
        Some(Self {
            lint: found.lint.name.to_owned(),
            severity: found.severity.name().to_owned(),
            message: found.message.clone(),
            primary,
            secondary: { found.secondary.iter().map(labelled) }.collect::<Option<_>>()?,
            note: found.note.clone(),
            help: { found.help.as_ref() }.map(|help| (help.text.clone(), help.code.clone())),
            confidence: found.confidence.name().to_owned(),
            hosts: found.hosts.clone(),
            fixes: found.fixes.iter().map(change).collect::<Option<_>>()?,
            subject: found.subject.clone(),
            ordinal: found.ordinal,
            file: found.file.clone(),
        })
    }

    /// Nothing if it says what this program does not know.
    pub(super) fn diagnostic(self, files: &Numbered) -> Option<Diagnostic> {
        let severities = [Severity::Info, Severity::Warning, Severity::Error];
        let confidences = [Confidence::Low, Confidence::Medium, Confidence::High];
        let severity = { severities.into_iter() }.find(|known| known.name() == self.severity)?;
        let confidence =
            { confidences.into_iter() }.find(|known| known.name() == self.confidence)?;
        let label = |label: Labelled| {
            Some(Label {
                at: files.span(label.at)?,
                text: label.text,
            })
        };
        let edit = |(at, replacement): (Place, String)| {
            Some(Edit {
                span: files.span(at)?,
                replacement,
            })
        };
        let fix = |change: Change| {
            Some(Fix {
                title: change.title,
                safe: change.safe,
                edits: { change.edits.into_iter().map(edit) }.collect::<Option<_>>()?,
            })
        };
        let primary = match self.primary {
            Some(primary) => Some(label(primary)?),
            None => None,
        };
        Some(Diagnostic {
            lint: mcp_lint_lints::find(&self.lint)?,
            severity,
            message: self.message,
            primary,
            secondary: { self.secondary.into_iter().map(label) }.collect::<Option<_>>()?,
            note: self.note,
            help: self.help.map(|(text, code)| Help { text, code }),
            confidence,
            hosts: self.hosts,
            fixes: { self.fixes.into_iter().map(fix) }.collect::<Option<_>>()?,
            subject: self.subject,
            // What needs them needs the facts, and those are not kept.
            secrets: BTreeSet::new(),
            ordinal: self.ordinal,
            file: self.file,
        })
    }
}
