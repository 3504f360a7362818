//! Modules that wrap the servers of several clients.

use super::common::{ROW, UNCLEAR, USUAL, json, on};
use crate::mcp_modules::{
    Expansion, FileSet, McpKind, McpModule, Platform, Shape, Syntax, WhenMissing,
};

/// `services.mcp` of mcp-home-manager.
pub static SERVICES_MCP: McpModule = McpModule {
    name: "services.mcp",
    kind: McpKind::McpHomeManager,
    option: &["services", "mcp", "servers", "*"],
    clients: &["Cursor", "Claude Desktop"],
    expansion: Expansion {
        // Cursor's documentation and its reports disagree.
        unclear: &[
            Syntax::BracedEnv,
            Syntax::Braced,
            Syntax::Dollar,
            Syntax::BracedDefault,
        ],
        ..UNCLEAR
    },
    written: &[
        json("~/.cursor/mcp.json", &["mcpServers"]),
        on(
            Platform::Linux,
            json(
                "~/.config/claude/claude_desktop_config.json",
                &["mcpServers"],
            ),
        ),
        on(
            Platform::Darwin,
            json(
                "~/Library/Application Support/Claude/claude_desktop_config.json",
                &["mcpServers"],
            ),
        ),
    ],
    when_missing: WhenMissing::EndsQuietly,
    source: "mcp-home-manager 1a28352 modules/{default,builders}.nix, modules/servers/*.nix",
    read: "2026-01",
    ..ROW
};

/// `programs.mcp` of Home Manager.
pub static PROGRAMS_MCP: McpModule = McpModule {
    name: "programs.mcp",
    kind: McpKind::Shared,
    option: &["programs", "mcp", "servers", "*"],
    files: FileSet::Wrapped,
    written: &[json("$XDG_CONFIG_HOME/mcp/mcp.json", &["mcpServers"])],
    when_missing: WhenMissing::StartsWithout,
    source: "Home Manager ec1a8fd modules/programs/mcp.nix, modules/lib/mcp.nix",
    ..ROW
};

/// `mcp-servers` of mcp-servers-nix.
pub static MCP_SERVERS: McpModule = McpModule {
    name: "mcp-servers",
    kind: McpKind::McpServersNix,
    option: &["mcp-servers", "programs", "*"],
    shape: Shape {
        environment_files: &["envFile"],
        password_commands: &["passwordCommand"],
        ..USUAL
    },
    when_missing: WhenMissing::StartsWithout,
    source: "mcp-servers-nix 9ced2e7 lib/default.nix, modules/home-manager.nix",
    ..ROW
};

/// Servers of `mcp-servers` that have no module of mcp-servers-nix.
pub(super) static MCP_SERVERS_SETTINGS: McpModule = McpModule {
    name: "mcp-servers",
    kind: McpKind::McpServersNix,
    option: &["mcp-servers", "settings", "servers", "*"],
    source: "mcp-servers-nix 9ced2e7 modules/home-manager.nix",
    ..ROW
};

/// Servers of mcp-servers-nix, and the shortest of the variables that each reads its secret from.
pub const REQUIRED_VARIABLES: [(&str, &str); 9] = [
    ("github", "GITHUB_PERSONAL_ACCESS_TOKEN"),
    ("brave-search", "BRAVE_API_KEY"),
    ("notion", "NOTION_TOKEN"),
    ("tavily", "TAVILY_API_KEY"),
    ("slack", "SLACK_BOT_TOKEN"),
    ("grafana", "GRAFANA_API_KEY"),
    ("deepl", "DEEPL_API_KEY"),
    ("netdata", "ND_MCP_BEARER_TOKEN"),
    ("context7", "CONTEXT7_API_KEY"),
];
