//! The module system, natively: every definition keeps its file, place, priority and condition.
//!
//! The semantics are those of nixpkgs' `lib/modules.nix`. What goes beyond it: a definition under a
//! condition that is not known is kept as *maybe*; a configuration of NixOS, nix-darwin or Home
//! Manager is an open world, in which options that no file of the project declares merge
//! structurally and may have more values than the project gives them.

mod collect;
mod definition;
mod evaluation;
mod functions;
mod internal;
mod level;
mod option;
mod structural;
pub(crate) mod types;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::value::{Thunk, UnknownId};

pub use collect::LoadedModule;
pub use definition::{DEFAULT_PRIORITY, Definition, OPTION_DEFAULT_PRIORITY};
pub use evaluation::{Configuration, ModuleArguments};
pub use option::{DefinitionRecord, OptionRecord};

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
    pub(crate) internal_module: Option<Thunk>,
    pub(crate) nix_modules: Option<Thunk>,
    /// The configuration that a `config` value belongs to.
    pub(crate) by_config: FxHashMap<Thunk, ConfigurationId>,
    /// The configuration that a `config` set without `_module` belongs to.
    pub(crate) config_sets: FxHashMap<crate::value::AttrsId, ConfigurationId>,
    pub(crate) evaluation_of: FxHashMap<crate::value::AttrsId, ConfigurationId>,
    pub(crate) problems: Vec<UnknownId>,
}

/// The path of an option, shared by everything below it.
pub type Location = Rc<[Rc<str>]>;

/// A location one level deeper.
pub(crate) fn child(location: &Location, name: &Rc<str>) -> Location {
    location
        .iter()
        .cloned()
        .chain(std::iter::once(Rc::clone(name)))
        .collect()
}

/// A location as Nix shows it: `sops.secrets."a/b".owner`.
#[must_use]
pub fn show_location(location: &[Rc<str>]) -> String {
    let names: Vec<_> = location
        .iter()
        .map(|name| match &**name {
            "<name>" | "*" | "<function body>" => name.to_string(),
            name => crate::print::attribute_name(name),
        })
        .collect();
    names.join(".")
}
