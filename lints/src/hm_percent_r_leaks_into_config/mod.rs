//! `hm-percent-r-leaks-into-config`: a path with %r is used where sops-nix does not expand it.

use inventory::Scope;

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "hm-percent-r-leaks-into-config",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a path with %r is used where sops-nix does not expand it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        let Some(fact) = &mcp.secrets_path else {
            continue;
        };
        let is_below = |prefix: &str| {
            let rest = fact.known().and_then(|path| path.strip_prefix(prefix));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut prefixes =
            { cx.managers.iter() }.filter_map(|manager| Some((manager, manager.runtime_prefix?)));
        let found = prefixes.find(|(_, prefix)| is_below(prefix));
        if let (Some((manager, prefix)), Some(path)) = (found, fact.known()) {
            let message = format!(
                "{path} is read letter by letter: only {} itself expands {prefix}",
                manager.name
            );
            out.push(
                Diagnostic::new(&LINT, format!("{}.secretsPath", mcp.option), message)
                    .primary(fact.at, "the wrappers of all servers read below it")
                    .note("there is no such directory")
                    .advice("name the directory in which the secrets land"),
            );
        }
    }
    for reader in cx.readers().filter(|reader| reader.certain) {
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        let secret = secret.filter(|secret| matches!(secret.scope, Scope::User(_)));
        let (Some(secret), Some(path)) = (secret, reader.path.known()) else {
            continue;
        };
        let manager = secret.manager;
        let is_leaked = |prefix: &&str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if let Some(prefix) = manager.runtime_prefix.filter(is_leaked) {
            let message = format!(
                "{path} is read letter by letter: only {} itself expands {prefix}",
                manager.name
            );
            let home = manager.home.as_ref().map_or("", |home| home.path);
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(reader.at, format!("read here: {}", reader.via))
                    .secondary(secret.path.at, "the path is given here")
                    .note(format!(
                        "there is no such file; in a systemd unit {prefix} is something else, too"
                    ))
                    .advice(format!(
                        "remove `path`: the default, below ~{home}, needs no expansion"
                    )),
            );
        }
    }
}
