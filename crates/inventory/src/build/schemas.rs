//! The schemas: what secret managers and systems declare, written in Nix.

use nix_eval::flake::{Schema, Schemas};

macro_rules! schemas {
    ($($name:literal),+ $(,)?) => {
        &[$(Schema { name: $name, text: include_str!(concat!("../../schemas/", $name)) }),+]
    };
}

/// Every schema, by the kind of system whose modules it stands for.
pub const SCHEMAS: Schemas = Schemas {
    nixos: schemas![
        "nixos/system.nix",
        "sops-nix/nixos.nix",
        "agenix/system.nix"
    ],
    darwin: schemas![
        "darwin/system.nix",
        "sops-nix/darwin.nix",
        "agenix/system.nix"
    ],
    home_manager: schemas![
        "home-manager/home.nix",
        "sops-nix/home-manager.nix",
        "agenix/home-manager.nix",
        "mcp/services-mcp.nix",
        "mcp/programs-mcp.nix",
    ],
};
