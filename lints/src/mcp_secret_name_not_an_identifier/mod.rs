//! `mcp-secret-name-not-an-identifier`: the secret of an MCP server is no name for an environment variable.

use inventory::mcp_modules::{FileSet, Place};
use inventory::{ValueKind, nix_option};

use crate::context::needs;
use crate::mcp::option_of;
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
    of_files(cx, out);
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

/// `env."api-key".file`: the shell of the wrapper takes the assignment for a command.
fn of_files(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        let is_wrapped = matches!(value.what, ValueKind::FileSet { .. })
            && mcp.module.files == FileSet::Wrapped
            && value.place == Place::Variable;
        // A name that may be a secret itself is not known here.
        if !is_wrapped || value.key.is_empty() || is_identifier(&value.key) {
            continue;
        }
        let message = format!(
            "`{}` prints its secret: {} is no name for a variable",
            value.server, value.key
        );
        let wanted: String = value.key.chars().map(plain).collect();
        let mut option = value.option.clone();
        if let Some(last) = option.last_mut().filter(|last| **last == value.key) {
            last.clone_from(&wanted);
        }
        out.push(
            Diagnostic::new(&LINT, option_of(value), message)
                .primary(value.at, "read by a wrapper in the shell's language")
                .note("the shell takes NAME=secret for a command, and prints the secret on stderr with \"command not found\"")
                .help("", format!("{}.file = …;", nix_option(&option))),
        );
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
