//! `darwin-secret-defaults`: an option of sops-nix that means something else on nix-darwin.

use inventory::{Capability, HostClass, Scope, Secret};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "darwin-secret-defaults",
    group: Group::Access,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an option of sops-nix that means something else on nix-darwin",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let manager = secret.manager;
        if !manager.has(Capability::HasNumericOwners) || secret.scope != Scope::System {
            continue;
        }
        // Only on nix-darwin is the owner "root" by default; on NixOS it is null.
        let owner = secret.owner.known().and_then(Option::as_deref);
        let is_darwin_default = owner == Some("root") && !secret.owner.is_defined();
        let uid = secret
            .uid
            .known()
            .copied()
            .flatten()
            .filter(|uid| *uid != 0 && secret.uid.is_defined());
        if let Some(uid) = uid.filter(|_| is_darwin_default) {
            out.push(number(secret, uid));
        }
        let is_early = secret.needed_for_users.known() == Some(&true);
        if cx.host.class == HostClass::Darwin
            && is_early
            && let Some(directory) = manager.early.as_ref().map(|early| early.directory)
        {
            out.push(early(secret, directory));
        }
    }
}

fn number(secret: &Secret, uid: i64) -> Diagnostic {
    let message = format!(
        "`{}` has the uid {uid} and the owner root",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            secret.uid.at,
            "on nix-darwin `owner` is root unless set to null",
        )
        .note(format!(
            "evaluation fails: {} accepts a `uid` only without an owner",
            secret.manager.name
        ))
        .help("", format!("{}.owner = null;", secret.option))
}

fn early(secret: &Secret, directory: &str) -> Diagnostic {
    let message = format!(
        "`neededForUsers` of `{}` only moves the file on nix-darwin",
        secret.attribute
    );
    let at = secret
        .needed_for_users
        .at
        .or_else(|| secret.declared_at.first().copied());
    // Nothing fails, and a module that NixOS hosts share needs it there.
    Diagnostic::new(&LINT, &secret.option, message)
        .severity(Severity::Info)
        .primary(at, "nix-darwin creates no users from secrets")
        .note(format!(
            "the secret lands below {directory} and belongs to root; nothing is installed earlier"
        ))
        .advice("remove `neededForUsers`, unless NixOS hosts share the module")
}
