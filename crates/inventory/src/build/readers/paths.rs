//! Paths of secrets in texts.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use crate::model::{Scope, Secret, User};

/// Directories of managers, with the slash that ends them.
pub(in crate::build) const MANAGED: [&str; 4] = [
    "/run/secrets/",
    "/run/secrets-for-users/",
    "/run/agenix/",
    "/.config/sops-nix/secrets/",
];

/// The manager's directory that a path lies below, or is.
pub(in crate::build) fn managed_directory(path: &str) -> Option<&'static str> {
    MANAGED
        .into_iter()
        .find(|managed| match managed.starts_with("/run") {
            true => path.starts_with(managed),
            false => path.starts_with('/') && path.contains(managed),
        })
}

/// A text that stands for the path of a declared secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Landing {
    /// As it stands in a text: the path, or one that begins with `~`, `$HOME`, `%h`.
    pub(super) text: String,
    /// The path.
    pub(super) path: String,
}

/// Every text that stands for the path of a secret.
#[derive(Debug)]
pub(super) struct Landings {
    /// Sorted.
    all: Vec<Landing>,
    /// Finds them; most texts have none.
    any: Option<AhoCorasick>,
}

impl Landings {
    pub(super) fn of(secrets: &[Secret], users: &[User]) -> Self {
        let all = landings(secrets, users);
        let any = AhoCorasick::new(all.iter().map(|landing| &landing.text)).ok();
        Self { all, any }
    }

    /// Those that a text mentions, in their order.
    pub(super) fn mentioned<'a>(&'a self, text: &str) -> Vec<&'a Landing> {
        let candidates: Vec<usize> = match &self.any {
            Some(any) if !any.is_match(text) => Vec::new(),
            Some(any) => match any.try_find_overlapping_iter(text) {
                Ok(found) => found.map(|found| found.pattern().as_usize()).collect(),
                Err(_) => (0..self.all.len()).collect(),
            },
            None => (0..self.all.len()).collect(),
        };
        let candidates: BTreeSet<usize> = candidates.into_iter().collect();
        let landings = candidates.iter().filter_map(|index| self.all.get(*index));
        landings
            .filter(|landing| mentions_path(text, &landing.text))
            .collect()
    }
}

/// The secrets by the paths at which they can be opened.
#[derive(Debug, Default)]
pub(super) struct ByPath {
    /// By the path that the secret is given.
    own: FxHashMap<String, Vec<usize>>,
    /// By that, and by where the manager installs it.
    any: FxHashMap<String, Vec<usize>>,
}

impl ByPath {
    pub(super) fn of(secrets: &[Secret]) -> Self {
        let mut by_path = Self::default();
        for (index, secret) in secrets.iter().enumerate() {
            if let Some(path) = secret.path.known() {
                by_path.own.entry(path.clone()).or_default().push(index);
            }
            for path in lands_at(secret) {
                by_path.any.entry(path).or_default().push(index);
            }
        }
        by_path
    }

    /// The first secret at a path that is wanted: one that is given the path before one that the
    /// manager installs there.
    pub(super) fn first(&self, path: &str, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let in_order = [&self.own, &self.any];
        let mut found = in_order.iter().filter_map(|secrets| secrets.get(path));
        found.find_map(|at| at.iter().copied().find(|index| wanted(*index)))
    }
}

/// Every text that stands for the path of a secret, sorted.
fn landings(secrets: &[Secret], users: &[User]) -> Vec<Landing> {
    let mut landings = Vec::new();
    for secret in secrets.iter().filter(|secret| !secret.path_is_shell_text) {
        for path in lands_at(secret) {
            let mut texts = vec![path.clone()];
            if let Scope::User(name) = &secret.scope
                && let Some(home) = home_of(users, name)
            {
                texts.extend(from_home(&path, home));
            }
            landings.extend(texts.into_iter().map(|text| Landing {
                text,
                path: path.clone(),
            }));
        }
    }
    landings.retain(|landing| landing.text.len() > 1);
    landings.sort();
    landings.dedup();
    landings
}

