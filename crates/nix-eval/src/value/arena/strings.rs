//! Strings, contexts and paths of the arena.

use std::rc::Rc;

use super::super::growth::make_room;
use super::{Arena, index};
use crate::value::{Context, ContextId, Hole, PathId, StringData, StringId, StringPart, Symbol};

/// Texts from this length on are kept once, in bytes.
const LONG: usize = 256;

#[expect(
    clippy::indexing_slicing,
    reason = "ids are only made by this arena and never dangle"
)]
impl Arena {
    /// A string without holes or context.
    pub fn string(&mut self, text: &str) -> StringId {
        self.string_data(StringData::Text(Rc::from(text)), ContextId(0))
    }

    /// A string.
    pub fn string_data(&mut self, mut data: StringData, context: ContextId) -> StringId {
        if let StringData::Parts(parts) = &data {
            self.count_text(size_of_val::<[StringPart]>(parts));
        }
        match &mut data {
            StringData::Text(text) => self.keep_once(text),
            StringData::Parts(parts) => {
                // Unless they are another string's as well.
                for part in Rc::get_mut(parts).into_iter().flatten() {
                    if let StringPart::Text(text) = part {
                        self.keep_once(text);
                    }
                }
            }
        }
        let id = index(self.strings.len());
        make_room(&mut self.strings, 1);
        self.strings.push((data, context));
        StringId(id)
    }

    /// Puts the text that is kept already in the place of a long one that equals it: the hosts of a
    /// project make the same files.
    fn keep_once(&mut self, text: &mut Rc<str>) {
        if text.len() < LONG {
            self.count_text(text.len());
        } else if let Some(known) = self.long_texts.get(&**text) {
            *text = Rc::clone(known);
            self.count_made(text.len() / 16);
        } else {
            self.count_text(text.len());
            self.long_texts.insert(Rc::clone(text));
        }
    }

    /// The string of a name; the same one each time.
    pub fn symbol_string(&mut self, symbol: Symbol) -> StringId {
        if let Some(id) = self.symbol_strings.get(&symbol) {
            return *id;
        }
        let id = self.string_data(StringData::Text(self.symbols.name(symbol)), ContextId(0));
        self.symbol_strings.insert(symbol, id);
        id
    }

    /// A string's text and holes.
    #[must_use]
    pub fn string_parts(&self, id: StringId) -> &StringData {
        &self.strings[id.0 as usize].0
    }

    /// A string's text, if it has no holes.
    #[must_use]
    pub fn text(&self, id: StringId) -> Option<&Rc<str>> {
        self.strings[id.0 as usize].0.text()
    }

    /// A string's first hole, if it has one.
    #[must_use]
    pub fn first_hole(&self, id: StringId) -> Option<Hole> {
        match &self.strings[id.0 as usize].0 {
            StringData::Text(_) => None,
            StringData::Parts(parts) => {
                let holes = parts.iter().filter_map(|part| match part {
                    StringPart::Text(_) => None,
                    StringPart::Hole(hole) => Some(*hole),
                });
                // Of a file of the project more is known than of anything else.
                holes.min_by_key(|hole| matches!(hole, Hole::Source(_)))
            }
        }
    }

    /// A string's context.
    #[must_use]
    pub fn string_context(&self, id: StringId) -> ContextId {
        self.strings[id.0 as usize].1
    }

    /// The elements of a context.
    #[must_use]
    pub fn context(&self, id: ContextId) -> &Context {
        &self.contexts[id.0 as usize]
    }

    /// The context of these elements.
    pub fn context_of(&mut self, mut elements: Vec<Rc<str>>) -> ContextId {
        elements.sort();
        elements.dedup();
        self.count_made(elements.len());
        let context: Context = Rc::from(elements);
        if let Some(id) = self.context_ids.get(&context) {
            return *id;
        }
        let id = ContextId(index(self.contexts.len()));
        self.count_text(size_of_val::<[Rc<str>]>(&context));
        self.contexts.push(Rc::clone(&context));
        self.context_ids.insert(context, id);
        id
    }

    /// Both contexts.
    pub fn join_contexts(&mut self, a: ContextId, b: ContextId) -> ContextId {
        if a == b || b.0 == 0 {
            return a;
        }
        if a.0 == 0 {
            return b;
        }
        let elements = self
            .context(a)
            .iter()
            .chain(self.context(b).iter())
            .cloned()
            .collect();
        self.context_of(elements)
    }

    /// The path of this text, which must be absolute and normalised.
    pub fn path(&mut self, text: &str) -> PathId {
        if let Some(id) = self.path_ids.get(text) {
            return *id;
        }
        let id = PathId(index(self.paths.len()));
        self.count_text(text.len());
        let text: Rc<str> = Rc::from(text);
        self.paths.push(Rc::clone(&text));
        self.path_ids.insert(text, id);
        id
    }

    /// A path's text.
    #[must_use]
    pub fn path_text(&self, id: PathId) -> Rc<str> {
        Rc::clone(&self.paths[id.0 as usize])
    }
}
