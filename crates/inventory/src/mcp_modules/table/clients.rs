//! Clients in a terminal.

use super::common::{
    ANTIGRAVITY_NAMES, CLAUDE_CODE_EXPANSION, OPENCODE_EXPANSION, OPENCODE_NAMES, ROW, TEXTS,
    USUAL, json, with_comments,
};
use crate::mcp_modules::{
    ClientFile, Evidence, Expansion, FileFormat, FileSet, Integration, McpModule, Shape, Syntax,
    Unset, WhenMissing,
};

const GEMINI: Expansion = Expansion {
    knows: &[Syntax::Dollar, Syntax::Braced],
    unclear: &[Syntax::BracedDefault],
    evidence: Evidence::Source,
    places: TEXTS,
    unset: Unset::Literal,
    since: None,
};

/// `programs.claude-code`.
pub(super) static CLAUDE_CODE: McpModule = McpModule {
    name: "programs.claude-code",
    option: &["programs", "claude-code", "mcpServers", "*"],
    clients: &["Claude Code"],
    shape: Shape {
        header_helpers: &["headersHelper"],
        ..USUAL
    },
    expansion: CLAUDE_CODE_EXPANSION,
    integration: Some(Integration {
        switch: &["programs", "claude-code", "enableMcpIntegration"],
        files: FileSet::Wrapped,
    }),
    written: &[json(
        "~/.claude/skills/claude-code-home-manager/.mcp.json",
        &["mcpServers"],
    )],
    source: "Home Manager ec1a8fd modules/programs/claude-code/default.nix; Claude Code's documentation of MCP and APM's tests of 2.1.310",
    ..ROW
};

/// `programs.opencode`.
pub(super) static OPENCODE: McpModule = McpModule {
    name: "programs.opencode",
    option: &["programs", "opencode", "settings", "mcp", "*"],
    clients: &["opencode"],
    shape: OPENCODE_NAMES,
    expansion: OPENCODE_EXPANSION,
    integration: Some(Integration {
        switch: &["programs", "opencode", "enableMcpIntegration"],
        files: FileSet::Rendered(Syntax::File),
    }),
    written: &[with_comments(json(
        "$XDG_CONFIG_HOME/opencode/opencode.json",
        &["mcp"],
    ))],
    when_missing: WhenMissing::Refused,
    source: "Home Manager ec1a8fd modules/programs/opencode.nix; opencode 0380a03 packages/opencode/src/config/variable.ts",
    ..ROW
};

/// `programs.codex`.
pub(super) static CODEX: McpModule = McpModule {
    name: "programs.codex",
    option: &["programs", "codex", "settings", "mcp_servers", "*"],
    clients: &["Codex"],
    shape: Shape {
        headers: &["http_headers"],
        names: &["bearer_token_env_var", "env_http_headers", "env_vars"],
        ..USUAL
    },
    expansion: Expansion {
        knows: &[],
        unclear: &[],
        evidence: Evidence::Source,
        places: TEXTS,
        unset: Unset::Literal,
        since: None,
    },
    integration: Some(Integration {
        switch: &["programs", "codex", "enableMcpIntegration"],
        files: FileSet::Wrapped,
    }),
    written: &[
        ClientFile {
            format: FileFormat::Toml,
            ..json("~/.codex/config.toml", &["mcp_servers"])
        },
        ClientFile {
            format: FileFormat::Toml,
            ..json("$XDG_CONFIG_HOME/codex/config.toml", &["mcp_servers"])
        },
    ],
    source: "Home Manager ec1a8fd modules/programs/codex/default.nix; codex 00b17c2 codex-rs/config/src/mcp_types.rs",
    ..ROW
};

/// `programs.gemini-cli`.
pub(super) static GEMINI_CLI: McpModule = McpModule {
    name: "programs.gemini-cli",
    option: &["programs", "gemini-cli", "settings", "mcpServers", "*"],
    clients: &["Gemini CLI"],
    shape: Shape {
        urls: &["url", "httpUrl"],
        ..USUAL
    },
    expansion: GEMINI,
    integration: Some(Integration {
        switch: &["programs", "gemini-cli", "enableMcpIntegration"],
        files: FileSet::Wrapped,
    }),
    written: &[json("~/.gemini/settings.json", &["mcpServers"])],
    source: "Home Manager ec1a8fd modules/programs/antigravity-cli.nix; Gemini CLI 04fbf50 packages/cli/src/utils/envVarResolver.ts",
    ..ROW
};

