//! The texts that stand for secrets, looked for in a text all at once.

use std::collections::BTreeMap;

use nix_eval::Evaluator;

use crate::search::{HOLE, MANAGED, TextSet, from_home, is_whole, managed_paths};
use crate::values::Options;
use inventory::model::{ReferenceKind, Scope, Secret, SecretKind};

/// What to look for in texts.
#[derive(Debug)]
pub(crate) struct Needle {
    pub(crate) text: String,
    pub(crate) secret: usize,
    pub(crate) what: ReferenceKind,
}

impl Needle {
    /// Whether it is whole where it stands: not the beginning of a longer path.
    fn is_whole(&self, text: &str, at: usize) -> bool {
        match self.what {
            ReferenceKind::Placeholder => true,
            ReferenceKind::Path => is_whole(text, at, self.text.len()),
        }
    }
}

/// Every needle of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Needles {
    all: Vec<Needle>,
    /// The needles and after them the directories of managers.
    texts: TextSet,
}

/// What stands in a text.
#[derive(Debug, Default)]
pub(crate) struct Standing<'a> {
    /// The needles, in their order, with where they stand.
    pub(crate) needles: Vec<(&'a Needle, usize)>,
    /// Paths below the directories of managers at which no declared secret lands.
    pub(crate) undeclared: Vec<&'a str>,
}

impl Needles {
    /// The paths of all secrets that a configuration can speak of, and the placeholders of its own.
    pub(crate) fn of(
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
                what: ReferenceKind::Path,
            }));
            if secret.kind == SecretKind::Secret
                && is_own
                && let Some(placeholders) = placeholders
                && let Ok(text) = placeholders.text(evaluator, &secret.attribute).value
            {
                needles.push(Needle {
                    text,
                    secret: index,
                    what: ReferenceKind::Placeholder,
                });
            }
        }
        Self::new(needles)
    }

    fn new(all: Vec<Needle>) -> Self {
        let texts = all.iter().map(|needle| needle.text.as_str());
        let texts = TextSet::of(texts.chain(MANAGED));
        Self { all, texts }
    }

    /// Whether anything may stand in a text.
    pub(crate) fn may_stand(&self, text: &str) -> bool {
        self.texts.may_be_in(text)
    }

    /// What stands in a text, where an interpolation is [`HOLE`].
    pub(crate) fn standing<'a>(&'a self, text: &'a str) -> Standing<'a> {
        let mut found: BTreeMap<usize, usize> = BTreeMap::new();
        let mut managed = Vec::new();
        for (at, number) in self.texts.find(text) {
            match self.all.get(number) {
                Some(needle) if needle.is_whole(text, at) => {
                    found.entry(number).or_insert(at);
                }
                Some(_) => {}
                None => managed.push(at),
            }
        }
        let needles = found.into_iter();
        Standing {
            needles: needles
                .filter_map(|(number, at)| Some((self.all.get(number)?, at)))
                .collect(),
            undeclared: self.undeclared(text, managed),
        }
    }

    /// Whole paths below the directories of managers at which no declared secret lands.
    fn undeclared<'a>(&self, text: &'a str, managed: Vec<usize>) -> Vec<&'a str> {
        let is_declared = |path: &str| {
            let path_of_a_sentence = path.trim_end_matches('.');
            let mut needles = self.all.iter().map(|needle| needle.text.as_str());
            needles.any(|needle| needle == path || needle == path_of_a_sentence)
        };
        let mut paths: Vec<&str> = managed_paths(text, managed.into_iter(), &[])
            // What follows a home directory is not the whole path.
            .filter(|piece| !matches!(piece.before, Some('~' | '}')))
            .map(|piece| piece.path)
            .filter(|path| !path.contains(HOLE) && !is_declared(path))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
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
            what: ReferenceKind::Path,
        });
        let placeholder = Needle {
            text: "<SOPS:1:PLACEHOLDER>".to_owned(),
            secret: 0,
            what: ReferenceKind::Placeholder,
        };
        Needles::new(paths.chain([placeholder]).collect())
    }

    #[test]
    fn needles_are_found_in_their_order_and_only_whole() {
        let needles = needles();
        let found = standing(&needles, "cat /run/secrets/token-2 /run/secrets/token");
        assert_eq!(found, (vec![(0, 25), (1, 4)], vec![]));
        let found = standing(&needles, "ls /run/secrets; cat /run/secrets/token.");
        assert_eq!(found, (vec![(0, 21), (2, 3)], vec![]));
        let found = standing(&needles, "a=b<SOPS:1:PLACEHOLDER>c<SOPS:2:PLACEHOLDER>");
        assert_eq!(found, (vec![(0, 3)], vec![]));
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
}
