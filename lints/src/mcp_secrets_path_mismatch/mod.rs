//! `mcp-secrets-path-mismatch`: MCP servers read another directory than their secrets land in.

use std::collections::BTreeMap;

use inventory::{McpConfiguration, Scope, Secret};

use crate::context::{Need, needs, split};
use crate::edits::replace;
use crate::near_miss::{Miss, NearMiss, near_miss};
use crate::phrases::{list, nix_string};
use crate::{Check, Confidence, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-secrets-path-mismatch",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "MCP servers read another directory than their secrets land in",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Servers that read one directory while their secrets land in another one.
struct Misplaced<'a> {
    servers: Vec<(Need<'a>, NearMiss<'a>)>,
    reads: &'a str,
    lands: &'a str,
}

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        let mut groups: BTreeMap<(bool, &str, &str), Misplaced<'_>> = BTreeMap::new();
        for need in needs(mcp) {
            let Some(near) = near_miss(cx, mcp, &need) else {
                continue;
            };
            let Some((lands, _)) = split(near.path) else {
                continue;
            };
            if near.miss == Miss::Name {
                continue;
            }
            let key = (need.server.ignores_secrets_path, need.directory, lands);
            let reads = need.directory;
            let group = groups.entry(key).or_insert_with(|| Misplaced {
                servers: Vec::new(),
                reads,
                lands,
            });
            group.servers.push((need, near));
        }
        out.extend(
            groups
                .values()
                .map(|misplaced| diagnostic(cx, mcp, misplaced)),
        );
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    misplaced: &Misplaced<'_>,
) -> Diagnostic {
    let Misplaced {
        servers,
        reads,
        lands,
    } = misplaced;
    let names = list(servers.iter().map(|(need, _)| need.server.name.as_str()));
    let (verb, their, them) = match servers.len() {
        1 => ("reads its secret", "it lands", "it"),
        _ => ("read their secrets", "they land", "them"),
    };
    let message = format!("{names} {verb} in {reads}, but {their} in {lands}");
    let fixed_directory = servers
        .iter()
        .all(|(need, _)| need.server.ignores_secrets_path);
    let set_here = mcp
        .secrets_path
        .as_ref()
        .filter(|path| path.is_defined())
        .and_then(|path| path.at);
    let mut found = Diagnostic::new(&LINT, format!("{}.secretsPath", mcp.option), message);
    found = match set_here {
        Some(at) if !fixed_directory => {
            let found = found.primary(Some(at), format!("the servers of {} read here", mcp.user));
            servers.iter().fold(found, |found, (need, _)| {
                found.secondary(need.server.at, format!("reads {}", need.path))
            })
        }
        _ => servers.iter().fold(found, |found, (need, _)| {
            let why = if fixed_directory {
                "whatever `secretsPath` says"
            } else {
                "`secretsPath` is not set"
            };
            let text = format!("reads {} ({why})", need.path);
            match found.primary {
                None => found.primary(need.server.at, text),
                Some(_) => found.secondary(need.server.at, text),
            }
        }),
    };
    for (_, near) in servers {
        found = found.secondary(
            near.secret.declared_at.first().copied(),
            format!("lands at {}", near.path),
        );
    }
    let is_exact = servers.iter().all(|(_, near)| near.miss == Miss::Directory);
    let found = found
        .note(format!(
            "at run time no file is found there, which the server says on stderr before it exits: the client \
             shows {them} as disconnected"
        ))
        .confidence(if is_exact { Confidence::High } else { Confidence::Medium });
    add_help(found, cx, mcp, misplaced, fixed_directory)
}

fn add_help(
    found: Diagnostic,
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    misplaced: &Misplaced<'_>,
    fixed_directory: bool,
) -> Diagnostic {
    let Misplaced {
        servers,
        reads,
        lands,
    } = misplaced;
    let early = servers
        .iter()
        .find(|(_, near)| near.secret.needed_for_users.known() == Some(&true));
    if let Some((_, near)) = early {
        return found.advice(format!(
            "remove `neededForUsers` from `{}`: it is meant for passwords, and only root can read it",
            near.secret.attribute
        ));
    }
    if fixed_directory || others_are_served(mcp, reads) {
        let moves = servers.iter().map(|(need, near)| {
            format!("{}.path = {};", near.secret.option, nix_string(need.path))
        });
        let code: Vec<String> = moves.collect();
        return found.help(
            "let the secret land where the server reads",
            code.join("\n"),
        );
    }
    let of_home = |secret: &Secret| match secret.scope {
        Scope::User(_) => secret.manager.home.as_ref(),
        Scope::System => None,
    };
    let home = servers.first().and_then(|(_, near)| of_home(near.secret));
    let home = home.filter(|home| {
        let all_there = servers
            .iter()
            .all(|(_, near)| of_home(near.secret).is_some_and(|other| other.path == home.path));
        all_there && lands.ends_with(home.path)
    });
    let directory = match home {
        Some(home) => format!("config.{}", home.option),
        None => nix_string(lands),
    };
    let text = match servers.iter().find(|(_, near)| near.miss == Miss::Both) {
        Some((need, _)) => {
            format!(
                "read where the secrets land; the file must be named {} there as well",
                need.name
            )
        }
        None => "read where the secrets land".to_owned(),
    };
    let code = format!("{}.secretsPath = {directory};", mcp.option);
    found
        .help(text, code)
        .fix(read_there(cx, mcp, misplaced, directory))
}

/// Replaces the value of `secretsPath` where only this configuration uses it.
fn read_there(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    misplaced: &Misplaced<'_>,
    directory: String,
) -> Option<Fix> {
    let at = mcp.secrets_path.as_ref()?.at?;
    let uses_it = |other: &&McpConfiguration| {
        other
            .secrets_path
            .as_ref()
            .is_some_and(|path| path.at == Some(at))
    };
    if cx.host.mcp.iter().filter(uses_it).count() != 1 {
        return None;
    }
    let edit = replace(Some(at), directory)?;
    let safe = misplaced
        .servers
        .iter()
        .all(|(_, near)| near.miss == Miss::Directory);
    Some(Fix {
        title: format!("read {}", misplaced.lands),
        safe,
        edits: vec![edit],
    })
}

/// Whether another server finds its secret in that directory, so that it must stay.
fn others_are_served(mcp: &McpConfiguration, directory: &str) -> bool {
    needs(mcp).any(|need| need.directory == directory && need.server.provided_by.is_some())
}
