//! Where values live.

mod lists;
mod sets;
mod strings;

pub(crate) use sets::merged_entries;

use std::cell::Cell;
use std::num::NonZeroU32;
use std::rc::Rc;

use nix_syntax::hir::{ExprId, LambdaId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::growth::make_room;
use super::{
    Attrs, AttrsId, BuiltinId, ClosureId, Context, ContextId, Entry, External, ExternalId, List,
    PartialId, PathId, Presence, StringData, StringId, Symbol, Symbols, Thunk, Unknown, UnknownId,
    UnknownKind, Value,
};

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
    /// Something that Rust computes: an index into the evaluator's computations.
    Native(u32),
    /// Being evaluated: needing it now is an infinite recursion.
    Forcing,
    /// Evaluated.
    Value(Value),
    /// Evaluated, without a value.
    Failed(UnknownId),
}

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
    layers: Vec<sets::Layer>,
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
    symbol_strings: FxHashMap<Symbol, StringId>,
    /// The long texts of strings.
    long_texts: FxHashSet<Rc<str>>,
    /// Bytes that values take beside the tables: texts, and rows of layered sets.
    bytes: Cell<usize>,
    /// What was made or copied since that was last asked, in elements of about 16 bytes.
    made: Cell<u64>,
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

/// What an allocation takes beside its content, in bytes: its counts, and what is lost by rounding. Of a
/// long one, an eighth is lost as well.
const ALLOCATION: usize = 24;

/// A sum of what tables take, in bytes.
#[derive(Default)]
struct Tally {
    total: usize,
    largest: usize,
}

impl Tally {
    fn add(&mut self, bytes: usize) {
        self.total += bytes;
        self.largest = self.largest.max(bytes);
    }

    fn table<T>(&mut self, table: &[T]) {
        self.add(size_of_val(table));
    }

    fn map<K, V>(&mut self, map: &FxHashMap<K, V>) {
        // One byte of each place says whether it is taken.
        self.add(map.capacity() * (size_of::<(K, V)>() + 1));
    }
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
            layer: 0,
            is_uncertain: false,
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

    /// How many bytes everything takes, and what the largest table takes once more: it is copied when
    /// it grows.
    #[must_use]
    pub fn memory(&self) -> usize {
        let mut tally = Tally::default();
        tally.table(&self.slots);
        tally.table(&self.origins);
        tally.table(&self.frames);
        tally.table(&self.entries);
        tally.table(&self.attrs);
        tally.table(&self.layers);
        tally.table(&self.items);
        tally.table(&self.lists);
        tally.table(&self.presences);
        tally.table(&self.strings);
        tally.table(&self.contexts);
        tally.table(&self.paths);
        tally.table(&self.closures);
        tally.table(&self.partials);
        tally.table(&self.externals);
        tally.table(&self.unknowns);
        tally.map(&self.context_ids);
        tally.map(&self.path_ids);
        tally.map(&self.external_ids);
        tally.map(&self.symbol_strings);
        tally.map(&self.fallbacks);
        tally.add(self.long_texts.capacity() * (size_of::<Rc<str>>() + 1));
        self.bytes.get() + self.symbols.memory() + tally.total + tally.largest
    }

    /// Counts elements that were made or copied: work that takes no step of its own.
    #[inline]
    pub(crate) fn count_made(&self, elements: usize) {
        self.made.set(self.made.get() + elements as u64);
    }

    /// Counts the bytes of a text, or of something else that is no table.
    pub(crate) fn count_text(&self, bytes: usize) {
        self.count_bytes(bytes + bytes / 8 + ALLOCATION);
        self.count_made(bytes / 16);
    }

    fn count_bytes(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes);
    }

    /// What was made or copied since [`Self::take_made`] was last called, in elements.
    #[inline]
    pub(crate) fn made(&self) -> u64 {
        self.made.get()
    }

    /// The same, which is counted from 0 again.
    pub(crate) fn take_made(&self) -> u64 {
        self.made.replace(0)
    }

    // Thunks

    /// A new thunk in this state.
    pub fn thunk(&mut self, slot: Slot) -> Thunk {
        self.thunk_from(slot, 0)
    }

    /// A new thunk whose value is given by the expression numbered `origin` (0: none).
    pub fn thunk_from(&mut self, slot: Slot, origin: u32) -> Thunk {
        let id = index(self.slots.len());
        make_room(&mut self.slots, 1);
        self.slots.push(slot);
        make_room(&mut self.origins, 1);
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
        self.count_made(slots as usize / 4);
        make_room(&mut self.frames, 2 + slots as usize);
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

    // Functions

    /// A function written in Nix.
    pub fn closure(&mut self, closure: Closure) -> ClosureId {
        let id = index(self.closures.len());
        make_room(&mut self.closures, 1);
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
        make_room(&mut self.partials, 1);
        self.count_bytes(size_of_val::<[Thunk]>(&partial.arguments) + ALLOCATION);
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
        make_room(&mut self.unknowns, 1);
        self.count_text(unknown.reason.text_bytes());
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
        self.unknown_data(id).reason.kind()
    }
}
