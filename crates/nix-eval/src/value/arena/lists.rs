//! Lists of the arena.

use std::rc::Rc;

use super::super::growth::make_room;
use super::{Arena, index};
use crate::value::list::Item;
use crate::value::{List, ListId, Presence, Thunk, UnknownId};

#[expect(
    clippy::indexing_slicing,
    reason = "ids are only made by this arena and never dangle"
)]
impl Arena {
    /// A list of certain elements.
    pub fn list(&mut self, items: &[Thunk]) -> ListId {
        if items.is_empty() {
            return ListId(0);
        }
        let start = index(self.items.len());
        self.count_made(items.len());
        make_room(&mut self.items, items.len());
        self.items.extend_from_slice(items);
        self.push_list(start, items.len(), 0)
    }

    /// A list whose elements may be uncertain.
    pub fn list_of(&mut self, items: &[Item]) -> ListId {
        let start = index(self.items.len());
        self.count_made(items.len());
        make_room(&mut self.items, items.len());
        self.items.extend(items.iter().map(|(thunk, _)| *thunk));
        if items
            .iter()
            .all(|(_, presence)| *presence == Presence::Certain)
        {
            return self.push_list(start, items.len(), 0);
        }
        self.count_text(items.len() * size_of::<Presence>());
        self.presences
            .push(items.iter().map(|(_, presence)| *presence).collect());
        let uncertain = index(self.presences.len());
        self.push_list(start, items.len(), uncertain)
    }

    /// The elements of a list from `from` on. They are not copied.
    pub fn list_from(&mut self, id: ListId, from: usize) -> ListId {
        let List {
            start,
            len,
            uncertain,
        } = self.lists[id.0 as usize];
        let skipped = index(from).min(len);
        if skipped == len {
            return ListId(0);
        }
        let rest = (len - skipped) as usize;
        let uncertain = match (uncertain as usize).checked_sub(1) {
            None => 0,
            Some(at) => {
                let presences: Rc<[Presence]> = self.presences[at][skipped as usize..].into();
                self.count_text(size_of_val::<[Presence]>(&presences));
                self.presences.push(presences);
                index(self.presences.len())
            }
        };
        self.push_list(start + skipped, rest, uncertain)
    }

    /// How many elements [`Self::concat_exact`] would copy.
    #[must_use]
    pub(crate) fn concat_cost(&self, left: ListId, right: ListId) -> usize {
        let (a, b) = (self.lists[left.0 as usize], self.lists[right.0 as usize]);
        let end = a.start + a.len;
        if a.len == 0 || b.len == 0 || end == b.start {
            0
        } else if end as usize == self.items.len() {
            b.len as usize
        } else {
            (a.len + b.len) as usize
        }
    }

    /// `left ++ right` of lists whose elements are certain. Where the elements of both stand in a
    /// row already, as after `list ++ [ x ]`, they are not copied.
    pub fn concat_exact(&mut self, left: ListId, right: ListId) -> ListId {
        let (a, b) = (self.lists[left.0 as usize], self.lists[right.0 as usize]);
        if a.len == 0 {
            return right;
        }
        if b.len == 0 {
            return left;
        }
        let range = |list: List| list.start as usize..(list.start + list.len) as usize;
        let len = (a.len + b.len) as usize;
        let mut start = a.start;
        if a.start + a.len != b.start {
            let copied = self.concat_cost(left, right);
            self.count_made(copied);
            make_room(&mut self.items, copied);
            if range(a).end != self.items.len() {
                start = index(self.items.len());
                self.items.extend_from_within(range(a));
            }
            self.items.extend_from_within(range(b));
        }
        self.push_list(start, len, 0)
    }

    fn push_list(&mut self, start: u32, len: usize, uncertain: u32) -> ListId {
        let id = index(self.lists.len());
        make_room(&mut self.lists, 1);
        self.lists.push(List {
            start,
            len: index(len),
            uncertain,
        });
        ListId(id)
    }

    /// A list.
    #[must_use]
    pub fn list_data(&self, id: ListId) -> List {
        self.lists[id.0 as usize]
    }

    /// The elements of a list, certain or not.
    #[must_use]
    pub fn elements(&self, id: ListId) -> &[Thunk] {
        let List { start, len, .. } = self.lists[id.0 as usize];
        &self.items[start as usize..start as usize + len as usize]
    }

    /// The elements of a list with their presence.
    #[must_use]
    pub fn list_items(&self, id: ListId) -> Vec<Item> {
        let List { uncertain, .. } = self.lists[id.0 as usize];
        let elements = self.elements(id).iter().copied();
        self.count_made(elements.len());
        if uncertain == 0 {
            return elements.map(|thunk| (thunk, Presence::Certain)).collect();
        }
        elements
            .zip(self.presences[uncertain as usize - 1].iter().copied())
            .collect()
    }

    /// The element at an index with its presence.
    #[must_use]
    pub fn list_item(&self, id: ListId, index: usize) -> Option<Item> {
        let thunk = *self.elements(id).get(index)?;
        let List { uncertain, .. } = self.lists[id.0 as usize];
        let presence = match (uncertain as usize).checked_sub(1) {
            None => Presence::Certain,
            Some(at) => *self.presences[at].get(index)?,
        };
        Some((thunk, presence))
    }

    /// Why a list is uncertain, if it is.
    #[must_use]
    pub fn list_uncertainty(&self, id: ListId) -> Option<UnknownId> {
        let List { uncertain, .. } = self.lists[id.0 as usize];
        let presences = self.presences.get((uncertain as usize).checked_sub(1)?)?;
        presences.iter().find_map(|presence| match presence {
            Presence::Certain => None,
            Presence::Maybe(why) | Presence::Many(why) => Some(*why),
        })
    }
}
