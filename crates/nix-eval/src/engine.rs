//! The whole engine: the evaluator with builtins, `lib`, the module system and flakes.

use std::sync::Arc;

use nix_source::{SourceReader, Workspace};

use crate::builtins;
use crate::eval::{Evaluator, Limits, States};
use crate::flake::{self, FlakeState};
use crate::modules::ModuleState;
use crate::nixlib::LibState;

impl Evaluator {
    /// An evaluator on the current thread, which must have `limits.stack` bytes of stack and more:
    /// see [`nix_syntax::with_large_stack`].
    #[must_use]
    pub fn new(workspace: Arc<Workspace>, limits: Limits) -> Self {
        Self::with_reader(SourceReader::new(workspace), limits)
    }

    /// The same with a reader that may keep a log.
    #[must_use]
    pub fn with_reader(sources: SourceReader, limits: Limits) -> Self {
        let mut states = States::default();
        // The module system first: it is asked most.
        states.add(ModuleState::new(flake::MODULE_HOOKS));
        states.add(LibState::new(flake::OF_FLAKE));
        states.add(FlakeState::default());
        builtins::add_states(&mut states);
        let mut evaluator = Self::assemble(sources, limits, &flake::World, states);
        builtins::install(&mut evaluator);
        evaluator
    }

    /// Runs `f` with a fresh evaluator on a thread of its own with a large stack.
    pub fn run<R: Send>(
        workspace: Arc<Workspace>,
        limits: Limits,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        nix_syntax::with_large_stack(move || f(&mut Self::new(workspace, limits)))
    }

    /// The same for a process that ends soon: values are left to its end, because to free them one
    /// by one takes up to a quarter of the whole time.
    pub fn run_to_exit<R: Send>(
        workspace: Arc<Workspace>,
        limits: Limits,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        nix_syntax::with_large_stack(move || {
            let mut evaluator = std::mem::ManuallyDrop::new(Self::new(workspace, limits));
            f(&mut evaluator)
        })
    }
}
