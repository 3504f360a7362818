//! The files in which clients find their servers, wherever they are kept, and who writes them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::{FILES, MCP_MODULES, ROW, UNCLEAR};
use super::{Evidence, Expansion, FileSet, McpKind, McpModule};

/// Files of MCP servers whose client is not known: nothing is said of what it expands.
pub static UNKNOWN_CLIENT: McpModule = McpModule {
    name: "mcpServers",
    kind: McpKind::File,
    expansion: Expansion {
        places: &[],
        ..UNCLEAR
    },
    ..ROW
};

/// A row for each file of a client: what a server in it looks like, and what the client expands. Its name is the path.
#[must_use]
pub fn client_files() -> &'static [McpModule] {
    static ROWS: LazyLock<Vec<McpModule>> = LazyLock::new(rows);
    &ROWS
}

fn rows() -> Vec<McpModule> {
    let mut found: Vec<McpModule> = Vec::new();
    // `services.mcp` writes the files of two clients, `programs.mcp` one that nobody knows who reads.
    let of_one_client =
        |module: &&McpModule| !matches!(module.kind, McpKind::McpHomeManager | McpKind::Shared);
    let modules = MCP_MODULES.iter().copied().filter(of_one_client);
    for module in modules.chain(FILES) {
        for file in module.written {
            let row = McpModule {
                name: file.path,
                kind: McpKind::File,
                option: &[],
                files: FileSet::Written,
                written: std::slice::from_ref(file),
                ..*module
            };
            match found.iter_mut().find(|known| known.name == row.name) {
                Some(known) => join(known, &row),
                None => found.push(row),
            }
        }
    }
    found
}

/// Adds another client of the same file: what is sure of one is not of two.
fn join(known: &mut McpModule, other: &McpModule) {
    let is_new = |client: &&&str| !known.clients.contains(client);
    let more: Vec<&'static str> = other.clients.iter().filter(is_new).copied().collect();
    if !more.is_empty() {
        known.clients = [known.clients, &more].concat().leak();
    }
    if known.expansion != other.expansion {
        let expands = |it: &&Expansion| !it.knows.is_empty();
        let expansion = [known.expansion, other.expansion];
        let expansion = expansion.iter().find(expands).copied();
        known.expansion = Expansion {
            evidence: Evidence::Unclear,
            ..expansion.unwrap_or(known.expansion)
        };
    }
}

/// The row of the file at a path, which begins with `~/` for one below the home directory of a user; `None` if no
/// client is known to read it.
#[must_use]
pub fn client_file_at(path: &str) -> Option<&'static McpModule> {
    let canonical = |path: &str| path.replace("$XDG_CONFIG_HOME/", "~/.config/");
    let path = canonical(path);
    let names: Vec<&str> = path.split('/').collect();
    let is_it = |row: &&McpModule| {
        if row.name.starts_with("./") {
            return ends_like(&names, row.name);
        }
        let pattern = canonical(row.name);
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == names.len() && { wanted.iter().zip(&names) }
            .all(|(wanted, name)| *wanted == "*" || wanted == name)
    };
    let rows = client_files();
    // A file of the user's, before one of a project.
    let whole = |row: &&McpModule| !row.name.starts_with("./") && is_it(row);
    rows.iter().find(whole).or_else(|| rows.iter().find(is_it))
}

/// Whether a path ends like the file of a client: `~/.config/opencode/opencode.json` as
/// `dotfiles/opencode/opencode.json`.
#[must_use]
pub fn is_client_file(path: &str) -> bool {
    let Some(last) = path.rsplit('/').find(|name| !name.is_empty()) else {
        return false;
    };
    let with_that_name = [last, "*"].into_iter().filter_map(|it| BY_NAME.get(it));
    let mut patterns = with_that_name.flatten().peekable();
    if patterns.peek().is_none() {
        return false;
    }
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    patterns.any(|pattern| ends_like(&names, pattern))
}

/// The paths of all files of clients by their last name: nearly every file of a project has none of these.
static BY_NAME: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let of_modules = MCP_MODULES.iter().flat_map(|module| module.written);
    let others = FILES.iter().flat_map(|row| row.written);
    let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in of_modules.chain(others) {
        let last = file.path.rsplit('/').next().unwrap_or_default();
        by_name.entry(last).or_default().push(file.path);
    }
    by_name
});

/// Whether the last names are those of a pattern, below its home or configuration directory.
fn ends_like(names: &[&str], pattern: &str) -> bool {
    let below = ["~/.config/", "~/", "$XDG_CONFIG_HOME/", "./", "/etc/", "/"];
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

    #[test]
    fn a_path_leads_to_its_clients() {
        for (path, clients) in [
            ("~/.cursor/mcp.json", &["Cursor"][..]),
            ("~/.config/opencode/opencode.json", &["opencode"]),
            ("$XDG_CONFIG_HOME/opencode/opencode.json", &["opencode"]),
            ("~/work/a/.mcp.json", &["Claude Code"]),
            (
                "~/.config/Code/User/profiles/a/mcp.json",
                &["Visual Studio Code"],
            ),
            (
                "~/.gemini/settings.json",
                &["Gemini CLI", "Antigravity CLI"],
            ),
            ("/etc/claude-code/managed-mcp.json", &["Claude Code"]),
        ] {
            let row = client_file_at(path).expect(path);
            assert_eq!((row.clients, row.kind), (clients, McpKind::File), "{path}");
        }
        let shared = client_file_at("~/.gemini/settings.json").unwrap();
        assert_eq!(shared.expansion.evidence, Evidence::Unclear);
        for path in ["~/.config/other/mcp.json", "~/mcp.json", "/etc/mcp.json"] {
            assert_eq!(client_file_at(path).map(|row| row.name), None, "{path}");
        }
    }
}
