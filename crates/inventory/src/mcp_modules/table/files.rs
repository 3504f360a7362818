//! Files of clients that no module of the table writes, or that a configuration writes beside them.

use super::common::{
    CLAUDE_CODE_EXPANSION, OPENCODE_EXPANSION, OPENCODE_NAMES, ROW, UNCLEAR, USUAL, json, on,
    with_comments,
};
use super::{clients, editors};
use crate::mcp_modules::{
    ClientFile, FileFormat, FileSet, McpKind, McpModule, Platform, Shape, WhenMissing,
};

/// What the files have in common: nobody wraps what is written by hand.
const FILE: McpModule = McpModule {
    kind: McpKind::File,
    files: FileSet::Written,
    ..ROW
};

const fn yaml(file: ClientFile) -> ClientFile {
    ClientFile {
        format: FileFormat::Yaml,
        ..file
    }
}

const fn listed(file: ClientFile) -> ClientFile {
    ClientFile {
        is_list: true,
        ..file
    }
}

const fn toml(file: ClientFile) -> ClientFile {
    ClientFile {
        format: FileFormat::Toml,
        ..file
    }
}

/// The rows of files, each with its client.
pub(crate) static FILES: &[McpModule] = &[
    McpModule {
        clients: &["Claude Code"],
        expansion: CLAUDE_CODE_EXPANSION,
        written: &[
            json("~/.claude.json", &["mcpServers"]),
            json("/etc/claude-code/managed-mcp.json", &["mcpServers"]),
            json(
                "/Library/Application Support/ClaudeCode/managed-mcp.json",
                &["mcpServers"],
            ),
        ],
        source: "Claude Code's documentation of MCP and of managed-mcp.json (code.claude.com, 2026)",
        ..FILE
    },
    McpModule {
        clients: &["Cursor"],
        written: &[
            json("~/.cursor/mcp.json", &["mcpServers"]),
            json("./.cursor/mcp.json", &["mcpServers"]),
        ],
        source: "Cursor's documentation of MCP",
        ..FILE
    },
    McpModule {
        clients: &["Kiro"],
        written: &[
            json("~/.kiro/settings/mcp.json", &["mcpServers"]),
            json("./.kiro/settings/mcp.json", &["mcpServers"]),
        ],
        source: "Kiro's documentation of MCP",
        ..FILE
    },
    McpModule {
        clients: &["Claude Desktop"],
        written: &[
            json(
                "~/Library/Application Support/Claude/claude_desktop_config.json",
                &["mcpServers"],
            ),
            json(
                "$XDG_CONFIG_HOME/Claude/claude_desktop_config.json",
                &["mcpServers"],
            ),
            json(
                "$XDG_CONFIG_HOME/claude/claude_desktop_config.json",
                &["mcpServers"],
            ),
        ],
        source: "Model Context Protocol's documentation of Claude Desktop; mcp-home-manager 1a28352 modules/builders.nix",
        ..FILE
    },
    McpModule {
        clients: &["Windsurf"],
        expansion: editors::WINDSURF_EXPANSION,
        shape: Shape {
            urls: &["url", "serverUrl"],
            ..USUAL
        },
        written: &[json("~/.codeium/windsurf/mcp_config.json", &["mcpServers"])],
        source: "Windsurf's documentation of MCP",
        ..FILE
    },
    McpModule {
        clients: &["Visual Studio Code"],
        shape: editors::IN_USER_MCP,
        expansion: editors::VSCODE_EXPANSION,
        written: &[
            with_comments(json("~/.vscode/mcp.json", &["servers"])),
            with_comments(json("./.vscode/mcp.json", &["servers"])),
        ],
        source: "Visual Studio Code's documentation of MCP",
        ..FILE
    },
    McpModule {
        clients: &["opencode"],
        shape: OPENCODE_NAMES,
        expansion: OPENCODE_EXPANSION,
        when_missing: WhenMissing::Refused,
        written: &[
            with_comments(json("$XDG_CONFIG_HOME/opencode/config.json", &["mcp"])),
            with_comments(json("$XDG_CONFIG_HOME/opencode/opencode.jsonc", &["mcp"])),
            with_comments(json("./opencode.json", &["mcp"])),
            with_comments(json("/etc/opencode/opencode.json", &["mcp"])),
            with_comments(json("/etc/opencode/opencode.jsonc", &["mcp"])),
        ],
        source: "opencode's documentation of its configuration; opencode 0380a03 packages/opencode/src/config/variable.ts",
        ..FILE
    },
    McpModule {
        clients: &["Codex"],
        shape: clients::CODEX.shape,
        expansion: clients::CODEX.expansion,
        written: &[
            toml(json("./.codex/config.toml", &["mcp_servers"])),
            toml(json("/etc/codex/config.toml", &["mcp_servers"])),
        ],
        source: "Codex's documentation of MCP (0.154); codex 00b17c2 codex-rs/config/src/mcp_types.rs, \
                 0164e3e codex-rs/core/src/config_loader/mod.rs",
        ..FILE
    },
    McpModule {
        clients: &["Gemini CLI"],
        shape: clients::GEMINI_CLI.shape,
        expansion: clients::GEMINI_CLI.expansion,
        written: &[
            json("./.gemini/settings.json", &["mcpServers"]),
            on(
                Platform::Linux,
                json("/etc/gemini-cli/settings.json", &["mcpServers"]),
            ),
            on(
                Platform::Linux,
                json("/etc/gemini-cli/system-defaults.json", &["mcpServers"]),
            ),
            on(
                Platform::Darwin,
                json(
                    "/Library/Application Support/GeminiCli/settings.json",
                    &["mcpServers"],
                ),
            ),
        ],
        source: "Gemini CLI's documentation of its configuration; Gemini CLI 04fbf50 packages/cli/src/utils/envVarResolver.ts",
        ..FILE
    },
    McpModule {
        clients: &["goose"],
        shape: Shape {
            variables: &["envs"],
            urls: &["uri"],
            names: &["env_keys"],
            ..USUAL
        },
        expansion: UNCLEAR,
        written: &[yaml(json(
            "$XDG_CONFIG_HOME/goose/config.yaml",
            &["extensions"],
        ))],
        source: "goose crates/goose/src/config/base.rs",
        ..FILE
    },
    McpModule {
        clients: &["Continue"],
        written: &[listed(yaml(json(
            "~/.continue/config.yaml",
            &["mcpServers"],
        )))],
        source: "Continue core/config/yaml",
        ..FILE
    },
    McpModule {
        clients: &["LibreChat"],
        written: &[yaml(json("./librechat.yaml", &["mcpServers"]))],
        source: "LibreChat 042c46c packages/data-provider/src/mcp.ts",
        ..FILE
    },
];
