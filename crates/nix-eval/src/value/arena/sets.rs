//! Attribute sets of the arena.
//!
//! The entries of most sets lie in a row. `left // right` of sets of very different sizes is layered:
//! it keeps the larger set as its base and has a row of the few entries above it. Each layer is at
//! least twice as large as the one above, so that a fold of `//` copies every entry a logarithmic
//! number of times and a look-up inspects a logarithmic number of rows. The first time that somebody
//! asks for all entries of a layered set, they are put in a row, once.

use std::cell::OnceCell;

use super::super::growth::make_room;
use super::{Arena, index};
use crate::value::{Attrs, AttrsBuilder, AttrsId, Entry, Symbol, Thunk, UnknownId};

/// Sets up to this length are copied: that is faster than to look in two places.
const FEW: usize = 32;

/// How many times as large as its layer a base must be.
const RATIO: usize = 2;

/// What a layered set is made of beside its own row.
pub(super) struct Layer {
    /// The set whose entries are in this one, too, unless the own row has the name.
    base: AttrsId,
    /// The length of the own row, in entries.
    own: u32,
    /// All entries in a row, once somebody asked for them.
    flat: OnceCell<Box<[Entry]>>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids are only made by this arena and never dangle"
)]
impl Arena {
    /// The set that `builder` describes.
    pub fn attrs(&mut self, builder: AttrsBuilder) -> AttrsId {
        let AttrsBuilder { mut entries, open } = builder;
        // A stable sort keeps later entries of a name behind earlier ones.
        if !entries.is_sorted_by(|a, b| a.name < b.name) {
            self.count_made(entries.len());
            entries.sort_by_key(|entry| entry.name);
            entries.dedup_by(|later, earlier| {
                let same = later.name == earlier.name;
                if same {
                    *earlier = *later;
                }
                same
            });
        }
        self.sorted_attrs(&entries, open)
    }

    /// The set of entries that are sorted by symbol and unique.
    pub fn sorted_attrs(&mut self, entries: &[Entry], open: Option<UnknownId>) -> AttrsId {
        if entries.is_empty() && open.is_none() {
            return AttrsId(0);
        }
        let start = self.push_row(entries);
        self.push_attrs(Attrs {
            start,
            len: index(entries.len()),
            layer: 0,
            is_uncertain: entries.iter().any(|entry| entry.maybe.is_some()),
            open,
        })
    }

    /// `left // right` of sets whose attributes are all there.
    pub(crate) fn updated_attrs(
        &mut self,
        left: AttrsId,
        right: AttrsId,
        open: Option<UnknownId>,
    ) -> AttrsId {
        let (left_len, right_len) = (
            self.attrs[left.0 as usize].len(),
            self.attrs[right.0 as usize].len(),
        );
        if is_base(left_len, right_len) {
            let above = self.entries(right).to_vec();
            return self.extended_attrs(left, &above, open);
        }
        if is_base(right_len, left_len) {
            let is_missing = |entry: &&Entry| self.attribute(right, entry.name).is_none();
            let entries = self.entries(left).iter();
            let more: Vec<Entry> = entries.filter(is_missing).copied().collect();
            return self.extended_attrs(right, &more, open);
        }
        let merged = merged_entries(self.entries(left), self.entries(right));
        self.sorted_attrs(&merged, open)
    }

    /// The set `base` with these entries, sorted by symbol and unique, in addition or in the place of
    /// what `base` has of that name. What `base` has beside them is shared where that is worth it.
    pub(crate) fn extended_attrs(
        &mut self,
        base: AttrsId,
        entries: &[Entry],
        open: Option<UnknownId>,
    ) -> AttrsId {
        let base_len = self.attrs[base.0 as usize].len();
        if !is_base(base_len, entries.len()) {
            let merged = merged_entries(self.entries(base), entries);
            return self.sorted_attrs(&merged, open);
        }
        let is_new = |entry: &&Entry| self.attribute(base, entry.name).is_none();
        let len = base_len + entries.iter().filter(is_new).count();
        let mut base = base;
        let mut own: Option<Vec<Entry>> = None;
        loop {
            let above = own.as_deref().unwrap_or(entries);
            let (row, below) = self.row(base);
            if row.len() >= above.len().saturating_mul(RATIO) {
                break;
            }
            let merged = merged_entries(row, above);
            self.count_made(merged.len());
            match below {
                Some(below) => base = below,
                None => return self.sorted_attrs(&merged, open),
            }
            own = Some(merged);
        }
        let own = own.as_deref().unwrap_or(entries);
        let start = self.push_row(own);
        let is_uncertain = self.attrs[base.0 as usize].is_uncertain
            || own.iter().any(|entry| entry.maybe.is_some());
        make_room(&mut self.layers, 1);
        self.layers.push(Layer {
            base,
            own: index(own.len()),
            flat: OnceCell::new(),
        });
        let layer = index(self.layers.len());
        self.push_attrs(Attrs {
            start,
            len: index(len),
            layer,
            is_uncertain,
            open,
        })
    }

