//! `secret-owner-not-declared`: a secret is given to a user that does not exist.

use inventory::{Fact, HostClass, Scope, Secret, Span};

use crate::words::{closest, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-owner-not-declared",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret is given to a user that the configuration does not declare",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if cx.host.users_open.is_some() || cx.host.class == HostClass::HomeManager {
        return;
    }
    for (_, secret) in cx.secrets() {
        let numbers_allowed = secret.manager.name != "sops-nix";
        let owner = secret.owner.known().and_then(Option::as_deref);
        let Some(owner) = owner.filter(|_| secret.scope == Scope::System) else { continue };
        let is_number = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
        let is_declared = cx.user(owner).is_some() || inventory::is_service_user(owner);
        if secret.needed_for_users.known() == Some(&true) || is_declared || (is_number && numbers_allowed) {
            continue;
        }
        out.push(match is_number {
            true => number(secret, owner),
            false => undeclared(cx, secret, owner),
        });
    }
}

fn at<T>(secret: &Secret, fact: &Fact<T>) -> Option<Span> {
    fact.at.or_else(|| secret.declared_at.first().copied())
}

fn number(secret: &Secret, owner: &str) -> Diagnostic {
    let message = format!("`{}` is given to a user named \"{owner}\"", secret.attribute);
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(at(secret, &secret.owner), "sops-nix takes this as a name, not as a number")
        .note("no user has that name, and then no secret of this host is installed")
        .help("give the number as `uid`", format!("{0}.owner = null;\n{0}.uid = {owner};", secret.option))
}

fn undeclared(cx: &HostContext<'_>, secret: &Secret, owner: &str) -> Diagnostic {
    let is_excerpt = !cx.host.declares_users;
    let message = format!("`{}` is given to {owner}, who is declared nowhere in this configuration", secret.attribute);
    let note = match (secret.manager.name, secret.group.is_defined()) {
        ("agenix", _) => "agenix cannot change the owner then: the file stays root's, and nobody else can open it",
        (_, false) => "evaluation fails: sops-nix looks up the group of that user",
        (_, true) => "activation fails, and no secret of this host is installed",
    };
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .severity(if is_excerpt { Severity::Warning } else { Severity::Error })
        .primary(at(secret, &secret.owner), format!("no `users.users.{}`", nix_name(owner)))
        .note(note);
    let declared = cx.host.users.iter().filter(|user| !user.declared_at.is_empty());
    match closest(owner, declared.map(|user| user.name.as_str())) {
        Some(user) if !is_excerpt => {
            found.help(format!("did you mean {user}?"), format!("{}.owner = \"{user}\";", secret.option))
        }
        _ => found.help("declare the user", format!("users.users.{}.isNormalUser = true;", nix_name(owner))),
    }
}
