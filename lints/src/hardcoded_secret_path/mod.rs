//! `hardcoded-secret-path`: a path of a secret is written out instead of taken from its declaration.

use std::collections::BTreeSet;

use inventory::Span;

use crate::edits::{is_of_a_home, path_expression, path_of_declaration};
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "hardcoded-secret-path",
    group: Group::Paths,
    severity: Severity::Info,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a path of a secret is written out instead of taken from its declaration",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // Where a manager's key lies is its own to say: what it decrypts cannot tell.
    let keys: BTreeSet<Span> = { cx.host.key_sources.iter() }
        .filter_map(|source| source.path.at)
        .collect();
    for reader in cx.readers_by_path() {
        if reader.at.is_some_and(|at| keys.contains(&at)) {
            continue;
        }
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        let (Some(secret), Some(path), Some(at)) = (secret, reader.path.known(), reader.at) else {
            continue;
        };
        if cx.text(at).is_some_and(|text| text.contains(path.as_str())) {
            let edit = path_of_declaration(cx, reader, path, secret);
            let title = "take the path from the declaration".to_owned();
            let message = format!(
                "{path} is written out, though `{}` says where it lands",
                secret.attribute
            );
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(Some(at), "goes stale when the secret is renamed or moved")
                    .secondary(secret.declared_at.first().copied(), "declared here")
                    .help(
                        "take the path from the declaration",
                        path_expression(cx, reader, secret).unwrap_or_else(|| {
                            let is_another = secret.scope == inventory::Scope::System
                                && is_of_a_home(cx, reader);
                            let argument = if is_another { "osConfig" } else { "config" };
                            format!("{argument}.{}.path", secret.option_in_scope())
                        }),
                    )
                    .fix(edit.map(|edit| Fix {
                        title,
                        safe: true,
                        edits: vec![edit],
                    })),
            );
        }
    }
}
