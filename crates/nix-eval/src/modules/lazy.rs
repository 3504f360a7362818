//! Something that is computed at most once, outside of the arena's thunks.

use std::cell::{Cell, OnceCell};

use crate::eval::Evaluator;
use crate::value::Eval;

/// Computed when it is first needed. Needing it meanwhile is an infinite recursion.
#[derive(Debug)]
pub(crate) struct Lazy<T> {
    value: OnceCell<Eval<T>>,
    is_running: Cell<bool>,
}

impl<T: Clone> Lazy<T> {
    pub(crate) const fn new() -> Self {
        Self {
            value: OnceCell::new(),
            is_running: Cell::new(false),
        }
    }

    /// The value, if it is there already.
    pub(crate) fn known(&self) -> Option<&T> {
        self.value.get()?.as_ref().ok()
    }

    pub(crate) fn get(
        &self,
        evaluator: &mut Evaluator,
        compute: impl FnOnce(&mut Evaluator) -> Eval<T>,
    ) -> Eval<T> {
        if let Some(value) = self.value.get() {
            return value.clone();
        }
        if self.is_running.replace(true) {
            return Err(evaluator.needs_itself());
        }
        let value = compute(evaluator);
        self.is_running.set(false);
        self.value.get_or_init(|| value).clone()
    }
}
