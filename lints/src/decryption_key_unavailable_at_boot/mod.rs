//! `decryption-key-unavailable-at-boot`: the key may not be mounted when secrets are installed.

use inventory::{Capability, HostClass, KeySource, Moment, Scope};

use crate::context::is_below;
use crate::phrases::nix_string;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "decryption-key-unavailable-at-boot",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the decryption key may not be mounted yet when secrets are installed at boot",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // How the hosts that load a part of a configuration mount their file systems is not known.
    let is_a_part = cx.host.class == HostClass::Module && cx.host.secrets_open.is_some();
    // All file systems of a container are mounted before it starts.
    if is_a_part
        || cx.host.container.is_some()
        || !matches!(cx.host.class, HostClass::Nixos | HostClass::Module)
    {
        return;
    }
    let keys = || {
        cx.host
            .key_sources
            .iter()
            .filter(|key| key.scope == Scope::System)
    };
    for key in keys() {
        let Some(path) = key.path.known() else {
            continue;
        };
        // The next key is taken.
        let is_another = |other: &KeySource| other.manager == key.manager && !may_be_late(other);
        if key.manager.has(Capability::SkipsUnreadableKeys) && keys().any(is_another) {
            continue;
        }
        let waits_for_mounts = key.manager.has(Capability::WaitsForKeyMounts)
            && cx.host.settings.installs_in_a_unit(key.manager) == Some(true);
        let early = key.mount.as_ref().and_then(|mount| mount.early);
        let is_likely = early.is_none() && is_below(path, "/home");
        if !waits_for_mounts && (early == Some(false) || is_likely) {
            out.push(diagnostic(cx, key, path, early == Some(false)));
        }
    }
}

/// Whether it is not certain that a key can be read when secrets are installed.
fn may_be_late(key: &KeySource) -> bool {
    let early = key.mount.as_ref().and_then(|mount| mount.early);
    match (early, key.path.known()) {
        (Some(early), _) => !early,
        (None, Some(path)) => is_below(path, "/home"),
        (None, None) => true,
    }
}

fn diagnostic(cx: &HostContext<'_>, key: &KeySource, path: &str, is_proven: bool) -> Diagnostic {
    let message = if is_proven {
        format!(
            "{path} is not mounted yet when {} installs secrets at boot",
            key.manager.name
        )
    } else {
        format!(
            "{path} may not be mounted yet when {} installs secrets at boot",
            key.manager.name
        )
    };
    let locks_out = is_proven && feeds_a_password(cx, key);
    let manager = key.manager.name;
    let note = if key.manager.has(Capability::SkipsUnreadableKeys) {
        format!(
            "{manager} skips a key that it cannot read, and then no secret is installed; after the boot a rebuild \
             works, which hides it"
        )
    } else {
        format!(
            "{manager} installs before file systems like /home are mounted, and without its key it installs no \
             secret at all; after the boot a rebuild works, which hides it"
        )
    };
    let mount = key.mount.as_ref().filter(|_| is_proven);
    let label = match mount {
        Some(mount) => format!("on {}, a file system that is mounted later", mount.point),
        None => "below /home, which is often a file system of its own".to_owned(),
    };
    let found = Diagnostic::new(&LINT, key.option.option, message)
        .severity(if locks_out {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(if is_proven {
            Confidence::High
        } else {
            Confidence::Medium
        })
        .primary(key.path.at, label)
        .secondary(
            mount.and_then(|mount| mount.at),
            "mounted after the secrets are installed",
        )
        .note(note);
    match mount {
        Some(mount) => found.help(
            format!("mount {} early, or keep the key on a file system that is", mount.point),
            format!("fileSystems.{}.neededForBoot = true;", nix_string(&mount.point)),
        ),
        None => found.help(
            "keep the key on the root file system, or set `neededForBoot` on the file system that holds it",
            key.manager.key_example(),
        ),
    }
}

/// Whether a password of a user depends on the key.
fn feeds_a_password(cx: &HostContext<'_>, key: &KeySource) -> bool {
    let passwords = cx
        .readers()
        .filter(|reader| reader.moment == Moment::BeforeUsers);
    let mut secrets = passwords.filter_map(|reader| cx.host.secrets.get(reader.secret?));
    secrets.any(|secret| secret.manager == key.manager && secret.scope == Scope::System)
}
