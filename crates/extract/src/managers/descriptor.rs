//! What registers a secret manager: its facts, its schemas and its extractor.

use nix_eval::Evaluator;
use nix_eval::flake::Schema;

use super::declared::{Extracted, OptionRoot};
use inventory::model::Manager;

/// A schema by its name below `schemas/`.
macro_rules! schema {
    ($name:literal) => {
        ::nix_eval::flake::Schema {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $name)),
        }
    };
}
pub(crate) use schema;

/// A secret manager as extraction knows it.
pub(crate) struct Descriptor {
    /// The facts that extraction, lints and outputs ask for.
    pub(crate) manager: &'static Manager,
    /// The flake inputs that bring its modules, which declare no users: what flakes call them, and their
    /// repositories.
    pub(crate) inputs: &'static [&'static str],
    /// What its modules for NixOS declare.
    pub(crate) nixos: Schema,
    /// What its modules for nix-darwin declare.
    pub(crate) darwin: Schema,
    /// What its modules for Home Manager declare.
    pub(crate) home_manager: Schema,
    /// What its schemas share, and under which name they find it.
    pub(crate) common: Option<(&'static str, Schema)>,
    /// Its options that all configurations of a project are likely to set alike.
    pub(crate) common_options: &'static [&'static [&'static str]],
    /// Adds the secrets, keys and problems of one configuration.
    pub(crate) extract: fn(&mut Evaluator, OptionRoot<'_>, &mut Extracted),
}
