//! Where the managers and clients keep their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inventory::Manager;
use inventory::mcp_modules::{self, FileFormat, MCP_MODULES, Platform};

use super::{Key, Scope};
use crate::accounts::Account;
use crate::observe::client::ClientFile;
use crate::observe::client_format::ClientFormat;

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

/// A client's configuration file, or the files in the directories of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientPath {
    /// The file; with `below`, the directory of the directories that it is in.
    pub(crate) path: PathBuf,
    /// The path below each of them, for a file that is there once for each profile.
    pub(crate) below: Option<PathBuf>,
    /// What it is.
    pub(crate) file: ClientFile,
}

impl ClientPath {
    /// Whether it is the system's, which the clients of all users read.
    pub(crate) fn is_of_system(&self, account: &Account) -> bool {
        !self.path.starts_with(&account.home)
    }
}

/// The MCP client configuration files that a user's clients read: those of every row of the table, and others, the
/// system's among them. Sorted by path.
pub(crate) fn client_files(account: &Account) -> Vec<ClientPath> {
    let mut files: BTreeMap<(PathBuf, Option<PathBuf>), ClientFile> = BTreeMap::new();
    let own = if cfg!(target_os = "macos") {
        Platform::Darwin
    } else {
        Platform::Linux
    };
    let is_here = |platform| platform == Platform::Any || platform == own;
    let of_rows = { mcp_modules::client_files().iter().enumerate() }
        .flat_map(|(row, module)| module.written.iter().map(move |file| (Some(row), file)));
    // Files that no single client is known to read.
    let shared = MCP_MODULES.iter().flat_map(|module| module.written);
    let all = of_rows.chain(shared.map(|file| (None, file)));
    for (row, written) in all.filter(|(_, file)| is_here(file.platform)) {
        let Some(path) = path_for(account, written.path) else {
            continue;
        };
        let (path, below) = match path.split_once("/*/") {
            Some((path, below)) => (PathBuf::from(path), Some(PathBuf::from(below))),
            None => (PathBuf::from(path), None),
        };
        let format = format_of(written.format);
        let file = ClientFile { format, row };
        files.entry((path, below)).or_insert(file);
    }
    let files = files.into_iter();
    files
        .map(|((path, below), file)| ClientPath { path, below, file })
        .collect()
}

const fn format_of(format: FileFormat) -> ClientFormat {
    match format {
        FileFormat::Json => ClientFormat::Json,
        FileFormat::Jsonc => ClientFormat::Jsonc,
        FileFormat::Toml => ClientFormat::Toml,
        FileFormat::Yaml => ClientFormat::Yaml,
    }
}

/// A path of the table for a user, `*` included; `None` if it is in whatever directory the client starts.
fn path_for(account: &Account, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let home = account.home.to_str()?;
    let below = match path.strip_prefix("$XDG_CONFIG_HOME/") {
        Some(below) => format!(".config/{below}"),
        None => path.strip_prefix("~/")?.to_owned(),
    };
    Some(format!("{home}/{below}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_of_the_table_has_its_files() {
        let account = Account {
            name: "a".to_owned(),
            uid: 1,
            gid: 1,
            groups: Vec::new(),
            home: PathBuf::from("/home/a"),
        };
        let files = client_files(&account);
        for module in MCP_MODULES {
            let is_read = |file: &&inventory::mcp_modules::ClientFile| !file.path.starts_with("./");
            let here = module.written.iter().filter(is_read);
            let here = here.filter(|file| file.platform != Platform::Darwin);
            if here.count() > 0 && cfg!(target_os = "linux") {
                let own = module
                    .written
                    .iter()
                    .filter_map(|file| path_for(&account, file.path));
                let known = |path: String| {
                    let start = path.split("/*/").next().map(PathBuf::from);
                    files.iter().any(|file| Some(&file.path) == start.as_ref())
                };
                assert!({ own }.any(known), "{}", module.name);
            }
        }
        for path in [
            "/etc/claude-code/managed-mcp.json",
            "/etc/opencode/opencode.json",
        ] {
            assert!(
                files.iter().any(|file| file.path == Path::new(path)),
                "{path}"
            );
        }
        let codex = Path::new("/home/a/.codex/config.toml");
        let codex = files.iter().find(|file| file.path == codex).unwrap();
        assert_eq!(codex.file.format, ClientFormat::Toml);
    }
}
