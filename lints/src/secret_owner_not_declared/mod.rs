//! `secret-owner-not-declared`: a secret is given to a user that does not exist.

use std::collections::BTreeMap;

use inventory::{Capability, Fact, HostClass, Scope, Secret, Span};

use crate::phrases::{closest, list, nix_name};
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
    // Where the evaluation was cut short, not all users were seen.
    if cx
        .host
        .problems
        .iter()
        .any(inventory::Problem::is_cut_short)
    {
        return;
    }
    let mut undeclared: BTreeMap<&str, Vec<&Secret>> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        match undeclared_owner(cx, secret) {
            Some((owner, true)) => out.push(number(secret, owner)),
            Some((owner, false)) => undeclared.entry(owner).or_default().push(secret),
            None => {}
        }
    }
    for (owner, secrets) in undeclared {
        out.extend(diagnostic(cx, owner, &secrets));
    }
}

/// The owner of a secret if nobody declares that user, and whether it is a number that the manager
/// takes for a name.
pub(crate) fn undeclared_owner<'a>(
    cx: &HostContext<'a>,
    secret: &'a Secret,
) -> Option<(&'a str, bool)> {
    let owner = secret.owner.known()?.as_deref()?;
    let is_visible = cx.host.users_open.is_none() && cx.host.class != HostClass::HomeManager;
    let is_number = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
    let numbers_allowed = !secret.manager.has(Capability::HasNumericOwners);
    let by_a_service = cx
        .host
        .services_of_nixpkgs
        .iter()
        .any(|service| service == owner);
    let is_declared = cx.user(owner).is_some() || inventory::is_service_user(owner) || by_a_service;
    let of_system = secret.scope == Scope::System && secret.needed_for_users.known() != Some(&true);
    (is_visible && of_system && !is_declared && !(is_number && numbers_allowed))
        .then_some((owner, is_number))
}

fn at<T>(secret: &Secret, fact: &Fact<T>) -> Option<Span> {
    fact.at.or_else(|| secret.declared_at.first().copied())
}

fn number(secret: &Secret, owner: &str) -> Diagnostic {
    let message = format!(
        "`{}` is given to a user named \"{owner}\"",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at(secret, &secret.owner),
            format!(
                "{} takes this as a name, not as a number",
                secret.manager.name
            ),
        )
        .note("no user has that name, and then no secret of this host is installed")
        .help(
            "give the number as `uid`",
            format!("{0}.owner = null;\n{0}.uid = {owner};", secret.option),
        )
}

fn diagnostic(cx: &HostContext<'_>, owner: &str, secrets: &[&Secret]) -> Option<Diagnostic> {
    const SHOWN: usize = 4;
    let first = secrets.first()?;
    let is_excerpt = !cx.host.declares_users;
    let names = match secrets.len() {
        1..=SHOWN => list(secrets.iter().map(|secret| secret.attribute.as_str())),
        many => format!("{many} secrets"),
    };
    let verb = if secrets.len() == 1 { "is" } else { "are" };
    let message =
        format!("{names} {verb} given to {owner}, who is declared nowhere in this configuration");
    let manager = first.manager;
    let all_or_none = manager.has(Capability::InstallsAllOrNone);
    let note = match (all_or_none, first.group.is_defined()) {
        (false, _) => format!(
            "{} cannot change the owner then: the file stays root's, and nobody else can open it",
            manager.name
        ),
        (true, false) => format!(
            "evaluation fails: {} looks up the group of that user",
            manager.name
        ),
        (true, true) => "activation fails, and no secret of this host is installed".to_owned(),
    };
    let mut found = Diagnostic::new(&LINT, format!("users.users.{}", nix_name(owner)), message)
        .severity(if is_excerpt {
            Severity::Warning
        } else {
            Severity::Error
        })
        .primary(
            at(first, &first.owner),
            format!("no `users.users.{}`", nix_name(owner)),
        )
        .note(note);
    for secret in secrets.iter().skip(1).take(SHOWN) {
        found = found.secondary(at(secret, &secret.owner), "here too");
    }
    let declared = cx
        .host
        .users
        .iter()
        .filter(|user| !user.declared_at.is_empty());
    Some(
        match closest(owner, declared.map(|user| user.name.as_str())) {
            Some(user) if !is_excerpt => {
                let changes = secrets
                    .iter()
                    .map(|secret| format!("{}.owner = \"{user}\";", secret.option));
                found.help(
                    format!("did you mean {user}?"),
                    changes.collect::<Vec<_>>().join("\n"),
                )
            }
            _ => found.help(
                "declare the user",
                format!("users.users.{}.isNormalUser = true;", nix_name(owner)),
            ),
        },
    )
}
