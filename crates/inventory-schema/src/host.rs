//! A configuration, its users, keys and problems.

use serde::{Deserialize, Serialize};

use crate::{McpConfiguration, Reader, Secret, Unknowns};

/// One configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// The name: `desk`, `alice@desk`.
    pub name: String,
    /// The kind: `nixos`, `darwin`, `home-manager`, `module`.
    pub class: String,
    /// The attribute of the flake, or the path of a module: `nixosConfigurations.desk`.
    pub attribute: Option<String>,
    /// The host whose container it is; the field is left out if it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerOf>,
    /// The declared secrets.
    pub secrets: Vec<Secret>,
    /// The processes that read them.
    pub readers: Vec<Reader>,
    /// The MCP configurations of its users.
    pub mcp: Vec<McpConfiguration>,
    /// The declared users.
    pub users: Vec<User>,
    /// The keys that decrypt the secrets.
    pub key_sources: Vec<KeySource>,
    /// Why it may have modules, secrets or users that are not here.
    pub open: Vec<Open>,
    /// What could not be read or evaluated.
    pub problems: Vec<Problem>,
}

/// A container's place in another host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerOf {
    /// The attribute of the host.
    pub host: String,
    /// The container's name.
    pub name: String,
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The name.
    pub name: String,
    /// The number; `None` if it is not fixed or not known.
    pub uid: Option<i64>,
    /// The primary group.
    pub group: Option<String>,
    /// The other groups.
    pub groups: Option<Vec<String>>,
    /// The home directory.
    pub home: Option<String>,
    /// Why fields are `None`.
    pub unknown: Unknowns,
}

/// A key that decrypts the secrets of one manager and scope: where it is, never what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeySource {
    /// The secret manager: `sops-nix`, `agenix`.
    pub manager: Option<String>,
    /// The scope: `system`, `user`.
    pub scope: Option<String>,
    /// The user, for the scope `user`.
    pub user: Option<String>,
    /// The option that names it: `sops.age.keyFile`.
    pub option: String,
    /// The file.
    pub path: Option<String>,
    /// Why fields are `None`.
    pub unknown: Unknowns,
}

/// A reason why a configuration may have more than what is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Open {
    /// A few words: ``input `site`.secrets``.
    pub reason: String,
    /// Where it became open.
    pub at: Option<Place>,
}

/// A part of the project that was not inspected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gap {
    /// The kind: `unknown-configurations`, `hollow-configuration`.
    pub kind: String,
    /// What was not inspected: configurations, outputs.
    pub subjects: Vec<String>,
    /// The options of secrets that depend on it: `age.secrets.token.mode`; empty for most kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// A few words.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// Where it became so.
    pub at: Option<Place>,
}

/// Something that could not be read or evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// The kind: `evaluation-error`.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// Where it occurred.
    pub at: Option<Place>,
}

/// The start of something in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The file, relative to the root.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}
