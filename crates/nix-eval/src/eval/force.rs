//! Evaluating thunks.

use super::evaluator::Evaluator;
use crate::value::{Eval, Reason, Slot, Thunk, UnknownId, Value};

impl Evaluator {
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
            Slot::Native(id) => match self.computations.take(id) {
                Some(computation) => computation(self),
                None => Err(self.infinite_recursion()),
            },
            Slot::Forcing | Slot::Value(_) | Slot::Failed(_) => Err(self.infinite_recursion()),
        };
        self.site = site;
        let result = result.and_then(|value| self.check_made().map(|()| value));
        let state = match result {
            Ok(value) => Slot::Value(value),
            Err(why) => Slot::Failed(why),
        };
        self.arena.set_slot(thunk, state);
        result
    }

    fn infinite_recursion(&mut self) -> UnknownId {
        self.unknown(Reason::InfiniteRecursion)
    }
}
