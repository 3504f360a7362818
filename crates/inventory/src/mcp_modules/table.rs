//! The rows.

use super::{
    ClientFile, Evidence, Expansion, FileFormat, FileSet, Integration, McpKind, McpModule,
    OpenedBy, Place, Platform, Shape, Syntax, Unset, WhenMissing,
};

/// All places that hold text for a client.
const TEXTS: &[Place] = &[
    Place::Variable,
    Place::Header,
    Place::Argument,
    Place::Url,
    Place::Command,
    Place::Setting,
];

/// The names that most modules use.
const USUAL: Shape = Shape {
    variables: &["env"],
    headers: &["headers"],
    arguments: &["args"],
    urls: &["url"],
    settings: &[],
    names: &[],
    environment_files: &[],
    password_commands: &[],
    header_helpers: &[],
};

/// Nothing is known of what is expanded.
const UNCLEAR: Expansion = Expansion {
    knows: &[],
    unclear: &[],
    evidence: Evidence::Unclear,
    places: &[Place::Variable, Place::Header],
    unset: Unset::Unknown,
    since: None,
};

/// What Claude Code expands, wherever its servers are declared.
const CLAUDE_CODE: Expansion = Expansion {
    knows: &[Syntax::Braced, Syntax::BracedDefault],
    unclear: &[],
    evidence: Evidence::Documentation,
    places: TEXTS,
    unset: Unset::Literal,
    since: None,
};

/// What opencode expands, wherever its servers are declared.
const OPENCODE: Expansion = Expansion {
    knows: &[Syntax::Env, Syntax::File],
    unclear: &[],
    evidence: Evidence::Source,
    places: TEXTS,
    unset: Unset::Empty,
    since: None,
};

/// The names that opencode uses.
const OPENCODE_NAMES: Shape = Shape {
    variables: &["environment"],
    arguments: &["command"],
    ..USUAL
};

/// The names of Antigravity, which knows three for an address.
const ANTIGRAVITY_NAMES: Shape = Shape {
    urls: &["url", "httpUrl", "serverUrl"],
    ..USUAL
};

/// What most rows have.
const ROW: McpModule = McpModule {
    name: "",
    kind: McpKind::Client,
    option: &[],
    clients: &[],
    shape: USUAL,
    expansion: UNCLEAR,
    files: FileSet::Written,
    integration: None,
    written: &[],
    opened_by: OpenedBy::User,
    when_missing: WhenMissing::Depends,
    source: HOME_MANAGER,
    read: "2026-08",
};

const HOME_MANAGER: &str = "Home Manager ec1a8fd";

const fn json(path: &'static str, section: &'static [&'static str]) -> ClientFile {
    ClientFile {
        platform: Platform::Any,
        path,
        format: FileFormat::Json,
        section,
    }
}

const fn on(platform: Platform, file: ClientFile) -> ClientFile {
    ClientFile { platform, ..file }
}

const fn with_comments(file: ClientFile) -> ClientFile {
    ClientFile {
        format: FileFormat::Jsonc,
        ..file
    }
}

/// The variables of the configuration resolver, the same in all that are made of Visual Studio Code.
const VSCODE: Expansion = Expansion {
    knows: &[Syntax::Input, Syntax::BracedEnv],
    unclear: &[Syntax::Dollar, Syntax::Braced, Syntax::BracedDefault],
    evidence: Evidence::Documentation,
    places: TEXTS,
    unset: Unset::Unknown,
    since: None,
};

const IN_USER_MCP: Shape = Shape {
    environment_files: &["envFile"],
    ..USUAL
};

/// A row of Visual Studio Code or of an editor that is made of it.
const fn vscode(
    name: &'static str,
    option: &'static [&'static str],
    switch: &'static [&'static str],
    clients: &'static [&'static str],
    written: &'static [ClientFile],
    expansion: Expansion,
) -> McpModule {
    McpModule {
        name,
        option,
        clients,
        shape: IN_USER_MCP,
        expansion,
        integration: Some(Integration {
            switch,
            files: FileSet::Wrapped,
        }),
        written,
        source: "Home Manager ec1a8fd modules/programs/vscode/mkVscodeModule.nix",
        ..ROW
    }
}

