//! Phrases and Nix text for messages.

/// `1 value`, `3 values`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and `c` ``.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `a`, `a and b`, `a, b and 3 more`.
pub(crate) fn several<T>(items: &[T], called: impl Fn(&T) -> String) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<String> = items.iter().take(SHOWN).map(called).collect();
    if items.len() > SHOWN {
        names.push(format!("{} more", items.len() - SHOWN));
    }
    match names.split_last() {
        None => String::new(),
        Some((one, [])) => one.clone(),
        Some((last, most)) => format!("{} and {last}", most.join(", ")),
    }
}

/// A Nix string literal.
pub(crate) fn nix_string(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

/// An attribute name, quoted where Nix needs it.
pub(crate) fn nix_name(name: &str) -> String {
    const KEYWORDS: [&str; 9] = [
        "assert", "else", "if", "in", "inherit", "let", "rec", "then", "with",
    ];
    let mut characters = name.chars();
    let starts_well = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let goes_on_well =
        characters.all(|character| character.is_ascii_alphanumeric() || "_-'".contains(character));
    if starts_well && goes_on_well && !KEYWORDS.contains(&name) {
        name.to_owned()
    } else {
        nix_string(name)
    }
}

/// The longest name that is compared, in bytes, as a path may be: to compare takes the product of the lengths.
const LONGEST: usize = 1024;

/// How many candidates a name is compared with.
const MOST: usize = 4096;

/// The candidate that is most like `name`, if one is like it enough to be meant. A directory that two
/// paths share says nothing of their likeness.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let scored = candidates
        .into_iter()
        .filter(|candidate| *candidate != name && candidate.len() <= LONGEST)
        .take(MOST)
        .map(|candidate| {
            let (wanted, offered) = without_shared_directory(name, candidate);
            let likeness = strsim::jaro_winkler(&wanted.to_lowercase(), &offered.to_lowercase());
            (likeness, candidate)
        });
    let best = scored.fold(None, |best: Option<(f64, &str)>, scored| match best {
        Some(best) if best.0 >= scored.0 => Some(best),
        _ => Some(scored),
    });
    best.filter(|(likeness, _)| *likeness > 0.88)
        .map(|(_, candidate)| candidate)
}

fn without_shared_directory<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let parts = one.split_inclusive('/').zip(other.split_inclusive('/'));
    let shared = parts.take_while(|(a, b)| a == b && a.ends_with('/'));
    let length = shared.map(|(part, _)| part.len()).sum::<usize>();
    let below = |path: &'a str| path.get(length..).unwrap_or(path);
    (below(one), below(other))
}

/// A name for a group of those who read a secret: `db-password-readers`.
pub(crate) fn reader_group(secret: &inventory::Secret) -> String {
    format!("{}-readers", secret.attribute.replace(['/', '.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_nix_needs_it() {
        assert_eq!(nix_name("github_token"), "github_token");
        assert_eq!(nix_name("db/password"), "\"db/password\"");
        assert_eq!(nix_name("9lives"), "\"9lives\"");
        assert_eq!(nix_name("inherit"), "\"inherit\"");
        assert_eq!(nix_name("a${b}\"c"), "\"a\\${b}\\\"c\"");
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    fn only_a_name_that_is_alike_is_offered() {
        assert_eq!(closest("yuoruser", ["root", "youruser"]), Some("youruser"));
        assert_eq!(closest("alice", ["bob", "carol"]), None);
        let landing = ["/run/secrets/db/password", "/run/secrets/github_token"];
        assert_eq!(closest("/run/secrets/restic/key", landing), None);
        assert_eq!(
            closest("/run/secrets/github-token", landing),
            Some(landing[1])
        );
        assert_eq!(
            closest("/run/secret/github_token", landing),
            Some(landing[1])
        );
    }
}
