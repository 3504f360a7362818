//! A host as the searches see it: its configurations, its secrets by their paths, its users.

pub(crate) mod file_change;
mod place;
mod process;
pub(crate) mod secret_paths;

use std::cell::RefCell;

use nix_eval::flake::SystemKind;

use crate::values::Options;
use inventory::model::{Group, OptionPath, Scope, Secret, User};

use file_change::FileChange;
pub(crate) use process::{Process, because};
use secret_paths::{ByPath, SecretMatcher};

/// A Home Manager configuration of a host.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// The login user.
    pub(crate) user: String,
    /// Its `config`.
    pub(crate) config: Options,
    /// The option of the system that holds it: `home-manager.users.alice`; no names for Home Manager
    /// alone.
    pub(crate) option: OptionPath,
}

impl Home {
    /// The text before the name of one of its options: `home-manager.users.alice.`, or empty.
    pub(crate) fn prefix(&self) -> String {
        match self.option.names() {
            [] => String::new(),
            _ => format!("{}.", self.option),
        }
    }
}

/// The options of NixOS whose modules system-manager always imports, or has its own of (nix/modules, 2026-07).
const IN_SYSTEM_MANAGER: [(&str, &str); 9] = [
    ("nix", "settings"),
    ("programs", "ssh"),
    ("security", "acme"),
    ("security", "sudo"),
    ("security", "wrappers"),
    ("services", "nginx"),
    ("services", "openssh"),
    ("services", "userborn"),
    ("users", "users"),
];

/// A host as the searches see it.
#[derive(Debug)]
pub(crate) struct HostView<'a> {
    /// The system's `config`; `None` for Home Manager alone.
    pub(crate) system: Option<Options>,
    /// What kind of system it is.
    pub(crate) kind: SystemKind,
    /// The modules of NixOS that a system-manager configuration imports besides those that it always has, by the
    /// names of their files and directories.
    pub(crate) imported_modules: Vec<String>,
    /// The Home Manager configurations.
    pub(crate) homes: &'a [Home],
    /// All secrets: its own, and those that another host mounts into it.
    pub(crate) secrets: &'a [Secret],
    /// How many of them are its own.
    pub(crate) own: usize,
    /// The users.
    pub(crate) users: &'a [User],
    /// The groups.
    pub(crate) groups: &'a [Group],
    /// The directories of managers that `mcp-lint.toml` adds, with the slash that ends them.
    pub(crate) managed_directories: &'a [String],
    /// Finds the texts that stand for their paths.
    pub(crate) secret_texts: SecretMatcher,
    /// The secrets by their paths.
    pub(crate) by_path: ByPath,
    /// What the texts that were searched change of their files.
    pub(crate) changes: RefCell<Vec<FileChange>>,
}

impl HostView<'_> {
    /// Whether the system may have the module of nixpkgs that declares an option. system-manager has few of them.
    pub(crate) fn has_module_of(&self, option: &[impl AsRef<str>]) -> bool {
        if self.kind != SystemKind::SystemManager {
            return true;
        }
        let mut names = option.iter().map(AsRef::as_ref);
        let (first, second) = (names.next(), names.next());
        let (Some(first), Some(second)) = (first, second) else {
            return false;
        };
        let mut imported = self.imported_modules.iter();
        IN_SYSTEM_MANAGER.contains(&(first, second)) || imported.any(|name| name == second)
    }

    /// Whether it is nix-darwin.
    pub(crate) fn is_darwin(&self) -> bool {
        self.kind == SystemKind::Darwin
    }

    /// The secrets that the host itself declares.
    pub(crate) fn own_secrets(&self) -> &[Secret] {
        self.secrets.get(..self.own).unwrap_or_default()
    }

    /// The secret that lands at a path, as this user sees it: its own or the system's, or another user's.
    pub(crate) fn secret_at(&self, path: &str, user: Option<&str>) -> Option<usize> {
        let visible = |secret: &Secret| match &secret.scope {
            Scope::System => true,
            Scope::User(name) => user.is_none_or(|user| user == name),
        };
        let first = self
            .by_path
            .first(path, |index| self.secrets.get(index).is_some_and(visible));
        first.or_else(|| self.by_path.first(path, |_| true))
    }
}
