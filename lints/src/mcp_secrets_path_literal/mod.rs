//! `mcp-secrets-path-literal`: secretsPath is a Nix path, so the directory is copied to the store.

use crate::edits::replace;
use crate::managed::exemplary;
use crate::phrases::nix_string;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-secrets-path-literal",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "secretsPath is a Nix path, so the directory is copied to the store",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        let at = mcp
            .secrets_path
            .as_ref()
            .filter(|path| path.is_defined())
            .and_then(|path| path.at);
        if let Some(at) = at.filter(|at| cx.is_path_literal(*at)) {
            let text = cx.text(at).unwrap_or_default();
            let is_absolute = text.starts_with('/');
            let edit = replace(Some(at), nix_string(&text)).filter(|_| is_absolute);
            let title = "quote the path".to_owned();
            let found = Diagnostic::new(
                &LINT,
                format!("{}.secretsPath", mcp.option),
                format!("the directory {text} is copied to the Nix store"),
            )
            .primary(Some(at), "a path without quotes")
            .note("every file in it becomes readable for every user of the machine, in clear")
            .fix(edit.map(|edit| Fix {
                title,
                safe: true,
                edits: vec![edit],
            }));
            out.push(if is_absolute {
                found.help(
                    "put it in quotes",
                    format!("{}.secretsPath = {};", mcp.option, nix_string(&text)),
                )
            } else {
                let directory =
                    exemplary(cx.managers, [cx.host]).map_or("", |manager| manager.directory);
                found.advice(format!(
                    "name the directory on the machine, as a string: \"{directory}\""
                ))
            });
        }
    }
}
