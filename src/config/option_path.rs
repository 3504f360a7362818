//! Options as they are written in `mcp-lint.toml`.

/// The names of an option: `services.foo."a.b".tokenFile`; nothing where it is not written as Nix
/// writes attribute paths. `*` stands for every name.
pub(super) fn names(option: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = option.trim();
    loop {
        let name;
        if let Some(quoted) = rest.strip_prefix('"') {
            let (inner, after) = quoted.split_once('"')?;
            name = inner;
            rest = after;
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (plain, after) = rest.split_at_checked(end)?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_-'".contains(c);
            if plain != "*" && !plain.chars().all(is_name) {
                return None;
            }
            name = plain;
            rest = after;
        }
        if name.is_empty() {
            return None;
        }
        names.push(name.to_owned());
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix('.')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_nix_does() {
        assert_eq!(names("services.foo").unwrap(), ["services", "foo"]);
        assert_eq!(names("a.\"b.c\".*.d").unwrap(), ["a", "b.c", "*", "d"]);
        for wrong in [
            "", ".", "a.", ".a", "a..b", "a b", "\"a", "a.\"\"", "\"a\"b", "${a}",
        ] {
            assert_eq!(names(wrong), None, "{wrong}");
        }
    }
}
