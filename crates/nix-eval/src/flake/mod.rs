//! Flakes, and what lies outside the project: nixpkgs, inputs, packages.
//!
//! What configurations call of them to make systems (`nixosSystem`, `darwinSystem`,
//! `homeManagerConfiguration`, flake-parts' `mkFlake`, …) is known by name and done natively. An
//! input whose source is on the machine is evaluated from there where that leaves something open;
//! everything else is an external.

mod called_files;
mod calls;
mod common_arguments;
mod externals;
mod flake_utils;
mod frameworks;
mod inputs;
mod known_projects;
mod locked;
mod lone_modules;
mod module_sources;
mod outputs;
mod packages;
mod parts;
mod pinned;
mod reference;
mod schemas;
mod state;
mod system_kind;
mod systems;
mod unknown_outputs;

pub use common_arguments::CommonArguments;
pub(crate) use externals::World;
pub use inputs::Flake;
pub use known_projects::project_of_input;
pub use lone_modules::module_name;
pub use module_sources::SourcedInput;
pub use outputs::{HostConfiguration, HostName, HostSearch};
pub use schemas::{Schema, Schemas};
pub(crate) use state::FlakeState;
pub use state::SourceUse;
pub use system_kind::SystemKind;
pub use systems::Platform;
pub(crate) use systems::{MODULE_HOOKS, OF_FLAKE};
pub use unknown_outputs::{OutputState, UnknownOutput};
