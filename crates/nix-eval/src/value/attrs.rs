//! Attribute sets.

use super::{Symbol, Thunk, UnknownId};

/// An attribute set of the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttrsId(pub u32);

/// Where an attribute was written: a binding of a loaded file. 0 is nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u32);

impl Position {
    /// No place.
    pub const NONE: Self = Self(0);

    /// The bit of a place that Nix forgets.
    const DERIVED: u32 = 1 << 31;

    /// The same place for an attribute that was made from the one there, as by `mapAttrs`: Nix
    /// does not keep it.
    #[must_use]
    pub const fn derived(self) -> Self {
        if self.0 == 0 {
            self
        } else {
            Self(self.0 | Self::DERIVED)
        }
    }

    /// Whether Nix knows the place, too.
    #[must_use]
    pub const fn is_kept_by_nix(self) -> bool {
        self.0 != 0 && self.0 & Self::DERIVED == 0
    }

    /// The place itself.
    #[must_use]
    pub(crate) const fn written(self) -> Self {
        Self(self.0 & !Self::DERIVED)
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: Symbol,
    /// Its value.
    pub value: Thunk,
    /// Where it was written.
    pub position: Position,
    /// Why it may not be there; nothing if it certainly is.
    pub maybe: Option<UnknownId>,
}

/// An attribute set: its entries are a row in the arena, sorted by symbol, or a row above another set.
#[derive(Debug, Clone, Copy)]
pub struct Attrs {
    /// Index of the first entry of its row.
    pub(super) start: u32,
    /// How many entries it has, those of the sets below included.
    pub(super) len: u32,
    /// 0, or the 1-based index of its layer where there is another set below its row.
    pub(super) layer: u32,
    /// Whether an attribute of it may not be there, as far as is told without a look at all of them.
    pub(super) is_uncertain: bool,
    /// Why there may be more attributes than these; nothing if there are not.
    pub open: Option<UnknownId>,
}

impl Attrs {
    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Collects entries; a later entry of the same name replaces an earlier one.
#[derive(Debug, Default, Clone)]
pub struct AttrsBuilder {
    pub(super) entries: Vec<Entry>,
    pub(super) open: Option<UnknownId>,
}

impl AttrsBuilder {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            open: None,
        }
    }

    /// Adds a certain attribute.
    pub fn insert(&mut self, name: Symbol, value: Thunk) -> &mut Self {
        self.push(Entry {
            name,
            value,
            position: Position::NONE,
            maybe: None,
        })
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) -> &mut Self {
        self.entries.push(entry);
        self
    }

    /// The entries so far.
    pub(crate) fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Says that there may be more attributes, unless that was said before.
    pub fn open(&mut self, why: UnknownId) -> &mut Self {
        self.open.get_or_insert(why);
        self
    }
}
