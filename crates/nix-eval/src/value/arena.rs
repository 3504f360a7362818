//! Where values live.

use std::num::NonZeroU32;
use std::rc::Rc;

use nix_syntax::hir::{ExprId, LambdaId};
use rustc_hash::FxHashMap;

use super::list::Item;
use super::{
    Attrs, AttrsBuilder, AttrsId, BuiltinId, ClosureId, Context, ContextId, Entry, Eval, External,
    ExternalId, List, ListId, PartialId, PathId, Presence, StringData, StringId, StringPart,
    Symbol, Symbols, Thunk, Unknown, UnknownId, UnknownKind, Value,
};
use crate::eval::Evaluator;

/// A frame of variables: an index into the arena's frames. 0 is the empty environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Env(pub u32);

impl Env {
    /// No variables.
    pub const EMPTY: Self = Self(0);
}

/// The state of a thunk.
#[derive(Debug, Clone, Copy)]
pub enum Slot {
    /// An expression to evaluate.
    Expr {
        /// The loaded file.
        file: u32,
        /// The expression.
        expr: ExprId,
        /// Its variables.
        env: Env,
    },
    /// `function argument`
    Apply {
        /// The function.
        function: Thunk,
        /// Its argument.
        argument: Thunk,
    },
    /// `base.name`
    Select {
        /// What is selected from.
        base: Thunk,
        /// The attribute.
        name: Symbol,
    },
    /// Something that Rust computes: an index into the arena's computations.
    Native(u32),
    /// Being evaluated: needing it now is an infinite recursion.
    Forcing,
    /// Evaluated.
    Value(Value),
    /// Evaluated, without a value.
    Failed(UnknownId),
}

/// A computation in Rust, run at most once.
pub type Computation = Box<dyn FnOnce(&mut Evaluator) -> Eval<Value>>;

/// A function written in Nix.
#[derive(Debug, Clone, Copy)]
pub struct Closure {
    /// The loaded file.
    pub file: u32,
    /// The lambda.
    pub lambda: LambdaId,
    /// Its variables.
    pub env: Env,
}

/// A builtin with some of its arguments.
#[derive(Debug, Clone)]
pub struct PartialApplication {
    /// The builtin.
    pub builtin: BuiltinId,
    /// Fewer than it takes.
    pub arguments: Rc<[Thunk]>,
}

/// Owns every value of one evaluation.
#[derive(Default)]
pub struct Arena {
    /// Names.
    pub symbols: Symbols,
    slots: Vec<Slot>,
    origins: Vec<u32>,
    frames: Vec<u32>,
    entries: Vec<Entry>,
    attrs: Vec<Attrs>,
    items: Vec<Thunk>,
    lists: Vec<List>,
    presences: Vec<Rc<[Presence]>>,
    strings: Vec<(StringData, ContextId)>,
    contexts: Vec<Context>,
    context_ids: FxHashMap<Context, ContextId>,
    paths: Vec<Rc<str>>,
    path_ids: FxHashMap<Rc<str>, PathId>,
    closures: Vec<Closure>,
    partials: Vec<PartialApplication>,
    externals: Vec<External>,
    external_ids: FxHashMap<External, ExternalId>,
    unknowns: Vec<Unknown>,
    computations: Vec<Option<Computation>>,
    symbol_strings: FxHashMap<Symbol, StringId>,
    fallbacks: FxHashMap<AttrsId, Thunk>,
}

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arena")
            .field("slots", &self.slots.len())
            .finish_non_exhaustive()
    }
}

/// Ids are 32 bits: at 16 bytes a slot, memory ends before they do.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids are only made by this arena and never dangle"
)]
impl Arena {
    /// An empty arena; frame 0, the empty set and the empty list are there.
    #[must_use]
    pub fn new() -> Self {
        let mut arena = Self::default();
        arena.frames.extend([0, 0]);
        // Thunk 0 stands for a variable that is not set yet.
        arena.slots.push(Slot::Forcing);
        arena.origins.push(0);
        arena.attrs.push(Attrs {
            start: 0,
            len: 0,
            open: None,
        });
        arena.lists.push(List {
            start: 0,
            len: 0,
            uncertain: 0,
        });
        arena.contexts.push(Rc::from([]));
        arena.context_ids.insert(Rc::from([]), ContextId(0));
        arena
    }

