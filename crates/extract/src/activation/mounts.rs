//! Which file system holds a file, and whether it is mounted before secrets are installed.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Value};

use crate::values::{Options, definitions, text, written};
use inventory::model::Mount;

/// nixpkgs' `utils.pathsNeededForBoot`: mounted in the initial ramdisk, whatever the options say.
const ALWAYS_EARLY: [&str; 9] = [
    "/",
    "/nix",
    "/nix/store",
    "/var",
    "/var/log",
    "/var/lib",
    "/var/lib/nixos",
    "/etc",
    "/usr",
];

/// How deep the devices of disko are nested: disk, partitions, LUKS, volume group, subvolumes.
const MAX_DEPTH: usize = 16;

/// The file systems of a system, by `fileSystems` and disko; sorted by mount point.
pub(crate) fn find(evaluator: &mut Evaluator, config: Options) -> Vec<Mount> {
    let mut mounts = Vec::new();
    if let Ok(systems) = config.path(evaluator, &["fileSystems"]) {
        for (name, entry) in systems.entries(evaluator) {
            let set = evaluator.force_attrs(entry.value);
            let (point, early) = match set {
                Ok(set) => of_set(evaluator, Options { set }, &name),
                Err(_) => (name, None),
            };
            let early = early.filter(|_| entry.maybe.is_none());
            let at = definitions(evaluator, entry).first().copied();
            add(&mut mounts, Mount { point, early, at });
        }
    }
    if let Ok(devices) = config.path(evaluator, &["disko", "devices"]) {
        of_disko(evaluator, devices.set, 0, &mut mounts);
    }
    mounts.sort_by(|a: &Mount, b: &Mount| a.point.cmp(&b.point));
    mounts
}

/// Its mount point, and whether it is mounted early.
fn of_set(evaluator: &mut Evaluator, options: Options, name: &str) -> (String, Option<bool>) {
    let point = options.text(evaluator, "mountPoint");
    let point = point.known().map_or(name, String::as_str).to_owned();
    let early = match options.entry(evaluator, "neededForBoot") {
        Some(_) => options.boolean(evaluator, "neededForBoot").known().copied(),
        None => match evaluator.open_reason(options.set) {
            Some(_) => None,
            None => Some(false),
        },
    };
    let always = ALWAYS_EARLY.contains(&point.as_str());
    (point, if always { Some(true) } else { early })
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
                    let early = Some(ALWAYS_EARLY.contains(&point.as_str()));
                    let at = written(evaluator, entry).at;
                    add(mounts, Mount { point, early, at });
                }
            }
            Ok(_) | Err(_) => {}
        }
    }
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
