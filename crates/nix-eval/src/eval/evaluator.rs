//! The state of an evaluation.

use std::path::PathBuf;
use std::rc::Rc;

use nix_source::SourceReader;
use nix_syntax::hir::ExprId;
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use super::budget::{Budget, Limits};
use super::builtin::Builtin;
use super::computation::Computations;
use super::conditions::Conditions;
use super::environment::Environment;
use super::externals::Externals;
use super::loaded::Loaded;
use super::state::{State, States};
use crate::value::{
    Arena, AttrsId, BuiltinId, ExternalId, PartialApplication, Reason, Symbol, Thunk, Unknown,
    UnknownId, Value,
};

/// Where evaluation stands: a file and an expression in it. For messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site {
    pub(super) file: u32,
    pub(super) expr: Option<ExprId>,
}

/// How many lines of `builtins.trace` are kept.
const MAX_TRACE_LINES: usize = 1000;

/// How many bytes of them, but for the last one.
const MAX_TRACE: usize = 16 << 20;

/// Evaluates the files of one project. Not shared between threads: each has its own.
pub struct Evaluator {
    /// Every value.
    pub(crate) arena: Arena,
    /// What may be read.
    pub sources: SourceReader,
    /// What is known of the world around the project.
    pub(crate) environment: Environment,
    /// What is known of things that are not on disk.
    pub(super) externals: &'static dyn Externals,
    states: States,
    pub(super) computations: Computations,
    pub(super) files: Vec<Rc<Loaded>>,
    pub(super) file_by_path: FxHashMap<Rc<str>, u32>,
    pub(super) import_cache: FxHashMap<u32, Thunk>,
    globals: FxHashMap<Symbol, Thunk>,
    /// Global variables that Nix does not have: a `with` hides them.
    more_globals: FxHashMap<Symbol, Thunk>,
    builtins: Vec<&'static Builtin>,
    /// The builtins by address: one id for each.
    builtin_ids: FxHashMap<usize, BuiltinId>,
    /// Why some sets may have more attributes, none of which replaces what they show.
    pub(super) kept_open: Option<UnknownId>,
    pub(super) budget: Budget,
    pub(super) site: Site,
    /// How many undecided `if`s are being evaluated.
    pub(super) undecided: u32,
    /// What externals are called in reasons.
    pub(super) external_labels: FxHashMap<ExternalId, Rc<str>>,
    /// The sets that lack the attribute for which a value failed.
    pub(super) lacking: FxHashMap<UnknownId, AttrsId>,
    /// Why conditions are not decided, and what the values are that depend on them.
    pub(super) conditions: Conditions,
    /// The files whose content is withheld, by the reason for which a value is not known.
    pub(super) withheld_files: FxHashMap<UnknownId, PathBuf>,
    pub(super) trace: Vec<String>,
    /// Bytes of the lines that were ever traced.
    trace_bytes: usize,
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator")
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl Evaluator {
    /// An evaluator that knows no builtins yet, on the current thread, which must have
    /// `limits.stack` bytes of stack and more: see [`nix_syntax::with_large_stack`].
    pub(crate) fn assemble(
        sources: SourceReader,
        limits: Limits,
        environment: Environment,
        externals: &'static dyn Externals,
        states: States,
    ) -> Self {
        Self {
            arena: Arena::new(),
            sources,
            environment,
            externals,
            states,
            computations: Computations::default(),
            files: Vec::new(),
            file_by_path: FxHashMap::default(),
            import_cache: FxHashMap::default(),
            globals: FxHashMap::default(),
            more_globals: FxHashMap::default(),
            builtins: Vec::new(),
            builtin_ids: FxHashMap::default(),
            kept_open: None,
            budget: Budget::new(limits),
            site: Site::default(),
            undecided: 0,
            external_labels: FxHashMap::default(),
            lacking: FxHashMap::default(),
            conditions: Conditions::default(),
            withheld_files: FxHashMap::default(),
            trace: Vec::new(),
            trace_bytes: 0,
        }
    }

    /// What a layer remembers.
    pub(crate) fn state<S: State>(&self) -> &S {
        self.states.get()
    }

    /// The same, to be changed.
    pub(crate) fn state_mut<S: State>(&mut self) -> &mut S {
        self.states.get_mut()
    }

    /// How many bytes all values and states take, roughly.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.arena.memory() + self.computations.memory() + self.states.memory()
    }

