//! The kind of system that a module is for.

use std::path::{Path, PathBuf};

use nix_eval::Evaluator;
use nix_eval::flake::SystemKind;
use nix_syntax::hir::{BindingValue, Expr, File, NameId};

/// Whose module a file is, by its name and by what it sets.
pub(crate) fn module_kind(evaluator: &Evaluator, file: &Path) -> SystemKind {
    let parsed = evaluator.sources.parse(&PathBuf::from(file)).ok();
    module_kind_of(file, parsed.as_ref().map(|parsed| &*parsed.hir))
}

/// Whose module a file is, by its name and, if it is known, by what its text sets.
#[must_use]
pub fn module_kind_of(file: &Path, parsed: Option<&File>) -> SystemKind {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let of_name = kind_of_words(&words(&stem));
    let mentions = |names: &[&str]| {
        parsed.is_some_and(|parsed| parsed.names.iter().any(|known| names.contains(&known)))
    };
    let sets = |options: &[(&str, &[&str])]| {
        parsed.is_some_and(|parsed| options.iter().any(|option| sets(parsed, option)))
    };
    if of_name == Some(SystemKind::Darwin) || mentions(&["darwinModules", "homebrew"]) {
        return SystemKind::Darwin;
    }
    // Whatever else it is called or names: nothing but a system has users.
    if sets(&OF_USERS) {
        return SystemKind::Nixos;
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
        "virtualisation",
        "swapDevices",
        // Home Manager's secrets have none of these.
        "owner",
        "neededForUsers",
        "restartUnits",
        "reloadUnits",
    ]) || sets(&OF_SYSTEM);
    let of_home = mentions(&["homeManagerModules", "homeDirectory", "osConfig"]) || sets(&OF_HOME);
    if of_name == Some(SystemKind::HomeManager) || (of_home && !of_system) {
        return SystemKind::HomeManager;
    }
    SystemKind::Nixos
}

/// The options of a system's users.
const OF_USERS: [(&str, &[&str]); 2] = [("users", &["users"]), ("home-manager", &["users"])];

/// Options that only a system has: attributes, and those in them.
const OF_SYSTEM: [(&str, &[&str]); 2] = [
    (
        "systemd",
        &["services", "tmpfiles", "timers", "mounts", "network"],
    ),
    ("system", &["stateVersion", "activationScripts", "build"]),
];

/// Options that only Home Manager has. The names alone say nothing: a user has a `home`, and an option or a
/// unit may be called `mcp`.
const OF_HOME: [(&str, &[&str]); 5] = [
    (
        "home",
        &[
            "activation",
            "file",
            "homeDirectory",
            "packages",
            "sessionPath",
            "sessionVariables",
            "stateVersion",
            "username",
        ],
    ),
    ("programs", &["mcp", "claude-code", "zed-editor"]),
    ("services", &["mcp"]),
    ("mcp-servers", &["programs", "settings"]),
    ("xdg", &["configFile", "dataFile", "configHome"]),
];

/// Whether a file sets an attribute to a set with one of these. The `services` of `systemd` are another
/// option than `services`.
fn sets(file: &File, (outer, inner): &(&str, &[&str])) -> bool {
    let name = |name: NameId| file.names.get(name.0 as usize).unwrap_or_default();
    let below = |value: &BindingValue| {
        let BindingValue::Expr(value) = value else {
            return None;
        };
        let Some(Expr::Set(set)) = file.exprs.get(value.0 as usize) else {
            return None;
        };
        { file.sets.get(set.0 as usize) }.map(|set| set.bindings.range())
    };
    let holds = |value: &BindingValue| {
        let bindings = below(value).and_then(|range| file.bindings.get(range));
        let mut bindings = bindings.unwrap_or_default().iter();
        bindings.any(|binding| inner.contains(&name(binding.name)))
    };
    let of_units: Vec<_> = { file.bindings.iter() }
        .filter(|binding| name(binding.name) == "systemd")
        .filter_map(|binding| below(&binding.value))
        .collect();
    let mut bindings = file.bindings.iter().enumerate();
    bindings.any(|(at, binding)| {
        name(binding.name) == *outer
            && holds(&binding.value)
            && !of_units.iter().any(|range| range.contains(&at))
    })
}

