//! What others than the evaluator ask of its values, and the few values that they make.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::evaluator::Evaluator;
use crate::value::{
    AttrsId, Entry, Eval, External, ExternalId, ListId, PathId, Presence, StringData, StringId,
    Symbol, Thunk, Unknown, UnknownId, UnknownKind, Value, well_known,
};

impl Evaluator {
    /// A thunk that is evaluated already.
    pub fn ready(&mut self, value: Value) -> Thunk {
        self.arena.ready(value)
    }

    /// A thunk that has no value.
    pub fn failed(&mut self, why: UnknownId) -> Thunk {
        self.arena.failed(why)
    }

    /// The id of a path: absolute, normalised.
    pub fn path(&mut self, text: &str) -> PathId {
        self.arena.path(text)
    }

    /// The text of a path.
    #[must_use]
    pub fn path_text(&self, path: PathId) -> Rc<str> {
        self.arena.path_text(path)
    }

    /// The text of a string, and the holes in it.
    #[must_use]
    pub fn string_parts(&self, string: StringId) -> &StringData {
        self.arena.string_parts(string)
    }

    /// The text of a string; `None` if there is a hole in it.
    #[must_use]
    pub fn text(&self, string: StringId) -> Option<&Rc<str>> {
        self.arena.text(string)
    }

    /// The elements of a list, each with whether it is there.
    #[must_use]
    pub fn list_items(&self, list: ListId) -> Vec<(Thunk, Presence)> {
        self.arena.list_items(list)
    }

    /// Why an element of a list may not be there; `None` if all are certain.
    #[must_use]
    pub fn list_uncertainty(&self, list: ListId) -> Option<UnknownId> {
        self.arena.list_uncertainty(list)
    }

    /// An attribute of a set; `None` if the set does not show it.
    #[must_use]
    pub fn attribute(&self, set: AttrsId, name: Symbol) -> Option<Entry> {
        self.arena.attribute(set, name)
    }

    /// The attributes of a set, sorted by name.
    #[must_use]
    pub fn entries_by_name(&self, set: AttrsId) -> Vec<Entry> {
        self.arena.entries_by_name(set)
    }

    /// What Nix takes a set for where it wants a text: the result of its `__toString`, else its `outPath`.
    /// `None` if it has neither.
    pub fn text_of_set(&mut self, set: AttrsId) -> Option<Eval<Value>> {
        if let Some(entry) = self.arena.attribute(set, well_known::TO_STRING) {
            let this = self.arena.ready(Value::Attrs(set));
            return Some(self.call(entry.value, this));
        }
        let entry = self.arena.attribute(set, well_known::OUT_PATH)?;
        Some(self.force(entry.value))
    }

    /// Why a set may have more attributes than it shows; `None` if it has not.
    #[must_use]
    pub fn open_reason(&self, set: AttrsId) -> Option<UnknownId> {
        self.arena.attrs_data(set).open
    }

    /// Something that is not on disk.
    #[must_use]
    pub fn external_data(&self, external: ExternalId) -> &External {
        self.arena.external_data(external)
    }

    /// Why a value is not known.
    #[must_use]
    pub fn unknown_data(&self, why: UnknownId) -> &Unknown {
        self.arena.unknown_data(why)
    }

    /// The file of secrets whose content is withheld, for which a value is not known; `None` if it is another reason.
    #[must_use]
    pub fn withheld_file(&self, why: UnknownId) -> Option<&Path> {
        self.withheld_files.get(&why).map(PathBuf::as_path)
    }

    /// The kind of reason for which a value is not known.
    #[must_use]
    pub fn unknown_kind(&self, why: UnknownId) -> UnknownKind {
        self.arena.unknown_kind(why)
    }

    /// The name of a symbol.
    #[must_use]
    pub fn name_ref(&self, symbol: Symbol) -> &str {
        self.arena.symbols.name_ref(symbol)
    }

    /// The symbol of a name; `None` if nothing has that name.
    #[must_use]
    pub fn find_symbol(&self, name: &str) -> Option<Symbol> {
        self.arena.symbols.find(name)
    }
}
