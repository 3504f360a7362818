//! The paths and texts that stand for a host's secrets.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use nix_eval::Evaluator;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::managers::MANAGERS;
use crate::search::holes::HOLE;
use crate::search::managed_paths::{MANAGED, is_whole, managed_paths};
use crate::search::text_matcher::TextMatcher;
use crate::values::Options;
use inventory::model::{Capability, Manager, Scope, Secret, SecretKind, User};

/// A text that stands for a declared secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretText {
    /// The text: the path, or one that begins with `~`, `$HOME`, `%h`; a placeholder.
    pub(crate) text: String,
    /// The secret, an index into those of the host.
    pub(crate) secret: usize,
    /// What it stands for.
    pub(crate) stands_for: StandsFor,
    /// Whether it is the path of a file that names the secret's: who opens the one opens the other, too.
    pub(crate) is_of_naming_file: bool,
}

/// Another path by which processes come to a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    /// That path.
    pub(crate) path: String,
    /// The secret, an index into those of the host.
    pub(crate) secret: usize,
    /// The path of the secret to which it leads.
    pub(crate) leads_to: String,
    /// Whether there is a file that names the secret's path, not a link or copy.
    pub(crate) names: bool,
}

/// What of a secret a text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StandsFor {
    /// This path.
    Path(String),
    /// The content, in the template of the manager.
    Placeholder,
}

impl SecretText {
    /// Whether it is whole at an offset of a text, not the beginning of a longer path.
    fn is_whole(&self, text: &str, at: usize) -> bool {
        match self.stands_for {
            StandsFor::Placeholder => true,
            StandsFor::Path(_) => is_whole(text, at, self.text.len()),
        }
    }
}

/// Finds in a text what stands for secrets, and the directories of managers.
#[derive(Debug, Default)]
pub(crate) struct SecretMatcher {
    all: Vec<SecretText>,
    /// These and after them the directories of managers.
    texts: TextMatcher,
}

/// A text that stands for a secret in another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match<'a> {
    pub(crate) text: &'a SecretText,
    /// The offsets, in bytes, where it occurs, if only as a part of a longer one; ascending.
    pub(crate) places: Vec<usize>,
    /// The offset, in bytes, where it is whole first.
    pub(crate) whole: usize,
}

/// What a [`SecretMatcher`] finds in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Matches<'a> {
    /// The texts that are whole there, in the order of the matcher.
    pub(crate) secrets: Vec<Match<'a>>,
    /// The offsets, in bytes, of the directories of managers.
    pub(crate) managed: Vec<usize>,
}

/// The placeholders of each manager in a configuration.
fn placeholders_of(evaluator: &mut Evaluator, config: Options) -> Vec<(&'static Manager, Options)> {
    let of_manager = |manager: &&'static Manager| {
        let option = manager.templates.as_ref()?.placeholders;
        let path: Vec<&str> = option.split('.').collect();
        Some((*manager, config.path(evaluator, &path).ok()?))
    };
    MANAGERS.iter().filter_map(of_manager).collect()
}

