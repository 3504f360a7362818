//! Paths below the directories of managers.

use crate::search::HOLE;

/// Directories of managers, with the slash that ends them.
pub(crate) const MANAGED: [&str; 4] = [
    "/run/secrets/",
    "/run/secrets-for-users/",
    "/run/agenix/",
    "/.config/sops-nix/secrets/",
];

/// The manager's directory that a path lies below, or is.
pub(crate) fn managed_directory(path: &str) -> Option<&'static str> {
    MANAGED
        .into_iter()
        .find(|managed| match managed.starts_with("/run") {
            true => path.starts_with(managed),
            false => path.starts_with('/') && path.contains(managed),
        })
}

/// A path in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) path: &'a str,
    /// The character before it, if it does not begin the text.
    pub(crate) before: Option<char>,
    /// The character after it, if it does not end the text.
    pub(crate) after: Option<char>,
}

/// The paths in a text that lie below a manager's directory and have a name there, with the
/// interpolations in them ([`HOLE`]). `at` are the places where such a directory may stand, in their
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
    let end = after
        .find(is_other)
        .map_or(text.len(), |length| at + length);
    let piece = Piece {
        path: text.get(start..end)?,
        before: text.get(..start)?.chars().next_back(),
        after: text.get(end..)?.chars().next(),
    };
    Some((piece, end))
}

#[cfg(test)]
mod tests {
    use super::super::TextSet;
    use super::*;

    fn paths<'a>(text: &'a str, more: &[String]) -> Vec<&'a str> {
        let set = TextSet::of(MANAGED.into_iter().chain(more.iter().map(String::as_str)));
        let at = set.find(text).map(|(at, _)| at);
        managed_paths(text, at, more)
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
            before: Some('{'),
            after: Some('$'),
        };
        let b = Piece {
            path: "/run/agenix/b/run/agenix/c",
            before: Some(' '),
            after: None,
        };
        assert_eq!(found, [a, b]);
    }
}
