//! The schemas: what secret managers and systems declare, written in Nix.

use nix_eval::flake::{Schema, Schemas};

macro_rules! schemas {
    ($($name:literal),+ $(,)?) => {
        &[$(Schema { name: $name, text: include_str!(concat!("../schemas/", $name)) }),+]
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
    defaults: Some(Schema {
        name: "nixos/defaults.nix",
        text: include_str!("../schemas/nixos/defaults.nix"),
    }),
    support: Some((
        "owners",
        Schema {
            name: "owners.nix",
            text: include_str!("../schemas/owners.nix"),
        },
    )),
    common_options: &[
        &["sops", "defaultSopsFile"],
        &["sops", "defaultSopsFormat"],
        &["home", "homeDirectory"],
        &["home", "username"],
    ],
    own_options: &[&["networking", "hostName"]],
    names: &[
        ("serviceUsers", inventory::service_users::NAMES),
        ("sameGroupUsers", inventory::service_users::SAME_GROUP),
        (
            "groupOfServiceUsers",
            inventory::service_users::GROUP_OF_SERVICE,
        ),
        ("quietInputs", QUIET_INPUTS),
    ],
    home_manager: schemas![
        "home-manager/home.nix",
        "sops-nix/home-manager.nix",
        "agenix/home-manager.nix",
        "mcp/services-mcp.nix",
        "mcp/programs-mcp.nix",
    ],
};

/// Inputs whose modules declare no users and no secrets, by a part of their name.
pub(crate) const QUIET_INPUTS: &[&str] = &[
    "sops",
    "agenix",
    "ragenix",
    "home-manager",
    "mcp",
    "hardware",
    "disko",
    "impermanence",
    "preservation",
    "stylix",
    "catppuccin",
    "lanzaboote",
    "nixos-wsl",
    "nix-index",
    "nixvim",
    "nvf",
    "hyprland",
    "plasma-manager",
    "chaotic",
    "nur",
    "flatpak",
    "cosmic",
    "spicetify",
    "determinate",
    "nixpkgs",
    "darwin",
    "homebrew",
    "treefmt",
    "git-hooks",
    "devshell",
    "vscode",
    "nix-ld",
    "lix",
    "jovian",
    "facter",
    "apple-silicon",
    "raspberry",
];
