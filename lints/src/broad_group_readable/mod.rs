//! `broad-group-readable`: a group to which every person belongs can read a secret.

use inventory::{HostClass, Scope, Secret};

use crate::context::known_name;
use crate::phrases::{list, nix_name, reader_group};
use crate::world_accessible_secret_mode::is_public;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "broad-group-readable",
    group: Group::Access,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a group to which every person belongs can read a secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Groups to which people belong without having been given a secret. The only one is as good as its owner.
const EVERYBODY: [&str; 2] = ["users", "staff"];
/// Groups to which they are added by name, but for something else. One member is taken for meant.
const MANY: [&str; 2] = ["keys", "nogroup"];
/// Groups whose members may become root, who reads every secret: that the group reads one too is worth knowing only.
const OF_ADMINISTRATORS: [&str; 2] = ["wheel", "admin"];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.scope == Scope::System)
    {
        let Some(mode) = secret.effective_mode.known().copied() else {
            continue;
        };
        let Some(group) = known_name(&secret.effective_group) else {
            continue;
        };
        let is_of_a_person = known_name(&secret.effective_owner).is_some_and(|name| name != "root");
        let of_administrators = OF_ADMINISTRATORS.contains(&group);
        let least = match (EVERYBODY.contains(&group), MANY.contains(&group)) {
            (true, _) if is_of_a_person => 1,
            (true, _) | (false, true) => 2,
            (false, false) if of_administrators => 2,
            (false, false) => continue,
        };
        if mode & 0o040 == 0 || mode & 0o004 != 0 || is_public(secret) {
            continue;
        }
        let members = members(cx, secret, group);
        let may_have_more = cx.host.class == HostClass::Darwin && group == "staff";
        if members.len() >= least || may_have_more {
            let found = diagnostic(cx, secret, group, mode, &members);
            out.push(if of_administrators {
                found.severity(Severity::Info)
            } else {
                found
            });
        }
    }
}

/// The users in the group, root and the owner left out.
fn members<'a>(cx: &HostContext<'a>, secret: &Secret, group: &str) -> Vec<&'a str> {
    let owner = known_name(&secret.effective_owner);
    let users = cx
        .host
        .users
        .iter()
        .filter(|user| user.name != "root" && Some(user.name.as_str()) != owner);
    let is_member = |user: &&inventory::User| {
        let is_primary = user.group.known().and_then(Option::as_deref) == Some(group);
        is_primary
            || user
                .groups
                .known()
                .is_some_and(|groups| groups.iter().any(|name| name == group))
    };
    users
        .filter(is_member)
        .map(|user| user.name.as_str())
        .collect()
}

fn diagnostic(
    cx: &HostContext<'_>,
    secret: &Secret,
    group: &str,
    mode: u32,
    members: &[&str],
) -> Diagnostic {
    const SHOWN: usize = 5;
    let who = match members {
        [] => "every user of this Mac".to_owned(),
        members if members.len() > SHOWN => format!("every member of {group}"),
        members => list(members.iter().copied()).replace('`', ""),
    };
    let message = format!(
        "{who} can read `{}`: group {group}, mode {mode:04o}",
        secret.attribute
    );
    let at = secret
        .mode
        .at
        .or_else(|| secret.declared_at.first().copied());
    let from = if secret.group.is_defined() {
        format!("group {group} given here")
    } else {
        format!("no group given: {group}, the group of its owner")
    };
    let place = secret
        .group
        .at
        .or_else(|| secret.declared_at.first().copied());
    let own = reader_group(secret);
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, "lets the group read")
        .secondary(place, from)
        .note("nobody is in this group for the secret's sake: they read it, and whatever they run does")
        .confidence(Confidence::Medium);
    // nix-darwin makes no group that has no number, or that it is not told to manage.
    if cx.host.class == HostClass::Darwin {
        return found.advice(
            "let only the owner read it (mode 0400), or give it a group of its own: `users.groups` with a `gid`, named in \
             `users.knownGroups`",
        );
    }
    found.help(
        "give it a group of its own, or let only the owner read it (mode 0400)",
        format!(
            "users.groups.{}.members = [ ];\n{}.group = \"{own}\";",
            nix_name(&own),
            secret.option
        ),
    )
}
