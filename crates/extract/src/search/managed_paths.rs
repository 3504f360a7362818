//! Paths in texts: whole ones, and those below the directories of managers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::managers::MANAGERS;
use crate::search::holes::HOLE;

/// Directories of managers, with the slash that ends them; those of users are paths below a home
/// directory.
pub(crate) static MANAGED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let homes = MANAGERS.iter().filter_map(|manager| manager.home.as_ref());
    let homes = homes.map(|home| format!("{}/", home.path));
    SYSTEM.iter().cloned().chain(homes).collect()
});

/// Those of the system.
pub(crate) static SYSTEM: LazyLock<Vec<String>> = LazyLock::new(|| {
    let directories = MANAGERS.iter().flat_map(|it| it.landing_directories());
    directories
        .map(|directory| format!("{directory}/"))
        .collect()
});

/// The manager's directory that holds a path, or is it; `None` if none does.
pub(crate) fn managed_directory(path: &str) -> Option<&'static str> {
    let mut all = MANAGED.iter().enumerate();
    let found = all.find(|(index, managed)| {
        let is_of_home = *index >= SYSTEM.len();
        path.starts_with(managed.as_str())
            || is_of_home && path.starts_with('/') && path.contains(managed.as_str())
    });
    found.map(|(_, managed)| managed.as_str())
}

/// Which ends of a string a part of it reaches, from one interpolation to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    /// Whether the string begins with it.
    pub(crate) starts: bool,
    /// Whether the string ends with it.
    pub(crate) ends: bool,
}

impl Ends {
    /// Those of a string without interpolations.
    pub(crate) const BOTH: Self = Self {
        starts: true,
        ends: true,
    };
}

/// A path in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) path: &'a str,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// The character before it, if it does not begin the text.
    pub(crate) before: Option<char>,
    /// The character after it, if it does not end the text.
    pub(crate) after: Option<char>,
}

/// The paths in a text that are below a manager's directory and have a name there, with the
/// interpolations in them ([`HOLE`]). `at` are the offsets, in bytes, at which such a directory may occur, in their
/// order; `more` are the directories that `mcp-lint.toml` adds, with the slash that ends them.
pub(crate) fn managed_paths<'a>(
    text: &'a str,
    at: impl Iterator<Item = usize>,
    more: &[String],
) -> impl Iterator<Item = Piece<'a>> {
    let mut searched = 0;
    let pieces = at.filter_map(move |at| {
        let (piece, end) = piece(text, at).filter(|_| at >= searched)?;
        searched = end;
        Some(piece)
    });
    pieces.filter(|piece| {
        let path = piece.path;
        let added = || more.iter().map(String::as_str);
        let managed = managed_directory(path).or_else(|| added().find(|it| path.starts_with(it)));
        managed.is_some_and(|managed| !path.ends_with('/') && path.len() > managed.len())
    })
}

/// The path that a place in a text belongs to, and where it ends.
fn piece(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let is_other =
        |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/' | '@' | '+' | HOLE);
    let (before, after) = text.split_at_checked(at)?;
    let start = before.trim_end_matches(|c| !is_other(c)).len();
    // `file:///run/…`: the URL of a path has its two slashes before that of the path.
    let is_of_a_url = before.get(..start)?.ends_with(':') && text.get(start..)?.starts_with("///");
    let start = if is_of_a_url { start + 2 } else { start };
    let end = after
        .find(is_other)
        .map_or(text.len(), |length| at + length);
    let piece = Piece {
        path: text.get(start..end)?,
        at: start,
        before: text.get(..start)?.chars().next_back(),
        after: text.get(end..)?.chars().next(),
    };
    Some((piece, end))
}

/// Whether the path of that length at that place is whole there, not a part of a longer one.
pub(crate) fn is_whole(text: &str, at: usize, length: usize) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | HOLE);
    let before = text.get(..at).unwrap_or_default();
    // `file:///run/…`
    let is_of_a_url = before.ends_with("://");
    let before = before.chars().next_back().filter(|_| !is_of_a_url);
    let mut after = text.get(at + length..).unwrap_or_default().chars();
    let ends = match after.next() {
        // A full stop at the end of a sentence or before white space ends a path.
        Some('.') => !after.next().is_some_and(|c| goes_on(c) || c == '.'),
        Some(c) => !goes_on(c),
        None => true,
    };
    ends && !before.is_some_and(|c| goes_on(c) || c == '.')
}

/// The paths below a manager's directory that are written out in a text, each with the offsets, in bytes, where it is. What touches its start or
/// end counts only if the text starts or ends there and does not go on in an interpolation. Nothing
/// in commands that start containers, where these directories are the container's own.
///
/// `managed` are the offsets of directories of managers, `more` are those that `mcp-lint.toml` adds, with
/// the slash that ends them.
pub(crate) fn written_paths<'a>(
    text: &'a str,
    Ends { starts, ends }: Ends,
    managed: Vec<usize>,
    more: &[String],
) -> BTreeMap<&'a str, Vec<usize>> {
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
        return BTreeMap::new();
    }
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for piece in paths {
        let path = piece.path.trim_end_matches('.');
        found.entry(path).or_default().push(piece.at);
    }
    found
}

