//! The rows, by subject.

mod clients;
mod common;
mod editors;
mod files;
mod projects;
mod services;
mod wrappers;

use super::McpModule;

pub(super) use common::{ROW, UNCLEAR};
pub(super) use files::FILES;
pub use wrappers::{MCP_SERVERS, PROGRAMS_MCP, REQUIRED_VARIABLES, SERVICES_MCP};

/// The modules, in the order in which the docs show them.
pub static MCP_MODULES: &[&McpModule] = &[
    &SERVICES_MCP,
    &PROGRAMS_MCP,
    &MCP_SERVERS,
    &wrappers::MCP_SERVERS_SETTINGS,
    &clients::CLAUDE_CODE,
    &clients::OPENCODE,
    &clients::CODEX,
    &clients::GEMINI_CLI,
    &clients::ANTIGRAVITY_CLI,
    &clients::ANTIGRAVITY_CLI_OLD,
    &clients::GITHUB_COPILOT_CLI,
    &clients::CRUSH,
    &editors::ZED_EDITOR,
    &editors::VSCODE,
    &editors::VSCODE_OLD,
    &editors::VSCODIUM,
    &editors::CURSOR,
    &editors::WINDSURF,
    &editors::KIRO,
    &editors::ANTIGRAVITY,
    &clients::MODS,
    &clients::MISTRAL_VIBE,
    &projects::DEVENV_CLAUDE_CODE,
    &projects::DEVENV_OPENCODE,
    &projects::DEVENV_OPENCODE_SETTINGS,
    &services::HERMES_AGENT,
    &services::HERMES_AGENT_OLD,
    &services::LIBRECHAT,
    &services::LITELLM,
    &services::BIFROST,
];
