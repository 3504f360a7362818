//! `secret-in-initrd-or-before-local-fs`: a secret is needed before secrets are installed.

use inventory::{Certainty, Reader, Reference, Scope, Via};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-in-initrd-or-before-local-fs",
    group: Group::Activation,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret is needed before secrets are installed",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// The option that takes the hash of a password for the shell of the initial ramdisk.
pub(crate) const EMERGENCY_ACCESS: [&str; 4] = ["boot", "initrd", "systemd", "emergencyAccess"];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reference in cx.paths() {
        let of_system = cx
            .referenced(reference)
            .is_none_or(|secret| secret.scope == Scope::System);
        if let Some((who, note)) =
            too_early(cx, reference).filter(|_| of_system && reference.user.is_none())
        {
            out.push(diagnostic(cx, reference, who, note));
        }
    }
    for reader in cx.readers_by_path() {
        out.extend(before_login(cx, reader));
    }
}

/// A unit that starts with the system and reads what Home Manager installs when its user logs in.
fn before_login(cx: &HostContext<'_>, reader: &Reader) -> Option<Diagnostic> {
    let secret = cx.host.secrets.get(reader.secret?)?;
    let Scope::User(user) = &secret.scope else {
        return None;
    };
    // One that lingers has a service manager, and with it the secrets, from the start.
    let may_linger = cx.user(user)?.lingers.known() != Some(&false);
    let Via::Unit { name, .. } = &reader.via else {
        return None;
    };
    let mut units = cx.host.settings.units.iter();
    let unit = units.find(|unit| unit.user.is_none() && unit.name == *name)?;
    let at_boot = [
        "multi-user.target",
        "default.target",
        "basic.target",
        "sysinit.target",
        "network-online.target",
    ];
    let wanted_by = unit.wanted_by.known()?;
    let is_at_boot = wanted_by
        .iter()
        .any(|target| at_boot.contains(&target.as_str()));
    if may_linger || unit.has_timer || !is_at_boot || secret.certainty != Certainty::Certain {
        return None;
    }
    let message = format!(
        "`{}` is needed by {name}.service at boot, before it is installed at {user}'s login",
        secret.attribute
    );
    Some(
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(reader.at, "not there yet when the system starts")
            .secondary(secret.declared_at.first().copied(), "installed by Home Manager")
            .note(format!(
                "Home Manager's secrets are installed by a unit of {user}: before the first login the file is missing, and \
                 after the last logout it is gone"
            ))
            .advice("declare the secret in the configuration of the system"),
    )
}

/// What needs the file before it is there, and what happens.
fn too_early(cx: &HostContext<'_>, reference: &Reference) -> Option<(&'static str, &'static str)> {
    let settings = &cx.host.settings;
    if reference.is_in(&["boot", "initrd", "secrets"])
        || reference.is_in(&["boot", "initrd", "network", "ssh", "hostKeys"])
    {
        return Some((
            "the initial ramdisk",
            "the file is copied when the boot loader is installed, and a switch does that before it installs \
             secrets: the first one fails, and later ones copy the secret of the generation before",
        ));
    }
    // This takes a text and no file: `secret-path-instead-of-value` reports it.
    let takes_a_text = reference.is_in(&EMERGENCY_ACCESS);
    if reference.is_in(&["boot", "initrd"]) && !takes_a_text {
        return Some((
            "the initial ramdisk",
            "secrets are installed after the initial ramdisk has done its work: there is no such file",
        ));
    }
    if let [first, mount, ..] = reference.option.as_slice()
        && first == "fileSystems"
        && settings
            .mounts
            .iter()
            .any(|early| early.point == *mount && early.early == Some(true))
    {
        return Some((
            "a file system that the initial ramdisk mounts",
            "`neededForBoot` mounts it before secrets are installed: there is no such file",
        ));
    }
    let is_crypttab = reference.is_in(&["environment", "etc", "crypttab"]);
    let manager = cx.referenced(reference)?.manager;
    let in_a_unit = settings.installs_in_a_unit(manager) == Some(true);
    (is_crypttab && in_a_unit).then_some((
        "systemd-cryptsetup",
        "this system installs its secrets in a unit that waits for local file systems, which wait for this device",
    ))
}

fn diagnostic(cx: &HostContext<'_>, reference: &Reference, who: &str, note: &str) -> Diagnostic {
    let message = format!(
        "`{}` is needed by {who}, before secrets are installed",
        cx.name_of(reference)
    );
    Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .primary(reference.at, "not there yet when this is read")
        .secondary(cx.declaration_of(reference), "declared here")
        .note(note)
        .advice("keep this key in a file of the machine that no secret manager installs, mode 0400, on an encrypted disk")
}
