//! The texts that stand for secrets, looked for in a text all at once.

use aho_corasick::AhoCorasick;
use nix_eval::Evaluator;

use super::shell;
use crate::build::facts::Options;
use crate::build::readers::{MANAGED, from_home, managed_directory, pieces};
use crate::model::{Mentioned, Scope, Secret, SecretKind};

/// What to look for in texts.
#[derive(Debug)]
pub(super) struct Needle {
    pub(super) text: String,
    pub(super) secret: usize,
    pub(super) what: Mentioned,
}

/// Every needle of a configuration.
#[derive(Debug, Default)]
pub(super) struct Needles {
    all: Vec<Needle>,
    /// Finds them, and after them the directories of managers; most texts have none.
    any: Option<AhoCorasick>,
}

/// What stands in a text.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    /// The needles, in their order, with where they stand.
    pub(super) needles: Vec<(&'a Needle, usize)>,
    /// Paths below the directories of managers at which no declared secret lands.
    pub(super) undeclared: Vec<&'a str>,
}

impl Needles {
    /// The paths of all secrets that a configuration can speak of, and the placeholders of its own.
    pub(super) fn of(
        evaluator: &mut Evaluator,
        secrets: &[Secret],
        config: Options,
        scope: &Scope,
    ) -> Self {
        let placeholders = config.path(evaluator, &["sops", "placeholder"]).ok();
        let home = match scope {
            Scope::User(_) => config.set(evaluator, "home").ok(),
            Scope::System => None,
        };
        let home = home.and_then(|home| home.text(evaluator, "homeDirectory").value.ok());
        let mut needles = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            let is_own = secret.scope == *scope;
            if !is_own && secret.scope != Scope::System {
                continue;
            }
            let path = secret.path.known().filter(|path| path.len() > 1);
            let shortened = path.zip(home.as_deref());
            let shortened = shortened.map(|(path, home)| from_home(path, home));
            let texts = path
                .cloned()
                .into_iter()
                .chain(shortened.unwrap_or_default());
            needles.extend(texts.map(|text| Needle {
                text,
                secret: index,
                what: Mentioned::Path,
            }));
            if secret.kind == SecretKind::Secret
                && is_own
                && let Some(placeholders) = placeholders
                && let Ok(text) = placeholders.text(evaluator, &secret.attribute).value
            {
                needles.push(Needle {
                    text,
                    secret: index,
                    what: Mentioned::Placeholder,
                });
            }
        }
        Self::new(needles)
    }

    fn new(all: Vec<Needle>) -> Self {
        let texts = all.iter().map(|needle| needle.text.as_str());
        let any = AhoCorasick::new(texts.chain(MANAGED)).ok();
        Self { all, any }
    }

    /// What stands in a text, where an interpolation is [`shell::HOLE`].
    pub(super) fn standing<'a>(&'a self, text: &'a str) -> Standing<'a> {
        let candidates = match &self.any {
            Some(any) if !any.is_match(text) => return Standing::default(),
            Some(any) => any.try_find_overlapping_iter(text).ok(),
            None => None,
        };
        let is_relevant = text.contains(['/', '<', '$']);
        if !is_relevant {
            return Standing::default();
        }
        let mut patterns: Vec<usize> = match candidates {
            Some(found) => found.map(|found| found.pattern().as_usize()).collect(),
            // Without the automaton, any may be there.
            None => (0..=self.all.len()).collect(),
        };
        patterns.sort_unstable();
        patterns.dedup();
        let is_managed = patterns.last().is_some_and(|last| *last >= self.all.len());
        let needles = patterns.iter().filter_map(|index| self.all.get(*index));
        Standing {
            needles: needles
                .filter_map(|needle| Some((needle, whole_match(text, &needle.text, needle.what)?)))
                .collect(),
            undeclared: match is_managed {
                true => self.undeclared(text),
                false => Vec::new(),
            },
        }
    }

    /// Whole paths below the directories of managers at which no declared secret lands.
    fn undeclared<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let is_path = |c: char| {
            c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+' | shell::HOLE)
        };
        // What follows a home directory is not the whole path.
        let pieces = pieces(text, is_path)
            .filter(|(before, _, _)| !matches!(before, Some('~' | '}')))
            .map(|(_, piece, _)| piece);
        let is_managed = |piece: &&str| {
            managed_directory(piece)
                .is_some_and(|managed| piece.len() > managed.len() && !piece.ends_with('/'))
        };
        let is_declared = |piece: &str| {
            self.all
                .iter()
                .any(|needle| needle.text == piece || needle.text == piece.trim_end_matches('.'))
        };
        let mut paths: Vec<&str> = pieces
            .filter(is_managed)
            .filter(|piece| !piece.contains(shell::HOLE) && !is_declared(piece))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }
}

