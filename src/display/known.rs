//! Credentials that the inventory knows, covered wherever else their text is.

use std::borrow::Cow;

use inventory::SourceMap;

use super::Redaction;
use super::cover::{cover, cover_ranges};
use super::redact::assigned;

/// Shorter values are parts of other words, in bytes.
const SHORTEST: usize = 8;
/// Shorter lines of a value of several, such as `-----`, say nothing, in bytes.
const SHORTEST_LINE: usize = 16;

/// The texts of credentials that are written out in the sources.
#[derive(Clone, Default)]
pub(crate) struct Known {
    values: Vec<String>,
}

impl Known {
    pub(crate) fn new(redaction: &Redaction, sources: &SourceMap) -> Self {
        let mut values: Vec<String> = redaction
            .places()
            .filter_map(|place| {
                let source = sources.get(place.file)?;
                let text = source
                    .text()
                    .get(place.start as usize..place.end as usize)?;
                let value = text.trim_matches(['"', '\'', ' ', '\n']);
                // A word can be the name of a user as well.
                let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
                (value.len() >= SHORTEST && !is_word).then(|| value.to_owned())
            })
            .collect();
        let lines: Vec<String> = { values.iter() }
            .filter(|value| value.contains('\n'))
            .flat_map(|value| value.lines().map(str::trim))
            .filter(|line| line.len() >= SHORTEST_LINE)
            .map(ToOwned::to_owned)
            .collect();
        values.extend(lines);
        values.sort();
        values.dedup();
        Self { values }
    }

    /// A line of a source without them, without what its shape tells, and without the values of names that are
    /// those of credentials.
    pub(crate) fn cover_line<'t>(&self, line: &'t str) -> Cow<'t, str> {
        let covered = self.cover(line);
        let hidden = assigned(&covered);
        if hidden.is_empty() {
            return covered;
        }
        Cow::Owned(cover_ranges(&covered, hidden).into_owned())
    }

    /// These and others.
    #[cfg(feature = "mcp")]
    pub(crate) fn with(&self, others: &Self) -> Self {
        let mut values = [self.values.as_slice(), &others.values].concat();
        values.sort();
        values.dedup();
        Self { values }
    }

    /// The text without them, and without any credential that its shape tells.
    pub(crate) fn cover<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_there = |value: &&String| text.contains(value.as_str());
        let mut found = self.values.iter().filter(is_there).peekable();
        if found.peek().is_none() {
            return cover(text);
        }
        let mut covered = text.to_owned();
        for value in found {
            covered = covered.replace(value.as_str(), &"*".repeat(value.len()));
        }
        Cow::Owned(cover(&covered).into_owned())
    }

    /// Covers a text in place.
    pub(crate) fn conceal(&self, text: &mut String) {
        if let Cow::Owned(covered) = self.cover(text) {
            *text = covered;
        }
    }
}

// Never the values.
impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({})", self.values.len())
    }
}
