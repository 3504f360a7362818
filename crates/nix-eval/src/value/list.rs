//! Lists.

use super::{Thunk, UnknownId};

/// A list of the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListId(pub u32);

/// Whether an element is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Certain,
    /// It may be.
    Maybe(UnknownId),
    /// Any number of elements that are not known stand here.
    Many(UnknownId),
}

/// A list: its elements stand in a row in the arena.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Index of the first element.
    pub(super) start: u32,
    /// How many.
    pub(super) len: u32,
    /// 0, or the 1-based index of its presences where not every element is certain.
    pub(super) uncertain: u32,
}

impl List {
    /// How many elements stand in the list; for an uncertain list not its length.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.len as usize
    }

    /// Whether every element is certain.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.uncertain == 0
    }
}

/// What [`Arena::list_items`](super::Arena::list_items) gives.
pub(super) type Item = (Thunk, Presence);
