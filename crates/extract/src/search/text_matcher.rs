//! Many texts searched for at once.

use std::collections::BTreeSet;

use aho_corasick::Span;
use aho_corasick::packed::Searcher;

/// How many beginnings are searched for at once: vector instructions (Teddy) take no more patterns.
const MOST: usize = 64;

/// Texts that are searched for in many others. They have few beginnings, the directories of the paths
/// that they are, which are found quickly; most values hold none of them.
#[derive(Debug, Default)]
pub(crate) struct TextMatcher {
    /// Sorted, each with its number.
    texts: Vec<(String, usize)>,
    /// Sorted; none begins with another.
    beginnings: Vec<Vec<u8>>,
    /// Their first bytes.
    firsts: Vec<u8>,
    /// Finds the beginnings; `None` on a processor without the instructions.
    searcher: Option<Searcher>,
}

impl TextMatcher {
    /// Of these texts, numbered from 0; an empty one is never found.
    pub(crate) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut texts: Vec<(String, usize)> = texts.map(str::to_owned).zip(0..).collect();
        texts.sort_unstable();
        let mut beginnings = shortest(texts.iter().map(|(text, _)| beginning(text)));
        let mut length = 2 * MOST;
        while beginnings.len() > MOST && length > 1 {
            length /= 2;
            let cut = beginnings.iter().map(|it| it.get(..length).unwrap_or(it));
            beginnings = shortest(cut);
        }
        let mut firsts: Vec<u8> = beginnings
            .iter()
            .filter_map(|it| it.first().copied())
            .collect();
        firsts.dedup();
        let searcher = Searcher::new(&beginnings);
        Self {
            texts,
            beginnings,
            firsts,
            searcher,
        }
    }

    /// Whether one of the texts may occur in another; `false` is certain.
    pub(crate) fn may_be_in(&self, text: &str) -> bool {
        self.place(text.as_bytes(), 0).is_some()
    }

    /// The offsets, in bytes, at which one of the texts occurs in another, in their order, each with the
    /// number of that text.
    pub(crate) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut from = 0;
        let places = std::iter::from_fn(move || {
            let (at, length) = self.place(text.as_bytes(), from)?;
            // Another may begin inside this one.
            from = at + 1;
            Some((at, length))
        });
        places.flat_map(|(at, length)| {
            let rest = text.get(at..).unwrap_or_default();
            self.all_at(rest, length).map(move |number| (at, number))
        })
    }

    /// The numbers of those that are the same as another text.
    pub(crate) fn same_as<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let start = self
            .texts
            .partition_point(|(known, _)| known.as_str() < text);
        let rest = self.texts.get(start..).unwrap_or_default();
        let same = rest.iter().take_while(move |(known, _)| known == text);
        same.map(|(_, number)| *number)
    }

    /// The next offset at which one of the beginnings occurs, and its length.
    fn place(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        if let Some(searcher) = &self.searcher {
            let found = searcher.find_in(text, Span::from(from..text.len()));
            return found.map(|found| (found.start(), found.len()));
        }
        (from..text.len()).find_map(|at| {
            let rest = text.get(at..)?;
            rest.first().filter(|byte| self.firsts.contains(byte))?;
            let mut here = self.beginnings.iter().filter(|it| rest.starts_with(it));
            here.next().map(|beginning| (at, beginning.len()))
        })
    }

    /// The numbers of those with which a text begins, the longest first. They have the beginning of
    /// that length in common with it.
    fn all_at(&self, text: &str, length: usize) -> impl Iterator<Item = usize> {
        // Whatever begins the text is sorted before it; so is all that has less in common with it.
        let mut text = text.as_bytes();
        let mut before = self.texts.as_slice();
        std::iter::from_fn(move || {
            while text.len() >= length {
                let end = before.partition_point(|(known, _)| known.as_bytes() <= text);
                let ((known, number), rest) = before.get(..end)?.split_last()?;
                let same = known.bytes().zip(text).take_while(|(a, b)| a == *b).count();
                before = rest;
                if same == known.len() && same >= length {
                    return Some(*number);
                }
                text = text.get(..same)?;
            }
            None
        })
    }
}

/// How a text begins: its directories, or what is before the first colon, but not so little that
/// it occurs in many others (`~/`).
fn beginning(text: &str) -> &[u8] {
    const LEAST: usize = 4;
    let end = match text.rfind('/') {
        Some(slash) if slash > 0 => slash + 1,
        _ => text.find(':').unwrap_or(text.len()),
    };
    let end = end.max(LEAST).min(text.len());
    text.as_bytes().get(..end).unwrap_or_default()
}

/// Those that do not begin with another, sorted.
fn shortest<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let sorted: BTreeSet<&[u8]> = texts.filter(|text| !text.is_empty()).collect();
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for text in sorted {
        if !kept.last().is_some_and(|last| text.starts_with(last)) {
            kept.push(text.to_vec());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(set: &TextMatcher, text: &str) -> Vec<(usize, usize)> {
        assert_eq!(set.may_be_in(text), set.place(text.as_bytes(), 0).is_some());
        set.find(text).collect()
    }

    #[test]
    fn every_text_is_found_even_inside_another() {
        let texts = ["~/.config/a/x", "/.config/a/", "/.config/a/x-y", "<S:1:P>"];
        let set = TextMatcher::new(texts.into_iter());
        let expected = ["/.config/a/", "<S:1", "~/.config/a/"].map(Vec::from);
        assert_eq!(set.beginnings, expected);
        assert_eq!(
            find(&set, "cat ~/.config/a/x-y <S:1:P>"),
            [(4, 0), (5, 2), (5, 1), (20, 3)]
        );
        assert_eq!(find(&set, "cat ~/.config/a <S:2:P>"), []);
        assert!(!set.may_be_in("nothing of that /.config/b/"));
        assert!(!TextMatcher::new([""].into_iter()).may_be_in("text"));
    }

    #[test]
    fn all_that_begin_a_text_are_found_among_others() {
        let texts = [
            "/a/b", "/a", "/a/b", "/a/b/c", "/a/a", "/a/b/d", "/a/", "/a/c",
        ];
        let set = TextMatcher::new(texts.into_iter());
        let mut found = find(&set, "/a/b/ca");
        found.sort_unstable();
        assert_eq!(found, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 6)]);
        assert_eq!(set.same_as("/a/b").collect::<Vec<_>>(), [0, 2]);
        assert_eq!(set.same_as("/a/bb").count(), 0);
    }

    #[test]
    fn there_are_never_too_many_beginnings() {
        let texts: Vec<String> = (0..500).map(|n| format!("/srv/{n}/of/it/x")).collect();
        let set = TextMatcher::new(texts.iter().map(String::as_str));
        assert!(set.beginnings.len() <= MOST);
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(find(&set, text), [(0, number)]);
        }
    }

    #[test]
    fn the_same_is_found_without_the_instructions() {
        let texts = ["/a/b/c", "ü/d", "e", "/a/b/x"];
        let with = TextMatcher::new(texts.into_iter());
        let without = TextMatcher {
            searcher: None,
            ..TextMatcher::new(texts.into_iter())
        };
        for text in ["/a/b/x ü/d", "üüü/dee /a/b/c /a/b//a/b/", "", "f"] {
            assert_eq!(find(&with, text), find(&without, text));
        }
    }
}
