//! Memory that is kept from one file to the next.

use std::cell::Cell;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::index;
use super::scope::Scope;
use crate::hir::{
    AttrName, Binding, DynamicBinding, ExprId, File, Formal, NameId, Part, Run, Texts,
};
use crate::source::TextSpan;

/// What a file is lowered into, and stacks that are empty between files.
///
/// Tables grow here, where they have grown before; the finished file is copied out, so that it
/// takes no more than it needs.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) file: File,
    pub(super) names: Names,
    pub(super) scope: Scope,
    /// The attribute path being collected, for messages: none for a computed element.
    pub(super) attribute_path: Vec<Option<NameId>>,
    /// Bindings of the sets being lowered.
    pub(super) bindings: Vec<Binding>,
    /// Computed bindings of the sets being lowered.
    pub(super) dynamic_bindings: Vec<DynamicBinding>,
    /// Formals of the functions being lowered.
    pub(super) formals: Vec<Formal>,
    /// Pieces of the strings and paths being lowered.
    pub(super) parts: Vec<Part>,
    /// Elements of the lists being lowered.
    pub(super) elements: Vec<ExprId>,
    /// Elements of the attribute paths being lowered.
    pub(super) path_elements: Vec<(AttrName, TextSpan)>,
}

thread_local! {
    static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Scratch for a file with more expressions than this is not kept: a few megabytes.
const MOST_KEPT: usize = 1 << 16;

impl Scratch {
    /// What this thread has kept, all empty.
    pub(super) fn take() -> Box<Self> {
        KEPT.take().unwrap_or_default()
    }

    /// The file, and the memory back for the next.
    pub(super) fn give_back(mut self: Box<Self>, root: ExprId) -> File {
        self.file.root = root;
        if self.file.exprs.len() > MOST_KEPT {
            return self.file;
        }
        let file = self.file.clone();
        let Self {
            file: kept,
            names,
            scope,
            attribute_path,
            bindings,
            dynamic_bindings,
            formals,
            parts,
            elements,
            path_elements,
        } = &mut *self;
        clear(kept);
        names.clear();
        scope.clear();
        attribute_path.clear();
        bindings.clear();
        dynamic_bindings.clear();
        formals.clear();
        parts.clear();
        elements.clear();
        path_elements.clear();
        KEPT.set(Some(self));
        file
    }
}

/// Moves what was stacked since `mark` to the end of a table.
pub(super) fn move_run<T: Copy>(stack: &mut Vec<T>, mark: usize, table: &mut Vec<T>) -> Run {
    let items = stack.get(mark..).unwrap_or_default();
    let run = Run {
        start: index(table.len()),
        len: index(items.len()),
    };
    table.extend_from_slice(items);
    stack.truncate(mark);
    run
}

fn clear(file: &mut File) {
    let File {
        root: _,
        exprs,
        spans,
        names,
        strings,
        children,
        parts,
        attr_names,
        selections,
        sets,
        bindings,
        dynamic_bindings,
        lambdas,
        formals,
        directives,
    } = file;
    exprs.clear();
    spans.clear();
    names.clear();
    strings.clear();
    children.clear();
    parts.clear();
    attr_names.clear();
    selections.clear();
    sets.clear();
    bindings.clear();
    dynamic_bindings.clear();
    lambdas.clear();
    formals.clear();
    directives.clear();
}

/// The names of a file by their text.
pub(super) struct Names {
    ids: HashTable<NameId>,
    /// The ids of tokens seen lately, by where their text is in memory: rowan makes one token of
    /// those that are equal.
    recent: [(usize, NameId); RECENT],
}

const RECENT: usize = 256;

impl Default for Names {
    fn default() -> Self {
        Self {
            ids: HashTable::new(),
            recent: [(0, NameId(0)); RECENT],
        }
    }
}

impl Names {
    /// The id of a name in `texts`, and whether it is new there.
    pub(super) fn intern(&mut self, text: &str, texts: &mut Texts) -> (NameId, bool) {
        let hash = FxBuildHasher.hash_one(text);
        let is_same = |id: &NameId| texts.get(id.0 as usize) == Some(text);
        if let Some(id) = self.ids.find(hash, is_same) {
            return (*id, false);
        }
        let id = NameId(index(texts.len()));
        texts.push(text);
        let rehash = |id: &NameId| FxBuildHasher.hash_one(texts.get(id.0 as usize).unwrap_or(""));
        self.ids.insert_unique(hash, id, rehash);
        (id, true)
    }

    /// The same for the text of a token, which stays where it is until [`Self::clear`].
    pub(super) fn intern_token(&mut self, text: &str, texts: &mut Texts) -> (NameId, bool) {
        let address = text.as_ptr().addr();
        let place = (address >> 4) % RECENT;
        if let Some((known, id)) = self.recent.get(place)
            && *known == address
        {
            return (*id, false);
        }
        let (id, is_new) = self.intern(text, texts);
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = (address, id);
        }
        (id, is_new)
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.recent.fill((0, NameId(0)));
    }
}