/// The files of an editor that is made of Visual Studio Code, with and without a profile.
macro_rules! user_mcp {
    ($short:literal) => {
        &[
            on(
                Platform::Linux,
                with_comments(json(
                    concat!("$XDG_CONFIG_HOME/", $short, "/User/mcp.json"),
                    &["servers"],
                )),
            ),
            on(
                Platform::Linux,
                with_comments(json(
                    concat!("$XDG_CONFIG_HOME/", $short, "/User/profiles/*/mcp.json"),
                    &["servers"],
                )),
            ),
            on(
                Platform::Darwin,
                with_comments(json(
                    concat!("~/Library/Application Support/", $short, "/User/mcp.json"),
                    &["servers"],
                )),
            ),
            on(
                Platform::Darwin,
                with_comments(json(
                    concat!(
                        "~/Library/Application Support/",
                        $short,
                        "/User/profiles/*/mcp.json"
                    ),
                    &["servers"],
                )),
            ),
        ]
    };
}

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

/// The modules, in the order in which the docs show them.
pub static MCP_MODULES: &[&McpModule] = &[
    &SERVICES_MCP,
    &PROGRAMS_MCP,
    &MCP_SERVERS,
    &McpModule {
        name: "programs.claude-code",
        option: &["programs", "claude-code", "mcpServers", "*"],
        clients: &["Claude Code"],
        shape: Shape {
            header_helpers: &["headersHelper"],
            ..USUAL
        },
        expansion: CLAUDE_CODE,
        integration: Some(Integration {
            switch: &["programs", "claude-code", "enableMcpIntegration"],
            files: FileSet::Wrapped,
        }),
        written: &[json(
            "~/.claude/skills/claude-code-home-manager/.mcp.json",
            &["mcpServers"],
        )],
        source: "Home Manager ec1a8fd modules/programs/claude-code/default.nix; Claude Code's documentation of MCP (2.1.310)",
        ..ROW
    },
    &McpModule {
        name: "programs.opencode",
        option: &["programs", "opencode", "settings", "mcp", "*"],
        clients: &["opencode"],
        shape: OPENCODE_NAMES,
        expansion: OPENCODE,
        integration: Some(Integration {
            switch: &["programs", "opencode", "enableMcpIntegration"],
            files: FileSet::Rendered(Syntax::File),
        }),
        written: &[with_comments(json(
            "$XDG_CONFIG_HOME/opencode/opencode.json",
            &["mcp"],
        ))],
        source: "Home Manager ec1a8fd modules/programs/opencode.nix; opencode config/variable.ts",
        ..ROW
    },
    &McpModule {
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
        source: "Home Manager ec1a8fd modules/programs/codex/default.nix; codex mcp_types.rs",
        ..ROW
    },
    &McpModule {
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
        source: "Home Manager ec1a8fd modules/programs/antigravity-cli.nix; Gemini CLI envVarResolver.ts",
        ..ROW
    },
    &McpModule {
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
    },
    &McpModule {
        name: "programs.antigravity-cli",
        option: &["programs", "antigravity-cli", "settings", "mcpServers", "*"],
        clients: &["Antigravity CLI"],
        shape: ANTIGRAVITY_NAMES,
        written: &[json("~/.gemini/settings.json", &["mcpServers"])],
        source: "Home Manager ec1a8fd modules/programs/antigravity-cli.nix",
        ..ROW
    },
    &McpModule {
        name: "programs.github-copilot-cli",
        option: &["programs", "github-copilot-cli", "mcpServers", "*"],
        clients: &["GitHub Copilot CLI"],
        expansion: Expansion {
            knows: &[Syntax::Braced],
            unclear: &[Syntax::Dollar, Syntax::BracedDefault],
            evidence: Evidence::Documentation,
            places: &[Place::Variable, Place::Header],
            unset: Unset::Unknown,
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
        source: "Home Manager ec1a8fd modules/programs/github-copilot-cli.nix; Copilot CLI's documentation",
        ..ROW
    },
    &McpModule {
        name: "programs.crush",
        option: &["programs", "crush", "settings", "mcp", "*"],
        clients: &["Crush"],
        expansion: Expansion {
            knows: &[Syntax::Dollar, Syntax::Braced, Syntax::Command],
            unclear: &[Syntax::BracedDefault],
            evidence: Evidence::Source,
            places: TEXTS,
            unset: Unset::Error,
            since: None,
        },
        integration: Some(Integration {
            switch: &["programs", "crush", "enableMcpIntegration"],
            files: FileSet::Rendered(Syntax::Command),
        }),
        written: &[json("$XDG_CONFIG_HOME/crush/crush.json", &["mcp"])],
        source: "Home Manager ec1a8fd modules/programs/crush.nix; crush resolve.go",
        ..ROW
    },
    &McpModule {
        name: "programs.zed-editor",
        option: &[
            "programs",
            "zed-editor",
            "userSettings",
            "context_servers",
            "*",
        ],
        clients: &["Zed"],
        shape: Shape {
            settings: &["settings"],
            ..USUAL
        },
        // The environment goes to the process as it is (stdio_transport.rs); arguments may pass a shell.
        expansion: Expansion {
            knows: &[],
            unclear: &[
                Syntax::Dollar,
                Syntax::Braced,
                Syntax::BracedDefault,
                Syntax::BracedEnv,
            ],
            evidence: Evidence::Source,
            places: &[Place::Variable],
            unset: Unset::Literal,
            since: None,
        },
        integration: Some(Integration {
            switch: &["programs", "zed-editor", "enableMcpIntegration"],
            files: FileSet::Wrapped,
        }),
        written: &[with_comments(json(
            "$XDG_CONFIG_HOME/zed/settings.json",
            &["context_servers"],
        ))],
        source: "Home Manager ec1a8fd modules/programs/zed-editor.nix; Zed 11e0c3b crates/context_server/src/transport/stdio_transport.rs",
        ..ROW
    },
    &vscode(
        "programs.vscode",
        &[
            "programs", "vscode", "profiles", "*", "userMcp", "servers", "*",
        ],
        &[
            "programs",
            "vscode",
            "profiles",
            "*",
            "enableMcpIntegration",
        ],
        &["Visual Studio Code"],
        user_mcp!("Code"),
        VSCODE,
    ),
    // Renamed to the one of the default profile.
    &vscode(
        "programs.vscode",
        &["programs", "vscode", "userMcp", "servers", "*"],
        &["programs", "vscode", "enableMcpIntegration"],
        &["Visual Studio Code"],
        user_mcp!("Code"),
        VSCODE,
    ),
    &vscode(
        "programs.vscodium",
        &[
            "programs", "vscodium", "profiles", "*", "userMcp", "servers", "*",
        ],
        &[
            "programs",
            "vscodium",
            "profiles",
            "*",
            "enableMcpIntegration",
        ],
        &["VSCodium"],
        user_mcp!("VSCodium"),
        VSCODE,
    ),
    &vscode(
        "programs.cursor",
        &[
            "programs", "cursor", "profiles", "*", "userMcp", "servers", "*",
        ],
        &[
            "programs",
            "cursor",
            "profiles",
            "*",
            "enableMcpIntegration",
        ],
        &["Cursor"],
        user_mcp!("Cursor"),
        UNCLEAR,
    ),
    &vscode(
        "programs.windsurf",
        &[
            "programs", "windsurf", "profiles", "*", "userMcp", "servers", "*",
        ],
        &[
            "programs",
            "windsurf",
            "profiles",
            "*",
            "enableMcpIntegration",
        ],
        &["Windsurf"],
        user_mcp!("Windsurf"),
        UNCLEAR,
    ),
    &vscode(
        "programs.kiro",
        &[
            "programs", "kiro", "profiles", "*", "userMcp", "servers", "*",
        ],
        &["programs", "kiro", "profiles", "*", "enableMcpIntegration"],
        &["Kiro"],
        user_mcp!("Kiro"),
        UNCLEAR,
    ),
    &vscode(
        "programs.antigravity",
        &[
            "programs",
            "antigravity",
            "profiles",
            "*",
            "userMcp",
            "servers",
            "*",
        ],
        &[
            "programs",
            "antigravity",
            "profiles",
            "*",
            "enableMcpIntegration",
        ],
        &["Antigravity"],
        user_mcp!("Antigravity"),
        UNCLEAR,
    ),
    &McpModule {
        name: "programs.mods",
        option: &["programs", "mods", "settings", "mcp-servers", "*"],
        clients: &["mods"],
        written: &[ClientFile {
            format: FileFormat::Yaml,
            ..json("$XDG_CONFIG_HOME/mods/mods.yml", &["mcp-servers"])
        }],
        source: "Home Manager ec1a8fd modules/programs/mods.nix",
        ..ROW
    },
    &McpModule {
        name: "programs.mistral-vibe",
        option: &["programs", "mistral-vibe", "settings", "mcp_servers", "*"],
        clients: &["Mistral Vibe"],
        written: &[ClientFile {
            format: FileFormat::Toml,
            ..json("~/.vibe/config.toml", &["mcp_servers"])
        }],
        source: "Home Manager ec1a8fd modules/programs/mistral-vibe.nix",
        ..ROW
    },
    &McpModule {
        name: "claude.code",
        option: &["claude", "code", "mcpServers", "*"],
        clients: &["Claude Code"],
        expansion: CLAUDE_CODE,
        written: &[json("./.mcp.json", &["mcpServers"])],
        source: "devenv 5844e78 src/modules/integrations/claude.nix",
        ..ROW
    },
    &McpModule {
        name: "opencode",
        option: &["opencode", "mcp", "*"],
        clients: &["opencode"],
        shape: OPENCODE_NAMES,
        expansion: OPENCODE,
        written: &[with_comments(json("./opencode.jsonc", &["mcp"]))],
        source: "devenv 5844e78 src/modules/integrations/opencode.nix; opencode config/variable.ts",
        ..ROW
    },
    &McpModule {
        option: &["services", "hermes-agent", "mcpServers", "*"],
        ..HERMES
    },
    &McpModule {
        option: &["services", "hermes-agent", "settings", "mcp_servers", "*"],
        ..HERMES
    },
    &McpModule {
        name: "services.librechat",
        kind: McpKind::Service,
        option: &["services", "librechat", "settings", "mcpServers", "*"],
        clients: &["LibreChat"],
        expansion: Expansion {
            knows: &[Syntax::Braced],
            unclear: &[Syntax::BracedDefault],
            evidence: Evidence::Documentation,
            places: &[Place::Variable, Place::Header, Place::Url],
            unset: Unset::Literal,
            since: None,
        },
        opened_by: OpenedBy::Root,
        when_missing: WhenMissing::UnitFails,
        source: "nixpkgs nixos/modules/services/web-apps/librechat.nix; LibreChat's documentation",
        ..ROW
    },
    &McpModule {
        name: "services.litellm",
        kind: McpKind::Service,
        option: &["services", "litellm", "settings", "mcp_servers", "*"],
        clients: &["LiteLLM"],
        shape: Shape {
            headers: &["static_headers", "headers", "extra_headers"],
            settings: &["auth_value", "authentication_token"],
            ..USUAL
        },
        expansion: Expansion {
            knows: &[Syntax::OsEnviron],
            unclear: &[
                Syntax::Dollar,
                Syntax::Braced,
                Syntax::BracedDefault,
                Syntax::BracedEnv,
            ],
            ..UNCLEAR
        },
        opened_by: OpenedBy::Root,
        when_missing: WhenMissing::UnitFails,
        source: "nixpkgs nixos/modules/services/misc/litellm.nix",
        ..ROW
    },
    &McpModule {
        name: "services.bifrost",
        kind: McpKind::Service,
        option: &[
            "services",
            "bifrost",
            "settings",
            "mcp",
            "client_configs",
            "*",
        ],
        clients: &["Bifrost"],
        expansion: Expansion {
            knows: &[Syntax::EnvDot],
            ..UNCLEAR
        },
        opened_by: OpenedBy::Root,
        when_missing: WhenMissing::UnitFails,
        source: "nixpkgs nixos/modules/services/misc/bifrost.nix",
        ..ROW
    },
];

const GEMINI: Expansion = Expansion {
    knows: &[Syntax::Dollar, Syntax::Braced],
    unclear: &[Syntax::BracedDefault],
    evidence: Evidence::Source,
    places: TEXTS,
    unset: Unset::Literal,
    since: None,
};

const HERMES: McpModule = McpModule {
    name: "services.hermes-agent",
    kind: McpKind::Service,
    clients: &["Hermes Agent"],
    expansion: Expansion {
        knows: &[Syntax::Braced, Syntax::BracedEnv],
        unclear: &[Syntax::Dollar, Syntax::BracedDefault],
        evidence: Evidence::Source,
        places: TEXTS,
        unset: Unset::Literal,
        since: None,
    },
    written: &[],
    opened_by: OpenedBy::Activation,
    when_missing: WhenMissing::StartsWithout,
    source: "hermes-agent nix/nixosModules.nix",
    ..ROW
};
