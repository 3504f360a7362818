//! MCP servers and the secrets that they read.

use nix_syntax::source::Span;

use super::Fact;
use crate::mcp_modules::McpModule;

/// What the guide says of a server after activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum McpStatus {
    /// Enabled, and its secret is there and readable.
    Available,
    /// Enabled, but no declared secret lands at its path.
    Missing,
    /// Enabled, a secret lands there, the user cannot read it.
    Unreadable,
    /// Enabled and needs no secret.
    NoSecret,
    /// Not decided, or the path belongs to no manager.
    Unknown,
}

impl McpStatus {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::NoSecret => "no-secret",
            Self::Unknown => "unknown",
        }
    }
}

/// One server and one secret that it reads; a server with several secrets has several entries, one
/// with none has one.
#[derive(Debug, Clone)]
pub struct McpServer {
    /// `github`
    pub name: String,
    /// Whether it runs.
    pub enabled: Fact<bool>,
    /// The file name that it reads, `GITHUB_TOKEN`; nothing if it needs no secret.
    pub secret: Fact<Option<String>>,
    /// Whether the file name is the server's default and not the user's choice.
    pub secret_is_default: bool,
    /// The file that it reads.
    pub path: Fact<Option<String>>,
    /// Whether it reads from a fixed directory, whatever `secretsPath` says.
    pub ignores_secrets_path: bool,
    /// Where the user's files mention the server: its name, or the binding that enables it.
    pub at: Option<Span>,
    /// The verdict.
    pub status: McpStatus,
    /// The secret that lands there: an index into [`Host::secrets`](super::Host::secrets).
    pub provided_by: Option<usize>,
}

/// The MCP configuration of one user.
#[derive(Debug, Clone)]
pub struct McpConfiguration {
    /// The login user.
    pub user: String,
    /// The module.
    pub module: &'static McpModule,
    /// The option path in the system configuration or in `home.nix`:
    /// `home-manager.users.alice.services.mcp`, `services.mcp`.
    pub option: String,
    /// Whether it is on.
    pub enabled: Fact<bool>,
    /// The directory, for modules that have one.
    pub secrets_path: Option<Fact<String>>,
    /// The enabled servers and those that the user mentions, sorted by name.
    pub servers: Vec<McpServer>,
}
