//! `container-uid-null`: a secret is given to a user number that is null, and stays root's.

use inventory::{Capability, HostClass, Scope, Secret, is_service_user};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "container-uid-null",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret is given to a user number that is null, and stays root's",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if !matches!(cx.host.class, HostClass::Nixos | HostClass::Module) {
        return;
    }
    let of_system = |secret: &&Secret| {
        secret.manager.has(Capability::HasNumericOwners) && secret.scope == Scope::System
    };
    for secret in cx.secrets().map(|(_, secret)| secret).filter(of_system) {
        let is_null = secret.uid.is_defined() && secret.uid.known() == Some(&None);
        if is_null && secret.owner.known() == Some(&None) && !is_of_a_service(cx, secret) {
            out.push(diagnostic(cx, secret));
        }
    }
}

/// Whether it is the number of a user to whom a module of nixpkgs may give one.
fn is_of_a_service(cx: &HostContext<'_>, secret: &Secret) -> bool {
    let text = secret.uid.at.and_then(|at| cx.text(at)).unwrap_or_default();
    let user = text
        .strip_suffix(".uid")
        .and_then(|user| user.rsplit('.').next());
    user.is_some_and(|user| is_service_user(user.trim_matches('"')))
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret) -> Diagnostic {
    let message = format!("`{}` stays root's: its uid is null", secret.attribute);
    let from = secret
        .uid
        .at
        .and_then(|at| cx.text(at))
        .filter(|text| text.ends_with(".uid"));
    let label = match &from {
        Some(_) => "this user has no fixed number",
        None => "no number",
    };
    let advice = match from {
        Some(text) => {
            let option = text.strip_prefix("config.").unwrap_or(&text);
            format!("give the user a number, the same here and there: `{option} = 990;`")
        }
        None => "give a number, or `owner`".to_owned(),
    };
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(secret.uid.at.or_else(|| secret.declared_at.first().copied()), label)
        .note(format!(
            "NixOS picks numbers on the machine, so that evaluation knows none; {} takes the missing one for 0, \
             and the file belongs to root",
            secret.manager.name
        ))
        .advice(advice)
}
