//! Credentials that the inventory knows, covered wherever else their text is.

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use inventory::SourceMap;

use super::Redaction;
use super::cover::{cover, cover_ranges};
use super::redact::assigned;

/// Shorter values are parts of other words, in bytes.
const SHORTEST: usize = 8;
/// Shorter lines of a value of several, such as `-----`, say nothing, in bytes.
const SHORTEST_LINE: usize = 16;

/// Characters that formats spell otherwise.
const ESCAPED: [char; 7] = ['"', '\\', '\n', '\t', '<', '>', '&'];

/// The texts of credentials that are written out in the sources.
#[derive(Clone, Default)]
pub(crate) struct Known {
    values: Vec<String>,
    /// Finds all of them in one pass; `None` if there are none, or too many.
    search: Option<Arc<AhoCorasick>>,
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
        let evaluated: Vec<String> = { values.iter() }
            .flat_map(|value| as_evaluated(value))
            .filter(|value| value.len() >= SHORTEST)
            .collect();
        values.extend(evaluated);
        // What a format spells in its own way, such as a quote in CSV, parts a value.
        let parts: Vec<String> = { values.iter() }
            .filter(|value| value.contains(ESCAPED))
            .flat_map(|value| value.split(ESCAPED))
            .filter(|part| part.len() >= SHORTEST && part.contains(|c: char| c.is_ascii_digit()))
            .map(str::to_owned)
            .collect();
        values.extend(parts);
        Self::of(values)
    }

    fn of(mut values: Vec<String>) -> Self {
        values.sort();
        values.dedup();
        let search = AhoCorasick::new(&values)
            .ok()
            .filter(|_| !values.is_empty());
        Self {
            values,
            search: search.map(Arc::new),
        }
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
        Self::of([self.values.as_slice(), &others.values].concat())
    }

    /// The text without them, and without any credential that its shape tells.
    pub(crate) fn cover<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found: Vec<_> = match &self.search {
            Some(search) => search
                .find_overlapping_iter(text)
                .map(|it| it.range())
                .collect(),
            // More than an automaton can have is found one by one.
            None => { self.values.iter() }
                .flat_map(|value| text.match_indices(value.as_str()))
                .map(|(start, value)| start..start + value.len())
                .collect(),
        };
        if found.is_empty() {
            return cover(text);
        }
        let covered = cover_ranges(text, found);
        Cow::Owned(cover(&covered).into_owned())
    }

    /// Covers a text in place.
    pub(crate) fn conceal(&self, text: &mut String) {
        if let Cow::Owned(covered) = self.cover(text) {
            *text = covered;
        }
    }
}

/// What the text of a Nix string becomes when it is evaluated: the parts between interpolations, with what is
/// escaped as it is meant; nothing if that is the text itself.
fn as_evaluated(text: &str) -> Vec<String> {
    if !text.contains(['\\', '$', '\'']) {
        return Vec::new();
    }
    let parts = text
        .split("${")
        .map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    parts
        .map(|part| {
            let part = part.replace("\'\'$", "$").replace("\'\'\'", "\'\'");
            let mut plain = String::with_capacity(part.len());
            let mut characters = part.chars();
            while let Some(character) = characters.next() {
                match (character, character == '\\') {
                    (_, true) => plain.extend(characters.next().map(|escaped| match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    })),
                    (other, false) => plain.push(other),
                }
            }
            plain
        })
        .collect()
}

// Never the values.
impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({})", self.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_covered_as_they_are_written_and_as_they_are_evaluated() {
        let values = [
            "Aa1hunt\\\"Corr3ctHorse",
            "x''$yCorr4ctHorse",
            "a1b2c3d4${x}e5f6g7h8",
        ];
        let mut all: Vec<String> = values.iter().map(|it| (*it).to_owned()).collect();
        all.extend(values.iter().flat_map(|it| as_evaluated(it)));
        let known = Known::of(all);
        for text in [
            "Aa1hunt\"Corr3ctHorse",
            "x$yCorr4ctHorse",
            "a1b2c3d4 and e5f6g7h8",
            values[0],
        ] {
            let covered = known.cover(text);
            assert_eq!(covered.len(), text.len());
            assert!(
                !covered.contains("Corr") && !covered.contains("c3d4") && !covered.contains("g7h8"),
                "{covered}"
            );
        }
    }

    #[test]
    fn values_that_overlap_are_covered_both() {
        let known = Known::of(vec!["abcdefgh".to_owned(), "efghijkl".to_owned()]);
        assert_eq!(known.cover("-abcdefghijkl-"), "-************-");
        assert_eq!(Known::default().cover("owner"), "owner");
    }
}
