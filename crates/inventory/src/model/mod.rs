//! The data.

mod fact;
mod file;
mod host;
mod mcp;
mod reader;
mod repository;
mod secret;

pub use fact::{Certainty, Fact, Origin, Unknown};
pub use file::{FileProblem, FileState, SecretFile};
pub use host::{Group, Host, HostClass, KeySource, Problem, SopsSettings, User};
pub use mcp::{McpConfiguration, McpServer, McpStatus};
pub use reader::{Moment, Readable, Reader, Verdict};
pub use repository::{
    AgeRule, AgeRulesFile, Credential, CredentialKind, LiteralTarget, NamedRecipient, PathLiteral,
    PrivateKey, PublicKeyFile, Repository, SopsConfigFile,
};
pub use secret::{FilePath, Manager, Principal, Scope, Secret, SecretKind};

use std::path::PathBuf;

/// Everything that one run found out.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The project root: absolute, without symbolic links.
    pub root: PathBuf,
    /// The evaluated hosts, sorted by attribute.
    pub hosts: Vec<Host>,
    /// The files that the hosts' secrets name, sorted by path.
    pub files: Vec<SecretFile>,
    /// What else lies in the repository.
    pub repository: Repository,
    /// What could not be read or evaluated, not tied to one host: sorted by place.
    pub problems: Vec<Problem>,
    /// How many Nix files were read.
    pub files_read: usize,
}
