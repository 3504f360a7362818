//! Groups that exist nowhere.

use std::collections::BTreeMap;

use inventory::{Capability, HostClass, Scope, Secret, Span};

use super::{is_like, unfamiliar_service};
use crate::phrases::{closest, nix_name};
use crate::{Diagnostic, HostContext, Severity};

pub(super) fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // On macOS there are groups that nix-darwin does not know.
    if cx.host.users_open.is_some() || cx.host.class != HostClass::Nixos {
        return;
    }
    let mut undeclared: BTreeMap<&str, Vec<&Secret>> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        if let Some(group) = undeclared_group(cx, secret) {
            undeclared.entry(group).or_default().push(secret);
        }
    }
    for (group, secrets) in undeclared {
        out.extend(diagnostic(cx, group, &secrets));
    }
}

/// The group of a secret if nobody declares it.
fn undeclared_group<'a>(cx: &HostContext<'a>, secret: &'a Secret) -> Option<&'a str> {
    let group = secret.group.known()?.as_deref()?;
    let is_given = secret.group.is_defined() && secret.scope == Scope::System;
    let is_number = group.bytes().all(|byte| byte.is_ascii_digit());
    let of_a_user = |user: &inventory::User| {
        let primary = user.group.known().and_then(Option::as_deref);
        let others = user.groups.known();
        // Another module may give them a group of their name.
        let may_be_own = primary.is_none() && user.name == group;
        primary == Some(group)
            || may_be_own
            || others.is_none_or(|all| all.iter().any(|one| one == group))
    };
    let is_declared = cx.host.groups.iter().any(|known| known.name == group)
        || inventory::is_service_user(group)
        || cx.host.services_of_nixpkgs.iter().any(|service| is_like(service, group))
        // A module whose groups are not known may create any.
        || unfamiliar_service(cx).is_some()
        || cx.host.users.iter().any(of_a_user);
    let is_early = secret.needed_for_users.known() == Some(&true);
    (is_given && !is_number && !is_declared && !is_early).then_some(group)
}

fn at(secret: &Secret) -> Option<Span> {
    secret
        .group
        .at
        .or_else(|| secret.declared_at.first().copied())
}

fn diagnostic(cx: &HostContext<'_>, group: &str, secrets: &[&Secret]) -> Option<Diagnostic> {
    const SHOWN: usize = 4;
    let first = secrets.first()?;
    let name = nix_name(group);
    let manager = first.manager;
    let note = if manager.has(Capability::InstallsAllOrNone) {
        "activation fails, and no secret of this host is installed".to_owned()
    } else {
        format!(
            "{} cannot change the group then: the file stays with root's, whose members are others",
            manager.name
        )
    };
    let message = format!(
        "secrets are given to the group {group}, which is declared nowhere in this configuration"
    );
    let mut found = Diagnostic::new(&super::LINT, format!("users.groups.{name}"), message)
        .severity(if cx.host.declares_users {
            Severity::Error
        } else {
            Severity::Warning
        })
        .primary(at(first), format!("no `users.groups.{name}`"))
        .note(note);
    for secret in secrets {
        found = found.about(&secret.option);
    }
    for secret in secrets.iter().skip(1).take(SHOWN) {
        found = found.secondary(at(secret), "here too");
    }
    let declared = cx
        .host
        .groups
        .iter()
        .filter(|known| !known.declared_at.is_empty());
    Some(
        match closest(group, declared.map(|known| known.name.as_str())) {
            Some(meant) => found.advice(format!("did you mean {meant}?")),
            None => found.help("declare the group", format!("users.groups.{name} = {{ }};")),
        },
    )
}
