//! Names and paths in a text, whatever language it is in.

use std::path::Path;
use std::sync::LazyLock;

use nix_syntax::source::Span;

use crate::exposure::mentions::{Mentions, Names};
use crate::search::managed_paths::{MANAGED, SYSTEM};
use crate::search::text_matcher::TextMatcher;

/// Documentation, by the ending of its name: nobody runs it, though it may name a secret.
const PROSE: [&str; 6] = ["md", "rst", "adoc", "org", "html", "txt"];

/// The directories of managers, without the slash that ends them; those of users as they are written below a home.
static DIRECTORIES: LazyLock<TextMatcher> =
    LazyLock::new(|| TextMatcher::new((0..MANAGED.len()).map(directory)));

/// The directory of that number.
fn directory(number: usize) -> &'static str {
    let managed = MANAGED.get(number).map_or("", String::as_str);
    let directory = managed.trim_end_matches('/');
    if number < SYSTEM.len() {
        directory
    } else {
        directory.trim_start_matches('/')
    }
}

pub(super) fn is_prose(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    PROSE.contains(&&*extension)
}

/// Finds what a text that is no Nix mentions.
pub(super) fn plain(text: &str, names: &Names, is_prose: bool, found: &mut Mentions) {
    names_in(text, names, false, None, found);
    if !is_prose {
        directories_in(text, &[], None, found);
    }
}

/// Finds the names in a text. `goes_on`: an interpolation follows it.
pub(super) fn names_in(
    text: &str,
    names: &Names,
    goes_on: bool,
    at: Option<Span>,
    found: &mut Mentions,
) {
    for hit in names.matcher.find_overlapping_iter(text) {
        let Some(name) = names.names.get(hit.pattern().as_usize()) else {
            continue;
        };
        let is_mention = if name.starts_with('/') {
            is_in_variable(text, hit.start(), hit.end())
        } else {
            is_named(text, hit.start(), hit.end(), goes_on)
        };
        if is_mention {
            found.name(name, at);
        }
    }
}

/// Whether what is between two offsets is a whole `/name` in a directory that only the machine knows: `$DIR/name`.
fn is_in_variable(text: &str, start: usize, end: usize) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    if after.starts_with(is_part) {
        return false;
    }
    let name = |c: char| c.is_alphanumeric() || c == '_';
    // An interpolation of Nix is before the text.
    if before.is_empty() || before.ends_with(['}', ')', '*', '"', '\'']) {
        return true;
    }
    before.ends_with(name) && before.trim_end_matches(name).ends_with('$')
}

/// Whether what is between two offsets is a whole name, and not that of a file: `token.age`.
fn is_named(text: &str, start: usize, end: usize, goes_on: bool) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let mut after = text.get(end..).unwrap_or_default().chars();
    if before.is_some_and(is_part) {
        return false;
    }
    match after.next() {
        None => true,
        Some('.') if before != Some('.') => match after.next() {
            Some(next) => !next.is_alphanumeric(),
            None => goes_on || before.is_some(),
        },
        Some(next) => !is_part(next),
    }
}

/// Whether a character may be in the name of a file.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '+')
}

