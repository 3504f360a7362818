//! The schemas: what secret managers and systems declare, written in Nix.

use std::sync::LazyLock;

use nix_eval::flake::{Schema, Schemas};

use crate::managers::descriptor::schema;
use crate::managers::{DESCRIPTORS, Descriptor};

/// Every schema, by the kind of system whose modules it stands for. The lists are made once and live as
/// long as the program.
pub static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let with_managers = |first: Schema, of: fn(&Descriptor) -> Schema, last: &[Schema]| {
        let managers = DESCRIPTORS.iter().map(of);
        let all = std::iter::once(first).chain(managers);
        &*all.chain(last.iter().copied()).collect::<Vec<_>>().leak()
    };
    let common = DESCRIPTORS.iter().filter_map(|manager| manager.common);
    let owners = ("owners", schema!("owners.nix"));
    let options = DESCRIPTORS
        .iter()
        .flat_map(|manager| manager.common_options);
    let options_of_systems: [&[&str]; 2] = [&["home", "homeDirectory"], &["home", "username"]];
    Schemas {
        nixos: with_managers(schema!("nixos/system.nix"), |it| it.nixos, &[]),
        darwin: with_managers(schema!("darwin/system.nix"), |it| it.darwin, &[]),
        home_manager: with_managers(
            schema!("home-manager/home.nix"),
            |it| it.home_manager,
            &[
                schema!("mcp/services-mcp.nix"),
                schema!("mcp/programs-mcp.nix"),
            ],
        ),
        defaults: Some(schema!("nixos/defaults.nix")),
        support: std::iter::once(owners)
            .chain(common)
            .collect::<Vec<_>>()
            .leak(),
        common_options: options
            .copied()
            .chain(options_of_systems)
            .collect::<Vec<_>>()
            .leak(),
        own_options: &[&["networking", "hostName"]],
        names: vec![
            ("serviceUsers", inventory::service_users::NAMES),
            ("sameGroupUsers", inventory::service_users::SAME_GROUP),
            (
                "groupOfServiceUsers",
                inventory::service_users::GROUP_OF_SERVICE,
            ),
            ("quietInputs", quiet_inputs()),
        ]
        .leak(),
    }
});

/// Inputs whose modules declare no users and no secrets that we do not know: what
/// flakes call them, their repositories, also behind their owners, in lower case.
pub(crate) fn quiet_inputs() -> &'static [&'static str] {
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let managers = DESCRIPTORS.iter().flat_map(|manager| manager.inputs);
        managers.chain(QUIET_INPUTS).copied().collect()
    });
    &ALL
}

/// Those of them that bring no secret manager.
const QUIET_INPUTS: &[&str] = &[
    // Modules for nix-darwin declare no users, whatever input they are of.
    "darwinmodules",
    "home-manager",
    "home-manager-stable",
    "home-manager-unstable",
    "mcp",
    "mcp-nix",
    "nix-mcp",
    "mcp-servers-nix",
    "mcp-hub",
    "mcphub.nvim",
    "hardware",
    "nixos-hardware",
    "nix-hardware",
    "fork-nixos-hardware",
    "disko",
    "disko-zfs",
    "impermanence",
    "preservation",
    "stylix",
    "catppuccin",
    "catppuccin-nix",
    "catppuccin/nix",
    "lanzaboote",
    "nixos-wsl",
    "wsl-nixos",
    "nix-index",
    "nix-index-db",
    "nix-index-database",
    "nixvim",
    "nixvim-stable",
    "nixvim-unstable",
    "nvf",
    "hyprland",
    "hyprland-plugins",
    "plasma-manager",
    "chaotic",
    "chaotic-nyx",
    "chaotic-cx/nyx",
    "nur",
    "nix-flatpak",
    "flatpak",
    "flatpaks",
    "declarative-flatpak",
    "nixos-cosmic",
    "cosmic",
    "cosmic-manager",
    "spicetify",
    "spicetify-nix",
    "determinate",
    "determinate-nix",
    "determinatesystems/nix-src",
    "nixpkgs",
    "darwin",
    "nix-darwin",
    "homebrew",
    "nix-homebrew",
    "homebrew-core",
    "homebrew-cask",
    "homebrew-bundle",
    "treefmt",
    "treefmt-nix",
    "git-hooks",
    "git-hooks.nix",
    "git-hooks-nix",
    "pre-commit-hooks.nix",
    "devshell",
    "vscode-server",
    "nixos-vscode-server",
    "nix-vscode-extensions",
    "vscode-extensions",
    "nix-ld",
    "lix",
    "lix-module",
    "lix-project/nixos-module",
    "jovian",
    "jovian-nixos",
    "facter",
    "nixos-facter",
    "nixos-facter-modules",
    "apple-silicon",
    "apple-silicon-support",
    "nixos-apple-silicon",
    "raspberry-pi",
    "raspberry-pi-nix",
    "nixos-raspberrypi",
];
