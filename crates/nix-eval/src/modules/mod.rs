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
mod open_world;
mod option;
mod option_set;
mod priority;
mod state;
mod structural;
mod syntax;
pub(crate) mod types;

pub use collect::LoadedModule;
pub(crate) use declaration::UncertainModules;
pub use definition::Definition;
pub(crate) use evaluation::CONFIGURATION_NUMBER;
pub use evaluation::{Configuration, ModuleArguments};
pub(crate) use messages::{show_definitions, show_files, type_name};
pub use option::{DefinitionRecord, OptionRecord};
pub use priority::{DEFAULT_PRIORITY, OPTION_DEFAULT_PRIORITY};
pub use state::ConfigurationId;
pub(crate) use state::{Hooks, ModuleState};
