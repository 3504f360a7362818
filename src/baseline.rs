//! Findings that were there before: known by what they are, not by the line they stand on.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use mcp_lint_lints::{Diagnostic, Lint};
use serde::{Deserialize, Serialize};

use crate::config::read_file;
use crate::report::near;
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
}

impl Entry {
    fn of(diagnostic: &Diagnostic) -> Self {
        Self {
            lint: diagnostic.lint.name.to_owned(),
            file: diagnostic.file.clone(),
            subject: diagnostic.subject.clone(),
            ordinal: diagnostic.ordinal,
        }
    }
}

/// The findings of a baseline file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    entries: BTreeSet<Entry>,
}

/// Findings parted by a baseline.
#[derive(Debug, Default)]
pub(crate) struct Parted {
    /// Those that the baseline does not hold.
    pub(crate) new: Vec<Diagnostic>,
    /// How many it holds.
    pub(crate) known: usize,
    /// How many of its entries are of no finding.
    pub(crate) stale: usize,
}

impl Baseline {
    /// Reads a baseline file.
    pub(crate) fn read(path: &Path) -> Result<Self, UsageError> {
        let text = read_file(path)?;
        let wrong = |why: String| {
            UsageError::new(format!("{} is not a baseline: {why}", near(path)))
                .help("make one with: mcp-lint check --write-baseline FILE")
        };
        let version: Version =
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if version.version != VERSION {
            let why = format!(
                "its version is {}, and this program knows {VERSION}",
                version.version
            );
            return Err(wrong(why));
        }
        let document: Document =
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            entries: document.findings.into_iter().collect(),
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
            if self.entries.contains(&entry) {
                parted.known += 1;
                seen.insert(entry);
            } else {
                parted.new.push(diagnostic);
            }
        }
        // A lint that did not run says nothing about its findings.
        let gone = self.entries.difference(&seen);
        let was_run = |entry: &&Entry| ran.iter().any(|lint| lint.name == entry.lint);
        parted.stale = gone.filter(was_run).count();
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
