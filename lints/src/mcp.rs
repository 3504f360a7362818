//! What lints need to know of the modules that declare MCP servers.

use inventory::mcp_modules::{FileSet, MCP_MODULES, McpKind, McpModule, Place, Syntax};
use inventory::{McpConfiguration, Secret, ServerValue, nix_option};

use crate::HostContext;
use crate::phrases::{nix_name, nix_string};

/// The modules whose clients start the servers of a module: itself, or those that take them over.
pub(crate) fn clients_of<'a>(
    cx: &HostContext<'a>,
    module: &'static McpModule,
) -> impl Iterator<Item = &'static McpModule> + use<'a> {
    let is_shared = matches!(module.kind, McpKind::Shared | McpKind::McpServersNix);
    let mut named: Vec<&str> = Vec::new();
    for mcp in cx.mcp().filter(|mcp| mcp.module.kind == module.kind) {
        named.extend(&mcp.clients);
    }
    let mut found: Vec<&'static McpModule> = Vec::new();
    for row in MCP_MODULES.iter().copied() {
        let is_known = found.iter().any(|known| known.name == row.name);
        let takes_over = is_shared
            && row.integration.is_some()
            && row.clients.iter().any(|client| named.contains(client));
        if !is_known && (takes_over || (!is_shared && row == module)) {
            found.push(row);
        }
    }
    if module.kind == McpKind::File {
        found.push(module);
    }
    found.into_iter()
}

impl<'a> HostContext<'a> {
    /// What modules that are on hand to their servers.
    pub(crate) fn server_values(
        &self,
    ) -> impl Iterator<Item = (&'a McpConfiguration, &'a ServerValue)> + use<'a> {
        self.mcp()
            .flat_map(|mcp| mcp.values.iter().map(move |value| (mcp, value)))
    }

    /// The path of a secret as an expression where a server's module is: `osConfig.sops.secrets.x.path`.
    pub(crate) fn path_expression(&self, mcp: &McpConfiguration, secret: &Secret) -> String {
        let of_user = mcp.module.is_of_users();
        let config = if secret.scope == inventory::Scope::System && of_user {
            "osConfig"
        } else {
            "config"
        };
        format!("{config}.{}.path", secret.option_in_scope())
    }
}

/// The shortest safe way to hand the content of a file to a server, whose path is this expression; `None` if it takes
/// more than a line.
pub(crate) fn safe_line(
    module: &McpModule,
    value: &ServerValue,
    name: &str,
    path: &str,
) -> Option<String> {
    let (server, key) = (nix_name(&value.server), nix_name(name));
    let option = option_of(value);
    let is_variable = value.place == Place::Variable;
    let shared = || format!("programs.mcp.servers.{server}.env.{key}.file = {path};");
    match module.kind {
        McpKind::McpHomeManager => Some(format!(
            "services.mcp.servers.{server}.secret = {};",
            nix_string(name)
        )),
        McpKind::McpServersNix if is_variable && module.option.contains(&"programs") => Some(
            format!("mcp-servers.programs.{server}.passwordCommand.{key} = [ \"cat\" {path} ];"),
        ),
        McpKind::Service => {
            let line = module.environment?.replace("PATH", path);
            Some(format!(
                "{}.{}",
                module.service(),
                line.replace("NAME", &key)
            ))
        }
        _ if matches!(value.place, Place::Variable | Place::Header) && module.reads_files() => {
            let syntax = { module.expansion.knows.iter() }
                .find(|it| matches!(it, Syntax::File | Syntax::Command))?;
            let to = match syntax {
                Syntax::Command => format!("cat ${{{path}}}"),
                _ => format!("${{{path}}}"),
            };
            let scheme = if value.key.eq_ignore_ascii_case("authorization") {
                "Bearer "
            } else {
                ""
            };
            // In the set that the configuration writes to the file.
            let option = if module.kind == McpKind::File {
                &key
            } else {
                &option
            };
            Some(format!("{option} = \"{scheme}{}\";", syntax.write(&to)))
        }
        McpKind::Client if is_variable && module.files == FileSet::Wrapped => {
            Some(format!("{option}.file = {path};"))
        }
        _ if is_variable && (module.integration.is_some() || module.kind != McpKind::Shell) => {
            Some(shared())
        }
        _ => None,
    }
}

/// The option of a value: `programs.codex.settings.mcp_servers.gh.env.TOKEN`.
pub(crate) fn option_of(value: &ServerValue) -> String {
    nix_option(&value.option)
}
