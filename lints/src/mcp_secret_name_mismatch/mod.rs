//! `mcp-secret-name-mismatch`: an MCP server looks for a file of another name than its secret has.

use inventory::{McpConfiguration, Scope, Secret};

use crate::context::{Need, needs};
use crate::edits::{add_option, replace};
use crate::near_miss::{Miss, NearMiss, near_miss};
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-secret-name-mismatch",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "an MCP server looks for a file of another name than its secret has",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        for need in needs(mcp) {
            let near = near_miss(cx, mcp, &need).filter(|near| near.miss == Miss::Name);
            out.extend(near.map(|near| diagnostic(cx, mcp, &need, &near)));
        }
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    need: &Need<'_>,
    near: &NearMiss<'_>,
) -> Diagnostic {
    let server = &need.server.name;
    let why = if need.server.secret_is_default {
        format!(" (default name for `{server}`)")
    } else {
        String::new()
    };
    let subject = format!("{}.servers.{}", mcp.option, nix_name(server));
    let message = format!("`{server}` reads a secret file that nothing provides");
    let found = Diagnostic::new(&LINT, subject, message)
        .primary(need.server.at, format!("reads {}{why}", need.path))
        .secondary(near.secret.declared_at.first().copied(), format!("this one lands at {}", near.path))
        .note(
            "at run time the server finds no file, says so on stderr and exits: the client shows it as \
             disconnected",
        );
    let (text, code, fix) = change(cx, need, near.secret);
    found.help(text, code).fix(fix)
}

/// How to let the secret land under the name that the server expects.
fn change(
    cx: &HostContext<'_>,
    need: &Need<'_>,
    secret: &Secret,
) -> (&'static str, String, Option<Fix>) {
    let title = format!("name the file {}", need.name);
    let fix = |edit| {
        Some(Fix {
            title,
            safe: false,
            edits: vec![edit],
        })
    };
    if secret.path.is_defined() {
        let code = format!("{}.path = {};", secret.option, nix_string(need.path));
        let edit = replace(secret.path.at, nix_string(need.path));
        return (
            "let it land where the server reads",
            code,
            edit.and_then(fix),
        );
    }
    if secret.renames_by_name() {
        let code = format!("{}.name = {};", secret.option, nix_string(need.name));
        let edit = if secret.name.is_defined() {
            replace(secret.name.at, nix_string(need.name))
        } else {
            add_option(cx, secret, "name", &nix_string(need.name))
        };
        return (
            "name the file as the server expects it",
            code,
            edit.and_then(fix),
        );
    }
    let key = secret
        .key
        .known()
        .and_then(Option::as_deref)
        .unwrap_or(&secret.attribute);
    let prefix = secret.declaring_option_path();
    let mut options = vec![format!("key = {};", nix_string(key))];
    if let (Scope::System, Some(Some(owner))) = (&secret.scope, secret.owner.known()) {
        options.push(format!("owner = {};", nix_string(owner)));
    }
    let code = format!(
        "{prefix}.{} = {{ {} }};",
        nix_name(need.name),
        options.join(" ")
    );
    let text =
        "declare it under the name that the server expects, and take the value from the old key";
    (text, code, None)
}