impl SecretMatcher {
    /// Finds the paths at which the secrets of a host can be opened. `more` are the directories that
    /// `mcp-lint.toml` adds, with the slash that ends them; `aliases` are other paths to the secrets.
    pub(crate) fn of_host(
        secrets: &[Secret],
        users: &[User],
        more: &[String],
        aliases: &[Alias],
    ) -> Self {
        let mut texts = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            if secret.path_is_shell_text {
                // As scripts have it.
                let path = secret.path.known().cloned().unwrap_or_default();
                texts.extend(path_texts(&path, index, None));
                continue;
            }
            let home = match &secret.scope {
                Scope::User(name) => home_of(users, name),
                Scope::System => None,
            };
            for path in lands_at(secret, users) {
                texts.extend(path_texts(&path, index, home));
            }
        }
        texts.extend(aliases.iter().map(|alias| SecretText {
            text: alias.path.clone(),
            secret: alias.secret,
            stands_for: StandsFor::Path(alias.leads_to.clone()),
            is_of_naming_file: alias.names,
        }));
        texts.sort_by(|a, b| (&a.text, a.path()).cmp(&(&b.text, b.path())));
        texts.dedup_by(|a, b| a.text == b.text && a.stands_for == b.stands_for);
        Self::new(texts, more)
    }

    /// Finds the paths and placeholders of all secrets that a configuration can speak of. `system` is the one that a
    /// user's sees as `osConfig`.
    pub(crate) fn of_configuration(
        evaluator: &mut Evaluator,
        secrets: &[Secret],
        config: Options,
        system: Option<Options>,
        scope: &Scope,
    ) -> Self {
        let placeholders = placeholders_of(evaluator, config);
        let of_system = system.map_or_else(Vec::new, |it| placeholders_of(evaluator, it));
        let home = match scope {
            Scope::User(_) => config.set(evaluator, "home").ok(),
            Scope::System => None,
        };
        let home = home.and_then(|home| home.text(evaluator, "homeDirectory").value.ok());
        let mut texts = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            let is_own = secret.scope == *scope;
            if !is_own && secret.scope != Scope::System {
                continue;
            }
            if let Some(path) = secret.path.known() {
                texts.extend(path_texts(path, index, home.as_deref()));
            }
            let placeholders = if is_own { &placeholders } else { &of_system };
            if secret.kind == SecretKind::Secret
                && let Some((_, placeholders)) =
                    placeholders.iter().find(|(of, _)| *of == secret.manager)
                && let Ok(text) = placeholders.text(evaluator, &secret.attribute).value
            {
                texts.push(SecretText {
                    text,
                    secret: index,
                    stands_for: StandsFor::Placeholder,
                    is_of_naming_file: false,
                });
            }
        }
        Self::new(texts, &[])
    }

    fn new(all: Vec<SecretText>, more: &[String]) -> Self {
        let texts = all.iter().map(|known| known.text.as_str());
        let managed = MANAGED.iter().chain(more).map(String::as_str);
        let texts = TextMatcher::new(texts.chain(managed));
        Self { all, texts }
    }

    /// Whether anything may be found in a text; `false` is certain.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        self.texts.may_be_in(text)
    }

    /// Finds what stands for secrets in a text, where an interpolation may be a
    /// [`HOLE`](crate::search::holes::HOLE).
    pub(crate) fn find(&self, text: &str) -> Matches<'_> {
        let mut found: BTreeMap<usize, (Vec<usize>, Option<usize>)> = BTreeMap::new();
        let mut managed = Vec::new();
        for (at, number) in self.texts.find(text) {
            let Some(known) = self.all.get(number) else {
                managed.push(at);
                continue;
            };
            let (places, whole) = found.entry(number).or_default();
            places.push(at);
            if whole.is_none() && known.is_whole(text, at) {
                *whole = Some(at);
            }
        }
        let secrets = found.into_iter().filter_map(|(number, (places, whole))| {
            Some(Match {
                text: self.all.get(number)?,
                places,
                whole: whole?,
            })
        });
        Matches {
            secrets: secrets.collect(),
            managed,
        }
    }

    /// The whole paths at these offsets, below the directories of managers, at which no declared secret
    /// lands; sorted.
    pub(crate) fn undeclared<'a>(&self, text: &'a str, managed: Vec<usize>) -> Vec<&'a str> {
        let is_declared = |path: &str| {
            let is_text = |text| self.texts.same_as(text).any(|it| it < self.all.len());
            is_text(path) || is_text(path.trim_end_matches('.'))
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

impl SecretText {
    fn path(&self) -> &str {
        match &self.stands_for {
            StandsFor::Path(path) => path,
            StandsFor::Placeholder => "",
        }
    }
}

/// The texts that stand for a path: itself, and from the home directory on. None for the root.
fn path_texts(
    path: &str,
    secret: usize,
    home: Option<&str>,
) -> impl Iterator<Item = SecretText> + use<> {
    let from_home = home.map_or_else(Vec::new, |home| from_home(path, home));
    let stands_for = StandsFor::Path(path.to_owned());
    let texts = std::iter::once(path.to_owned()).chain(from_home);
    let texts = texts.filter(|text| text.len() > 1);
    texts.map(move |text| SecretText {
        text,
        secret,
        stands_for: stands_for.clone(),
        is_of_naming_file: false,
    })
}

/// A path below a home directory as shells and units write it.
fn from_home(path: &str, home: &str) -> Vec<String> {
    match path.strip_prefix(home) {
        Some(rest) if rest.starts_with('/') => ["~", "$HOME", "${HOME}", "%h"]
            .map(|home| format!("{home}{rest}"))
            .into(),
        _ => Vec::new(),
    }
}

/// The secrets by the paths at which they can be opened.
#[derive(Debug, Default)]
pub(crate) struct ByPath {
    /// By the path that the secret is given.
    own: FxHashMap<String, Vec<usize>>,
    /// By that, and by where the manager installs it.
    any: BTreeMap<String, Vec<usize>>,
    /// What is above those paths, without the slash after it.
    directories: FxHashSet<String>,
}

impl ByPath {
    pub(crate) fn of(secrets: &[Secret], users: &[User]) -> Self {
        let mut by_path = Self::default();
        for (index, secret) in secrets.iter().enumerate() {
            if let Some(path) = secret.path.known() {
                by_path.own.entry(path.clone()).or_default().push(index);
            }
            for path in lands_at(secret, users) {
                by_path.add_directories(&path);
                by_path.any.entry(path).or_default().push(index);
            }
        }
        by_path
    }

    fn add_directories(&mut self, path: &str) {
        for (at, _) in path.rmatch_indices('/') {
            let directory = path.get(..at).unwrap_or_default();
            // With one, all that is above it is there.
            if self.directories.contains(directory) {
                return;
            }
            self.directories.insert(directory.to_owned());
        }
    }

    /// Whether secrets are below a path.
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        self.directories.contains(path)
    }

    /// The paths of secrets below a directory, which is without the slash after it, in their order.
    pub(crate) fn below(&self, directory: &str) -> impl Iterator<Item = &str> {
        let start = format!("{directory}/");
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        let paths = self
            .any
            .range::<str, _>(from)
            .map(|(path, _)| path.as_str());
        paths
            .take_while(move |path| path.starts_with(&start))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The first secret at a path that is wanted: one that is given the path before one that the
    /// manager installs there.
    pub(crate) fn first(&self, path: &str, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let mut found = { [self.own.get(path), self.any.get(path)] }
            .into_iter()
            .flatten();
        found.find_map(|at| at.iter().copied().find(|index| wanted(*index)))
    }
}

/// Where a secret can be opened: at its path, and where the manager installs it if the path is a link.
pub(crate) fn lands_at(secret: &Secret, users: &[User]) -> Vec<String> {
    let mut paths: Vec<String> = secret.path.known().cloned().into_iter().collect();
    if let (Some(name), Some(true)) = (secret.name.known(), secret.symlink.known()) {
        let directory = directory_of(secret, users);
        paths.extend(directory.map(|directory| format!("{directory}/{name}")));
    }
    paths.dedup();
    paths
}

/// The directory in which the manager installs a secret, whatever its path; `None` if it installs it at
/// its path alone, or in the home directory of a user where that is not known.
fn directory_of(secret: &Secret, users: &[User]) -> Option<Cow<'static, str>> {
    let manager = Some(secret.manager).filter(|it| it.has(Capability::LinksToDirectory))?;
    if let Scope::User(user) = &secret.scope {
        let home = manager.home.as_ref()?;
        let is_secret = secret.kind == SecretKind::Secret;
        return is_secret
            .then(|| Some(format!("{}{}", home_of(users, user)?, home.path).into()))
            .flatten();
    }
    Some(Cow::Borrowed(
        match (secret.kind, secret.needed_for_users.known()?) {
            (SecretKind::Template, _) => manager.templates.as_ref()?.directory,
            (SecretKind::Secret, true) => manager.early.as_ref()?.directory,
            (SecretKind::Secret, false) => manager.directory,
        },
    ))
}

