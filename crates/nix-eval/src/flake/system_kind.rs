//! The kinds of systems.

use super::schemas::{Schema, Schemas};
use crate::modules::CLASSLESS;

/// The kind of system that a configuration is of, or a module is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemKind {
    /// NixOS.
    Nixos,
    /// nix-darwin.
    Darwin,
    /// Home Manager, on its own or in a system.
    HomeManager,
    /// system-manager: units and files of `/etc` on any Linux, by some of NixOS's modules.
    SystemManager,
}

impl SystemKind {
    /// The `class` of its modules; of system-manager, whose evaluation has none, a name that only this
    /// program knows.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Nixos => "nixos",
            Self::Darwin => "darwin",
            Self::HomeManager => "homeManager",
            Self::SystemManager => CLASSLESS,
        }
    }

    /// The kernel of every such system, as its platform names it.
    pub(super) const fn kernel(self) -> Option<&'static str> {
        match self {
            Self::Nixos | Self::SystemManager => Some("linux"),
            Self::Darwin => Some("darwin"),
            Self::HomeManager => None,
        }
    }

    /// What its modules declare.
    pub(super) const fn schemas(self, schemas: &Schemas) -> &'static [Schema] {
        match self {
            Self::Nixos => schemas.nixos,
            Self::Darwin => schemas.darwin,
            Self::HomeManager => schemas.home_manager,
            Self::SystemManager => schemas.system_manager,
        }
    }
}
