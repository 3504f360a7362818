//! Thunks that Rust computes.

use super::evaluator::Evaluator;
use crate::value::{Eval, Value, make_room};

/// A computation in Rust, run at most once.
type Computation = Box<dyn FnOnce(&mut Evaluator) -> Eval<Value>>;

/// The computations of an evaluator by number; each is taken out when it runs.
#[derive(Default)]
pub(super) struct Computations(Vec<Option<Computation>>);

impl Computations {
    /// Adds one and gives its number.
    pub(super) fn add(
        &mut self,
        computation: impl FnOnce(&mut Evaluator) -> Eval<Value> + 'static,
    ) -> u32 {
        // Ids are 32 bits: memory ends before they do.
        let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        make_room(&mut self.0, 1);
        self.0.push(Some(Box::new(computation)));
        id
    }

    /// Takes one out; `None` if it was taken before.
    pub(super) fn take(&mut self, id: u32) -> Option<Computation> {
        self.0.get_mut(id as usize)?.take()
    }

    /// How many bytes all of them take, roughly: each is a box with what it captures.
    pub(super) fn memory(&self) -> usize {
        self.0.len() * (size_of::<Option<Computation>>() + 48)
    }
}
