//! `root-owned-secret`: a process that is not root reads a secret that belongs to root.

use inventory::{Principal, Secret};

use crate::access_denied::{AccessDenied, access_denied};
use crate::edits::add_option;
use crate::phrases::nix_string;
use crate::{Check, Confidence, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "root-owned-secret",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a process that is not root reads a secret that belongs to root",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for denied in access_denied(cx) {
        let secret = denied.secret;
        let is_roots = secret
            .effective_owner
            .known()
            .is_some_and(Principal::is_root);
        if is_roots && !crate::needed_for_users_owner_ignored::is_ignored(cx, secret) {
            out.push(diagnostic(cx, &denied));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, denied: &AccessDenied<'_>) -> Diagnostic {
    let (secret, user) = (denied.secret, denied.user);
    let message = format!(
        "{} cannot read `{}`: {}",
        denied.who(),
        secret.attribute,
        denied.reason
    );
    let (at, text) = cause(secret);
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, text)
        .note(denied.note());
    let found = denied.label(found).confidence(if denied.is_direct {
        Confidence::High
    } else {
        Confidence::Medium
    });
    let is_early = secret.needed_for_users.known() == Some(&true);
    if is_early && !denied.is_password && denied.container.is_none() {
        let code = format!("{}.owner = {};", secret.option, nix_string(user));
        return found.help(
            "install it with the other secrets: remove `neededForUsers`, and give it an owner",
            code,
        );
    }
    denied.help(found).fix(make_owner(cx, denied))
}

/// Where it was decided that root owns it, and how.
fn cause(secret: &Secret) -> (Option<inventory::Span>, String) {
    let declared = secret.declared_at.first().copied();
    if secret.needed_for_users.known() == Some(&true) {
        let at = secret.needed_for_users.at.or(declared);
        return (
            at,
            "installed before users exist: always as root".to_owned(),
        );
    }
    if secret.owner.is_defined() {
        return (
            secret.owner.at.or(declared),
            "given to root here".to_owned(),
        );
    }
    let group = secret
        .effective_group
        .known()
        .map_or_else(|| "?".to_owned(), ToString::to_string);
    let mode = secret.effective_mode.known().copied().unwrap_or(0o400);
    let text = format!(
        "no owner given: {} installs it as root:{group} {mode:04o}",
        secret.manager.name
    );
    (declared, text)
}

fn make_owner(cx: &HostContext<'_>, denied: &AccessDenied<'_>) -> Option<Fix> {
    if denied.secret.owner.is_defined()
        || !denied.is_alone()
        || denied.is_password
        || denied.container.is_some()
    {
        return None;
    }
    let edit = add_option(cx, denied.secret, "owner", &nix_string(denied.user))?;
    Some(Fix {
        title: format!("make {} the owner", denied.user),
        safe: false,
        edits: vec![edit],
    })
}
