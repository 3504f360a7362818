//! `mcp-secret-missing`: an enabled MCP server needs a secret that nothing declares.

use std::collections::BTreeMap;

use inventory::{Capability, HostClass, McpConfiguration};

use crate::context::{Need, in_reach, needs, split};
use crate::managed::{is_managed, is_user_directory};
use crate::near_miss::near_miss;
use crate::phrases::{list, nix_name, nix_string};
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-secret-missing",
    group: Group::Mcp,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an enabled MCP server needs a secret that nothing declares",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        let mut missing: BTreeMap<&str, Vec<Need<'_>>> = BTreeMap::new();
        for need in needs(mcp).filter(|need| need.server.provided_by.is_none()) {
            if is_visible(cx, mcp, need.directory) && near_miss(cx, mcp, &need).is_none() {
                missing.entry(need.path).or_default().push(need);
            }
        }
        out.extend(
            missing
                .values()
                .filter_map(|needs| diagnostic(cx, mcp, needs)),
        );
    }
}

/// Whether every secret that could land in the directory is declared where we see it.
fn is_visible(cx: &HostContext<'_>, mcp: &McpConfiguration, directory: &str) -> bool {
    let in_reach: Vec<_> = cx
        .secrets()
        .filter(|(_, secret)| in_reach(&secret.scope, &mcp.user))
        .collect();
    let path_unknown = cx
        .host
        .secrets
        .iter()
        .any(|secret| secret.path.known().is_none());
    if !is_managed(cx, directory)
        || in_reach.is_empty()
        || path_unknown
        || cx.host.secrets_open.is_some()
    {
        return false;
    }
    let lands_here = in_reach.iter().any(|(_, secret)| {
        secret
            .path
            .known()
            .and_then(|path| split(path))
            .is_some_and(|(parent, _)| parent == directory)
    });
    match cx.host.class {
        HostClass::Nixos | HostClass::Darwin | HostClass::SystemManager => true,
        HostClass::HomeManager => lands_here || is_user_directory(cx, directory),
        HostClass::Module => lands_here,
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    needs: &[Need<'_>],
) -> Option<Diagnostic> {
    let first = needs.first()?;
    let names = list(needs.iter().map(|need| need.server.name.as_str()));
    let verb = if needs.len() == 1 { "needs" } else { "need" };
    let message = format!(
        "{names} {verb} {} at {}: no secret of this host lands there",
        first.name, first.directory
    );
    let subject = format!("{}.servers.{}", mcp.option, nix_name(&first.server.name));
    let mut found = Diagnostic::new(&LINT, subject, message).confidence(Confidence::Medium);
    for (index, need) in needs.iter().enumerate() {
        let text = format!("enabled, and reads {}", need.path);
        found = match index {
            0 => found.primary(need.server.at, text),
            _ => found.secondary(need.server.at, text),
        };
    }
    let note = "at run time the server finds no file, says so on stderr and exits; the other servers go on";
    let code = declaration(cx, mcp, first);
    Some(
        found
            .note(note)
            .help("declare the secret, or turn the server off", code),
    )
}

/// A declaration in the manner of the secrets that are there already.
fn declaration(cx: &HostContext<'_>, mcp: &McpConfiguration, need: &Need<'_>) -> String {
    let reachable = || {
        cx.secrets()
            .filter(|(_, secret)| in_reach(&secret.scope, &mcp.user))
            .map(|(_, secret)| secret)
    };
    let neighbour = |secret: &&inventory::Secret| {
        secret
            .path
            .known()
            .and_then(|path| split(path))
            .is_some_and(|(parent, _)| parent == need.directory)
    };
    let Some(model) = reachable().find(neighbour).or_else(|| reachable().next()) else {
        return String::new();
    };
    let lower = need.name.to_lowercase();
    let source = if model.manager.has(Capability::HasFormats) {
        format!("key = {};", nix_string(&lower))
    } else {
        format!("file = ./secrets/{lower}.age;")
    };
    let owner = match model.scope {
        inventory::Scope::System => format!(" owner = {};", nix_string(&mcp.user)),
        inventory::Scope::User(_) => String::new(),
    };
    format!(
        "{}.{} = {{ {source}{owner} }};",
        model.declaring_option_path(),
        nix_name(need.name)
    )
}
