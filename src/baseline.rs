//! Findings that were there before: known by what they are, not by the line they stand on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use mcp_lint_lints::{Diagnostic, Lint};
use serde::{Deserialize, Serialize};

use crate::config::read_file;
use crate::display::cover;
use crate::report::{Stale, near};
use crate::usage::UsageError;
use crate::write::replace_file;

/// The version of the format.
const VERSION: u32 = 1;

/// A file of findings that are not to be reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

/// One finding. Never holds what a secret says, nor its hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    lint: String,
    /// Relative to the project root, or null for a finding without a place.
    file: Option<String>,
    /// The option or file that it is about.
    subject: String,
    /// Its place among the findings with the same lint, file and subject.
    ordinal: usize,
    /// The numbers in its message: modes and counts, in order. A finding with a larger one got worse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<u64>,
}

impl Entry {
    fn of(diagnostic: &Diagnostic) -> Self {
        Self {
            lint: diagnostic.lint.name.to_owned(),
            file: diagnostic.file.as_deref().map(covered),
            subject: covered(&diagnostic.subject),
            ordinal: diagnostic.ordinal,
            numbers: numbers(&diagnostic.message),
        }
    }

    /// The entry without what may change.
    fn identity(&self) -> Self {
        Self {
            numbers: Vec::new(),
            ..self.clone()
        }
    }
}

/// A name without what looks like a token in it: a file can be called anything.
fn covered(name: &str) -> String {
    cover(name).into_owned()
}

/// The numbers of a message outside of words: `0444`, `3`; not those of `host1`.
fn numbers(message: &str) -> Vec<u64> {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c));
    words
        .filter_map(|word| word.trim_matches('.').parse().ok())
        .collect()
}

/// Whether a number grew. Messages of another form say nothing.
fn is_worse(now: &[u64], before: &[u64]) -> bool {
    now.len() == before.len() && now.iter().zip(before).any(|(now, before)| now > before)
}

/// The findings of a baseline file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    /// The numbers of each, by its identity.
    entries: BTreeMap<Entry, Vec<u64>>,
}

/// Findings parted by a baseline.
#[derive(Debug, Default)]
pub(crate) struct Parted {
    /// Those that the baseline does not hold.
    pub(crate) new: Vec<Diagnostic>,
    /// How many it holds.
    pub(crate) known: usize,
    /// Its entries that are of no finding, in the order of the file.
    pub(crate) stale: Vec<Stale>,
}

impl Baseline {
    /// Reads a baseline file.
    pub(crate) fn read(path: &Path) -> Result<Self, UsageError> {
        let text = read_file(path).map_err(|error| {
            if path.exists() {
                return error;
            }
            let file = near(path);
            error.help(format!(
                "this makes it: mcp-lint check --write-baseline {file}"
            ))
        })?;
        let wrong = |why: String| {
            UsageError::new(format!("{} is not a baseline: {why}", near(path)))
                .help("make one with: mcp-lint check --write-baseline FILE")
        };
        // The words of the error would show the file, which the configuration of a stranger may have named.
        let place = |error: serde_json::Error| {
            let what = if error.is_data() {
                "other fields or types"
            } else {
                "no JSON"
            };
            wrong(format!(
                "{what} at line {}, column {}",
                error.line(),
                error.column()
            ))
        };
        let version: Version = serde_json::from_str(&text).map_err(place)?;
        if version.version != VERSION {
            let why = format!(
                "its version is {}, and this program knows {VERSION}",
                version.version
            );
            return Err(wrong(why));
        }
        let document: Document = serde_json::from_str(&text).map_err(place)?;
        Ok(Self {
            entries: { document.findings.into_iter() }
                .map(|entry| (entry.identity(), entry.numbers))
                .collect(),
        })
    }

    /// Its entries, in their order.
    pub(crate) fn describe(&self) -> Vec<u8> {
        format!("{:?}", self.entries).into_bytes()
    }

    /// Takes out the findings that the baseline holds.
    pub(crate) fn part(&self, diagnostics: Vec<Diagnostic>, ran: &[&'static Lint]) -> Parted {
        let mut seen = BTreeSet::new();
        let mut parted = Parted::default();
        for diagnostic in diagnostics {
            let entry = Entry::of(&diagnostic);
            let identity = entry.identity();
            match self.entries.get(&identity) {
                Some(before) => {
                    seen.insert(identity);
                    if is_worse(&entry.numbers, before) {
                        parted.new.push(diagnostic);
                    } else {
                        parted.known += 1;
                    }
                }
                None => parted.new.push(diagnostic),
            }
        }
        // A lint that did not run says nothing about its findings.
        let gone = self.entries.keys().filter(|entry| !seen.contains(*entry));
        let was_run = |entry: &&Entry| ran.iter().any(|lint| lint.name == entry.lint);
        parted.stale = { gone.filter(was_run) }
            .map(|entry| Stale {
                lint: entry.lint.clone(),
                file: entry.file.clone(),
                subject: entry.subject.clone(),
            })
            .collect();
        parted
    }
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Writes the findings as a baseline, in one step.
pub(crate) fn write(path: &Path, diagnostics: &[Diagnostic]) -> Result<usize, UsageError> {
    let entries: BTreeSet<Entry> = diagnostics.iter().map(Entry::of).collect();
    let document = Document {
        version: VERSION,
        findings: entries.into_iter().collect(),
    };
    let mut text = Vec::new();
    let cannot = |why: &dyn std::fmt::Display| {
        UsageError::new(format!("cannot write {}: {why}", near(path)))
    };
    crate::output::write_document(&document, &mut text).map_err(|error| cannot(&error))?;
    text.flush().map_err(|error| cannot(&error))?;
    replace_file(path, &text).map_err(|error| cannot(&error))?;
    Ok(document.findings.len())
}
