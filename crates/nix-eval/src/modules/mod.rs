//! The module system, natively: every definition keeps its file, place, priority and condition.
//!
//! The semantics are those of nixpkgs' `lib/modules.nix`. What goes beyond it: a definition under a
//! condition that is not known is kept as *maybe*; a configuration of NixOS, nix-darwin or Home
//! Manager is an open world, in which options that no file of the project declares merge
//! structurally and may have more values than the project gives them.

mod arguments;
mod collect;
mod config;
mod declaration;
mod defaults;
mod definition;
mod evaluation;
mod functions;
mod graph;
mod internal;
mod lazy;
mod level;
mod messages;
mod option;
mod option_set;
mod priority;
mod structural;
mod syntax;
pub(crate) mod types;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, UnknownId, UnknownKind};

pub use collect::LoadedModule;
pub(crate) use declaration::UncertainModules;
pub use definition::Definition;
pub(crate) use evaluation::CONFIGURATION_NUMBER;
pub use evaluation::{Configuration, ModuleArguments};
pub(crate) use messages::{show_definitions, show_files, type_name};
pub use option::{DefinitionRecord, OptionRecord};
pub use priority::DEFAULT_PRIORITY;

/// The priority of an option's own default.
pub const OPTION_DEFAULT_PRIORITY: i64 = 1500;

/// The priority of `mkDefault`.
pub(crate) const MK_DEFAULT_PRIORITY: i64 = 1000;

/// A module evaluation: an index into the evaluator's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfigurationId(pub u32);

/// What the module system remembers.
#[derive(Debug, Default)]
pub(crate) struct ModuleState {
    pub(crate) configurations: Vec<Rc<Configuration>>,
    pub(crate) records: FxHashMap<Thunk, Rc<OptionRecord>>,
    pub(crate) types: Vec<Rc<types::Type>>,
    pub(crate) type_values: FxHashMap<types::TypeId, Thunk>,
    pub(crate) type_of_set: FxHashMap<AttrsId, types::TypeId>,
    pub(crate) external_type: Option<types::TypeId>,
    pub(crate) anything_type: Option<types::TypeId>,
    /// The module that every evaluation has: at the top, and in a submodule.
    pub(crate) internal_modules: Option<[Thunk; 2]>,
    pub(crate) nix_modules: Option<Thunk>,
    pub(crate) nix_types: Option<Thunk>,
    pub(crate) nix_options: Option<Thunk>,
    /// The configuration that a `config` value belongs to.
    pub(crate) by_config: FxHashMap<Thunk, ConfigurationId>,
    /// The configuration that a `config` set without `_module` belongs to.
    pub(crate) config_sets: FxHashMap<AttrsId, ConfigurationId>,
    pub(crate) evaluation_of: FxHashMap<AttrsId, ConfigurationId>,
    /// Whether there is an open world: then one broken definition does not hide the others.
    pub(crate) is_lenient: bool,
    /// The values that options of a configuration have without being declared.
    pub(crate) defaults: FxHashMap<ConfigurationId, Option<Thunk>>,
    /// Whether a Boolean option of the project that no module sets is not decided.
    pub(crate) undecided_switches: bool,
    pub(crate) problems: Vec<UnknownId>,
}

/// The path of an option, shared by everything below it.
pub type Location = Rc<[Rc<str>]>;

/// A location one level deeper.
pub(crate) fn child(location: &Location, name: &Rc<str>) -> Location {
    let names = location.iter().chain(std::iter::once(name));
    names.cloned().collect()
}

/// The names in the longest location. Each level of nesting keeps its own, so that they would take
/// memory in the square of an endless one.
const MAX_DEPTH: usize = 200;

impl Evaluator {
    /// Ends what nests for ever: a submodule whose option is that submodule again.
    fn check_depth(&mut self, location: &Location) -> Eval<()> {
        if location.len() <= MAX_DEPTH {
            return Ok(());
        }
        let why = format!("options nest more than {MAX_DEPTH} levels deep");
        Err(self.unknown(UnknownKind::Limit, why))
    }
}

impl ModuleState {
    /// How many bytes are remembered, roughly.
    pub(crate) fn memory(&self) -> usize {
        self.configurations.len() * 2048
            + self.records.capacity() * 256
            + self.types.capacity() * 128
            + (self.by_config.capacity() + self.config_sets.capacity()) * 16
    }
}

/// A location as Nix shows it: `services.site."a/b".owner`.
#[must_use]
pub fn show_location(location: &[Rc<str>]) -> String {
    let names: Vec<_> = location
        .iter()
        .map(|name| match &**name {
            "*" => name.to_string(),
            // Placeholders of documentation: `<name>`, `<function body>`.
            name if name.starts_with('<') && name.ends_with('>') => name.to_owned(),
            name => nix_syntax::quote::attribute_name(name),
        })
        .collect();
    names.join(".")
}
