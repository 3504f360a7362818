//! Reasons, each once, with its places and what would decide it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use inventory::{Need, Reader, Span, Unknown};

use super::super::style::{FAINT, STRONG, styled};
use super::Shown;
use crate::display::{escape, escape_lines};

/// The most places of one reason that are shown.
const MOST_PLACES: usize = 3;

/// Reasons by number; the first that is asked for is `[1]`.
#[derive(Default)]
pub(super) struct Notes<'a> {
    numbers: BTreeMap<(String, Option<&'a Need>), usize>,
    notes: Vec<Note<'a>>,
}

struct Note<'a> {
    reason: String,
    /// What decides it.
    need: Option<&'a Need>,
    /// The input whose source decides it.
    input: Option<&'a str>,
    places: BTreeSet<Span>,
}

impl<'a> Notes<'a> {
    /// The sign of the reason why something is not known.
    pub(super) fn unknown(&mut self, unknown: &'a Unknown) -> String {
        let note = Note {
            reason: unknown.reason.to_string(),
            need: None,
            input: unknown.reason.input(),
            places: unknown.at.into_iter().collect(),
        };
        self.add(note)
    }

    /// The sign of the reason why a reader cannot read, or why that is not decided.
    pub(super) fn reader(&mut self, reader: &'a Reader, need: Option<&'a Need>) -> String {
        let note = Note {
            reason: reader.verdict.reason.clone(),
            need,
            input: None,
            places: reader.at.into_iter().collect(),
        };
        self.add(note)
    }

    fn add(&mut self, note: Note<'a>) -> String {
        let next = self.notes.len();
        let key = (note.reason.clone(), note.need);
        let index = *self.numbers.entry(key).or_insert(next);
        match self.notes.get_mut(index) {
            Some(known) => known.places.extend(note.places),
            None => self.notes.push(note),
        }
        format!("[{}]", index + 1)
    }

    /// Writes them.
    pub(super) fn write(&self, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.notes.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", styled(STRONG, "Notes"))?;
        let mut decided: BTreeMap<String, usize> = BTreeMap::new();
        for (note, number) in self.notes.iter().zip(1..) {
            let sign = format!("{:>5} ", format!("[{number}]"));
            let at = places(&note.places, shown);
            let text = format!("{}{}", shown.text(&note.reason), styled(FAINT, &at));
            writeln!(out, "{}", shown.width.wrap(&text, &sign, "      "))?;
            let Some(need) = note.need() else { continue };
            let paste = need.paste().unwrap_or_default();
            if let Some(first) = decided.get(&paste).filter(|_| !paste.is_empty()) {
                writeln!(out, "      decided as [{first}] is")?;
                continue;
            }
            let words = match &*need {
                Need::Input { .. } => format!("decided by its source: {}", shown.text(&paste)),
                Need::Reader { .. } => "decided by, in mcp-lint.toml:".to_owned(),
                Need::Value(why) => {
                    let words = why.reason.to_string();
                    // It is the reason itself, or the part of it after `who reads it is not known`.
                    if note.reason.contains(&words) {
                        continue;
                    }
                    format!("decided by: {}", shown.text(&words))
                }
            };
            writeln!(out, "{}", shown.width.wrap(&words, "      ", "        "))?;
            if matches!(&*need, Need::Reader { .. }) {
                for line in escape_lines(&paste).lines() {
                    writeln!(out, "        {line}")?;
                }
            }
            decided.insert(paste, number);
        }
        Ok(())
    }
}

impl Note<'_> {
    /// What decides it.
    fn need(&self) -> Option<Cow<'_, Need>> {
        let input = || {
            let name = self.input?.to_owned();
            Some(Cow::Owned(Need::Input { name, at: None }))
        };
        self.need.map(Cow::Borrowed).or_else(input)
    }
}

/// ` · default.nix:4, other.nix:7 and 3 more`; empty without places.
fn places(places: &BTreeSet<Span>, shown: &Shown<'_>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for at in places {
        let Some(at) = shown.place(*at) else { continue };
        let text = format!("{}:{}", escape(&at.file), at.line);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let more = texts.len().saturating_sub(MOST_PLACES);
    texts.truncate(MOST_PLACES);
    match (texts.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(" · {}", texts.join(", ")),
        (false, more) => format!(" · {} and {more} more", texts.join(", ")),
    }
}
