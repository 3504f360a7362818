//! `mcp-secret-name-not-an-identifier`: the secret of an MCP server is no name for an environment variable.

use crate::context::needs;
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-secret-name-not-an-identifier",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the secret of an MCP server is no name for an environment variable",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        for need in needs(mcp).filter(|need| !is_identifier(need.name)) {
            let server = &need.server.name;
            let subject = format!("{}.servers.{}", mcp.option, nix_name(server));
            let message = format!(
                "`{server}` cannot export its secret: {} is no name for a variable",
                need.name
            );
            let wanted: String = need.name.chars().map(plain).collect();
            out.push(
                Diagnostic::new(&LINT, &subject, message)
                    .primary(need.server.secret.at.or(need.server.at), "file name and variable name in one")
                    .note("the shell stops with \"not a valid identifier\", and the server never starts")
                    .help("", format!("{subject}.secret = {};", nix_string(&wanted))),
            );
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_well
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

fn plain(character: char) -> char {
    match character {
        character if character.is_ascii_alphanumeric() => character.to_ascii_uppercase(),
        _ => '_',
    }
}