/// The home directory of a user, if it is known.
pub(crate) fn home_of<'a>(users: &'a [User], name: &str) -> Option<&'a str> {
    User::named(users, name).and_then(home_directory)
}

/// The home directory of a user, if it is known and not the root.
pub(crate) fn home_directory(user: &User) -> Option<&str> {
    user.home.known()?.as_deref().filter(|home| home.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'a>(matcher: &SecretMatcher, text: &'a str) -> (Vec<(usize, usize)>, Vec<&'a str>) {
        let found = matcher.find(text);
        let places = found.secrets.iter().map(|it| (it.text.secret, it.whole));
        (places.collect(), matcher.undeclared(text, found.managed))
    }

    fn matcher() -> SecretMatcher {
        let texts = ["/run/secrets/token", "/run/secrets/token-2", "/run/secrets"];
        let paths = texts.iter().enumerate();
        let paths = paths.flat_map(|(secret, path)| path_texts(path, secret, None));
        let placeholder = SecretText {
            text: "<SOPS:1:PLACEHOLDER>".to_owned(),
            secret: 0,
            stands_for: StandsFor::Placeholder,
            is_of_naming_file: false,
        };
        SecretMatcher::new(paths.chain([placeholder]).collect(), &[])
    }

    #[test]
    fn texts_are_found_in_their_order_and_only_whole() {
        let matcher = matcher();
        let found = find(&matcher, "cat /run/secrets/token-2 /run/secrets/token");
        assert_eq!(found, (vec![(0, 25), (1, 4)], vec![]));
        let found = find(&matcher, "ls /run/secrets; cat /run/secrets/token.");
        assert_eq!(found, (vec![(0, 21), (2, 3)], vec![]));
        let found = find(&matcher, "a=b<SOPS:1:PLACEHOLDER>c<SOPS:2:PLACEHOLDER>");
        assert_eq!(found, (vec![(0, 3)], vec![]));
        assert_eq!(find(&matcher, "no path"), (vec![], vec![]));
    }

    #[test]
    fn paths_below_a_managers_directory_that_nothing_declares_are_found() {
        let matcher = matcher();
        let found = find(
            &matcher,
            "a /run/secrets/other b /run/agenix/x /run/secrets/other",
        );
        assert_eq!(found, (vec![], vec!["/run/agenix/x", "/run/secrets/other"]));
    }

    #[test]
    fn what_follows_a_home_directory_is_no_path_of_its_own() {
        let matcher = matcher();
        let text =
            "cat ~/.config/sops-nix/secrets/a ${HOME}/.config/sops-nix/secrets/b {/run/secrets/c}";
        let found = find(&matcher, text);
        assert_eq!(found, (vec![], vec!["/run/secrets/c"]));
    }
}
