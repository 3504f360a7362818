//! Which file system holds a file, and whether it is mounted before secrets are installed.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Value};
use nix_syntax::source::Span;

use crate::values::{Options, definitions, text, written};
use inventory::model::{EARLY_MOUNTS, Mount};

/// How deep the devices of disko are nested: disk, partitions, LUKS, volume group, subvolumes.
const MAX_DEPTH: usize = 16;

/// The file systems of a system, by `fileSystems` and disko; sorted by mount point.
pub(crate) fn find(evaluator: &mut Evaluator, config: Options) -> Vec<Mount> {
    let mut mounts = Vec::new();
    if let Ok(systems) = config.path(evaluator, &["fileSystems"]) {
        for (name, entry) in systems.entries(evaluator) {
            let set = evaluator.force_attrs(entry.value);
            let mut mount = match set {
                Ok(set) => of_set(evaluator, Options { set }, &name),
                Err(_) => blank(name),
            };
            if entry.maybe.is_some() {
                mount = blank(mount.point);
            }
            mount.at = definitions(evaluator, entry).first().copied();
            add(&mut mounts, mount);
        }
    }
    if let Ok(devices) = config.path(evaluator, &["disko", "devices"]) {
        of_disko(evaluator, devices.set, 0, &mut mounts);
        of_disko_nodev(evaluator, devices, &mut mounts);
    }
    if mounts.is_empty() && (is_wsl(evaluator, config) || is_image(evaluator, config)) {
        let mut root = blank("/".to_owned());
        root.early = Some(true);
        mounts.push(root);
    }
    mounts.sort_by(|a: &Mount, b: &Mount| a.point.cmp(&b.point));
    mounts
}

/// Whether a system runs in the Windows Subsystem for Linux, which has one disk and mounts it before the system starts.
fn is_wsl(evaluator: &mut Evaluator, config: Options) -> bool {
    let wsl = config.path(evaluator, &["wsl"]);
    wsl.is_ok_and(|wsl| wsl.boolean(evaluator, "enable").known() == Some(&true))
}

/// Whether a system is the image of a card or disc: its module in nixpkgs, which is not read, has one file system and
/// what boots it.
fn is_image(evaluator: &mut Evaluator, config: Options) -> bool {
    let modules = ["sdImage", "isoImage"];
    { modules.iter() }.any(|name| config.entry(evaluator, name).is_some())
}

/// A mount of which nothing is known.
const fn blank(point: String) -> Mount {
    Mount {
        point,
        early: None,
        early_only_elsewhere: false,
        fs_type: None,
        at: None,
    }
}

/// The mount that an element of `fileSystems` declares.
fn of_set(evaluator: &mut Evaluator, options: Options, name: &str) -> Mount {
    let point = options.text(evaluator, "mountPoint");
    let point = point.known().map_or(name, String::as_str).to_owned();
    let mut mount = blank(point);
    mount.fs_type = options.text(evaluator, "fsType").known().cloned();
    if EARLY_MOUNTS.contains(&mount.point.as_str()) {
        mount.early = Some(true);
        return mount;
    }
    if options.entry(evaluator, "neededForBoot").is_some() {
        mount.early = options.boolean(evaluator, "neededForBoot").known().copied();
    } else if !may_be_in_initrd(evaluator, options) {
        mount.early = match evaluator.open_reason(options.set) {
            Some(_) => None,
            None => Some(false),
        };
        mount.early_only_elsewhere = mount.early.is_none();
    }
    mount
}

/// Whether its mount options ask for the initial ramdisk, or may.
fn may_be_in_initrd(evaluator: &mut Evaluator, options: Options) -> bool {
    if options.entry(evaluator, "options").is_none() {
        return false;
    }
    let options = options.texts(evaluator, "options");
    let known = options.known();
    known.is_none_or(|options| options.iter().any(|it| it == "x-initrd.mount"))
}

/// A file system that both name is early if either says so: disko's own are merged with `fileSystems`.
fn add(mounts: &mut Vec<Mount>, mount: Mount) {
    match mounts.iter_mut().find(|known| known.point == mount.point) {
        Some(known) => {
            known.early = match (known.early, mount.early) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
            known.early_only_elsewhere &= mount.early != Some(true);
            known.fs_type = known.fs_type.take().or(mount.fs_type);
        }
        None => mounts.push(mount),
    }
}

