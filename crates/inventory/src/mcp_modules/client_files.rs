//! The files in which clients find their servers, wherever they are kept.

use super::table::MCP_MODULES;
use super::{ClientFile, FileFormat, Platform};

const fn file(
    path: &'static str,
    format: FileFormat,
    section: &'static [&'static str],
) -> ClientFile {
    ClientFile {
        platform: Platform::Any,
        path,
        format,
        section,
    }
}

/// Files of clients that no module of the table writes.
pub static OTHER_CLIENT_FILES: &[ClientFile] = &[
    file("~/.claude.json", FileFormat::Json, &["mcpServers"]),
    file(
        "~/.codeium/windsurf/mcp_config.json",
        FileFormat::Json,
        &["mcpServers"],
    ),
    file(
        "~/.config/Claude/claude_desktop_config.json",
        FileFormat::Json,
        &["mcpServers"],
    ),
    file("~/.vscode/mcp.json", FileFormat::Json, &["servers"]),
    // goose: block/goose, crates/goose/src/config/base.rs.
    file(
        "$XDG_CONFIG_HOME/goose/config.yaml",
        FileFormat::Yaml,
        &["extensions"],
    ),
    // Continue: continuedev/continue, core/config/yaml.
    file("~/.continue/config.yaml", FileFormat::Yaml, &["mcpServers"]),
    file("./librechat.yaml", FileFormat::Yaml, &["mcpServers"]),
];

/// Whether a path ends like the file of a client: `~/.config/opencode/opencode.json` as
/// `dotfiles/opencode/opencode.json`.
#[must_use]
pub fn is_client_file(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let written = MCP_MODULES.iter().flat_map(|module| module.written);
    { written.chain(OTHER_CLIENT_FILES) }.any(|file| ends_like(&names, file.path))
}

/// Whether the last names are those of a pattern, below its home or configuration directory.
fn ends_like(names: &[&str], pattern: &str) -> bool {
    let below = ["~/.config/", "~/", "$XDG_CONFIG_HOME/", "./"];
    let rest = below.iter().find_map(|start| pattern.strip_prefix(start));
    let wanted: Vec<&str> = rest.unwrap_or(pattern).split('/').collect();
    let Some(start) = names.len().checked_sub(wanted.len()) else {
        return false;
    };
    let of_path = names.iter().skip(start);
    of_path
        .zip(&wanted)
        .all(|(name, wanted)| *wanted == "*" || name == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_wherever_it_is_kept() {
        for path in [
            ".mcp.json",
            "home/alice/.cursor/mcp.json",
            "dot_config/goose/config.yaml",
            ".continue/config.yaml",
            "chat/librechat.yaml",
            "opencode/opencode.json",
            "Code/User/profiles/work/mcp.json",
        ] {
            assert!(is_client_file(path), "{path}");
        }
        for path in [
            "config.yaml",
            "package.json",
            "settings.json",
            "a/mcp.nix",
            "",
        ] {
            assert!(!is_client_file(path), "{path}");
        }
    }
}
