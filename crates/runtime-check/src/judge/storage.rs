//! Where the bytes of a secret are: in memory, on a disk, on another machine.

use std::path::Path;

use super::{Details, JudgeContext, shown};
use crate::checks::Check;
use inventory::{Capability, Manager};

use crate::expect::{Place, Secret};
use crate::finding::Severity;
use crate::observe::file::{Found, Observation};
use crate::observe::mounts::{Mount, kind_of_magic};
use crate::observe::survey::Survey;

/// File systems that are nowhere but in memory.
fn in_memory(kind: &str) -> bool {
    matches!(kind, "ramfs" | "tmpfs" | "rootfs")
}

/// The kind of file system that a file is on; nothing if this machine does not say.
pub(crate) fn kind(
    context: &JudgeContext<'_>,
    found: &Found,
    observation: &Observation,
    survey: &Survey,
) -> Option<String> {
    if !context.is_live {
        return None;
    }
    if let Some(mount) = context.mounts.find(found.facts.mount, found.facts.device) {
        return Some(mount.kind.clone());
    }
    let last = observation.directories.last()?;
    let magic = survey.chains.get(*last)?.file_system?;
    kind_of_magic(magic).map(str::to_owned)
}

/// Judges where a secret is stored.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    found: &Found,
    kind: Option<&str>,
    place: Option<&Place>,
) {
    let Some(kind) = kind else {
        return;
    };
    if !in_memory(kind) {
        let severity = match (secret.manager, place) {
            (None, _) => Severity::Info,
            (_, Some(place)) if place.scope.user().is_none() => Severity::Error,
            _ => Severity::Warning,
        };
        let message = format!("{} is on {kind}, not in memory", shown(&secret.path));
        let is_copied = |manager: &Manager| !manager.has(Capability::LinksToDirectory);
        let help = (place.is_none() && secret.manager.is_some_and(is_copied))
            .then(|| "remove `symlink = false`".to_owned());
        let details = Details {
            secret: Some(&secret.name),
            severity: Some(severity),
            help,
            ..Details::default()
        };
        context.add(Check::SecretOnDisk, &secret.path, message, details);
        return;
    }
    let Some(mount) = context
        .mounts
        .find(found.facts.mount, found.facts.device)
        .cloned()
    else {
        return;
    };
    if mount.kind == "tmpfs" && !mount.has("noswap") && !context.swap.is_empty() {
        let areas: Vec<String> = context
            .swap
            .iter()
            .map(|area| shown(Path::new(area)))
            .collect();
        let message = format!(
            "{} is a tmpfs that can be swapped to {}, which is not encrypted",
            shown(&mount.point),
            areas.join(" and ")
        );
        let help =
            Some("encrypt the swap (swapDevices.*.randomEncryption), or use zram".to_owned());
        let details = Details {
            secret: Some(&secret.name),
            help,
            ..Details::default()
        };
        context.add_shared(Check::SwappableMemory, &mount.point, message, details);
    }
    if let Some(place) = place.filter(|place| place.scope.user().is_none()) {
        options(context, secret, place, &mount);
    }
}

fn options(context: &mut JudgeContext<'_>, secret: &Secret, place: &Place, mount: &Mount) {
    let details = || Details {
        secret: Some(&secret.name),
        ..Details::default()
    };
    if mount.point != place.generations {
        let message = format!(
            "{} is not a mount of its own: the secrets are on {} ({})",
            shown(&place.generations),
            shown(&mount.point),
            mount.kind
        );
        context.add_shared(Check::MountOptions, &place.generations, message, details());
        return;
    }
    let missing: Vec<&str> = place
        .manager
        .deployment
        .mount_options
        .iter()
        .copied()
        .filter(|option| !mount.has(option))
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "{} is mounted without {}",
            shown(&mount.point),
            missing.join(", ")
        );
        context.add_shared(Check::MountOptions, &mount.point, message, details());
    }
    let stacked = context.mounts.stacked_at(&mount.point);
    if stacked > 1 {
        let message = format!(
            "{stacked} mounts lie over each other at {}",
            shown(&mount.point)
        );
        let help = Some(format!(
            "umount {} until one is left, then activate again",
            shown(&mount.point)
        ));
        context.add_shared(
            Check::StackedMounts,
            &mount.point,
            message,
            Details { help, ..details() },
        );
    }
}