/// Every `mountpoint` below the devices of disko.
fn of_disko(evaluator: &mut Evaluator, set: AttrsId, depth: usize, mounts: &mut Vec<Mount>) {
    if depth == MAX_DEPTH {
        return;
    }
    for (name, entry) in (Options { set }).entries(evaluator) {
        match evaluator.force(entry.value) {
            Ok(Value::Attrs(inner)) => of_disko(evaluator, inner, depth + 1, mounts),
            Ok(value) if name == "mountpoint" => {
                let Ok(point) = text(evaluator, value) else {
                    continue;
                };
                if point.starts_with('/') {
                    let at = written(evaluator, entry).at;
                    add(mounts, by_disko(point, at));
                }
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// A mount that disko declares, which never sets `neededForBoot`.
fn by_disko(point: String, at: Option<Span>) -> Mount {
    Mount {
        early: Some(EARLY_MOUNTS.contains(&point.as_str())),
        at,
        ..blank(point)
    }
}

/// `disko.devices.nodev."/"`: mounted at its name where `mountpoint` says nothing else.
fn of_disko_nodev(evaluator: &mut Evaluator, devices: Options, mounts: &mut Vec<Mount>) {
    let Ok(nodev) = devices.path(evaluator, &["nodev"]) else {
        return;
    };
    for (name, entry) in nodev.entries(evaluator) {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let options = Options { set };
        let point = match options.entry(evaluator, "mountpoint") {
            Some(_) => options.text(evaluator, "mountpoint").known().cloned(),
            None => Some(name),
        };
        if let Some(point) = point.filter(|point| point.starts_with('/') && entry.maybe.is_none()) {
            let at = definitions(evaluator, entry).first().copied();
            let fs_type = options.text(evaluator, "fsType").known().cloned();
            add(
                mounts,
                Mount {
                    fs_type,
                    ..by_disko(point, at)
                },
            );
        }
    }
}

/// Options that bring files of an earlier boot to an empty root file system, or may: what is there in
/// them is not read.
const BRINGS_FILES: [&[&str]; 14] = [
    &["environment", "persistence"],
    &["preservation"],
    &["boot", "initrd", "postMountCommands"],
    &["boot", "initrd", "postDeviceCommands"],
    &["boot", "initrd", "postResumeCommands"],
    &["boot", "initrd", "secrets"],
    &["boot", "initrd", "systemd", "services"],
    &["boot", "initrd", "systemd", "mounts"],
    &["boot", "initrd", "systemd", "tmpfiles"],
    &["boot", "postBootCommands"],
    &["system", "activationScripts"],
    &["systemd", "mounts"],
    &["systemd", "tmpfiles"],
    &["virtualisation", "fileSystems"],
];

/// Whether the root file system is kept in memory alone and the configuration has nothing that could bring
/// a file back to it.
pub(crate) fn forgets_root(evaluator: &mut Evaluator, config: Options, mounts: &[Mount]) -> bool {
    let in_memory = mounts.iter().any(|mount| {
        let fs_type = mount.fs_type.as_deref();
        mount.point == "/" && matches!(fs_type, Some("tmpfs" | "ramfs"))
    });
    let is_there = |evaluator: &mut Evaluator, option: &[&str]| {
        let Some((last, above)) = option.split_last() else {
            return false;
        };
        let options = config.path(evaluator, above);
        options.is_ok_and(|options| options.entry(evaluator, last).is_some())
    };
    let etc = config.path(evaluator, &["environment", "etc"]);
    let etc = etc.map(|etc| etc.entries(evaluator)).unwrap_or_default();
    let links_a_key = etc.iter().any(|(name, _)| name.starts_with("ssh"));
    in_memory
        && !links_a_key
        && !BRINGS_FILES
            .iter()
            .any(|option| is_there(evaluator, option))
}

/// The file system that holds a file: the one with the longest mount point. Nothing where the root
/// file system is not declared, or where something beside these mounts may bring the file.
pub(crate) fn of_file<'a>(
    evaluator: &mut Evaluator,
    config: Options,
    mounts: &'a [Mount],
    path: &str,
) -> Option<&'a Mount> {
    let holds = |mount: &&Mount| {
        let rest = path.strip_prefix(mount.point.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let holding = mounts.iter().filter(holds);
    let best = holding.max_by_key(|mount| mount.point.len())?;
    if best.point != "/" {
        return Some(best);
    }
    // A root file system that is emptied at boot gets its files by bind mounts, which come later.
    let is_kept = [&["environment", "persistence"][..], &["preservation"]]
        .into_iter()
        .any(|option| config.path(evaluator, option).is_ok());
    (!is_kept).then_some(best)
}
