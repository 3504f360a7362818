//! `mcp-env-file-not-dotenv`: an MCP server takes a bare token for a file of variables.

use inventory::mcp_modules::REQUIRED_VARIABLES;
use inventory::{McpConfiguration, Secret, ServerValue, ValueKind};

use crate::mcp::option_of;
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-env-file-not-dotenv",
    group: Group::Mcp,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an MCP server takes a bare token for a file of variables",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        let ValueKind::BareEnvironmentFile {
            secret,
            why,
            shown_at,
        } = &value.what
        else {
            continue;
        };
        if let Some(secret) = cx.host.secrets.get(*secret) {
            out.push(diagnostic(cx, mcp, value, secret, (*shown_at, why)));
        }
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    value: &ServerValue,
    secret: &Secret,
    (at, why): (Option<inventory::Span>, &str),
) -> Diagnostic {
    let server = &value.server;
    let known = { REQUIRED_VARIABLES.iter() }.find(|(name, _)| name == server);
    let variable = known.map_or("NAME", |(_, variable)| variable);
    let message = format!(
        "`{server}` reads `{}` as a list of variables, and it is a bare value",
        secret.attribute
    );
    let code = format!(
        "mcp-servers.programs.{}.passwordCommand.{} = [ {} {} ];",
        nix_name(server),
        nix_name(variable),
        nix_string("cat"),
        cx.path_expression(mcp, secret)
    );
    let declared = secret.declared_at.first().copied();
    Diagnostic::new(&LINT, option_of(value), message)
        .primary(value.at, "read as lines `NAME=value`")
        .secondary(at.or(declared), why)
        .about(&secret.option)
        .note("the wrapper runs `export` on the content: the token becomes a name, an error prints it, and the server starts without it")
        .help("hand over the value", code)
}