    fn push_row(&mut self, entries: &[Entry]) -> u32 {
        self.count_made(entries.len());
        let start = index(self.entries.len());
        make_room(&mut self.entries, entries.len());
        self.entries.extend_from_slice(entries);
        start
    }

    fn push_attrs(&mut self, attrs: Attrs) -> AttrsId {
        let id = index(self.attrs.len());
        make_room(&mut self.attrs, 1);
        self.attrs.push(attrs);
        AttrsId(id)
    }

    /// The uppermost row of a set, and the set below it; a set without layers has one row.
    fn row(&self, id: AttrsId) -> (&[Entry], Option<AttrsId>) {
        let Attrs {
            start, len, layer, ..
        } = self.attrs[id.0 as usize];
        let row = |len: u32| &self.entries[start as usize..start as usize + len as usize];
        match (layer as usize).checked_sub(1) {
            None => (row(len), None),
            Some(at) => {
                let layer = &self.layers[at];
                match layer.flat.get() {
                    Some(flat) => (flat, None),
                    None => (row(layer.own), Some(layer.base)),
                }
            }
        }
    }

    /// A set of the attributes that a set shows, and of no more.
    pub fn without_more(&mut self, id: AttrsId) -> AttrsId {
        let shown = self.attrs[id.0 as usize];
        let id = index(self.attrs.len());
        self.attrs.push(Attrs {
            open: None,
            ..shown
        });
        AttrsId(id)
    }

    /// A set.
    #[must_use]
    pub fn attrs_data(&self, id: AttrsId) -> Attrs {
        self.attrs[id.0 as usize]
    }

    /// The entries of a set, sorted by symbol.
    #[must_use]
    pub fn entries(&self, id: AttrsId) -> &[Entry] {
        match self.row(id) {
            (row, None) => row,
            (_, Some(_)) => self.flat_entries(id),
        }
    }

    /// Puts the entries of a layered set in a row.
    fn flat_entries(&self, id: AttrsId) -> &[Entry] {
        let at = self.attrs[id.0 as usize].layer as usize - 1;
        self.layers[at].flat.get_or_init(|| {
            let merged = self.entries_to_vec(id);
            self.count_bytes(size_of_val::<[Entry]>(&merged));
            merged.into_boxed_slice()
        })
    }

    /// The entries of a set, sorted by symbol, of which nothing is kept.
    pub(crate) fn entries_to_vec(&self, id: AttrsId) -> Vec<Entry> {
        let (row, mut below) = self.row(id);
        let mut merged = row.to_vec();
        while let Some(base) = below {
            let (row, next) = self.row(base);
            merged = merged_entries(row, &merged);
            below = next;
        }
        self.count_made(merged.len());
        merged
    }

    /// Why an attribute of a set may not be there; `None` if all are.
    pub(crate) fn uncertain_attribute(&self, id: AttrsId) -> Option<UnknownId> {
        if !self.attrs[id.0 as usize].is_uncertain {
            return None;
        }
        self.entries(id).iter().find_map(|entry| entry.maybe)
    }

    /// The entries of a set, sorted by name.
    #[must_use]
    pub fn entries_by_name(&self, id: AttrsId) -> Vec<Entry> {
        let mut entries = self.entries_to_vec(id);
        entries.sort_by(|a, b| self.symbols.compare(a.name, b.name));
        entries
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, id: AttrsId, name: Symbol) -> Option<Entry> {
        let mut id = id;
        loop {
            let (row, below) = self.row(id);
            let found = if row.len() <= 8 {
                row.iter().find(|entry| entry.name == name)
            } else {
                row.binary_search_by_key(&name, |entry| entry.name)
                    .ok()
                    .and_then(|at| row.get(at))
            };
            match (found, below) {
                (Some(entry), _) => return Some(*entry),
                (None, Some(below)) => id = below,
                (None, None) => return None,
            }
        }
    }

