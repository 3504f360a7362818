//! What the flake layer remembers.

use std::path::PathBuf;
use std::rc::Rc;

use flake_lock::NodeId;
use rustc_hash::FxHashMap;

use super::inputs::Flake;
use super::module_sources::InputKey;
use super::schemas::Schemas;
use crate::eval::{Evaluator, State};
use crate::value::{AttrsId, ExternalId, Thunk, UnknownId, Value};

/// Whether inputs are what their sources say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SourceUse {
    /// Where their sources are here.
    #[default]
    Sources,
    /// Never: what is known of them by name is all that there is.
    Emulation,
}

/// What the flake layer remembers.
#[derive(Debug, Default)]
pub(crate) struct FlakeState {
    pub(super) schemas: Schemas,
    pub(super) schema_arguments: Option<Thunk>,
    pub(super) schema_modules: [Option<Rc<[Thunk]>>; 4],
    pub(super) nixpkgs_lib: Option<Thunk>,
    pub(super) flake_parts_schema: Option<Thunk>,
    pub(super) library_support: Option<Thunk>,
    pub(super) option_defaults: Option<Thunk>,
    pub(super) flakes: Vec<(PathBuf, SourceUse, Rc<Flake>)>,
    /// Which evaluation of a flake is going on.
    pub(super) source_use: SourceUse,
    /// What the inputs of the lock are, by node.
    pub(super) inputs: FxHashMap<NodeId, Thunk>,
    /// Which input an external stands for; `None` of one that stands for two.
    pub(super) externals: FxHashMap<ExternalId, Option<InputKey>>,
    /// The outputs of flakes whose sources are here, modules for systems included.
    pub(super) sourced: FxHashMap<InputKey, AttrsId>,
    /// The inputs whose modules are loaded from their sources.
    pub(super) loaded: Vec<ExternalId>,
    /// The configurations that were made when a file was evaluated first, by their numbers: what it gives
    /// is kept, so that none is made again.
    pub(super) made_by: FxHashMap<PathBuf, std::ops::Range<usize>>,
    /// What the calls of `callPackage` give; `None` if that is not known.
    pub(super) called_files: FxHashMap<ExternalId, Option<Value>>,
    /// Why sources that are here could not be evaluated.
    pub(super) failed_inputs: Vec<(Rc<str>, UnknownId)>,
}

impl FlakeState {
    /// The state before any flake is evaluated.
    pub(crate) fn new(schemas: Schemas) -> Self {
        Self {
            schemas,
            ..Self::default()
        }
    }
}

impl State for FlakeState {}

impl Evaluator {
    /// What the flake layer remembers.
    pub(super) fn flakes(&self) -> &FlakeState {
        self.state()
    }

    /// The same, to be changed.
    pub(super) fn flakes_mut(&mut self) -> &mut FlakeState {
        self.state_mut()
    }
}
