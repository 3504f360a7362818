//! `circular-decryption-key`: the key that decrypts secrets is itself one of them.

use inventory::{KeySource, Scope, Secret};

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
    let keys = &cx.host.key_sources;
    let circles: Vec<Option<Circle<'_>>> = keys.iter().map(|key| circle(cx, key)).collect();
    for (key, found) in keys.iter().zip(&circles) {
        let Some(circle) = found else { continue };
        // A key of a list that is not there is passed over: another one may decrypt. Others have to be
        // there, whatever else is.
        let mut same_manager = keys
            .iter()
            .zip(&circles)
            .filter(|(other, _)| other.manager == key.manager && other.scope == key.scope);
        let is_the_only_kind = same_manager.all(|(_, circle)| circle.is_some());
        if is_the_only_kind || key.option.must_exist {
            out.push(diagnostic(key, circle));
        }
    }
}

/// Why a key is one of the secrets that it decrypts.
struct Circle<'a> {
    path: &'a str,
    /// The secret that lands there, where it is one that we see.
    secret: Option<&'a Secret>,
}

fn circle<'a>(cx: &HostContext<'a>, key: &'a KeySource) -> Option<Circle<'a>> {
    // A container may have its key from the host.
    let path = key.path.known().filter(|path| !cx.may_be_mounted(path))?;
    let secret = cx.secrets().map(|(_, secret)| secret).find(|secret| {
        secret.path.known() == Some(path)
            && secret.manager == key.manager
            && secret.scope == key.scope
    });
    // The system's secrets are there before a user's are decrypted: those may hold a user's key.
    let is_in_directory = key.scope == Scope::System
        && key
            .manager
            .landing_directories()
            .any(|directory| is_below(path, directory));
    (secret.is_some() || is_in_directory).then_some(Circle { path, secret })
}

fn diagnostic(key: &KeySource, Circle { path, secret }: &Circle<'_>) -> Diagnostic {
    let message = format!("{path} is needed to decrypt the secrets, and is one of them");
    Diagnostic::new(&LINT, key.option.option, message)
        .primary(key.path.at, format!("the key of {}", key.manager.name))
        .secondary(
            secret.and_then(|secret| secret.declared_at.first().copied()),
            "lands there",
        )
        .note("works until the next boot, when the file of the last time is gone")
        .advice("use a key that is on the disk before anything is decrypted")
}
