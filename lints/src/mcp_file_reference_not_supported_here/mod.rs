//! `mcp-file-reference-not-supported-here`: a file reference in a place where the MCP client gets it as it is.

use inventory::{Form, Reference};

use crate::phrases::nix_name;
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

/// Settings that Home Manager writes into a client's configuration without touching them.
const CLIENTS: [(&[&str], &str); 7] = [
    (
        &["programs", "claude-code", "mcpServers", "*"],
        "Claude Code",
    ),
    (
        &["programs", "codex", "settings", "mcp_servers", "*"],
        "Codex",
    ),
    (
        &["programs", "opencode", "settings", "mcp", "*"],
        "opencode",
    ),
    (
        &["programs", "gemini-cli", "settings", "mcpServers", "*"],
        "Gemini CLI",
    ),
    (
        &[
            "programs",
            "zed-editor",
            "userSettings",
            "context_servers",
            "*",
        ],
        "Zed",
    ),
    (
        &[
            "programs", "vscode", "profiles", "*", "userMcp", "servers", "*",
        ],
        "VS Code",
    ),
    (
        &["programs", "vscode", "userMcp", "servers", "*"],
        "VS Code",
    ),
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reference in cx
        .paths()
        .filter(|reference| reference.form == Form::Whole && reference.function.is_none())
    {
        let Some((client, prefix)) = client(reference) else {
            continue;
        };
        let rest = reference.option.get(prefix..).unwrap_or_default();
        if let [kind, variable, file] = rest
            && file == "file"
            && (kind == "env" || kind == "environment" || kind == "headers")
        {
            let server = reference
                .option
                .get(prefix.saturating_sub(1))
                .map_or("", String::as_str);
            out.push(diagnostic(
                cx,
                reference,
                client,
                server,
                variable,
                kind == "headers",
            ));
        }
    }
}

/// The client whose settings hold the reference, and how many parts of the option lead to a server.
fn client(reference: &Reference) -> Option<(&'static str, usize)> {
    let own = CLIENTS.iter().find(|(prefix, _)| reference.is_in(prefix));
    let shared = reference
        .is_in(&["programs", "mcp", "servers", "*", "headers"])
        .then_some(("the client", 4));
    own.map(|(prefix, name)| (*name, prefix.len())).or(shared)
}

fn diagnostic(
    cx: &HostContext<'_>,
    reference: &Reference,
    client: &str,
    server: &str,
    variable: &str,
    is_header: bool,
) -> Diagnostic {
    let name = cx.name_of(reference);
    let message = format!(
        "{client} gets the set `{{ file = …; }}` for {variable}, not the content of `{name}`"
    );
    let found = Diagnostic::new(&LINT, reference.option_path(), message)
        .primary(reference.at, "written to the client's JSON as it is")
        .secondary(cx.declaration_of(reference), "declared here");
    if is_header {
        return found
            .note("file references work for `env` of local servers; a header is sent as it stands there")
            .advice("start the server through a local proxy that reads the file, or use a client that expands variables in headers");
    }
    let (server, variable) = (nix_name(server), nix_name(variable));
    let program = reference.option.get(1).map_or("", String::as_str);
    found
        .note("only `programs.mcp.servers` turns a file reference into a wrapper that reads the file when the server starts")
        .help(
            "declare the server there, and let the client use it",
            format!(
                "programs.mcp.servers.{server}.env.{variable}.file = {};\nprograms.{program}.enableMcpIntegration = true;",
                path_of(cx, reference)
            ),
        )
}

/// `config.sops.secrets.x.path`, or the path itself.
fn path_of(cx: &HostContext<'_>, reference: &Reference) -> String {
    match cx.referenced(reference) {
        Some(secret) => {
            let from = if secret.scope == inventory::Scope::System && reference.user.is_some() {
                "osConfig"
            } else {
                "config"
            };
            format!("{from}.{}.path", secret.option_in_scope())
        }
        None => crate::phrases::nix_string(&reference.text),
    }
}