    // Thunks

    /// A new thunk in this state.
    pub fn thunk(&mut self, slot: Slot) -> Thunk {
        self.thunk_from(slot, 0)
    }

    /// A new thunk whose value is given by the expression numbered `origin` (0: none).
    pub fn thunk_from(&mut self, slot: Slot, origin: u32) -> Thunk {
        let id = index(self.slots.len());
        self.slots.push(slot);
        self.origins.push(origin);
        Thunk(id)
    }

    /// A thunk that is evaluated already.
    pub fn ready(&mut self, value: Value) -> Thunk {
        self.thunk(Slot::Value(value))
    }

    /// A thunk that has no value.
    pub fn failed(&mut self, why: UnknownId) -> Thunk {
        self.thunk(Slot::Failed(why))
    }

    /// A thunk that `computation` evaluates.
    pub fn lazy(
        &mut self,
        computation: impl FnOnce(&mut Evaluator) -> Eval<Value> + 'static,
    ) -> Thunk {
        let id = index(self.computations.len());
        self.computations.push(Some(Box::new(computation)));
        self.thunk(Slot::Native(id))
    }

    /// Takes a computation out, to be run.
    pub(crate) fn take_computation(&mut self, id: u32) -> Option<Computation> {
        self.computations[id as usize].take()
    }

    /// The state of a thunk.
    #[must_use]
    pub fn slot(&self, thunk: Thunk) -> Slot {
        self.slots[thunk.0 as usize]
    }

    /// Changes the state of a thunk.
    pub fn set_slot(&mut self, thunk: Thunk, slot: Slot) {
        self.slots[thunk.0 as usize] = slot;
    }

    /// The number of the expression that gives a thunk's value; 0 if none does.
    #[must_use]
    pub fn origin(&self, thunk: Thunk) -> u32 {
        self.origins[thunk.0 as usize]
    }

    /// Says which expression gives a thunk's value.
    pub fn set_origin(&mut self, thunk: Thunk, origin: u32) {
        self.origins[thunk.0 as usize] = origin;
    }

    /// How many thunks there are.
    #[must_use]
    pub fn thunk_count(&self) -> usize {
        self.slots.len()
    }

    // Frames: [parent, slots << 1 | is with, slot 0, …]

    /// A frame inside `parent` with `slots` variables, all still unset.
    pub fn frame(&mut self, parent: Env, slots: u32, is_with: bool) -> Env {
        let id = index(self.frames.len());
        self.frames.push(parent.0);
        self.frames.push(slots << 1 | u32::from(is_with));
        self.frames.resize(self.frames.len() + slots as usize, 0);
        Env(id)
    }

    /// The frame around `env`, `depth` levels up.
    #[must_use]
    pub fn ancestor(&self, mut env: Env, depth: u32) -> Env {
        for _ in 0..depth {
            env = Env(self.frames[env.0 as usize]);
        }
        env
    }

    /// Whether a frame is that of a `with`.
    #[must_use]
    pub fn is_with_frame(&self, env: Env) -> bool {
        self.frames[env.0 as usize + 1] & 1 == 1
    }

    /// The variable in a slot of a frame.
    #[must_use]
    pub fn variable(&self, env: Env, slot: u32) -> Thunk {
        Thunk(self.frames[env.0 as usize + 2 + slot as usize])
    }

    /// Sets the variable in a slot of a frame.
    pub fn set_variable(&mut self, env: Env, slot: u32, thunk: Thunk) {
        self.frames[env.0 as usize + 2 + slot as usize] = thunk.0;
    }

