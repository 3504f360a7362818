//! `group-write-masked-by-umask`: sops-nix drops the write permission of the group.

use inventory::{Scope, SecretKind};

use crate::edits::replace;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "group-write-masked-by-umask",
    group: Group::Access,
    severity: Severity::Info,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "sops-nix drops the write permission of the group",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let is_masked = secret.scope == Scope::System && secret.kind == SecretKind::Secret;
        let Some(umask) = secret.manager.umask.filter(|_| is_masked) else {
            continue;
        };
        let written = secret
            .mode
            .known()
            .and_then(|mode| u32::from_str_radix(mode, 8).ok());
        let Some(mode) = written else {
            continue;
        };
        if mode & umask == 0 || mode & 0o007 != 0 {
            continue;
        }
        let masked = mode & !umask;
        let at = secret
            .mode
            .at
            .or_else(|| secret.declared_at.first().copied());
        let edit = replace(secret.mode.at, format!("\"{masked:04o}\""));
        let message = format!(
            "`{}` is installed with mode {masked:04o}, not {mode:04o}",
            secret.attribute
        );
        out.push(
            Diagnostic::new(&LINT, &secret.option, message)
                .primary(
                    at,
                    format!("the file mode creation mask {umask:03o} takes the write permission of the group away"),
                )
                .help("", format!("{}.mode = \"{masked:04o}\";", secret.option))
                .fix(edit.map(|edit| Fix {
                    title: format!("write {masked:04o}"),
                    safe: true,
                    edits: vec![edit],
                })),
        );
    }
}
