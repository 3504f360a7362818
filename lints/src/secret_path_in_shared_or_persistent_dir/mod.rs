//! `secret-path-in-shared-or-persistent-dir`: a secret lands in a directory where everybody may write.

use inventory::Secret;

use crate::context::is_below;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-path-in-shared-or-persistent-dir",
    group: Group::Paths,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret lands in a directory where everybody may write",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

const SHARED: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // The secrets without a path of their own have one cause: the directory of their manager.
    let mut by_default: Vec<(&Secret, &str)> = Vec::new();
    for (_, secret) in cx.secrets() {
        let Some(directory) = { secret.path.known() }.and_then(|path| shared(path)) else {
            continue;
        };
        if secret.path.is_defined() {
            out.push(of_its_own(secret, directory));
        } else if !by_default
            .iter()
            .any(|(told, _)| told.manager == secret.manager && told.scope == secret.scope)
        {
            by_default.push((secret, directory));
        }
    }
    out.extend({ by_default.into_iter() }.map(|(secret, directory)| all(secret, directory)));
}

fn shared(path: &str) -> Option<&'static str> {
    { SHARED.into_iter() }.find(|directory| is_below(path, directory))
}

fn of_its_own(secret: &Secret, directory: &str) -> Diagnostic {
    let is_plain = secret.symlink.known() == Some(&false);
    let message = format!(
        "`{}` lands in {directory}, where everybody may write",
        secret.attribute
    );
    let place = secret.path.at;
    found(secret, message)
        .severity(if is_plain {
            Severity::Error
        } else {
            Severity::Warning
        })
        .primary(
            place.or_else(|| secret.declared_at.first().copied()),
            format!("below {directory}"),
        )
        .advice("remove `path`: the default lies in a directory of the manager")
}

fn all(secret: &Secret, directory: &str) -> Diagnostic {
    let message = format!(
        "the secrets of {} land in {directory}, where everybody may write",
        secret.manager.name
    );
    found(secret, message)
        .severity(Severity::Warning)
        .primary(
            secret.declared_at.first().copied(),
            format!("has no `path` of its own: the directory of all secrets is below {directory}"),
        )
        .advice(format!(
            "leave the options that give {} its directories at their defaults",
            secret.manager.name
        ))
}

fn found(secret: &Secret, message: String) -> Diagnostic {
    Diagnostic::new(&LINT, &secret.option, message)
        .note("another user can create a file of that name first, or watch for it")
}
