//! The kind of system that a module is for.

use std::path::{Path, PathBuf};

use nix_eval::Evaluator;
use nix_eval::flake::HostKind;

/// Whose module a file is, by its name and by what it sets.
pub(crate) fn module_kind(evaluator: &Evaluator, file: &Path) -> HostKind {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let parsed = evaluator.sources.parse(&PathBuf::from(file)).ok();
    let mentions = |names: &[&str]| {
        parsed
            .as_ref()
            .is_some_and(|parsed| parsed.hir.names.iter().any(|known| names.contains(&known)))
    };
    if name.contains("darwin") || mentions(&["darwinModules", "homebrew"]) {
        return HostKind::Darwin;
    }
    let of_system = mentions(&[
        "home-manager",
        "nixosModules",
        "users",
        "networking",
        "boot",
        "fileSystems",
        "environment",
        "hardware",
        "age",
        "security",
    ]);
    let of_home = mentions(&[
        "homeManagerModules",
        "homeDirectory",
        "stateVersion",
        "home",
        "mcp",
    ]);
    if name == "home.nix" || name.contains("home-manager") || (of_home && !of_system) {
        return HostKind::HomeManager;
    }
    HostKind::Nixos
}
