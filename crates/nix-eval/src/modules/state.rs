//! What the module system remembers, and what it asks of the layers above.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::configuration::Configuration;
use super::id::ConfigurationId;
use super::module_tree::UncertainModules;
use super::presence::Conditional;
use super::record::OptionRecord;
use super::types::kind::{Type, TypeId};
use crate::eval::{Evaluator, State};
use crate::value::{AttrsId, ExternalId, Thunk, UnknownId};

/// What the module system asks of the layers above.
#[derive(Clone, Copy)]
pub(crate) struct Hooks {
    /// nixpkgs' `lib`.
    pub(crate) lib: fn(&mut Evaluator) -> Thunk,
    /// The tree of the values that options of the NixOS system with this `config` have without being
    /// declared; `None` if there is none.
    pub(crate) option_defaults: fn(&mut Evaluator, config: Thunk) -> Option<Thunk>,
    /// The paths of options that every configuration sets for itself.
    pub(crate) own_options: fn(&Evaluator) -> &'static [&'static [&'static str]],
    /// Sets up a NixOS system inside another one: of these modules, with these special arguments and
    /// that package set.
    pub(crate) inner_system:
        fn(&mut Evaluator, UncertainModules, AttrsId, Option<Thunk>) -> Rc<Configuration>,
    /// The module that an external stands for; `None` if it stays one.
    pub(crate) module_source: fn(&mut Evaluator, ExternalId) -> Option<Thunk>,
}

/// What the module system remembers.
pub(crate) struct ModuleState {
    pub(super) hooks: Hooks,
    /// Why an option may be there that the project does not show.
    pub(super) open_world: Option<UnknownId>,
    pub(super) configurations: Vec<Rc<Configuration>>,
    pub(super) records: FxHashMap<Thunk, Rc<OptionRecord>>,
    /// What decides whether the options are there that no module declares, by their values.
    pub(super) conditional: FxHashMap<Thunk, Conditional>,
    pub(super) types: Vec<Rc<Type>>,
    pub(super) type_values: FxHashMap<TypeId, Thunk>,
    pub(super) type_of_set: FxHashMap<AttrsId, TypeId>,
    /// The submodules that are being described, the outer ones first.
    pub(super) described: Vec<TypeId>,
    /// The types whose options are being listed, the outer ones first.
    pub(super) listed: Vec<TypeId>,
    pub(super) external_type: Option<TypeId>,
    pub(super) anything_type: Option<TypeId>,
    /// The module that every evaluation has: at the top, and in a submodule.
    pub(super) internal_modules: Option<[Thunk; 2]>,
    /// The configuration that a `config` value belongs to.
    pub(super) by_config: FxHashMap<Thunk, ConfigurationId>,
    /// The configuration that a `config` set without `_module` belongs to.
    pub(super) config_sets: FxHashMap<AttrsId, ConfigurationId>,
    pub(super) evaluation_of: FxHashMap<AttrsId, ConfigurationId>,
    /// Whether there is an open world: then one broken definition does not hide the others.
    pub(super) is_lenient: bool,
    /// Why an evaluation that is otherwise closed misses a module.
    pub(super) missing_above: Option<UnknownId>,
    /// The values that options of a configuration have without being declared.
    pub(super) defaults: FxHashMap<ConfigurationId, Option<Thunk>>,
    /// Whether a Boolean option of the project that no module sets is not decided.
    pub(super) undecided_switches: bool,
    pub(super) problems: Vec<UnknownId>,
}

impl ModuleState {
    /// The state before any module evaluation.
    pub(crate) fn new(hooks: Hooks) -> Self {
        Self {
            hooks,
            open_world: Default::default(),
            configurations: Default::default(),
            records: Default::default(),
            conditional: Default::default(),
            types: Default::default(),
            type_values: Default::default(),
            type_of_set: Default::default(),
            described: Default::default(),
            listed: Default::default(),
            external_type: Default::default(),
            anything_type: Default::default(),
            internal_modules: Default::default(),
            by_config: Default::default(),
            config_sets: Default::default(),
            evaluation_of: Default::default(),
            is_lenient: Default::default(),
            missing_above: None,
            defaults: Default::default(),
            undecided_switches: Default::default(),
            problems: Default::default(),
        }
    }
}

impl State for ModuleState {
    fn memory(&self) -> usize {
        self.configurations.len() * 2048
            + self.records.capacity() * 256
            + self.conditional.capacity() * 128
            + self.types.capacity() * 128
            + (self.by_config.capacity() + self.config_sets.capacity()) * 16
    }
}

impl Evaluator {
    /// Evaluates what `f` asks for as modules on their own: Boolean options of the project that no
    /// module sets are not decided by their default, as in a system, but by whoever uses the module.
    pub fn with_undecided_switches<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.modules_mut().undecided_switches, true);
        let result = f(self);
        self.modules_mut().undecided_switches = before;
        result
    }

    /// What the module system remembers.
    pub(super) fn modules(&self) -> &ModuleState {
        self.state()
    }

    /// The same, to be changed.
    pub(super) fn modules_mut(&mut self) -> &mut ModuleState {
        self.state_mut()
    }
}
