//! `mcp-file-reference-not-supported-here`: a file reference in a place where the MCP client gets it as it is.

use inventory::mcp_modules::{McpKind, Place};
use inventory::{Fault, McpConfiguration, ServerValue, ValueKind};

use crate::mcp::option_of;
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-file-reference-not-supported-here",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file reference in a place where the MCP client gets it as it is",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        let ValueKind::FileSet { secret, path } = &value.what else {
            continue;
        };
        let is_written = value.fault(mcp.module, &[]) == Some(Fault::SetForText);
        // Its type takes text alone: evaluation says so.
        if is_written && mcp.module.kind != McpKind::McpHomeManager {
            out.push(diagnostic(cx, mcp, value, (*secret, path.as_deref())));
        }
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    value: &ServerValue,
    (secret, path): (Option<usize>, Option<&str>),
) -> Diagnostic {
    let secret = secret.and_then(|index| cx.host.secrets.get(index));
    let name = secret.map_or_else(
        || path.unwrap_or("the file"),
        |secret| secret.attribute.as_str(),
    );
    let client = mcp.module.clients.first().copied().unwrap_or("the client");
    let variable = &value.key;
    let message = format!(
        "{client} gets the set `{{ file = …; }}` for {variable}, not the content of `{name}`"
    );
    let label = match mcp.module.kind {
        McpKind::McpServersNix => "made the text of a set, which Nix refuses",
        _ => "written to the client's file as it is",
    };
    let found = Diagnostic::new(&LINT, option_of(value), message)
        .primary(value.at, label)
        .secondary(
            secret.and_then(|secret| secret.declared_at.first().copied()),
            "declared here",
        );
    let found = match secret {
        Some(secret) => found.about(&secret.option),
        None => found,
    };
    if value.place == Place::Header {
        return found
            .note("file references work for `env` of local servers; a header is sent as it stands there")
            .advice("start the server through a local proxy that reads the file, or use a client that expands variables in headers");
    }
    let path = match (secret, path) {
        (Some(secret), _) => cx.path_expression(mcp, secret),
        (None, Some(path)) => nix_string(path),
        (None, None) => "…".to_owned(),
    };
    let (server, variable) = (nix_name(&value.server), nix_name(variable));
    if mcp.module.kind == McpKind::McpServersNix {
        return found.help(
            "let a command read the file",
            format!(
                "mcp-servers.programs.{server}.passwordCommand.{variable} = [ \"cat\" {path} ];"
            ),
        );
    }
    let switch = mcp
        .module
        .integration
        .map_or_else(String::new, |integration| {
            let names = integration.switch.iter().map(|name| match *name {
                // The profile of the server.
                "*" => value.option.get(3).map_or("default", String::as_str),
                name => name,
            });
            let names: Vec<String> = names.map(nix_name).collect();
            format!("\n{} = true;", names.join("."))
        });
    found
        .note("only `programs.mcp.servers` turns a file reference into a wrapper that reads the file when the server starts")
        .help(
            "declare the server there, and let the client use it",
            format!("programs.mcp.servers.{server}.env.{variable}.file = {path};{switch}"),
        )
}
