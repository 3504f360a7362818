//! `secret-path-in-shared-or-persistent-dir`: a secret lands in a directory where everybody may write.

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
    for (_, secret) in cx.secrets() {
        let Some(path) = secret.path.known() else {
            continue;
        };
        let Some(directory) = SHARED
            .into_iter()
            .find(|directory| is_below(path, directory))
        else {
            continue;
        };
        let is_plain = secret.symlink.known() == Some(&false);
        let message = format!(
            "`{}` lands in {directory}, where everybody may write",
            secret.attribute
        );
        out.push(
            Diagnostic::new(&LINT, &secret.option, message)
                .severity(if is_plain {
                    Severity::Error
                } else {
                    Severity::Warning
                })
                .primary(
                    secret
                        .path
                        .at
                        .or_else(|| secret.declared_at.first().copied()),
                    format!("below {directory}"),
                )
                .note("another user can create a file of that name first, or watch for it")
                .advice("remove `path`: the default lies in a directory of the manager"),
        );
    }
}