    /// Makes an unknown set keep all attributes of the sets that are open for this reason, where the
    /// two are merged.
    pub(crate) const fn keep_attributes(&mut self, why: UnknownId) {
        self.kept_open = Some(why);
    }

    // Errors and unknowns

    /// A reason of any kind, at the expression that is being evaluated.
    pub fn unknown(&mut self, reason: Reason) -> UnknownId {
        let at = self.site_span();
        self.arena.unknown(Unknown { reason, at })
    }

    /// An error that Nix would raise, at the expression that is being evaluated.
    pub fn error(&mut self, message: impl Into<Rc<str>>) -> UnknownId {
        self.unknown(Reason::Error(message.into()))
    }

    /// An error that `throw` raises, at the expression that is being evaluated.
    pub(crate) fn throw(&mut self, message: impl Into<Rc<str>>) -> UnknownId {
        self.unknown(Reason::Throw(message.into()))
    }

    /// Something that is not determined, at the expression that is being evaluated.
    pub fn undetermined(&mut self, message: impl Into<Rc<str>>) -> UnknownId {
        self.unknown(Reason::Undetermined(message.into()))
    }

    /// Whether Nix itself would fail for that reason.
    #[must_use]
    pub fn is_error(&self, why: UnknownId) -> bool {
        self.arena.unknown_kind(why).is_error()
    }

    /// The place that is being evaluated.
    #[must_use]
    pub fn site_span(&self) -> Option<Span> {
        let expr = self.site.expr?;
        let loaded = self.files.get(self.site.file as usize)?;
        loaded.span(expr)
    }

    /// What `builtins.trace` and warnings printed so far.
    pub fn take_trace(&mut self) -> Vec<String> {
        std::mem::take(&mut self.trace)
    }

    /// Remembers a line of `builtins.trace`.
    pub(crate) fn push_trace(&mut self, line: String) {
        self.arena.count_made(line.len() / 16);
        if self.trace.len() < MAX_TRACE_LINES && self.trace_bytes < MAX_TRACE {
            self.trace_bytes += line.len();
            self.trace.push(line);
        }
    }

    /// A builtin with its first arguments, as a value.
    pub(crate) fn partial(&mut self, builtin: &'static Builtin, arguments: &[Thunk]) -> Value {
        match self.register(builtin) {
            Value::Builtin(id) if !arguments.is_empty() => {
                let partial = PartialApplication {
                    builtin: id,
                    arguments: Rc::from(arguments),
                };
                Value::Partial(self.arena.partial(partial))
            }
            value => value,
        }
    }

    /// A builtin of the table.
    #[must_use]
    pub fn builtin(&self, id: BuiltinId) -> Option<&'static Builtin> {
        self.builtins.get(id.0 as usize).copied()
    }

    /// The value of a builtin, which is added to the table the first time.
    pub(crate) fn register(&mut self, builtin: &'static Builtin) -> Value {
        let address = std::ptr::from_ref(builtin).addr();
        if let Some(id) = self.builtin_ids.get(&address) {
            return Value::Builtin(*id);
        }
        let id = BuiltinId(u32::try_from(self.builtins.len()).unwrap_or(u32::MAX));
        self.builtins.push(builtin);
        self.builtin_ids.insert(address, id);
        Value::Builtin(id)
    }

    /// Makes `name` a global variable, beside those of Nix.
    pub fn set_global(&mut self, name: &str, thunk: Thunk) {
        let symbol = self.symbol(name);
        self.more_globals.insert(symbol, thunk);
    }

    /// Makes `name` a global variable as Nix has it: no `with` hides it.
    pub(crate) fn set_nix_global(&mut self, name: &str, thunk: Thunk) {
        let symbol = self.symbol(name);
        self.globals.insert(symbol, thunk);
    }

    /// The value of a global variable of Nix.
    #[must_use]
    pub fn nix_global(&self, name: Symbol) -> Option<Thunk> {
        self.globals.get(&name).copied()
    }

    /// The value of a global variable.
    #[must_use]
    pub fn global(&self, name: Symbol) -> Option<Thunk> {
        self.nix_global(name)
            .or_else(|| self.more_globals.get(&name).copied())
    }
}
