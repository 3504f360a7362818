//! Which of the paths that texts mention may be a secret's.

use rustc_hash::FxHashMap;

use crate::exposure::mentions::{Mention, Mentions};

/// The paths that texts mention, for many secrets that ask for theirs.
pub(super) struct MentionedPaths<'a> {
    /// The places of each, in the order of the paths.
    all: Vec<&'a [Mention]>,
    /// The indices of the paths, by how they are written after a tilde.
    ends: FxHashMap<&'a str, Vec<usize>>,
    /// The same without the slash after them.
    directories: FxHashMap<&'a str, Vec<usize>>,
}

impl<'a> MentionedPaths<'a> {
    pub(super) fn of(mentions: &'a Mentions) -> Self {
        let mut found = Self {
            all: Vec::new(),
            ends: FxHashMap::default(),
            directories: FxHashMap::default(),
        };
        for (index, (path, places)) in mentions.paths.iter().enumerate() {
            let end = path.trim_start_matches('~');
            let directory = end.trim_end_matches('/');
            found.all.push(places);
            found.ends.entry(end).or_default().push(index);
            found.directories.entry(directory).or_default().push(index);
        }
        found
    }

    /// Where paths are mentioned that a path is, is below, or ends with.
    pub(super) fn that_may_be(&self, path: &str) -> impl Iterator<Item = &'a Mention> {
        let above = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let above = above.filter_map(|end| self.directories.get(path.get(..end)?));
        let starts = path.char_indices().map(|(at, _)| at).chain([path.len()]);
        let ends = starts.filter_map(|start| self.ends.get(path.get(start..)?));
        let mut found: Vec<usize> = above.chain(ends).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        let places = found.into_iter().filter_map(|index| self.all.get(index));
        places.copied().flatten().collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use inventory::model::below;

    use super::*;

    #[test]
    fn the_same_paths_are_found_as_by_comparing_with_each() {
        let mentioned = [
            "",
            "/",
            "~",
            "/run",
            "/run/",
            "/run/secrets/a",
            "/run/secrets/a/",
            "/run/secrets/ab",
            "~/x/a",
            "/x/a",
            "a",
            "b",
            "~/",
            "é/a",
            "/run/secrets/a/b",
        ];
        let mut mentions = Mentions::default();
        for path in mentioned {
            mentions
                .paths
                .insert(path.to_owned(), vec![Mention { at: None }]);
        }
        let index = MentionedPaths::of(&mentions);
        for path in [
            "/run/secrets/a",
            "/run/secrets/ab",
            "/home/é/a",
            "/home/x/a",
            "",
            "/",
            "/run/secrets/a/b",
            "run",
        ] {
            let compared = mentions.paths.iter().filter(|(mention, _)| {
                let mention = mention.trim_start_matches('~');
                below(path, mention).is_some() || path.ends_with(mention)
            });
            let compared: Vec<*const Mention> = { compared.flat_map(|(_, places)| places) }
                .map(std::ptr::from_ref)
                .collect();
            let found: Vec<*const Mention> =
                index.that_may_be(path).map(std::ptr::from_ref).collect();
            assert_eq!(found, compared, "{path}");
        }
    }
}
