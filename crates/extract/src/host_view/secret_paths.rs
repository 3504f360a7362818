//! Paths of secrets in texts.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::search::{MANAGED, Piece, TextSet, from_home, is_whole, managed_paths};
use inventory::model::{Scope, Secret, User};

/// A text that stands for the path of a declared secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Landing {
    /// As it stands in a text: the path, or one that begins with `~`, `$HOME`, `%h`.
    pub(crate) text: String,
    /// The path.
    pub(crate) path: String,
}

/// Every text that stands for the path of a secret.
#[derive(Debug)]
pub(crate) struct Landings {
    /// Sorted.
    all: Vec<Landing>,
    /// These and after them the directories of managers.
    texts: TextSet,
}

/// What a text mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentioned<'a> {
    /// As a whole.
    pub(crate) landings: BTreeSet<&'a Landing>,
    /// Where directories of managers stand.
    pub(crate) managed: Vec<usize>,
}

impl Landings {
    /// Those of these secrets. `more` are the directories that `mcp-lint.toml` adds, with the slash
    /// that ends them.
    pub(crate) fn of(secrets: &[Secret], users: &[User], more: &[String]) -> Self {
        Self::new(landings(secrets, users), more)
    }

    fn new(all: Vec<Landing>, more: &[String]) -> Self {
        let texts = all.iter().map(|landing| landing.text.as_str());
        let managed = MANAGED.into_iter().chain(more.iter().map(String::as_str));
        let texts = TextSet::of(texts.chain(managed));
        Self { all, texts }
    }

    /// What a text mentions.
    pub(crate) fn mentioned<'a>(&'a self, text: &str) -> Mentioned<'a> {
        let mut mentioned = Mentioned::default();
        for (at, number) in self.texts.find(text) {
            match self.all.get(number) {
                Some(landing) if is_whole(text, at, landing.text.len()) => {
                    mentioned.landings.insert(landing);
                }
                Some(_) => {}
                None => mentioned.managed.push(at),
            }
        }
        mentioned
    }
}

/// The secrets by the paths at which they can be opened.
#[derive(Debug, Default)]
pub(crate) struct ByPath {
    /// By the path that the secret is given.
    own: FxHashMap<String, Vec<usize>>,
    /// By that, and by where the manager installs it.
    any: FxHashMap<String, Vec<usize>>,
}

impl ByPath {
    pub(crate) fn of(secrets: &[Secret]) -> Self {
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
    pub(crate) fn first(&self, path: &str, wanted: impl Fn(usize) -> bool) -> Option<usize> {
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

/// Where a secret can be opened: at its path, and where the manager installs it if the path is a link.
pub(crate) fn lands_at(secret: &Secret) -> Vec<String> {
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
pub(crate) fn home_of<'a>(users: &'a [User], name: &str) -> Option<&'a str> {
    users
        .iter()
        .find(|user| user.name == name)
        .and_then(home_directory)
}

/// The home directory of a user, if it is known and not the root.
pub(crate) fn home_directory(user: &User) -> Option<&str> {
    user.home.known()?.as_deref().filter(|home| home.len() > 1)
}

/// The paths below a manager's directory that are written out in a text. What touches its start or
/// end counts only if the text starts or ends there and does not go on in an interpolation. Nothing
/// in commands that start containers, where these directories are the container's own.
///
/// `managed` is where directories of managers stand, `more` are those that `mcp-lint.toml` adds, with
/// the slash that ends them.
pub(crate) fn written_paths<'a>(
    text: &'a str,
    (starts, ends): (bool, bool),
    managed: Vec<usize>,
    more: &[String],
) -> Vec<&'a str> {
    let is_whole = |piece: &Piece<'_>| {
        // `/run/secrets/$name`, `~/.config/…`: not all of it is known here.
        let goes_on = matches!(piece.after, Some('$' | '*' | '?' | '{' | '<' | '%'));
        let begins_before = matches!(piece.before, Some('}' | '~'));
        let is_cut = (piece.before.is_none() && !starts) || (piece.after.is_none() && !ends);
        !goes_on && !begins_before && !is_cut
    };
    let mut paths = managed_paths(text, managed.into_iter(), more)
        .filter(is_whole)
        .peekable();
    let of_a_container = ["podman", "docker", "nspawn", "--volume", "--mount"];
    if paths.peek().is_none() || of_a_container.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    paths
        .map(|piece| piece.path.trim_end_matches('.'))
        .collect()
}