/// A path below a home directory as shells and units write it.
pub(in crate::build) fn from_home(path: &str, home: &str) -> Vec<String> {
    match path.strip_prefix(home) {
        Some(rest) if rest.starts_with('/') => ["~", "$HOME", "${HOME}", "%h"]
            .map(|home| format!("{home}{rest}"))
            .into(),
        _ => Vec::new(),
    }
}

/// Where a secret can be opened: at its path, and where the manager installs it if the path is a link.
pub(in crate::build) fn lands_at(secret: &Secret) -> Vec<String> {
    let mut paths: Vec<String> = secret.path.known().cloned().into_iter().collect();
    if secret.scope == Scope::System
        && let (Some(name), Some(true)) = (secret.name.known(), secret.symlink.known())
    {
        let is_early = secret.needed_for_users.known().copied();
        let directory = match (secret.manager.option, is_early) {
            ("sops.secrets", Some(false)) => Some("/run/secrets"),
            ("sops.secrets", Some(true)) => Some("/run/secrets-for-users"),
            ("sops.templates", _) => Some("/run/secrets/rendered"),
            _ => None,
        };
        paths.extend(directory.map(|directory| format!("{directory}/{name}")));
    }
    paths.dedup();
    paths
}

/// The home directory of a user, if it is known.
pub(super) fn home_of<'a>(users: &'a [User], name: &str) -> Option<&'a str> {
    users
        .iter()
        .find(|user| user.name == name)
        .and_then(home_directory)
}

/// The home directory of a user, if it is known and not the root.
pub(super) fn home_directory(user: &User) -> Option<&str> {
    user.home.known()?.as_deref().filter(|home| home.len() > 1)
}

/// Whether a text holds a path as a whole, not as the beginning of a longer name.
pub(super) fn mentions_path(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).unwrap_or_default();
        let continues = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
        let goes_on = match after.strip_prefix('.') {
            // The end of a sentence, or `${path}.bak`.
            Some(rest) => rest.starts_with(|c: char| c.is_alphanumeric()),
            None => after.starts_with(continues),
        };
        !before.is_some_and(|c| continues(c) || c == '.') && !goes_on
    })
}

/// The pieces of a text that are made of some characters, each with what stands before and after it.
pub(in crate::build) fn pieces(
    text: &str,
    is_part: impl Fn(char) -> bool,
) -> impl Iterator<Item = (Option<char>, &str, Option<char>)> {
    let mut before = None;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let piece = rest?;
        let end = piece.find(|c| !is_part(c)).unwrap_or(piece.len());
        let (piece, after) = piece.split_at_checked(end)?;
        let mut after = after.chars();
        let separator = after.next();
        rest = separator.map(|_| after.as_str());
        Some((std::mem::replace(&mut before, separator), piece, separator))
    })
}

