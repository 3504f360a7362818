//! The whole engine: the evaluator with builtins, `lib`, the module system and flakes.

use std::sync::Arc;

use nix_source::{SourceReader, Workspace};

use crate::builtins;
use crate::eval::{Environment, Evaluator, Limits, States};
use crate::flake::{self, FlakeState, Schemas};
use crate::modules::ModuleState;
use crate::nixlib::LibState;

/// What an evaluator is made with. Nothing of it changes afterwards.
#[derive(Debug, Clone, Default)]
pub struct EvaluatorOptions {
    /// Its bounds.
    pub limits: Limits,
    /// The options that exist beside those that the project declares.
    pub schemas: Schemas,
    /// What is known of the world around the project.
    pub environment: Environment,
}

impl From<Limits> for EvaluatorOptions {
    fn from(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }
}

impl Evaluator {
    /// An evaluator on the current thread, which must have `limits.stack` bytes of stack and more:
    /// see [`nix_syntax::with_large_stack`].
    #[must_use]
    pub fn new(workspace: Arc<Workspace>, options: impl Into<EvaluatorOptions>) -> Self {
        Self::with_reader(SourceReader::new(workspace), options)
    }

    /// The same with a reader that may keep a log.
    #[must_use]
    pub fn with_reader(sources: SourceReader, options: impl Into<EvaluatorOptions>) -> Self {
        let EvaluatorOptions {
            limits,
            schemas,
            environment,
        } = options.into();
        let mut states = States::default();
        // The module system first: it is asked most.
        states.add(ModuleState::new(flake::MODULE_HOOKS));
        states.add(LibState::new(flake::OF_FLAKE));
        states.add(FlakeState::new(schemas));
        builtins::add_states(&mut states);
        let mut evaluator = Self::assemble(sources, limits, environment, &flake::World, states);
        builtins::install(&mut evaluator);
        evaluator
    }

    /// Runs `f` with a fresh evaluator on a thread of its own with a large stack.
    pub fn run<R: Send>(
        workspace: Arc<Workspace>,
        options: impl Into<EvaluatorOptions>,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        let options = options.into();
        nix_syntax::with_large_stack(move || f(&mut Self::new(workspace, options)))
    }

    /// The same for a process that ends soon: values are left to its end, because to free them one
    /// by one takes up to a quarter of the whole time.
    pub fn run_to_exit<R: Send>(
        workspace: Arc<Workspace>,
        options: impl Into<EvaluatorOptions>,
        f: impl FnOnce(&mut Self) -> R + Send,
    ) -> R {
        let options = options.into();
        nix_syntax::with_large_stack(move || {
            let mut evaluator = std::mem::ManuallyDrop::new(Self::new(workspace, options));
            f(&mut evaluator)
        })
    }
}
