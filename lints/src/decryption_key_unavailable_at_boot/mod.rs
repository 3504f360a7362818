//! `decryption-key-unavailable-at-boot`: the key may not be mounted when secrets are installed.

use inventory::{Capability, HostClass, KeyKind, KeySource, Moment, Scope};

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
            .filter(|key| key.scope == Scope::System && decrypts(cx, key))
    };
    // One key that is forgotten stands for all of a manager.
    let mut told: Vec<&str> = Vec::new();
    for key in keys() {
        let Some(path) = key.path.known() else {
            continue;
        };
        // The next key is taken.
        let is_another =
            |other: &KeySource| other.manager == key.manager && !may_be_late(cx, other);
        let goes_on = key.manager.has(Capability::SkipsUnreadableKeys) || is_made_anew(cx, key);
        if goes_on && keys().any(is_another) {
            continue;
        }
        let waits_for_mounts = key.manager.has(Capability::WaitsForKeyMounts)
            && cx.host.settings.installs_in_a_unit(key.manager) == Some(true);
        if is_forgotten(cx, key) {
            if !told.contains(&key.manager.name) {
                told.push(key.manager.name);
                out.push(forgotten(cx, key, path));
            }
            continue;
        }
        let early = is_early(cx, key);
        let is_likely = early.is_none() && is_below(path, "/home") && !has_one_file_system(cx);
        if !waits_for_mounts && (early == Some(false) || is_likely) {
            out.push(diagnostic(cx, key, path, early == Some(false)));
        }
    }
}

/// Whether all that the configuration shows of the disk is one file system, and what boots it.
fn has_one_file_system(cx: &HostContext<'_>) -> bool {
    let mounts = &cx.host.settings.mounts;
    let is_part = |point: &str| point == "/" || is_below(point, "/boot") || point == "/boot";
    let has_root = mounts.iter().any(|mount| mount.point == "/");
    has_root && mounts.iter().all(|mount| is_part(&mount.point)) && !cx.host.settings.forgets_root
}

/// Whether a file that is not there yet is made with a new key, so that nothing fails for it.
fn is_made_anew(cx: &HostContext<'_>, key: &KeySource) -> bool {
    let mut settings = cx.host.sops.iter();
    key.option.kind == KeyKind::Age
        && settings.any(|settings| {
            settings.manager == key.manager
                && settings.scope == key.scope
                && settings.generate_key.known() == Some(&true)
        })
}

/// Whether the manager of a key installs any secret of the system.
fn decrypts(cx: &HostContext<'_>, key: &KeySource) -> bool {
    let mut secrets = cx.host.secrets.iter();
    secrets.any(|secret| secret.manager == key.manager && secret.scope == Scope::System)
}

/// Whether the file system that holds a key is mounted before secrets are installed; `None` if not known.
fn is_early(cx: &HostContext<'_>, key: &KeySource) -> Option<bool> {
    let mount = key.mount.as_ref()?;
    // Every module that could still say so is known.
    let is_closed = mount.early_only_elsewhere && cx.host.secrets_open.is_none();
    mount.early.or(is_closed.then_some(false))
}

/// Whether a key lies on a root file system that starts empty at every boot.
fn is_forgotten(cx: &HostContext<'_>, key: &KeySource) -> bool {
    let is_on_root = key.mount.as_ref().is_some_and(|mount| mount.point == "/");
    is_on_root && cx.host.settings.forgets_root && cx.host.secrets_open.is_none()
}

/// Whether it is not certain that a key can be read when secrets are installed.
fn may_be_late(cx: &HostContext<'_>, key: &KeySource) -> bool {
    match (is_early(cx, key), key.path.known()) {
        _ if is_forgotten(cx, key) => true,
        (Some(early), _) => !early,
        (None, Some(path)) => is_below(path, "/home") && !has_one_file_system(cx),
        (None, None) => true,
    }
}

/// A key that the next boot does not find any more.
fn forgotten(cx: &HostContext<'_>, key: &KeySource, path: &str) -> Diagnostic {
    let message = format!("{path} does not outlive a boot: / is kept in memory");
    let root = key.mount.as_ref().and_then(|mount| mount.at);
    // An SSH host key is made by sshd, and named by its own option.
    let at = key.path.at.or(root);
    let label = match key.path.at {
        Some(_) => "on a file system that starts empty",
        None => "starts empty at every boot, and with it the directory of the key",
    };
    let found = Diagnostic::new(&LINT, key.option.option, message)
        .primary(at, label)
        .note(
            "after a boot the key is not there, or is another one: no secret that was encrypted to the old \
             one can be decrypted",
        );
    let found = match key.path.at {
        Some(_) => found.secondary(root, "starts empty at every boot"),
        None => found,
    };
    let severity = if feeds_a_password(cx, key) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let kept = format!("/nix/persist{path}");
    let code = match key.option.kind {
        KeyKind::SshAsAge | KeyKind::Age if path.starts_with("/etc/ssh/") => format!(
            "services.openssh.hostKeys = [ {{ type = \"ed25519\"; path = {}; }} ];",
            nix_string("/nix/persist/etc/ssh/ssh_host_ed25519_key")
        ),
        _ if key.option.is_list_of_paths => {
            format!("{} = [ {} ];", key.option.option, nix_string(&kept))
        }
        _ => format!("{} = {};", key.option.option, nix_string(&kept)),
    };
    found.severity(severity).help(
        "keep it on a file system that stays, and name it there",
        code,
    )
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
