//! `circular-decryption-key`: the key that decrypts secrets is itself one of them.

use crate::context::is_below;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "circular-decryption-key",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the key that decrypts secrets is itself one of them",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for key in &cx.host.key_sources {
        let Some(path) = key.path.known() else { continue };
        let secret = cx.secrets().map(|(_, secret)| secret).find(|secret| {
            secret.path.known() == Some(path) && secret.manager.name == key.manager && secret.scope == key.scope
        });
        let is_in_directory = match key.manager {
            "agenix" => is_below(path, "/run/agenix"),
            _ => is_below(path, "/run/secrets") || is_below(path, "/run/secrets-for-users"),
        };
        if secret.is_some() || is_in_directory {
            let message = format!("{path} is needed to decrypt the secrets, and is one of them");
            out.push(
                Diagnostic::new(&LINT, key.option, message)
                    .primary(key.path.at, format!("the key of {}", key.manager))
                    .secondary(secret.and_then(|secret| secret.declared_at.first().copied()), "lands there")
                    .note("works until the next boot, when the file of the last time is gone")
                    .advice("use a key that is on the disk before anything is decrypted"),
            );
        }
    }
}