/// Finds the paths below directories of managers; a path that is not whole, or a directory itself, may name any
/// secret that lands there. `rest` is what follows the text in its string, `None` for an interpolation.
pub(super) fn directories_in(
    text: &str,
    rest: &[Option<&str>],
    at: Option<Span>,
    found: &mut Mentions,
) {
    for (start, number) in DIRECTORIES.find(text) {
        let directory = directory(number);
        let below = text.get(start + directory.len()..).unwrap_or_default();
        // Another directory, whose name goes on.
        if below.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            continue;
        }
        let end = below
            .find(|c: char| !is_name(c) && c != '/')
            .unwrap_or(below.len());
        let (path, after) = below.split_at_checked(end).unwrap_or((below, ""));
        let is_open = match after.chars().next() {
            Some(next) => matches!(next, '$' | '{' | '*' | '?' | '[' | '%' | '<' | '\\' | '~'),
            None => !rest.is_empty(),
        };
        let whole = path.trim_end_matches('.');
        let is_below = whole.starts_with('/') && whole.len() > 1 && !whole.ends_with('/');
        if is_below && !is_open {
            let before = if directory.starts_with('/') { "" } else { "~" };
            found.path(&format!("{before}{directory}{whole}"), at);
            continue;
        }
        let known = if path.starts_with('/') && is_open {
            path
        } else {
            ""
        };
        let mut texts = vec![format!("{directory}{known}")];
        let rest = if after.is_empty() { rest } else { &[] };
        for part in rest {
            let Some(part) = part else {
                texts.push(String::new());
                continue;
            };
            let end = part.find(|c: char| !is_name(c) && c != '/');
            let name = part.get(..end.unwrap_or(part.len())).unwrap_or_default();
            if let Some(last) = texts.last_mut() {
                last.push_str(name);
            }
            if end.is_some() {
                break;
            }
        }
        if texts.len() == 1 {
            texts.push(String::new());
        }
        found.open_path(directory, texts, at);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test has to fail")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(text: &str) -> Vec<String> {
        let all = ["wifi", "mail/password", "db-token"].map(str::to_owned);
        let all = Names::new(BTreeSet::from(all)).unwrap();
        let mut found = Mentions::default();
        names_in(text, &all, false, None, &mut found);
        found.names.into_keys().collect()
    }

    #[test]
    fn a_name_is_whole_and_no_files() {
        assert_eq!(names("cat /run/secrets/wifi"), ["wifi"]);
        assert_eq!(names("config.age.secrets.wifi.path"), ["wifi"]);
        assert_eq!(
            names("\"mail/password\" db-token."),
            ["db-token", "mail/password"]
        );
        assert_eq!(names("./secrets/wifi.age wifi-home my-db-token"), [""; 0]);
        assert_eq!(names("open-wifi wifi2 db-token.yaml"), [""; 0]);
    }

    #[test]
    fn a_name_in_a_directory_that_only_the_machine_knows() {
        let all = Names::new(BTreeSet::from(["/password".to_owned()])).unwrap();
        let is_named = |text: &str| {
            let mut found = Mentions::default();
            names_in(text, &all, false, None, &mut found);
            !found.names.is_empty()
        };
        for text in [
            "cat $DIR/password",
            "cat \"${DIR}/password\"",
            "\"$D\"/password",
            "a/*/password",
            "/password",
        ] {
            assert!(is_named(text), "{text}");
        }
        for text in [
            "cat /run/x/password",
            "$DIR/password.txt",
            "$DIR/password-hash",
            "a b/password",
        ] {
            assert!(!is_named(text), "{text}");
        }
    }

    #[test]
    fn a_path_that_is_not_whole_may_be_any_secret_there() {
        let open = |text: &str, rest: &[Option<&str>]| {
            let mut found = Mentions::default();
            directories_in(text, rest, None, &mut found);
            let open = found.open_paths.into_iter();
            let open: Vec<String> = open.map(|(_, texts, _)| texts.join("*")).collect();
            (open, found.paths.into_keys().collect::<Vec<_>>())
        };
        let of = |paths: &[&str]| (paths.iter().map(|it| (*it).to_owned()).collect(), vec![]);
        assert_eq!(open("ls /run/secrets", &[]), of(&["/run/secrets*"]));
        assert_eq!(open("cat /run/secrets/*", &[]), of(&["/run/secrets/*"]));
        assert_eq!(open("cat /run/agenix/$NAME", &[]), of(&["/run/agenix/*"]));
        assert_eq!(
            open("cat /run/agenix/a-$NAME.b", &[]),
            of(&["/run/agenix/a-*"])
        );
        let home = [".config/sops-nix/secrets*"];
        assert_eq!(open("~/.config/sops-nix/secrets", &[]), of(&home));
        assert_eq!(
            open("home / \".config/sops-nix/secrets\" / it", &[]),
            of(&home)
        );
        assert_eq!(open("/run/secrets.d/1", &[]), of(&["/run/secrets*"]));
        let hole = None;
        assert_eq!(open("/run/secrets/", &[hole]), of(&["/run/secrets/*"]));
        assert_eq!(open("/run/secrets/a", &[hole]), of(&["/run/secrets/a*"]));
        let rest = [hole, Some("/b"), hole, Some("-c d/e"), hole];
        assert_eq!(
            open("/run/secrets/a/", &rest),
            of(&["/run/secrets/a/*/b*-c"])
        );
        assert_eq!(open("/run/secrets/a/ ", &rest), of(&["/run/secrets*"]));
        let path = || (vec![], vec!["/run/secrets/a/b".to_owned()]);
        assert_eq!(open("cat /run/secrets/a/b.", &[]), path());
        assert_eq!(open("/run/secrets-of-mine/a", &[]), (vec![], vec![]));
    }
}
