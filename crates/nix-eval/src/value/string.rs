//! Strings with holes and contexts, and paths.

use std::rc::Rc;

use super::{ExternalId, UnknownId};

/// A string of the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StringId(pub u32);

/// A path of the arena: absolute and normalised, without a trailing slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathId(pub u32);

/// A string's context; 0 is the empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ContextId(pub u32);

/// Where a string comes from, beside its text: sorted, without duplicates. The elements mean
/// nothing to the evaluator.
pub type Context = Rc<[Rc<str>]>;

/// Something interpolated into a string whose text is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hole {
    /// Not known.
    Unknown(UnknownId),
    /// An external: a package's store path, mostly.
    External(ExternalId),
    /// The store path of a file or folder of the project: `"${./x}"`, `"${self}"`.
    Source(PathId),
}

/// A piece of a string with holes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StringPart {
    /// Text, never empty, never beside other text.
    Text(Rc<str>),
    /// A hole.
    Hole(Hole),
}

/// A string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StringData {
    /// All of it is known.
    Text(Rc<str>),
    /// At least one hole.
    Parts(Rc<[StringPart]>),
}

impl StringData {
    /// The text, if there are no holes.
    #[must_use]
    pub fn text(&self) -> Option<&Rc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Parts(_) => None,
        }
    }

    /// The pieces: one text for a string without holes.
    #[must_use]
    pub fn parts(&self) -> Vec<StringPart> {
        match self {
            Self::Text(text) => vec![StringPart::Text(Rc::clone(text))],
            Self::Parts(parts) => parts.to_vec(),
        }
    }

    /// The string of these pieces; neighbouring texts are joined, empty ones dropped.
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = StringPart>) -> Self {
        let mut joined: Vec<StringPart> = Vec::new();
        let mut text = String::new();
        for part in parts {
            match part {
                StringPart::Text(more) => text.push_str(&more),
                StringPart::Hole(hole) => {
                    if !text.is_empty() {
                        joined.push(StringPart::Text(Rc::from(text.as_str())));
                        text.clear();
                    }
                    joined.push(StringPart::Hole(hole));
                }
            }
        }
        if joined.is_empty() {
            return Self::Text(Rc::from(text));
        }
        if !text.is_empty() {
            joined.push(StringPart::Text(Rc::from(text)));
        }
        Self::Parts(Rc::from(joined))
    }
}
