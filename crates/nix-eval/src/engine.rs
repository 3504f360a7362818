//! The whole engine: the evaluator with builtins, `lib`, the module system and flakes.

use std::rc::Rc;
use std::sync::Arc;

use nix_source::{SourceReader, Workspace};

use crate::builtins;
use crate::eval::{Environment, Evaluator, Limits, States};
use crate::flake::{self, FlakeState, Schemas};
use crate::modules::{Configuration, ModuleState};
use crate::nixlib::LibState;
use crate::value::UnknownId;

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

/// What the evaluation of a part of a project gave, such as of one host.
#[derive(Debug)]
pub struct Part<R> {
    /// What was asked for.
    pub result: R,
    /// Why modules could not be loaded; each is there once.
    pub module_problems: Vec<UnknownId>,
    /// Why the evaluation was cut short, each time that it was.
    pub limits: Vec<UnknownId>,
    /// Whether it was cut short: values that other parts would share may be missing then.
    pub is_cut_short: bool,
    /// The module evaluations that were set up meanwhile, in that order.
    pub configurations: Vec<Rc<Configuration>>,
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

    /// Evaluates a part of the project with limits of its own: what earlier parts used of steps and
    /// memory does not count. The thread has at least `limits.stack` bytes of stack.
    pub fn part<R>(&mut self, limits: Limits, f: impl FnOnce(&mut Self) -> R) -> Part<R> {
        self.renew_limits(limits);
        self.take_module_problems();
        let first = self.configurations().len();
        let result = f(self);
        let configurations = self.configurations().get(first..);
        let configurations = configurations.unwrap_or_default().to_vec();
        Part {
            result,
            module_problems: self.take_module_problems(),
            limits: self.limits_reached().to_vec(),
            is_cut_short: self.is_cut_short(),
            configurations,
        }
    }
}