/// Where a path or placeholder stands in a text as a whole.
fn whole_match(text: &str, needle: &str, what: Mentioned) -> Option<usize> {
    match what {
        Mentioned::Placeholder => text.find(needle),
        Mentioned::Path => text
            .match_indices(needle)
            .find(|(at, found)| {
                let before = text
                    .get(..*at)
                    .and_then(|before| before.chars().next_back());
                let rest = text.get(at + found.len()..).unwrap_or_default();
                let goes_on =
                    |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | shell::HOLE);
                let mut after = rest.chars();
                let ends = match after.next() {
                    // A full stop at the end of a sentence or before white space ends a path.
                    Some('.') => !after.next().is_some_and(|c| goes_on(c) || c == '.'),
                    Some(c) => !goes_on(c),
                    None => true,
                };
                let starts = !before.is_some_and(|c| goes_on(c) || c == '.');
                starts && ends
            })
            .map(|(at, _)| at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing<'a>(needles: &'a Needles, text: &'a str) -> (Vec<(usize, usize)>, Vec<&'a str>) {
        let found = needles.standing(text);
        let places = found
            .needles
            .iter()
            .map(|(needle, at)| (needle.secret, *at));
        (places.collect(), found.undeclared)
    }

    fn needles() -> Needles {
        let texts = ["/run/secrets/token", "/run/secrets/token-2", "/run/secrets"];
        let paths = texts.iter().enumerate().map(|(secret, text)| Needle {
            text: (*text).to_owned(),
            secret,
            what: Mentioned::Path,
        });
        Needles::new(paths.collect())
    }

    #[test]
    fn needles_are_found_in_their_order_and_only_whole() {
        let needles = needles();
        let found = standing(&needles, "cat /run/secrets/token-2 /run/secrets/token");
        assert_eq!(found, (vec![(0, 25), (1, 4)], vec![]));
        let found = standing(&needles, "ls /run/secrets; cat /run/secrets/token.");
        assert_eq!(found, (vec![(0, 21), (2, 3)], vec![]));
        assert_eq!(standing(&needles, "no path"), (vec![], vec![]));
    }

    #[test]
    fn paths_below_a_managers_directory_that_nothing_declares_are_found() {
        let needles = needles();
        let found = standing(
            &needles,
            "a /run/secrets/other b /run/agenix/x /run/secrets/other",
        );
        assert_eq!(found, (vec![], vec!["/run/agenix/x", "/run/secrets/other"]));
    }

    #[test]
    fn what_follows_a_home_directory_is_no_path_of_its_own() {
        let needles = needles();
        let text =
            "cat ~/.config/sops-nix/secrets/a ${HOME}/.config/sops-nix/secrets/b {/run/secrets/c}";
        let found = standing(&needles, text);
        assert_eq!(found, (vec![], vec!["/run/secrets/c"]));
    }

    #[test]
    fn the_same_is_found_without_an_automaton() {
        let with = needles();
        let without = Needles {
            any: None,
            ..needles()
        };
        for text in [
            "cat /run/secrets/token-2 /run/secrets/token",
            "cat /run/secrets/other, /run/secrets",
            "nothing",
        ] {
            assert_eq!(standing(&with, text), standing(&without, text));
        }
    }
}
