//! Functions written in Rust.

use super::evaluator::Evaluator;
use crate::value::{Eval, Thunk, Value};

/// A function written in Rust.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, for messages and printing: `map`, `lib.genAttrs`.
    pub name: &'static str,
    /// How many arguments it takes, at least 1.
    pub arity: usize,
    /// Runs it with exactly that many arguments.
    pub run: Run,
}

/// What runs a builtin.
pub type Run = fn(&mut Evaluator, &[Thunk]) -> Eval<Value>;

impl Builtin {
    /// A line of a table.
    pub(crate) const fn new(name: &'static str, arity: usize, run: Run) -> Self {
        Self { name, arity, run }
    }
}

/// The arguments of a builtin of arity `N`.
pub(crate) fn arguments<const N: usize>(arguments: &[Thunk]) -> [Thunk; N] {
    // All places are filled: the caller has checked the arity.
    let mut taken = [Thunk::NONE; N];
    for (slot, argument) in taken.iter_mut().zip(arguments) {
        *slot = *argument;
    }
    taken
}
