//! Where a path ends in a text.

use crate::search::HOLE;

/// Whether the path of that length at that place is whole there, not a part of a longer one.
pub(crate) fn is_whole(text: &str, at: usize, length: usize) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | HOLE);
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let mut after = text.get(at + length..).unwrap_or_default().chars();
    let ends = match after.next() {
        // A full stop at the end of a sentence or before white space ends a path.
        Some('.') => !after.next().is_some_and(|c| goes_on(c) || c == '.'),
        Some(c) => !goes_on(c),
        None => true,
    };
    ends && !before.is_some_and(|c| goes_on(c) || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
