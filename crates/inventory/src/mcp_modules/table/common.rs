//! What rows have in common.

use crate::mcp_modules::{
    ClientFile, Evidence, Expansion, FileFormat, FileSet, McpKind, McpModule, OpenedBy, Place,
    Platform, Shape, Syntax, Unset, WhenMissing,
};

/// All places that hold text for a client.
pub(super) const TEXTS: &[Place] = &[
    Place::Variable,
    Place::Header,
    Place::Argument,
    Place::Url,
    Place::Command,
    Place::Setting,
];

/// The names that most modules use.
pub(super) const USUAL: Shape = Shape {
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
pub(in crate::mcp_modules) const UNCLEAR: Expansion = Expansion {
    knows: &[],
    unclear: &[],
    evidence: Evidence::Unclear,
    places: &[Place::Variable, Place::Header],
    unset: Unset::Unknown,
    since: None,
};

/// What Claude Code expands, wherever its servers are declared.
pub(super) const CLAUDE_CODE_EXPANSION: Expansion = Expansion {
    knows: &[Syntax::Braced, Syntax::BracedDefault],
    unclear: &[],
    evidence: Evidence::Documentation,
    places: TEXTS,
    unset: Unset::Literal,
    since: None,
};

/// What opencode expands, wherever its servers are declared.
pub(super) const OPENCODE_EXPANSION: Expansion = Expansion {
    knows: &[Syntax::Env, Syntax::File],
    unclear: &[],
    evidence: Evidence::Source,
    places: TEXTS,
    unset: Unset::Empty,
    since: None,
};

/// The names that opencode uses.
pub(super) const OPENCODE_NAMES: Shape = Shape {
    variables: &["environment"],
    arguments: &["command"],
    settings: &["oauth"],
    ..USUAL
};

/// The names of Antigravity, which knows three for an address.
pub(super) const ANTIGRAVITY_NAMES: Shape = Shape {
    urls: &["url", "httpUrl", "serverUrl"],
    ..USUAL
};

/// What most rows have.
pub(in crate::mcp_modules) const ROW: McpModule = McpModule {
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
    environment: None,
    when_missing: WhenMissing::Depends,
    source: HOME_MANAGER,
    read: "2026-11",
};

pub(super) const HOME_MANAGER: &str = "Home Manager ec1a8fd";

pub(super) const fn json(path: &'static str, section: &'static [&'static str]) -> ClientFile {
    ClientFile {
        platform: Platform::Any,
        path,
        format: FileFormat::Json,
        section,
        is_list: false,
    }
}

pub(super) const fn on(platform: Platform, file: ClientFile) -> ClientFile {
    ClientFile { platform, ..file }
}

pub(super) const fn with_comments(file: ClientFile) -> ClientFile {
    ClientFile {
        format: FileFormat::Jsonc,
        ..file
    }
}