/// The paths below a manager's directory that are written out in a text. What touches its start or
/// end counts only if the text starts or ends there and does not go on in an interpolation. Nothing
/// in commands that start containers, where these directories are the container's own.
///
/// `more` are the directories that `mcp-lint.toml` adds, with the slash that ends them.
pub(super) fn written_paths<'a>(
    text: &'a str,
    (starts, ends): (bool, bool),
    more: &[String],
) -> Vec<&'a str> {
    let added = || more.iter().map(String::as_str);
    if !MANAGED
        .into_iter()
        .chain(added())
        .any(|managed| text.contains(managed))
    {
        return Vec::new();
    }
    let of_a_container = ["podman", "docker", "nspawn", "--volume", "--mount"];
    if of_a_container.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+');
    let mut paths = Vec::new();
    for (before, piece, separator) in pieces(text, is_path) {
        // `/run/secrets/$name`, `~/.config/…`: not all of it is known here.
        let goes_on = separator.is_some_and(|c| matches!(c, '$' | '*' | '?' | '{' | '<' | '%'));
        let begins_before = before.is_some_and(|c| matches!(c, '}' | '~'));
        let is_cut = (before.is_none() && !starts)
            || (separator.is_none() && !ends)
            || goes_on
            || begins_before;
        let of_project = || added().find(|managed| piece.starts_with(managed));
        let Some(managed) = managed_directory(piece).or_else(of_project) else {
            continue;
        };
        let has_name = !piece.ends_with('/') && piece.len() > managed.len();
        if has_name && !is_cut {
            paths.push(piece.trim_end_matches('.'));
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_below_a_managers_directory_are_found() {
        let whole = (true, true);
        assert_eq!(
            written_paths("x --token /run/secrets/a/b;y", whole, &[]),
            ["/run/secrets/a/b"]
        );
        assert_eq!(
            written_paths("token:/run/agenix/t", whole, &[]),
            ["/run/agenix/t"]
        );
        assert_eq!(
            written_paths("/home/a/.config/sops-nix/secrets/t", whole, &[]),
            ["/home/a/.config/sops-nix/secrets/t"]
        );
        let more = ["/run/vault/".to_owned()];
        assert_eq!(
            written_paths("x /run/vault/t", whole, &more),
            ["/run/vault/t"]
        );
        assert!(written_paths("x /srv/run/vault/t /run/vault/", whole, &more).is_empty());
        assert!(written_paths("/run/secrets/ and /run/secrets", whole, &[]).is_empty());
        assert!(written_paths("/srv/run/secrets/t", whole, &[]).is_empty());
        assert!(written_paths("podman run -v /x:/run/secrets/t", whole, &[]).is_empty());
    }

    #[test]
    fn a_path_that_goes_on_in_an_interpolation_is_not_whole() {
        assert!(written_paths("/run/secrets/t-", (true, false), &[]).is_empty());
        assert!(written_paths("/run/secrets/t", (false, true), &[]).is_empty());
        assert!(written_paths("cat /run/secrets/$name", (true, true), &[]).is_empty());
        assert!(written_paths("cat /run/secrets/t-${name}", (true, true), &[]).is_empty());
        assert_eq!(
            written_paths("/run/secrets/t -", (true, false), &[]),
            ["/run/secrets/t"]
        );
    }

    #[test]
    fn the_landings_of_a_text_are_found_in_their_order() {
        let all = ["/run/secrets/a", "/run/secrets/a-b", "/run/secrets/c"].map(|path| Landing {
            text: path.to_owned(),
            path: path.to_owned(),
        });
        let any = AhoCorasick::new(all.iter().map(|landing| &landing.text)).ok();
        let found = |any: Option<AhoCorasick>, text: &str| -> Vec<String> {
            let all = all.to_vec();
            let landings = Landings { all, any };
            let found = landings.mentioned(text).into_iter();
            found.map(|landing| landing.path.clone()).collect()
        };
        for any in [any, None] {
            let text = "x /run/secrets/c /run/secrets/a-b";
            let expected = ["/run/secrets/a-b", "/run/secrets/c"];
            assert_eq!(found(any.clone(), text), expected);
            assert!(found(any, "/run/secrets/").is_empty());
        }
    }

    #[test]
    fn a_path_is_not_found_in_a_longer_one() {
        assert!(mentions_path(
            "cat /run/secrets/token | x",
            "/run/secrets/token"
        ));
        assert!(mentions_path(
            "See /run/secrets/token.",
            "/run/secrets/token"
        ));
        assert!(!mentions_path("/run/secrets/token-2", "/run/secrets/token"));
        assert!(!mentions_path(
            "/run/secrets/token.json",
            "/run/secrets/token"
        ));
        assert!(!mentions_path(
            "/mnt/run/secrets/token",
            "/run/secrets/token"
        ));
    }
}
