//! Services that start or call servers.

use super::common::{ROW, TEXTS, UNCLEAR, USUAL};
use crate::mcp_modules::{
    Evidence, Expansion, McpKind, McpModule, OpenedBy, Place, Shape, Syntax, Unset, WhenMissing,
};

/// `services.hermes-agent`.
pub(super) static HERMES_AGENT: McpModule = McpModule {
    option: &["services", "hermes-agent", "mcpServers", "*"],
    ..HERMES
};

/// `services.hermes-agent`, by its other option.
pub(super) static HERMES_AGENT_OLD: McpModule = McpModule {
    option: &["services", "hermes-agent", "settings", "mcp_servers", "*"],
    ..HERMES
};

/// `services.librechat`.
pub(super) static LIBRECHAT: McpModule = McpModule {
    name: "services.librechat",
    kind: McpKind::Service,
    option: &["services", "librechat", "settings", "mcpServers", "*"],
    clients: &["LibreChat"],
    expansion: Expansion {
        knows: &[Syntax::Braced],
        unclear: &[],
        evidence: Evidence::Source,
        places: &[Place::Variable, Place::Header, Place::Url],
        unset: Unset::Literal,
        since: None,
    },
    opened_by: OpenedBy::Root,
    environment: Some("credentials.NAME = PATH;"),
    when_missing: WhenMissing::UnitFails,
    source: "nixpkgs 1181bb2 nixos/modules/services/web-apps/librechat.nix; LibreChat 042c46c packages/data-provider/src/mcp.ts, 0b0d58c packages/data-provider/src/utils.ts",
    ..ROW
};

/// `services.litellm`.
pub(super) static LITELLM: McpModule = McpModule {
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
    environment: Some("environmentFile = PATH; # NAME=…"),
    when_missing: WhenMissing::UnitFails,
    source: "nixpkgs 15162cf nixos/modules/services/misc/litellm.nix; LiteLLM fc8ad45 litellm/proxy/_experimental/mcp_server/env_vars.py",
    ..ROW
};

/// `services.bifrost`.
pub(super) static BIFROST: McpModule = McpModule {
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
    environment: Some("environmentFile = PATH; # NAME=…"),
    when_missing: WhenMissing::UnitFails,
    source: "nixpkgs 26e08fc nixos/modules/services/misc/bifrost.nix; Bifrost 2c064ab core/schemas/envvar.go",
    ..ROW
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
    environment: Some("environmentFiles = [ PATH ]; # NAME=…"),
    when_missing: WhenMissing::StartsWithout,
    source: "hermes-agent 048829c nix/nixosModules.nix",
    ..ROW
};