/// The directories below one of a manager that are written out in a text, without the slash after them: `DIR` and
/// `DIR/*`, each once. `managed` and `more` are as for [`written_paths`].
pub(crate) fn written_directories<'a>(
    text: &'a str,
    Ends { starts, ends }: Ends,
    managed: &[usize],
    more: &[String],
) -> BTreeSet<&'a str> {
    let directories = managed.iter().filter_map(|at| {
        let (Piece { path, before, .. }, end) = piece(text, *at)?;
        let rest = text.get(end..)?;
        let after = match rest.strip_prefix('*').filter(|_| path.ends_with('/')) {
            Some(rest) => rest,
            None => rest,
        };
        let goes_on = after.starts_with(['$', '*', '?', '{', '<', '%', '.', '/']);
        let begins_before = matches!(before, Some('}' | '~'));
        let is_cut = (before.is_none() && !starts) || (after.is_empty() && !ends);
        let is_added = more.iter().any(|it| path.starts_with(it.as_str()));
        let is_managed = is_added || managed_directory(path).is_some();
        (is_managed && !goes_on && !begins_before && !is_cut).then(|| path.trim_end_matches('/'))
    });
    directories.collect()
}

/// The paths below a manager's directory in the home directory that are written out as `~/…`, `$HOME/…`,
/// `${HOME}/…` or `%h/…`, each with what follows the home directory. None in a line that asks whether the file
/// is there, minds no error, or is for another machine or user.
pub(crate) fn written_from_home<'a>(
    text: &'a str,
    Ends { starts, ends }: Ends,
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
        let mut homes = MANAGERS.iter().filter_map(|manager| manager.home.as_ref());
        let name = homes.find_map(|home| rest.strip_prefix(home.path)?.strip_prefix('/'))?;
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
    use crate::search::text_matcher::TextMatcher;

    fn managed(text: &str, more: &[String]) -> Vec<usize> {
        let matcher = TextMatcher::new(MANAGED.iter().chain(more).map(String::as_str));
        matcher.find(text).map(|(at, _)| at).collect()
    }

    fn paths<'a>(text: &'a str, more: &[String]) -> Vec<&'a str> {
        managed_paths(text, managed(text, more).into_iter(), more)
            .map(|piece| piece.path)
            .collect()
    }

    #[test]
    fn paths_below_a_managers_directory_are_found() {
        let text = "x --token /run/secrets/a/b;y token:/run/agenix/t";
        assert_eq!(paths(text, &[]), ["/run/secrets/a/b", "/run/agenix/t"]);
        let home = "/home/a/.config/sops-nix/secrets/t";
        assert_eq!(paths(home, &[]), [home]);
        let more = ["/run/vault/".to_owned()];
        assert_eq!(paths("x /run/vault/t", &more), ["/run/vault/t"]);
        assert!(paths("x /srv/run/vault/t /run/vault/", &more).is_empty());
        assert!(paths("/run/secrets/ and /run/secrets", &[]).is_empty());
        assert!(paths("/srv/run/secrets/t", &[]).is_empty());
    }

    #[test]
    fn what_stands_around_a_path_is_told() {
        let text = "{/run/secrets/a$x /run/agenix/b/run/agenix/c";
        let at = text.match_indices("/run").map(|(at, _)| at);
        let found: Vec<Piece<'_>> = managed_paths(text, at, &[]).collect();
        let a = Piece {
            path: "/run/secrets/a",
            at: 1,
            before: Some('{'),
            after: Some('$'),
        };
        let b = Piece {
            path: "/run/agenix/b/run/agenix/c",
            at: 18,
            before: Some(' '),
            after: None,
        };
        assert_eq!(found, [a, b]);
    }

    #[test]
    fn a_path_is_whole_in_the_url_of_a_file() {
        let text = "file:///run/secrets/a";
        assert_eq!(paths(text, &[]), ["/run/secrets/a"]);
        assert!(is_whole(text, "file://".len(), "/run/secrets/a".len()));
        assert!(!is_whole("x//run/secrets/a", 2, "/run/secrets/a".len()));
    }

    #[test]
    fn a_path_is_not_whole_in_a_longer_one() {
        let is_whole = |text: &str| {
            let path = "/run/secrets/token";
            is_whole(text, text.find(path).expect("the path"), path.len())
        };
        assert!(is_whole("cat /run/secrets/token | x"));
        assert!(is_whole("See /run/secrets/token."));
        assert!(is_whole("<(/run/secrets/token. "));
        assert!(!is_whole("/run/secrets/token-2"));
        assert!(!is_whole("/run/secrets/token.json"));
        assert!(!is_whole("/run/secrets/token\u{fffc}"));
        assert!(!is_whole("/mnt/run/secrets/token"));
    }

    fn written(text: &str, (starts, ends): (bool, bool)) -> Vec<&str> {
        let more = ["/run/vault/".to_owned()];
        let found = written_paths(text, Ends { starts, ends }, managed(text, &more), &more);
        assert!(found.iter().all(|(path, places)| {
            let is_there = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(path));
            places.iter().all(is_there)
        }));
        found.into_keys().collect()
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
        let found = |text: &'static str, (starts, ends)| {
            written_from_home(text, Ends { starts, ends }, &managed(text, &[]))
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
}
