//! Strings of which a part is not known.

use std::borrow::Cow;

use nix_eval::value::{StringData, StringPart};

/// Stands for an interpolation whose text is not known.
pub(crate) const HOLE: char = '\u{fffc}';

/// A string's text, with [`HOLE`] for each interpolation that is not known.
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
