//! Attribute sets of the arena.

use super::super::growth::make_room;
use super::{Arena, index};
use crate::value::{Attrs, AttrsBuilder, AttrsId, Entry, Symbol, Thunk, UnknownId};

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
        let start = index(self.entries.len());
        make_room(&mut self.entries, entries.len());
        self.entries.extend_from_slice(entries);
        let id = index(self.attrs.len());
        self.attrs.push(Attrs {
            start,
            len: index(entries.len()),
            open,
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
        let Attrs { start, len, .. } = self.attrs[id.0 as usize];
        &self.entries[start as usize..start as usize + len as usize]
    }

    /// The entries of a set, sorted by name.
    #[must_use]
    pub fn entries_by_name(&self, id: AttrsId) -> Vec<Entry> {
        let mut entries = self.entries(id).to_vec();
        entries.sort_by(|a, b| self.symbols.compare(a.name, b.name));
        entries
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, id: AttrsId, name: Symbol) -> Option<Entry> {
        let entries = self.entries(id);
        if entries.len() <= 8 {
            return entries.iter().find(|entry| entry.name == name).copied();
        }
        let at = entries
            .binary_search_by_key(&name, |entry| entry.name)
            .ok()?;
        entries.get(at).copied()
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
