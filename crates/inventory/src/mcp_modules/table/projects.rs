//! Shells of projects.

use super::common::{
    CLAUDE_CODE_EXPANSION, OPENCODE_EXPANSION, OPENCODE_NAMES, ROW, json, with_comments,
};
use crate::mcp_modules::{McpKind, McpModule};

/// `claude.code`.
pub(super) static DEVENV_CLAUDE_CODE: McpModule = McpModule {
    name: "claude.code",
    option: &["claude", "code", "mcpServers", "*"],
    kind: McpKind::Shell,
    clients: &["Claude Code"],
    expansion: CLAUDE_CODE_EXPANSION,
    written: &[json("./.mcp.json", &["mcpServers"])],
    source: "devenv 5844e78 src/modules/integrations/claude.nix",
    ..ROW
};

/// `opencode`.
pub(super) static DEVENV_OPENCODE: McpModule = McpModule {
    name: "opencode",
    option: &["opencode", "mcp", "*"],
    kind: McpKind::Shell,
    clients: &["opencode"],
    shape: OPENCODE_NAMES,
    expansion: OPENCODE_EXPANSION,
    written: &[with_comments(json("./opencode.jsonc", &["mcp"]))],
    source: "devenv 5844e78 src/modules/integrations/opencode.nix; opencode 0380a03 packages/opencode/src/config/variable.ts",
    ..ROW
};

/// `opencode`, by the settings that take precedence.
pub(super) static DEVENV_OPENCODE_SETTINGS: McpModule = McpModule {
    name: "opencode",
    option: &["opencode", "settings", "mcp", "*"],
    kind: McpKind::Shell,
    clients: &["opencode"],
    shape: OPENCODE_NAMES,
    expansion: OPENCODE_EXPANSION,
    written: &[with_comments(json("./opencode.jsonc", &["mcp"]))],
    source: "devenv 5844e78 src/modules/integrations/opencode.nix; opencode 0380a03 packages/opencode/src/config/variable.ts",
    ..ROW
};
