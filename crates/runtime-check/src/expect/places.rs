//! Where the managers and clients keep their files.

use std::path::{Path, PathBuf};

use super::{Key, Manager, Scope};
use crate::accounts::Account;

/// A manager's link and the directory of its generations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) manager: Manager,
    pub(crate) scope: Scope,
    /// `/run/secrets`
    pub(crate) link: PathBuf,
    /// `/run/secrets.d`
    pub(crate) generations: PathBuf,
    /// sops-nix: root owns everything below.
    pub(crate) for_users: bool,
}

impl Place {
    /// sops-nix keeps the keys that it decrypts with beside the generations.
    pub(crate) fn age_keys(&self) -> Option<PathBuf> {
        (self.manager == Manager::Sops).then(|| self.generations.join("age-keys.txt"))
    }

    /// The unit that installs the secrets.
    pub(crate) fn unit(&self) -> &'static str {
        match (self.manager, &self.scope, self.for_users) {
            (Manager::Sops, Scope::System, false) => "sops-install-secrets.service",
            (Manager::Sops, Scope::System, true) => "sops-install-secrets-for-users.service",
            (Manager::Sops, Scope::User(_), _) => "sops-nix.service",
            (_, Scope::System, _) => "agenix-install-secrets.service",
            (_, Scope::User(_), _) => "agenix.service",
        }
    }
}

/// The places of the system, and those of a user if one is given.
pub(crate) fn places(user: Option<(&Account, &Path)>) -> Vec<Place> {
    let system = |manager, link: &str, for_users| Place {
        manager,
        scope: Scope::System,
        link: PathBuf::from(link),
        generations: PathBuf::from(format!("{link}.d")),
        for_users,
    };
    let mut places = vec![
        system(Manager::Sops, "/run/secrets", false),
        system(Manager::Sops, "/run/secrets-for-users", true),
        system(Manager::Agenix, "/run/agenix", false),
    ];
    if let Some((account, runtime)) = user {
        let scope = Scope::User(account.name.clone());
        places.push(Place {
            manager: Manager::Sops,
            scope: scope.clone(),
            link: account.home.join(".config/sops-nix/secrets"),
            generations: runtime.join("secrets.d"),
            for_users: false,
        });
        places.push(Place {
            manager: Manager::Agenix,
            scope,
            link: runtime.join("agenix"),
            generations: runtime.join("agenix.d"),
            for_users: false,
        });
    }
    places
}

/// Keys in their usual places, checked if they are there.
pub(crate) fn key_files(user: Option<&Account>) -> Vec<Key> {
    let key = |scope: &Scope, path: PathBuf| Key {
        manager: Manager::Sops,
        scope: scope.clone(),
        path,
        declared: false,
    };
    let mut keys = vec![key(
        &Scope::System,
        PathBuf::from("/var/lib/sops-nix/key.txt"),
    )];
    if let Some(account) = user {
        let scope = Scope::User(account.name.clone());
        keys.push(key(&scope, account.home.join(".config/sops/age/keys.txt")));
    }
    keys
}

/// The configuration files of MCP clients, relative to the home directory.
const CLIENT_FILES: [&str; 10] = [
    ".claude.json",
    ".codeium/windsurf/mcp_config.json",
    ".config/Claude/claude_desktop_config.json",
    ".config/claude/claude_desktop_config.json",
    ".config/mcp/mcp.json",
    ".cursor/mcp.json",
    ".gemini/settings.json",
    ".vscode/mcp.json",
    "Library/Application Support/Claude/claude_desktop_config.json",
    "Library/Application Support/Code/User/mcp.json",
];

/// A user's MCP client configuration files.
pub(crate) fn client_files(account: &Account) -> Vec<PathBuf> {
    CLIENT_FILES
        .iter()
        .map(|file| account.home.join(file))
        .collect()
}
