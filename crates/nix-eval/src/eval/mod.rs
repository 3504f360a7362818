//! The evaluator.

mod budget;
mod call;
mod coerce;
mod environment;
mod equality;
mod expr;
mod external;
mod join;
mod load;
mod operators;
mod select;
mod sets;
mod variables;

use std::rc::Rc;
use std::sync::Arc;

use nix_syntax::hir::ExprId;
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use self::budget::Budget;
use crate::builtins::{self, Builtin, FilesRead, PatternCache};
use crate::flake::FlakeState;
use crate::modules::ModuleState;
use crate::value::{
    Arena, AttrsId, BuiltinId, Eval, ExternalId, Message, Slot, Symbol, Thunk, Unknown, UnknownId,
    UnknownKind, Value,
};
use nix_source::Project;

pub use budget::Limits;
pub(crate) use coerce::source_path_parts;
pub use coerce::{Coercion, Pieces};
pub use environment::Environment;
pub use load::Loaded;

/// Where evaluation stands: a file and an expression in it. For messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site {
    file: u32,
    expr: Option<ExprId>,
}

/// Evaluates the files of one project. Not shared between threads: each has its own.
pub struct Evaluator {
    /// Every value.
    pub arena: Arena,
    /// What may be read.
    pub project: Arc<Project>,
    /// What is known of the world around the project.
    pub environment: Environment,
    /// Values that the flake layer remembers.
    pub(crate) flake: FlakeState,
    /// Values that the module system remembers.
    pub(crate) modules: ModuleState,
    files: Vec<Rc<Loaded>>,
    file_by_path: FxHashMap<Rc<str>, u32>,
    import_cache: FxHashMap<u32, Thunk>,
    globals: FxHashMap<Symbol, Thunk>,
    /// Global variables that Nix does not have: a `with` hides them.
    more_globals: FxHashMap<Symbol, Thunk>,
    builtins: Vec<&'static Builtin>,
    /// The builtins by address: one id for each.
    builtin_ids: FxHashMap<usize, BuiltinId>,
    builtins_set: AttrsId,
    lib: Option<Thunk>,
    /// Why nixpkgs' `lib`, and what is made of it, may have more attributes.
    pub(crate) lib_open: Option<UnknownId>,
    budget: Budget,
    site: Site,
    /// How many undecided `if`s are being evaluated.
    undecided: u32,
    /// What externals are called in reasons.
    external_labels: FxHashMap<ExternalId, Rc<str>>,
    trace: Vec<String>,
    pub(crate) patterns: PatternCache,
    pub(crate) read: FilesRead,
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator")
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl Evaluator {
    /// An evaluator on the current thread, which must have `limits.stack` bytes of stack and more:
    /// see [`nix_syntax::with_large_stack`].
    #[must_use]
    pub fn new(project: Arc<Project>, limits: Limits) -> Self {
        let mut evaluator = Self {
            arena: Arena::new(),
            project,
            environment: Environment::default(),
            flake: FlakeState::default(),
            modules: ModuleState::default(),
            files: Vec::new(),
            file_by_path: FxHashMap::default(),
            import_cache: FxHashMap::default(),
            globals: FxHashMap::default(),
            more_globals: FxHashMap::default(),
            builtins: Vec::new(),
            builtin_ids: FxHashMap::default(),
            builtins_set: AttrsId(0),
            lib: None,
            lib_open: None,
            budget: Budget::new(limits),
            site: Site::default(),
            undecided: 0,
            external_labels: FxHashMap::default(),
            trace: Vec::new(),
            patterns: PatternCache::default(),
            read: FilesRead::default(),
        };
        builtins::install(&mut evaluator);
        evaluator
    }

    /// Runs `f` with a fresh evaluator on a thread of its own with a large stack.
    pub fn run<R: Send>(
        project: Arc<Project>,
        limits: Limits,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        nix_syntax::with_large_stack(move || f(&mut Self::new(project, limits)))
    }

    /// The same for a process that ends soon: values are left to its end, because to free them one
    /// by one takes up to a quarter of the whole time.
    pub fn run_to_exit<R: Send>(
        project: Arc<Project>,
        limits: Limits,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        nix_syntax::with_large_stack(move || {
            let mut evaluator = std::mem::ManuallyDrop::new(Self::new(project, limits));
            f(&mut evaluator)
        })
    }

    // Errors and unknowns

    /// A reason of any kind, at the expression that is being evaluated.
    pub fn unknown(&mut self, kind: UnknownKind, message: impl Into<Message>) -> UnknownId {
        let at = self.site_span();
        self.arena.unknown(Unknown {
            kind,
            message: message.into(),
            at,
        })
    }

    /// An error that Nix would raise, at the expression that is being evaluated.
    pub fn error(&mut self, message: impl Into<Message>) -> UnknownId {
        self.unknown(UnknownKind::Error, message)
    }

    /// Something that is not determined, at the expression that is being evaluated.
    pub fn undetermined(&mut self, message: impl Into<Message>) -> UnknownId {
        self.unknown(UnknownKind::Undetermined, message)
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
        if self.trace.len() < 1000 {
            self.trace.push(line);
        }
    }

    // Forcing

    /// The value of a thunk, evaluated at most once.
    #[inline]
    pub fn force(&mut self, thunk: Thunk) -> Eval<Value> {
        match self.arena.slot(thunk) {
            Slot::Value(value) => Ok(value),
            Slot::Failed(why) => Err(why),
            slot => self.force_slowly(thunk, slot),
        }
    }

    fn force_slowly(&mut self, thunk: Thunk, slot: Slot) -> Eval<Value> {
        self.step()?;
        self.arena.set_slot(thunk, Slot::Forcing);
        let site = self.site;
        let result = match slot {
            Slot::Expr { file, expr, env } => match self.loaded(file) {
                Some(loaded) => self.eval(&loaded, expr, env),
                None => Err(self.error("unloaded file")),
            },
            Slot::Apply { function, argument } => self
                .force(function)
                .and_then(|function| self.apply(function, argument)),
            Slot::Select { base, name } => {
                self.force(base).and_then(|base| self.select(base, name))
            }
            Slot::Native(id) => match self.arena.take_computation(id) {
                Some(computation) => computation(self),
                None => Err(self.infinite_recursion()),
            },
            Slot::Forcing | Slot::Value(_) | Slot::Failed(_) => Err(self.infinite_recursion()),
        };
        self.site = site;
        let state = match result {
            Ok(value) => Slot::Value(value),
            Err(why) => Slot::Failed(why),
        };
        self.arena.set_slot(thunk, state);
        result
    }

    fn infinite_recursion(&mut self) -> UnknownId {
        self.unknown(
            UnknownKind::InfiniteRecursion,
            "infinite recursion encountered",
        )
    }

    // Making values

    /// A string value.
    pub fn string(&mut self, text: &str) -> Value {
        Value::String(self.arena.string(text))
    }

    /// A thunk of a string.
    pub fn string_thunk(&mut self, text: &str) -> Thunk {
        let value = self.string(text);
        self.arena.ready(value)
    }

    /// The symbol of a name.
    pub fn symbol(&mut self, name: &str) -> Symbol {
        self.arena.symbols.intern(name)
    }

    /// A list value of certain elements.
    pub fn list(&mut self, items: &[Thunk]) -> Value {
        Value::List(self.arena.list(items))
    }

    /// The name of a symbol.
    #[must_use]
    pub fn name(&self, symbol: Symbol) -> Rc<str> {
        self.arena.symbols.name(symbol)
    }

    /// A lazy call `function argument`.
    pub fn lazy_apply(&mut self, function: Thunk, argument: Thunk) -> Thunk {
        self.arena.thunk(Slot::Apply { function, argument })
    }

    /// A lazy call `function first second`.
    pub fn lazy_apply2(&mut self, function: Thunk, first: Thunk, second: Thunk) -> Thunk {
        let partial = self.lazy_apply(function, first);
        self.lazy_apply(partial, second)
    }

    /// Calls a thunk's function with one argument.
    pub fn call(&mut self, function: Thunk, argument: Thunk) -> Eval<Value> {
        let function = self.force(function)?;
        self.apply(function, argument)
    }

    /// Calls a thunk's function with two arguments.
    pub fn call2(&mut self, function: Thunk, first: Thunk, second: Thunk) -> Eval<Value> {
        let partial = self.call(function, first)?;
        self.apply(partial, second)
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

    /// Says what `builtins` is.
    pub(crate) const fn set_builtins(&mut self, set: AttrsId) {
        self.builtins_set = set;
    }

    /// nixpkgs' `lib`.
    pub fn lib(&mut self) -> Thunk {
        if let Some(lib) = self.lib {
            return lib;
        }
        let lib = crate::nixlib::make(self);
        self.lib = Some(lib);
        lib
    }
}
