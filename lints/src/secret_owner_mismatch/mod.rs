//! `secret-owner-mismatch`: a process reads a secret that belongs to another user.

use inventory::{Capability, Principal, Scope, Secret, Span};

use crate::access_denied::{AccessDenied, access_denied};
use crate::edits::replace;
use crate::phrases::nix_string;
use crate::secret_owner_not_declared::undeclared_owner;
use crate::{Check, Confidence, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-owner-mismatch",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a process reads a secret that belongs to another user",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for denied in access_denied(cx) {
        let Some(owner) = denied.secret.effective_owner.known() else {
            continue;
        };
        // In a container a name says nothing; the numbers were compared.
        let is_another =
            denied.container.is_some() || owner.same(&Principal::named(denied.user)) == Some(false);
        if is_another && !owner.is_root() && undeclared_owner(cx, denied.secret).is_none() {
            out.push(diagnostic(cx, &denied, owner));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, denied: &AccessDenied<'_>, owner: &Principal) -> Diagnostic {
    let (secret, user) = (denied.secret, denied.user);
    let message = format!(
        "{} cannot read `{}`: {}",
        denied.who(),
        secret.attribute,
        denied.reason
    );
    let (at, text) = cause(secret, owner);
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, text)
        .note(match unknown_owner(cx, denied, owner) {
            Some(owner) => format!(
                "{}; nothing here declares a user {owner}: where there is none, {} leaves the file to root",
                denied.note(),
                secret.manager.name
            ),
            None => denied.note().to_owned(),
        });
    let found = denied.label(found).confidence(if denied.is_direct {
        Confidence::High
    } else {
        Confidence::Medium
    });
    if let Scope::User(_) = &secret.scope {
        return found.advice(format!(
            "declare it in the Home Manager configuration of {user}, or in the system configuration \
             with {user} as its owner"
        ));
    }
    denied
        .help(found)
        .fix(make_owner(denied).filter(|_| !denied.is_password))
}

/// The name of an owner that no user has who is known: a module that is not here may create one. Where the secrets are
/// installed all or none, such a name ends more than this.
fn unknown_owner<'a>(
    cx: &HostContext<'_>,
    denied: &AccessDenied<'_>,
    owner: &'a Principal,
) -> Option<&'a str> {
    let name = owner.name.as_deref()?;
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let is_known = cx.user(name).is_some() || inventory::is_service_user(name);
    let all_or_none = denied.secret.manager.has(Capability::InstallsAllOrNone);
    let is_here = denied.container.is_none() && denied.secret.scope == Scope::System;
    (is_here && !is_known && !is_number && !all_or_none).then_some(name)
}

/// Where the owner was decided.
fn cause(secret: &Secret, owner: &Principal) -> (Option<Span>, String) {
    let declared = secret.declared_at.first().copied();
    if let Scope::User(name) = &secret.scope {
        return (
            declared,
            format!("a secret of {name}: installed in their own runtime directory"),
        );
    }
    if secret.owner.is_defined() {
        return (
            secret.owner.at.or(declared),
            format!("given to {owner} here"),
        );
    }
    if secret.uid.is_defined() {
        return (
            secret.uid.at.or(declared),
            format!("given to user number {owner} here"),
        );
    }
    (declared, format!("belongs to {owner}"))
}

fn make_owner(denied: &AccessDenied<'_>) -> Option<Fix> {
    if !denied.is_alone() || denied.container.is_some() {
        return None;
    }
    let edit = replace(denied.secret.owner.at, nix_string(denied.user))?;
    Some(Fix {
        title: format!("make {} the owner", denied.user),
        safe: false,
        edits: vec![edit],
    })
}
