//! Where the managers and clients keep their files.

use std::path::{Path, PathBuf};

use inventory::Manager;

use super::{Key, Scope};
use crate::accounts::Account;

/// A manager's link and the directory of its generations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) manager: &'static Manager,
    pub(crate) scope: Scope,
    /// `/run/secrets`
    pub(crate) link: PathBuf,
    /// `/run/secrets.d`
    pub(crate) generations: PathBuf,
    /// Whether it is for secrets that are there before users are: root owns everything below.
    pub(crate) for_users: bool,
}

impl Place {
    /// The file beside the generations with the keys that the manager decrypts with.
    pub(crate) fn age_keys(&self) -> Option<PathBuf> {
        let name = self.manager.deployment.keys?;
        Some(self.generations.join(name))
    }

    /// The unit that installs the secrets.
    pub(crate) fn unit(&self) -> &'static str {
        match self.scope {
            Scope::System if self.for_users => self.manager.deployment.early_unit,
            Scope::System => self.manager.deployment.unit,
            Scope::User(_) => self.manager.installer.user_unit,
        }
    }
}

/// The places of managers for the system, and those for a user if one is given.
pub(crate) fn places(
    managers: &'static [&'static Manager],
    user: Option<(&Account, &Path)>,
) -> Vec<Place> {
    let mut places = Vec::new();
    for &manager in managers {
        let early = manager.early.as_ref().map(|early| early.directory);
        for link in manager.landing_directories() {
            places.push(Place {
                manager,
                scope: Scope::System,
                link: PathBuf::from(link),
                generations: PathBuf::from(format!("{link}.d")),
                for_users: early == Some(link),
            });
        }
    }
    let Some((account, runtime)) = user else {
        return places;
    };
    for &manager in managers {
        let in_home = || {
            let path = manager.home.as_ref()?.path.trim_start_matches('/');
            Some(account.home.join(path))
        };
        let in_runtime = manager.deployment.user_link.map(|link| runtime.join(link));
        let Some(link) = in_runtime.or_else(in_home) else {
            continue;
        };
        places.push(Place {
            manager,
            scope: Scope::User(account.name.clone()),
            link,
            generations: runtime.join(manager.deployment.user_generations),
            for_users: false,
        });
    }
    places
}

/// Keys in their usual places, checked if they are there.
pub(crate) fn key_files(managers: &'static [&'static Manager], user: Option<&Account>) -> Vec<Key> {
    let mut keys = Vec::new();
    for &manager in managers {
        let Some([of_system, of_user]) = manager.deployment.usual_keys else {
            continue;
        };
        let key = |scope, path| Key {
            manager: Some(manager),
            scope,
            path,
            declared: false,
        };
        keys.push(key(Scope::System, PathBuf::from(of_system)));
        let in_home = user.map(|account| (account, account.home.join(of_user)));
        keys.extend(in_home.map(|(account, path)| key(Scope::User(account.name.clone()), path)));
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
