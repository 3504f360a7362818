//! What lints need to know of the modules that declare MCP servers.

use inventory::mcp_modules::{MCP_MODULES, McpKind, McpModule};
use inventory::{McpConfiguration, Secret, ServerValue, nix_option};

use crate::HostContext;

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

/// The option of a value: `programs.codex.settings.mcp_servers.gh.env.TOKEN`.
pub(crate) fn option_of(value: &ServerValue) -> String {
    nix_option(&value.option)
}