/// Whose module one is, by the attributes that lead to it.
pub(crate) fn kind_by_path(path: &[String]) -> Option<SystemKind> {
    path.iter().find_map(|name| kind_of_words(&words(name)))
}

/// The words of a name in lower case: `home` and `manager` of `homeManager`, `home-manager`, `home_manager`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (was_lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words
}

/// The kind of system that words name; `home` alone, or as `home manager` and the like: not `home assistant`.
fn kind_of_words(words: &[String]) -> Option<SystemKind> {
    const AFTER_HOME: [&str; 5] = ["manager", "module", "modules", "config", "configurations"];
    words.iter().enumerate().find_map(|(at, word)| {
        let next = words.get(at + 1).map(String::as_str);
        match word.as_str() {
            "home" if next.is_none_or(|next| AFTER_HOME.contains(&next)) => {
                Some(SystemKind::HomeManager)
            }
            "hm" => Some(SystemKind::HomeManager),
            "darwin" => Some(SystemKind::Darwin),
            "nixos" => Some(SystemKind::Nixos),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use super::*;

    #[test]
    fn options_tell_their_kind_not_names_alone() {
        let of_home = |text: &str| {
            let file = nix_syntax::parse(text).file;
            OF_HOME.iter().any(|option| sets(&file, option))
        };
        assert!(of_home("{ home.stateVersion = \"24.05\"; }"));
        assert!(of_home(
            "{ lib, ... }: { config = lib.mkIf x { programs.mcp.enable = true; }; }"
        ));
        assert!(!of_home("{ systemd.services.mcp.script = \"x\"; }"));
        assert!(!of_home("{ users.users.mcp.home = \"/var/lib/mcp\"; }"));
        assert!(!of_home(
            "{ options.mcp.home = x; system.stateVersion = y; }"
        ));
    }

    #[test]
    fn a_module_with_users_is_of_a_system_whatever_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            let workspace = nix_eval::Workspace::open(folder.path()).unwrap();
            let evaluator =
                Evaluator::new(std::sync::Arc::new(workspace), nix_eval::Limits::default());
            module_kind(&evaluator, &file.canonicalize().unwrap())
        };
        use SystemKind::{Darwin, HomeManager, Nixos};
        for (name, text, wanted) in [
            (
                "home.nix",
                "{ home-manager.users.a.programs.mcp.enable = true; }",
                Nixos,
            ),
            (
                "home.nix",
                "{ users = { users.a.isNormalUser = true; }; }",
                Nixos,
            ),
            ("hm.nix", "{ home.username = \"a\"; }", HomeManager),
            (
                "darwin.nix",
                "{ users.users.a.home = \"/Users/a\"; }",
                Darwin,
            ),
        ] {
            assert_eq!(kind(name, text), wanted, "{name}: {text}");
        }
    }

    #[test]
    fn names_tell_their_kind_by_whole_words() {
        use SystemKind::{Darwin, HomeManager, Nixos};
        let cases = [
            ("homeManagerModules", Some(HomeManager)),
            ("home-manager", Some(HomeManager)),
            ("homeModules", Some(HomeManager)),
            ("hm", Some(HomeManager)),
            ("darwin-configuration", Some(Darwin)),
            ("nixosModules", Some(Nixos)),
            ("my_home", Some(HomeManager)),
            ("home-assistant", None),
            ("homelab", None),
            ("mydarwinia", None),
            ("Homebrew", None),
        ];
        for (name, kind) in cases {
            assert_eq!(kind_by_path(&[name.to_owned()]), kind, "{name}");
        }
    }
}
