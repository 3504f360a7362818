//! Options that exist beside those that the project declares.

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
    /// For system-manager.
    pub system_manager: &'static [Schema],
    /// A function of `{ config; lib; }` to the values that options of NixOS have which no module of a
    /// project declares; `"*"` is a function of any other name.
    pub defaults: Option<Schema>,
    /// What the schemas share: functions of the schema arguments, and under which name among them those
    /// that follow and the schemas find the result.
    pub support: &'static [(&'static str, Schema)],
    /// Lists of names that the schemas use, by their name among the schema arguments.
    pub names: &'static [(&'static str, &'static [&'static str])],
    /// Inputs whose modules the schemas stand for: what flakes call them, their repositories, also behind
    /// their owners, in lower case. They are never evaluated from their sources.
    pub native_inputs: &'static [&'static str],
    /// Options that modules rest on without setting them, as paths: one on its own is given the values
    /// that all configurations have alike.
    pub common_options: &'static [&'static [&'static str]],
    /// Options that every configuration sets for itself, as paths: their defaults say nothing of a module that
    /// is looked at alone.
    pub own_options: &'static [&'static [&'static str]],
}
