//! What a namespace of `lib` is made of.

use crate::eval::{Builtin, Evaluator};
use crate::value::{Eval, Value};

/// The functions of one namespace: `lib.strings`, `lib.lists`, …
pub(crate) struct Namespace {
    /// `strings`
    pub(crate) name: &'static str,
    /// Its functions.
    pub(crate) functions: &'static [Builtin],
    /// Its functions that are builtins of the same name.
    pub(crate) aliases: &'static [&'static str],
    /// What is not a function of the table: constants, sets inside the namespace.
    pub(crate) constants: &'static [Constant],
    /// Which of them `lib` itself has, too.
    pub(crate) exported: Exported,
}

impl Namespace {
    /// A namespace without anything in it, all of which is in `lib`, too.
    pub(crate) const EMPTY: Self = Self {
        name: "",
        functions: &[],
        aliases: &[],
        constants: &[],
        exported: Exported::All,
    };
}

/// An attribute of a namespace that is made when it is needed.
pub(crate) struct Constant {
    /// `upperChars`
    pub(crate) name: &'static str,
    /// Makes it.
    pub(crate) make: fn(&mut Evaluator) -> Eval<Value>,
}

/// Which attributes of a namespace are in `lib` itself.
pub(crate) enum Exported {
    /// All.
    All,
    /// All but these.
    Except(&'static [&'static str]),
    /// These.
    Only(&'static [&'static str]),
}

impl Exported {
    pub(super) fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Except(names) => !names.contains(&name),
            Self::Only(names) => names.contains(&name),
        }
    }
}
