//! Modules of inputs, evaluated from their sources for one configuration.
//!
//! What a flake exports as a module for systems stays external where a project imports it, as to evaluate
//! all of them takes too long. Whoever knows which ones matter asks for those here.

use std::path::PathBuf;
use std::rc::Rc;

use flake_lock::NodeId;

use crate::eval::Evaluator;
use crate::modules::{Configuration, ModuleArguments};
use crate::value::{AttrsId, Eval, External, ExternalId, Thunk, UnknownId, Value};

/// An input of the project's lock, or one that the user gives a directory for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum InputKey {
    /// A node of the lock.
    Node(NodeId),
    /// What the lock does not have, by its name.
    Unlocked(Rc<str>),
}

impl InputKey {
    /// The node; `None` if the lock does not have it.
    pub(super) const fn node(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(*node),
            Self::Unlocked(_) => None,
        }
    }
}

/// An input whose source is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedInput {
    /// What it is where its source is not evaluated.
    external: ExternalId,
    /// The directory of its flake, as evaluations see it.
    pub directory: PathBuf,
}

impl Evaluator {
    /// Notes which input an external stands for. One that stands for two, as flakes call them the same,
    /// says nothing.
    pub(super) fn note_input(&mut self, external: Thunk, key: &InputKey) {
        let Ok(Value::External(external)) = self.force(external) else {
            return;
        };
        let known = self.flakes_mut().externals.entry(external);
        let known = known.or_insert_with(|| Some(key.clone()));
        if known.as_ref() != Some(key) {
            *known = None;
        }
    }

    /// Notes the outputs of an input whose source is evaluated.
    pub(super) fn note_source(&mut self, key: InputKey, outputs: AttrsId) {
        self.flakes_mut().sourced.insert(key, outputs);
    }

    /// The input that a missing module is of; `None` if its source is not here, or if a schema stands for
    /// its modules.
    pub fn input_of_module(&mut self, why: UnknownId) -> Option<SourcedInput> {
        let mut external = self.arena.unknown_data(why).reason.external()?;
        loop {
            external = match self.arena.external_data(external) {
                External::Root { .. } => break,
                External::Select { base, .. } => *base,
                External::Apply { function, .. } => *function,
            };
        }
        let key = self.flakes().externals.get(&external)?.clone()?;
        let names = self.names_of_missing(why);
        if self.have_schemas(&names) || self.is_of_nixpkgs(why) {
            return None;
        }
        let place = match &key {
            InputKey::Node(node) => self.sources.open_input(*node),
            InputKey::Unlocked(name) => self.sources.open_unlocked_input(&[&**name]),
        };
        Some(SourcedInput {
            external,
            directory: place.ok()?.directory,
        })
    }

    /// All outputs of an input; `None` if its source is not here, or cannot be evaluated.
    fn sourced_outputs(&mut self, external: ExternalId) -> Option<AttrsId> {
        let key = self.flakes().externals.get(&external)?.clone()?;
        if !self.flakes().sourced.contains_key(&key) {
            let name = self.input_of(external)?;
            let value = match &key {
                InputKey::Node(node) => self.input_of_node(*node, &name, None),
                InputKey::Unlocked(_) => {
                    let workspace = self.sources.workspace().clone();
                    let root = workspace.input_sources()?.lock().root();
                    let name = self.symbol(&name);
                    self.input_of_lock(Some(root), name, None)?
                }
            };
            // It notes its outputs.
            let _ = self.force(value);
        }
        self.flakes().sourced.get(&key).copied()
    }

    /// Runs `f`, in which configurations load the modules of these inputs from their sources.
    pub fn with_modules_of<R>(
        &mut self,
        inputs: &[SourcedInput],
        f: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let loaded = inputs.iter().map(|input| input.external).collect();
        let before = std::mem::replace(&mut self.flakes_mut().loaded, loaded);
        let result = f(self);
        self.flakes_mut().loaded = before;
        result
    }

    /// The same configuration once more, with the modules in these files.
    pub fn configuration_with(
        &mut self,
        configuration: &Configuration,
        files: &[PathBuf],
    ) -> Rc<Configuration> {
        let mut modules = configuration.arguments.modules.clone();
        for file in files {
            let path = self.arena.path(&file.to_string_lossy());
            modules.push((self.arena.ready(Value::Path(path)), None));
        }
        self.configuration(ModuleArguments {
            modules,
            ..configuration.arguments.clone()
        })
    }
}

/// The module that an external stands for, if modules of its input are loaded.
pub(super) fn module_source(evaluator: &mut Evaluator, external: ExternalId) -> Option<Thunk> {
    if evaluator.flakes().loaded.is_empty() {
        return None;
    }
    let value = value_of(evaluator, external)?;
    let is_external = matches!(value, Ok(Value::External(same)) if same == external);
    if is_external {
        return None;
    }
    Some(match value {
        Ok(value) => evaluator.arena.ready(value),
        Err(why) => evaluator.arena.failed(why),
    })
}

/// What an external stands for; `None` if its input is not one whose modules are loaded.
fn value_of(evaluator: &mut Evaluator, external: ExternalId) -> Option<Eval<Value>> {
    let value = match *evaluator.arena.external_data(external) {
        External::Root { .. } => {
            let is_loaded = evaluator.flakes().loaded.contains(&external);
            let outputs = is_loaded.then(|| evaluator.sourced_outputs(external));
            return Some(Ok(Value::Attrs(outputs??)));
        }
        External::Select { base, name } => {
            let base = value_of(evaluator, base)?;
            base.and_then(|base| evaluator.select(base, name))
        }
        External::Apply { function, argument } => {
            let function = value_of(evaluator, function)?;
            function.and_then(|function| evaluator.apply(function, argument))
        }
    };
    // What an input takes from another one.
    match value {
        Ok(Value::External(other)) if other != external => {
            Some(value_of(evaluator, other).unwrap_or(value))
        }
        value => Some(value),
    }
}
