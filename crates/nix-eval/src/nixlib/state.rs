//! What `lib` remembers.

use super::namespace::Constant;
use crate::eval::{Evaluator, State};
use crate::value::Thunk;

/// What `lib` remembers.
pub(crate) struct LibState {
    /// What is in `lib` beside its namespaces.
    pub(super) additions: &'static [Constant],
    pub(super) lib: Option<Thunk>,
    pub(super) nix_modules: Option<Thunk>,
    pub(super) nix_types: Option<Thunk>,
    pub(super) nix_options: Option<Thunk>,
}

impl LibState {
    /// The state before `lib` is made.
    pub(crate) const fn new(additions: &'static [Constant]) -> Self {
        Self {
            additions,
            lib: None,
            nix_modules: None,
            nix_types: None,
            nix_options: None,
        }
    }
}

impl State for LibState {}

impl Evaluator {
    pub(super) fn lib_state(&self) -> &LibState {
        self.state()
    }

    pub(super) fn lib_state_mut(&mut self) -> &mut LibState {
        self.state_mut()
    }
}
