//! The module system, natively: every definition keeps its file, place, priority and condition.
//!
//! The semantics are those of nixpkgs' `lib/modules.nix`. What goes beyond it: a definition under a
//! condition that is not known is kept as *maybe*; a configuration of NixOS, nix-darwin or Home
//! Manager is an open world, in which options that no file of the project declares merge
//! structurally and may have more values than the project gives them.

mod arguments;
mod collect;
mod config;
mod configuration;
mod declaration;
mod defaults;
mod definition;
mod definitions;
mod evaluation;
mod functions;
mod graph;
mod id;
mod internal;
mod lazy;
mod level;
mod messages;
mod module_tree;
mod open_world;
mod option;
mod option_set;
mod presence;
mod priority;
mod record;
mod resolved;
mod state;
mod structural;
mod syntax;
pub(crate) mod types;

pub(crate) use configuration::CLASSLESS;
pub(crate) use configuration::CONFIGURATION_NUMBER;
pub use configuration::{Configuration, ModuleArguments};
pub use definition::Definition;
pub use id::ConfigurationId;
pub use messages::meant;
pub(crate) use messages::{show_definitions, show_files};
pub use module_tree::LoadedModule;
pub use record::{DefinitionRecord, OptionRecord};
pub use resolved::{DEFAULT_PRIORITY, OPTION_DEFAULT_PRIORITY};
pub(crate) use state::{Hooks, ModuleState};