/// The paths below a manager's directory in the home directory that are written out as `~/…`, `$HOME/…`,
/// `${HOME}/…` or `%h/…`, each with what follows the home directory. None in a line that asks whether the file
/// is there, minds no error, or is for another machine or user.
pub(crate) fn written_from_home<'a>(
    text: &'a str,
    (starts, ends): (bool, bool),
    managed: &[usize],
) -> Vec<(&'a str, &'a str)> {
    const HOMES: [&str; 4] = ["~", "$HOME", "${HOME}", "%h"];
    const ASKS: [&str; 10] = [
        "[ ",
        "test ",
        "if ",
        "||",
        "&&",
        "/dev/null",
        "ssh ",
        "sudo",
        "su ",
        "rsync ",
    ];
    let of_home = |at: &usize| {
        let (before, rest) = text.split_at_checked(*at)?;
        let home = HOMES.into_iter().find(|home| before.ends_with(home))?;
        let start = before.len() - home.len();
        let is_other = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/' | '@');
        let end = rest.find(is_other).unwrap_or(rest.len());
        let after = rest.get(end..)?.chars().next();
        let goes_on = matches!(after, Some('$' | '*' | '?' | '{' | '<' | '%' | '+'));
        let is_cut = (start == 0 && !starts) || (after.is_none() && !ends);
        let rest = rest.get(..end)?.trim_end_matches('.');
        let name = rest.strip_prefix("/.config/sops-nix/secrets/")?;
        let line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(line_start..)?.lines().next()?;
        let asks = ASKS.iter().any(|word| line.contains(word));
        let is_whole = !goes_on && !is_cut && !name.is_empty() && !name.ends_with('/');
        let written = text.get(start..at + rest.len())?;
        (is_whole && !asks).then_some((written, rest))
    };
    managed.iter().filter_map(of_home).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, ends: (bool, bool)) -> Vec<&str> {
        let more = ["/run/vault/".to_owned()];
        let landings = Landings::new(Vec::new(), &more);
        written_paths(text, ends, landings.mentioned(text).managed, &more)
    }

    #[test]
    fn paths_that_are_written_out_are_found() {
        let whole = (true, true);
        assert_eq!(
            written("x --token /run/secrets/a/b;y /run/secrets/c.", whole),
            ["/run/secrets/a/b", "/run/secrets/c"]
        );
        assert_eq!(written("x /run/vault/t", whole), ["/run/vault/t"]);
        assert!(written("podman run -v /x:/run/secrets/t", whole).is_empty());
    }

    #[test]
    fn paths_below_a_home_directory_are_found() {
        let found = |text: &'static str, ends| {
            let landings = Landings::new(Vec::new(), &[]);
            written_from_home(text, ends, &landings.mentioned(text).managed)
        };
        let whole = (true, true);
        let rest = "/.config/sops-nix/secrets/a/b";
        for written in [
            "~/.config/sops-nix/secrets/a/b",
            "$HOME/.config/sops-nix/secrets/a/b",
            "${HOME}/.config/sops-nix/secrets/a/b",
            "%h/.config/sops-nix/secrets/a/b",
        ] {
            assert_eq!(found(written, whole), [(written, rest)]);
        }
        for other in [
            "~/.config/sops-nix/secrets/",
            "~/.config/sops-nix/secrets/$NAME",
            "~bob/.config/sops-nix/secrets/a",
            "/home/bob/.config/sops-nix/secrets/a",
            "cat ~/.config/sops-nix/secrets/a 2>/dev/null",
            "[ -f ~/.config/sops-nix/secrets/a ] && cat it",
            "ssh mill cat '~/.config/sops-nix/secrets/a'",
        ] {
            assert!(found(other, whole).is_empty(), "{other}");
        }
        assert!(found("~/.config/sops-nix/secrets/a", (true, false)).is_empty());
    }

    #[test]
    fn a_path_that_goes_on_in_an_interpolation_is_not_whole() {
        assert!(written("/run/secrets/t-", (true, false)).is_empty());
        assert!(written("/run/secrets/t", (false, true)).is_empty());
        assert!(written("cat /run/secrets/$name", (true, true)).is_empty());
        assert!(written("cat /run/secrets/t-${name}", (true, true)).is_empty());
        assert_eq!(
            written("/run/secrets/t -", (true, false)),
            ["/run/secrets/t"]
        );
    }

    #[test]
    fn the_landings_of_a_text_are_found_in_their_order() {
        let all = ["/run/secrets/a", "/run/secrets/a-b", "/srv/c"].map(|path| Landing {
            text: path.to_owned(),
            path: path.to_owned(),
        });
        let landings = Landings::new(all.into(), &[]);
        let found = landings.mentioned("x /srv/c /run/secrets/a-b /srv/c");
        let paths: Vec<&str> = found.landings.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["/run/secrets/a-b", "/srv/c"]);
        assert_eq!(found.managed, [9]);
        assert_eq!(landings.mentioned("/srv/c-d"), Mentioned::default());
    }
}
