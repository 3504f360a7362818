//! Values: small `Copy` ids into the arenas of an [`Evaluator`](crate::Evaluator).

mod arena;
mod attrs;
mod external;
mod growth;
mod list;
mod option_path;
mod reason;
mod string;
mod symbol;
mod unknown;

pub(crate) use arena::merged_entries;
pub use arena::{Arena, Closure, Env, PartialApplication, Slot};
pub use attrs::{Attrs, AttrsBuilder, AttrsId, Entry, Position};
pub use external::{External, ExternalId, ExternalKind, KnownProject, Origin};
pub(crate) use growth::make_room;
pub use list::{List, ListId, Presence};
pub(crate) use option_path::child;
pub use option_path::{Location, show_location};
pub use reason::{Limit, OptionState, Reason, UndeclaredOption, UnknownKind, WrongType};
pub use string::{Context, ContextId, Hole, PathId, StringData, StringId, StringPart};
pub use symbol::{Symbol, Symbols, well_known};
pub use unknown::{Unknown, UnknownId};

/// The outcome of evaluating something: a value, or why there is none.
pub type Eval<T> = Result<T, UnknownId>;

/// A lazy value: an index into the arena's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thunk(pub u32);

impl Thunk {
    /// The first slot of every arena, which holds no value: a place that is not filled yet.
    pub(crate) const NONE: Self = Self(0);
}

/// A function with its environment: an index into the arena's closures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClosureId(pub u32);

/// A builtin with some of its arguments: an index into the arena's partial applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialId(pub u32);

/// A builtin: an index into the evaluator's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BuiltinId(pub u32);

/// An evaluated value, in weak head normal form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Float(f64),
    /// A string, perhaps with holes where something unknown is interpolated.
    String(StringId),
    /// A path: absolute, normalised.
    Path(PathId),
    /// A list.
    List(ListId),
    /// An attribute set.
    Attrs(AttrsId),
    /// A function written in Nix.
    Lambda(ClosureId),
    /// A builtin function without arguments yet.
    Builtin(BuiltinId),
    /// A builtin function with some of its arguments.
    Partial(PartialId),
    /// Something that is not on disk, by the way it was reached.
    External(ExternalId),
}

impl Value {
    /// The type as Nix names it in its error messages: `a string`, `an integer`.
    #[must_use]
    pub const fn type_with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a Boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::String(_) => "a string",
            Self::Path(_) => "a path",
            Self::List(_) => "a list",
            Self::Attrs(_) => "a set",
            Self::Lambda(_) => "a function",
            Self::Builtin(_) => "a built-in function",
            Self::Partial(_) => "a partially applied built-in function",
            Self::External(_) => "an external value",
        }
    }
}