/// `programs.antigravity-cli`.
pub(super) static ANTIGRAVITY_CLI: McpModule = McpModule {
    name: "programs.antigravity-cli",
    option: &["programs", "antigravity-cli", "mcpServers", "*"],
    clients: &["Antigravity CLI"],
    shape: ANTIGRAVITY_NAMES,
    integration: Some(Integration {
        switch: &["programs", "antigravity-cli", "enableMcpIntegration"],
        files: FileSet::Wrapped,
    }),
    written: &[json("~/.gemini/config/mcp_config.json", &["mcpServers"])],
    source: "Home Manager ec1a8fd modules/programs/antigravity-cli.nix",
    ..ROW
};

/// `programs.antigravity-cli`, by its other option.
pub(super) static ANTIGRAVITY_CLI_OLD: McpModule = McpModule {
    name: "programs.antigravity-cli",
    option: &["programs", "antigravity-cli", "settings", "mcpServers", "*"],
    clients: &["Antigravity CLI"],
    shape: ANTIGRAVITY_NAMES,
    written: &[json("~/.gemini/settings.json", &["mcpServers"])],
    source: "Home Manager ec1a8fd modules/programs/antigravity-cli.nix",
    ..ROW
};

/// `programs.github-copilot-cli`.
pub(super) static GITHUB_COPILOT_CLI: McpModule = McpModule {
    name: "programs.github-copilot-cli",
    option: &["programs", "github-copilot-cli", "mcpServers", "*"],
    clients: &["GitHub Copilot CLI"],
    expansion: Expansion {
        knows: &[Syntax::Braced, Syntax::Dollar, Syntax::BracedDefault],
        unclear: &[],
        evidence: Evidence::Source,
        places: TEXTS,
        unset: Unset::Literal,
        since: None,
    },
    files: FileSet::Wrapped,
    integration: Some(Integration {
        switch: &["programs", "github-copilot-cli", "enableMcpIntegration"],
        files: FileSet::Wrapped,
    }),
    written: &[
        json("~/.copilot/mcp-config.json", &["mcpServers"]),
        json("$XDG_CONFIG_HOME/copilot/mcp-config.json", &["mcpServers"]),
    ],
    when_missing: WhenMissing::StartsWithout,
    source: "Home Manager ec1a8fd modules/programs/github-copilot-cli.nix; Copilot CLI's documentation (1.0.44); VS Code 1abd15f src/vs/platform/mcp/common/envVarResolution.ts, the port of its resolver",
    ..ROW
};

/// `programs.crush`.
pub(super) static CRUSH: McpModule = McpModule {
    name: "programs.crush",
    option: &["programs", "crush", "settings", "mcp", "*"],
    clients: &["Crush"],
    expansion: Expansion {
        knows: &[
            Syntax::Dollar,
            Syntax::Braced,
            Syntax::BracedDefault,
            Syntax::Command,
            Syntax::Backquotes,
        ],
        unclear: &[],
        evidence: Evidence::Source,
        places: TEXTS,
        unset: Unset::Empty,
        since: None,
    },
    integration: Some(Integration {
        switch: &["programs", "crush", "enableMcpIntegration"],
        files: FileSet::Rendered(Syntax::Command),
    }),
    written: &[json("$XDG_CONFIG_HOME/crush/crush.json", &["mcp"])],
    when_missing: WhenMissing::NotStarted,
    source: "Home Manager ec1a8fd modules/programs/crush.nix; crush 37f36e9 internal/config/resolve.go",
    ..ROW
};

/// `programs.mods`.
pub(super) static MODS: McpModule = McpModule {
    name: "programs.mods",
    option: &["programs", "mods", "settings", "mcp-servers", "*"],
    clients: &["mods"],
    written: &[ClientFile {
        format: FileFormat::Yaml,
        ..json("$XDG_CONFIG_HOME/mods/mods.yml", &["mcp-servers"])
    }],
    source: "Home Manager ec1a8fd modules/programs/mods.nix",
    ..ROW
};

/// `programs.mistral-vibe`.
pub(super) static MISTRAL_VIBE: McpModule = McpModule {
    name: "programs.mistral-vibe",
    option: &["programs", "mistral-vibe", "settings", "mcp_servers", "*"],
    clients: &["Mistral Vibe"],
    written: &[ClientFile {
        format: FileFormat::Toml,
        ..json("~/.vibe/config.toml", &["mcp_servers"])
    }],
    source: "Home Manager ec1a8fd modules/programs/mistral-vibe.nix",
    ..ROW
};