    // Attribute sets

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
        entries.sort_by(|a, b| {
            self.symbols
                .name_ref(a.name)
                .cmp(self.symbols.name_ref(b.name))
        });
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

    // Lists

    /// A list of certain elements.
    pub fn list(&mut self, items: &[Thunk]) -> ListId {
        if items.is_empty() {
            return ListId(0);
        }
        let start = index(self.items.len());
        self.items.extend_from_slice(items);
        self.push_list(start, items.len(), 0)
    }

    /// A list whose elements may be uncertain.
    pub fn list_of(&mut self, items: &[Item]) -> ListId {
        let start = index(self.items.len());
        self.items.extend(items.iter().map(|(thunk, _)| *thunk));
        if items
            .iter()
            .all(|(_, presence)| *presence == Presence::Certain)
        {
            return self.push_list(start, items.len(), 0);
        }
        self.presences
            .push(items.iter().map(|(_, presence)| *presence).collect());
        let uncertain = index(self.presences.len());
        self.push_list(start, items.len(), uncertain)
    }

    fn push_list(&mut self, start: u32, len: usize, uncertain: u32) -> ListId {
        let id = index(self.lists.len());
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

    // Strings and paths

    /// A string without holes or context.
    pub fn string(&mut self, text: &str) -> StringId {
        self.string_data(StringData::Text(Rc::from(text)), ContextId(0))
    }

    /// A string.
    pub fn string_data(&mut self, data: StringData, context: ContextId) -> StringId {
        let id = index(self.strings.len());
        self.strings.push((data, context));
        StringId(id)
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
    pub fn first_hole(&self, id: StringId) -> Option<super::Hole> {
        match &self.strings[id.0 as usize].0 {
            StringData::Text(_) => None,
            StringData::Parts(parts) => parts.iter().find_map(|part| match part {
                StringPart::Text(_) => None,
                StringPart::Hole(hole) => Some(*hole),
            }),
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
        let context: Context = Rc::from(elements);
        if let Some(id) = self.context_ids.get(&context) {
            return *id;
        }
        let id = ContextId(index(self.contexts.len()));
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

    // Functions

    /// A function written in Nix.
    pub fn closure(&mut self, closure: Closure) -> ClosureId {
        let id = index(self.closures.len());
        self.closures.push(closure);
        ClosureId(id)
    }

    /// A function written in Nix.
    #[must_use]
    pub fn closure_data(&self, id: ClosureId) -> Closure {
        self.closures[id.0 as usize]
    }

    /// A builtin with some of its arguments.
    pub fn partial(&mut self, partial: PartialApplication) -> PartialId {
        let id = index(self.partials.len());
        self.partials.push(partial);
        PartialId(id)
    }

    /// A builtin with some of its arguments.
    #[must_use]
    pub fn partial_data(&self, id: PartialId) -> &PartialApplication {
        &self.partials[id.0 as usize]
    }

    // Externals and unknowns

    /// The id of an external; the same one for equal externals.
    pub fn external(&mut self, external: External) -> ExternalId {
        if let Some(id) = self.external_ids.get(&external) {
            return *id;
        }
        let id = ExternalId(index(self.externals.len()));
        self.externals.push(external.clone());
        self.external_ids.insert(external, id);
        id
    }

    /// An external.
    #[must_use]
    pub fn external_data(&self, id: ExternalId) -> &External {
        &self.externals[id.0 as usize]
    }

    /// The id of a reason.
    pub fn unknown(&mut self, unknown: Unknown) -> UnknownId {
        self.unknowns.push(unknown);
        let number = index(self.unknowns.len());
        UnknownId(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
    }

    /// A reason.
    #[must_use]
    pub fn unknown_data(&self, id: UnknownId) -> &Unknown {
        &self.unknowns[id.0.get() as usize - 1]
    }

    /// The kind of a reason.
    #[must_use]
    pub fn unknown_kind(&self, id: UnknownId) -> UnknownKind {
        self.unknown_data(id).kind
    }
}