    /// Says what an attribute that an open set does not show is, as a function of its name.
    pub fn set_fallback(&mut self, id: AttrsId, function: Thunk) {
        self.fallbacks.insert(id, function);
    }

    /// What an attribute that an open set does not show is, as a function of its name.
    #[must_use]
    pub fn fallback(&self, id: AttrsId) -> Option<Thunk> {
        self.fallbacks.get(&id).copied()
    }
}

/// Whether a set of so many entries is worth to be shared under so many others.
const fn is_base(base: usize, above: usize) -> bool {
    base > FEW && base >= above.saturating_mul(RATIO)
}

/// The entries of both rows, sorted by symbol: those of `above` take the place of those of `below`.
pub(crate) fn merged_entries(below: &[Entry], above: &[Entry]) -> Vec<Entry> {
    let mut merged = Vec::with_capacity(below.len() + above.len());
    let mut rest = below;
    let are_few = above.len() < below.len() / 8;
    for entry in above {
        let at = if are_few {
            rest.partition_point(|other| other.name < entry.name)
        } else {
            let before = rest.iter().take_while(|other| other.name < entry.name);
            before.count()
        };
        let (before, after) = rest.split_at(at);
        merged.extend_from_slice(before);
        merged.push(*entry);
        rest = match after.split_first() {
            Some((first, after)) if first.name == entry.name => after,
            _ => after,
        };
    }
    merged.extend_from_slice(rest);
    merged
}

#[cfg(test)]
mod tests {
    use super::super::Arena;
    use crate::value::{AttrsBuilder, AttrsId, Entry, Symbol, Thunk};

    fn names(arena: &Arena, set: AttrsId) -> Vec<(u32, u32)> {
        let entries = arena.entries(set).iter();
        entries.map(|entry| (entry.name.0, entry.value.0)).collect()
    }

    fn one(arena: &mut Arena, name: u32, value: u32) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        builder.insert(Symbol(name), Thunk(value));
        arena.attrs(builder)
    }

    /// Extends sets in an order without any order, and keeps older ones.
    #[test]
    fn layered_sets_are_as_copied_ones() {
        let mut arena = Arena::new();
        let mut expected = std::collections::BTreeMap::new();
        let mut set = AttrsId(0);
        let mut older = Vec::new();
        let mut random = 7u32;
        for step in 0..4000u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let name = (random >> 8) % 1500;
            let more = one(&mut arena, name, step);
            let entries: Vec<Entry> = arena.entries(more).to_vec();
            set = arena.extended_attrs(set, &entries, None);
            expected.insert(name, step);
            assert_eq!(arena.attrs_data(set).len(), expected.len());
            assert_eq!(
                arena.attribute(set, Symbol(name)).map(|entry| entry.value),
                Some(Thunk(step))
            );
            assert_eq!(arena.attribute(set, Symbol(1501)), None);
            if step % 97 == 0 {
                older.push((set, expected.clone()));
            }
            if step % 500 == 0 {
                assert_eq!(names(&arena, set).len(), expected.len());
            }
        }
        for (set, expected) in older {
            let expected: Vec<(u32, u32)> = expected.into_iter().collect();
            for (name, value) in &expected {
                let found = arena.attribute(set, Symbol(*name));
                assert_eq!(found.map(|entry| entry.value.0), Some(*value));
            }
            assert_eq!(names(&arena, set), expected);
        }
    }

    #[test]
    fn a_fold_of_updates_copies_little() {
        let mut arena = Arena::new();
        let mut set = AttrsId(0);
        for name in 0..20_000 {
            let more = one(&mut arena, name, name);
            let entries: Vec<Entry> = arena.entries(more).to_vec();
            set = arena.extended_attrs(set, &entries, None);
        }
        assert_eq!(arena.attrs_data(set).len(), 20_000);
        assert!(arena.memory() < 64 << 20, "{}", arena.memory());
    }
}
