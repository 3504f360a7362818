//! The MCP servers of a user.

use serde::{Deserialize, Serialize};

use crate::Unknowns;

/// One user's MCP servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct McpConfiguration {
    /// The login user.
    pub user: Option<String>,
    /// The module: `services.mcp`, `programs.mcp`.
    pub module: Option<String>,
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// The directory in which servers read; `None` if the module has none.
    pub secrets_path: Option<String>,
    /// The clients that start its servers.
    pub clients: Vec<String>,
    /// The servers; one that reads several secrets has an entry for each.
    pub servers: Vec<McpServer>,
    /// Why fields are `None`.
    pub unknown: Unknowns,
}

/// A server and one secret that it reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct McpServer {
    /// The name: `github`.
    pub name: String,
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// The file name that it reads; `None` if it needs no secret.
    pub secret: Option<String>,
    /// The file that it reads.
    pub path: Option<String>,
    /// What becomes of it: `available`, `missing`, `unreadable`, `no-secret`, `broken`, `unknown`.
    pub status: String,
    /// The variable of the client's environment that it needs; `None` if it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// What happens when the secret is not there: `ends-quietly`, `ends-with-error`, `starts-without`, `refused`, `not-started`,
    /// `unit-fails`, `depends`; `None` if it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_missing: Option<String>,
    /// Who else sees the secret; `None` if nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<String>,
    /// The clients to which the entry applies; empty if it applies to all that start the server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// Why it is not available, for a person: `needs OPENAI_API_KEY at /run/secrets: …`; `None` if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why fields are `None`.
    pub unknown: Unknowns,
}
