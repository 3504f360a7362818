//! Flakes, and what lies outside the project: nixpkgs, inputs, packages.
//!
//! Nothing of them is on disk. What configurations call of them to make systems (`nixosSystem`,
//! `darwinSystem`, `homeManagerConfiguration`, flake-parts' `mkFlake`, …) is known by name and done
//! natively; everything else is an external.

mod calls;
mod common_arguments;
mod externals;
mod frameworks;
mod inputs;
mod outputs;
mod packages;
mod parts;
mod systems;

use std::rc::Rc;

use crate::value::{Thunk, UnknownId};

pub use common_arguments::CommonArguments;
pub(crate) use externals::{
    import_external, import_external_file, known_attribute, known_call, search_path,
};
pub use inputs::Flake;
pub use outputs::{HostConfiguration, HostKind, module_name};
pub use systems::{Platform, SystemModules};

/// A schema: a Nix file of this program that declares options.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// `manager/nixos.nix`, for messages.
    pub name: &'static str,
    /// Its text: a function of the schema arguments that gives a module.
    pub text: &'static str,
}

/// The schemas that each kind of system gets, in order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Schemas {
    /// For NixOS.
    pub nixos: &'static [Schema],
    /// For nix-darwin.
    pub darwin: &'static [Schema],
    /// For Home Manager, standalone or as a module.
    pub home_manager: &'static [Schema],
    /// A function of `{ config; lib; }` to the values that options of NixOS have which no module of a
    /// project declares; `"*"` is a function of any other name.
    pub defaults: Option<Schema>,
    /// What the schemas share: a function of the schema arguments, and under which name among them the
    /// others find its result.
    pub support: Option<(&'static str, Schema)>,
    /// Lists of names that the schemas use, by their name among the schema arguments.
    pub names: &'static [(&'static str, &'static [&'static str])],
    /// Options that modules rest on without setting them, as paths: one on its own is given the values
    /// that all configurations have alike.
    pub common_options: &'static [&'static [&'static str]],
    /// Options that every configuration sets for itself, as paths: their defaults say nothing of a module that
    /// is looked at alone.
    pub own_options: &'static [&'static [&'static str]],
}

/// What the flake layer remembers.
#[derive(Debug, Default)]
pub(crate) struct FlakeState {
    pub(crate) schemas: Schemas,
    pub(crate) schema_arguments: Option<Thunk>,
    pub(crate) schema_modules: [Option<Rc<[Thunk]>>; 3],
    pub(crate) open_world: Option<UnknownId>,
    pub(crate) nixpkgs_lib: Option<Thunk>,
    pub(crate) flake_parts_schema: Option<Thunk>,
    pub(crate) library_support: Option<Thunk>,
    pub(crate) option_defaults: Option<Thunk>,
    pub(crate) flakes: Vec<(std::path::PathBuf, Rc<Flake>)>,
}
