//! Making values and thunks.

use std::rc::Rc;

use super::evaluator::Evaluator;
use crate::value::{Eval, Slot, Symbol, Thunk, Value};

impl Evaluator {
    /// A thunk that `computation` evaluates.
    pub fn lazy(&mut self, computation: impl FnOnce(&mut Self) -> Eval<Value> + 'static) -> Thunk {
        let id = self.computations.add(computation);
        self.arena.thunk(Slot::Native(id))
    }

    /// A thunk that `computation` evaluates, which is given the thunk itself.
    pub(crate) fn lazy_with_itself(
        &mut self,
        computation: impl FnOnce(&mut Self, Thunk) -> Eval<Value> + 'static,
    ) -> Thunk {
        let thunk = self.arena.thunk(Slot::Forcing);
        let id = self
            .computations
            .add(move |evaluator: &mut Self| computation(evaluator, thunk));
        self.arena.set_slot(thunk, Slot::Native(id));
        thunk
    }

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
}
