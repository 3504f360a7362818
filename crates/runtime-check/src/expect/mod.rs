//! What should be on the machine.

mod declared;
mod discover;
mod mode;
mod places;

pub(crate) use declared::{Context, choose_host, expected};
pub(crate) use discover::add_listed;
pub(crate) use places::{ClientPath, Place, client_files, key_files, places};

use std::path::PathBuf;

use inventory::Manager;

/// The secret manager that made a file; `None` if anything else did.
pub(crate) type Maker = Option<&'static Manager>;

/// The name of who made a file, in reports.
pub(crate) fn maker_name(maker: Maker) -> &'static str {
    maker.map_or("custom", |manager| manager.name)
}

/// Who declares a secret or key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The system: installed by root.
    System,
    /// A user's Home Manager configuration: installed as that user.
    User(String),
}

impl Scope {
    /// The user, for a user's scope.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::System => None,
            Self::User(user) => Some(user),
        }
    }
}

/// A user or group that is expected, by name or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// By name.
    Name(String),
    /// By number.
    Id(u32),
}

/// A secret that should be there, and how.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// What people call it.
    pub(crate) name: String,
    /// The attribute that declares it, for fixes.
    pub(crate) attribute: Option<String>,
    pub(crate) manager: Maker,
    pub(crate) scope: Scope,
    /// Where it should be.
    pub(crate) path: PathBuf,
    pub(crate) owner: Option<Principal>,
    pub(crate) group: Option<Principal>,
    pub(crate) mode: Option<u32>,
    /// sops-nix: installed before users exist, so always root's.
    pub(crate) needed_for_users: bool,
    /// Found by looking, or not certainly declared: that it is missing is no finding.
    pub(crate) discovered: bool,
    /// The encrypted file that it comes from, where the manifest says to whom it is encrypted.
    pub(crate) encrypted: Option<Encrypted>,
}

/// An encrypted file of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Encrypted {
    /// As the configuration names it.
    pub(crate) file: String,
    /// To whom: recipients of sops, stanzas of age. Never empty.
    pub(crate) recipients: Vec<String>,
}

/// How a reader uses the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// As it is.
    Value,
    /// As the value of an environment variable: an MCP server's wrapper.
    Variable,
    /// As lines of `NAME=value`.
    EnvironmentFile,
    /// As a password hash.
    PasswordHash,
}

/// Somebody who reads a secret.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// An index into [`Expected::secrets`].
    pub(crate) secret: usize,
    /// The user's name.
    pub(crate) user: String,
    /// What reads, for a person.
    pub(crate) via: Option<String>,
    pub(crate) usage: Use,
}

/// An MCP server and one secret that it reads.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) user: String,
    pub(crate) name: String,
    /// The file name, and the secret: an index into [`Expected::secrets`].
    pub(crate) secret: Option<(String, usize)>,
    /// Why it is not known what it reads.
    pub(crate) unknown: Option<String>,
    /// What it gets in place of its secret. Escaped.
    pub(crate) broken: Option<String>,
}

/// A key that decrypts secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) manager: Maker,
    pub(crate) scope: Scope,
    pub(crate) path: PathBuf,
    /// Declared: then it must be there.
    pub(crate) declared: bool,
}

/// Everything that is expected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    /// The host's name.
    pub(crate) host: Option<String>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) readers: Vec<Reader>,
    pub(crate) servers: Vec<Server>,
    pub(crate) keys: Vec<Key>,
    /// Of whom not all keys are known.
    pub(crate) keys_open: Vec<(Maker, Scope)>,
    /// Users whose MCP clients are looked at.
    pub(crate) clients: Vec<String>,
    /// What could not be understood: (what, why).
    pub(crate) not_checked: Vec<(String, String)>,
}
