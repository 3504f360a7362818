//! Editors.

use super::common::{ROW, TEXTS, UNCLEAR, USUAL, json, on, with_comments};
use crate::mcp_modules::{
    ClientFile, Evidence, Expansion, FileSet, Integration, McpModule, Place, Platform, Shape,
    Syntax, Unset,
};

/// The variables of the configuration resolver, the same in all that are made of Visual Studio Code. Which files have
/// `${NAME}` as well depends on the version (1ea38b9 mcpEnvironmentVariableExpansion.ts); `$NAME` none has.
pub(super) const VSCODE_EXPANSION: Expansion = Expansion {
    knows: &[Syntax::Input, Syntax::BracedEnv],
    unclear: &[Syntax::Braced, Syntax::BracedDefault],
    evidence: Evidence::Documentation,
    places: TEXTS,
    unset: Unset::Unknown,
    since: None,
};

/// Articles of 2026 name both; its own documentation is not at hand.
pub(super) const WINDSURF_EXPANSION: Expansion = Expansion {
    knows: &[Syntax::BracedEnv, Syntax::BracedFile],
    ..UNCLEAR
};

pub(super) const IN_USER_MCP: Shape = Shape {
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
        source: "Home Manager 005c72c modules/programs/vscode/mkVscodeModule.nix",
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

/// `programs.zed-editor`.
pub(super) static ZED_EDITOR: McpModule = McpModule {
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
    source: "Home Manager 008a6f3 modules/programs/zed-editor.nix; Zed 11e0c3b crates/context_server/src/transport/stdio_transport.rs",
    ..ROW
};

/// `programs.vscode`.
pub(super) static VSCODE: McpModule = vscode(
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
    VSCODE_EXPANSION,
);

/// Renamed to the one of the default profile.
pub(super) static VSCODE_OLD: McpModule = vscode(
    "programs.vscode",
    &["programs", "vscode", "userMcp", "servers", "*"],
    &["programs", "vscode", "enableMcpIntegration"],
    &["Visual Studio Code"],
    user_mcp!("Code"),
    VSCODE_EXPANSION,
);

/// `programs.vscodium`.
pub(super) static VSCODIUM: McpModule = vscode(
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
    VSCODE_EXPANSION,
);

/// `programs.cursor`.
pub(super) static CURSOR: McpModule = vscode(
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
);

/// `programs.windsurf`.
pub(super) static WINDSURF: McpModule = vscode(
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
    WINDSURF_EXPANSION,
);

/// `programs.kiro`.
pub(super) static KIRO: McpModule = vscode(
    "programs.kiro",
    &[
        "programs", "kiro", "profiles", "*", "userMcp", "servers", "*",
    ],
    &["programs", "kiro", "profiles", "*", "enableMcpIntegration"],
    &["Kiro"],
    user_mcp!("Kiro"),
    UNCLEAR,
);

/// `programs.antigravity`.
pub(super) static ANTIGRAVITY: McpModule = vscode(
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
);
