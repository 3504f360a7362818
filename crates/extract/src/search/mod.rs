//! Paths of secrets in texts.

pub(crate) mod managed_paths;
pub(crate) mod narrow_span;
pub(crate) mod text_matcher;
pub(crate) mod walk;
pub(crate) mod whole;

use std::borrow::Cow;

use nix_eval::value::{StringData, StringPart};

pub(crate) use managed_paths::{MANAGED, Piece, managed_directory, managed_paths};
pub(crate) use text_matcher::TextSet;
pub(crate) use whole::is_whole;

/// Stands for an interpolation whose text is not known.
pub(crate) const HOLE: char = '\u{fffc}';

/// A string's text, with [`HOLE`] for each hole.
pub(crate) fn with_holes(data: &StringData) -> Cow<'_, str> {
    match data {
        StringData::Text(text) => Cow::Borrowed(text),
        StringData::Parts(parts) => {
            let mut text = String::new();
            for part in parts.iter() {
                match part {
                    StringPart::Text(piece) => text.push_str(piece),
                    StringPart::Hole(_) => text.push(HOLE),
                }
            }
            Cow::Owned(text)
        }
    }
}

/// A path below a home directory as shells and units write it.
pub(crate) fn from_home(path: &str, home: &str) -> Vec<String> {
    match path.strip_prefix(home) {
        Some(rest) if rest.starts_with('/') => ["~", "$HOME", "${HOME}", "%h"]
            .map(|home| format!("{home}{rest}"))
            .into(),
        _ => Vec::new(),
    }
}
