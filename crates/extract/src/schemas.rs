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
    let shared = [
        ("owners", schema!("owners.nix")),
        ("systems", schema!("systems.nix")),
    ];
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
        system_manager: with_managers(schema!("system-manager/system.nix"), |it| it.nixos, &[]),
        defaults: Some(schema!("nixos/defaults.nix")),
        support: shared.into_iter().chain(common).collect::<Vec<_>>().leak(),
        common_options: options
            .copied()
            .chain(options_of_systems)
            .collect::<Vec<_>>()
            .leak(),
        native_inputs: DESCRIPTORS
            .iter()
            .flat_map(|manager| manager.inputs)
            .copied()
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
        ]
        .leak(),
    }
});
