//! `mode-not-owner-only`: the mode lets a group in although no member of it reads the secret.

use inventory::{Scope, Secret};

use crate::edits::{own_mode, replace};
use crate::world_accessible_secret_mode::is_public;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mode-not-owner-only",
    group: Group::Access,
    severity: Severity::Info,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "the mode lets a group in although no member of it reads the secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (index, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.scope == Scope::System)
    {
        let Some(mode) = secret.effective_mode.known().copied() else {
            continue;
        };
        let lets_group_in = mode & 0o070 != 0 && mode & 0o007 == 0;
        if lets_group_in && !is_public(secret) && !group_is_needed(cx, index, secret) {
            let at = secret
                .mode
                .at
                .or_else(|| secret.declared_at.first().copied());
            let message = format!(
                "`{}` can be read by its group, which nothing here needs: mode {mode:04o}",
                secret.attribute
            );
            let edit = replace(own_mode(cx, secret), "\"0400\"");
            let title = "let only the owner read it".to_owned();
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(at, "the second digit from the right is the group's")
                    .help("", format!("{}.mode = \"0400\";", secret.option))
                    .fix(edit.map(|edit| Fix {
                        title,
                        safe: false,
                        edits: vec![edit],
                    })),
            );
        }
    }
}

/// Whether a reader is, or may be, let in by the group. Where no reader is known, one may be.
fn group_is_needed(cx: &HostContext<'_>, index: usize, secret: &Secret) -> bool {
    let owner = secret.effective_owner.known();
    let readers = cx.host.readers_of(index);
    if readers.is_empty() {
        return true;
    }
    readers
        .iter()
        .any(|reader| match (reader.user.known(), owner) {
            // Users in a container are not those of the host.
            _ if reader.container.is_some() || reader.may_be_another => true,
            (Some(user), Some(owner)) => !user.is_root() && user.same(owner) != Some(true),
            _ => true,
        })
}
