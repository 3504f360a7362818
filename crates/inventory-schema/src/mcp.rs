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
    /// What becomes of it: `available`, `missing`, `unreadable`, `no-secret`, `unknown`.
    pub status: String,
    /// Why fields are `None`.
    pub unknown: Unknowns,
}
