//! Containers: files of the host that processes inside them open.
//!
//! The engine's own files (`environmentFiles`, `login.passwordFile`) are in the table.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::{HostView, Process, because};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::values::Options;
use inventory::model::Moment;

/// Only what is declared: a path that is written out may be one inside the container.
const DECLARED: Query<'_> = Query {
    option: &[],
    skip: &[],
    only_declared: true,
    only_enabled: false,
    home: None,
};

/// `virtualisation.oci-containers` and `containers`.
pub(crate) fn containers(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
) {
    if let Ok(all) = system.path(
        evaluator,
        &["virtualisation", "oci-containers", "containers"],
    ) {
        for (name, entry) in all.entries(evaluator) {
            oci(evaluator, view, &name, entry, found);
        }
    }
    if let Ok(all) = system.path(evaluator, &["containers"]) {
        for (name, entry) in all.entries(evaluator) {
            nixos(evaluator, view, &name, entry, found);
        }
    }
}

/// Volumes: `HOST:CONTAINER:OPTIONS`.
fn oci(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    name: &str,
    entry: Entry,
    found: &mut ExtractedReaders,
) {
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return;
    };
    let options = Options { set };
    let Some(volumes) = options.entry(evaluator, "volumes") else {
        return;
    };
    let of_host = |path_use: &PathUse| path_use.before.is_empty();
    let mounted: Vec<PathUse> = path_uses(evaluator, view, volumes, DECLARED);
    let process = inside(evaluator, view, options);
    for path_use in mounted.iter().filter(|path_use| of_host(path_use)) {
        let via = option_via([
            "virtualisation",
            "oci-containers",
            "containers",
            name,
            "volumes",
        ]);
        let mut access = FileAccess::of(path_use, &process, via, Moment::Service);
        access.certain &= entry.maybe.is_none();
        found.readers.push(access.reader(view));
    }
}

/// Who runs inside: the number that `user` gives, where the container's numbers are the host's.
fn inside(evaluator: &mut Evaluator, view: &HostView<'_>, options: Options) -> Process {
    let unknown = || Process::unknown("the user inside the container", None);
    let Some(Ok(Value::String(_))) = options
        .entry(evaluator, "user")
        .map(|entry| evaluator.force(entry.value))
    else {
        return unknown();
    };
    let user = options.text(evaluator, "user");
    let Some(user) = user.known() else {
        return unknown();
    };
    let (user, group) = user
        .split_once(':')
        .map_or((user.as_str(), None), |(user, group)| (user, Some(group)));
    let extra = options.entry(evaluator, "extraOptions").is_some();
    let rootless = options
        .path(evaluator, &["podman"])
        .is_ok_and(|podman| podman.entry(evaluator, "user").is_some());
    if extra || rootless || user.parse::<u32>().is_err() {
        return unknown();
    }
    let mut process = view.process_of(user);
    // Groups of the host's user do not count inside.
    process.groups.names.clear();
    let has = |known: &&inventory::model::Group| {
        let number = group.and_then(|group| group.parse::<i64>().ok());
        number.is_some() && known.gid.known() == Some(&number)
    };
    process
        .groups
        .names
        .extend(view.groups.iter().find(has).map(|known| known.name.clone()));
    process.groups.more = Some(because("the groups inside the container", None));
    process
}

/// Bind mounts of a NixOS container.
fn nixos(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    name: &str,
    entry: Entry,
    found: &mut ExtractedReaders,
) {
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return;
    };
    let Some(mounts) = (Options { set }).entry(evaluator, "bindMounts") else {
        return;
    };
    let process = Process::unknown("the processes inside the container", None);
    let query = Query {
        option: &["bindMounts"],
        ..DECLARED
    };
    for path_use in path_uses(evaluator, view, mounts, query) {
        if !is_of_host(evaluator, mounts, &path_use) {
            continue;
        }
        let via = option_via(["containers", name, "bindMounts"]);
        let mut access = FileAccess::of(&path_use, &process, via, Moment::Service);
        access.certain &= entry.maybe.is_none();
        found.readers.push(access.reader(view));
    }
}

/// Whether a path in a mount is one of the host: `hostPath`, or `mountPoint` where that is null.
fn is_of_host(evaluator: &mut Evaluator, mounts: Entry, path_use: &PathUse) -> bool {
    let [.., name, last] = path_use.option.as_slice() else {
        return false;
    };
    if last != "mountPoint" {
        return last == "hostPath";
    }
    let set = evaluator.force_attrs(mounts.value);
    let mount = set.and_then(|set| Options { set }.set(evaluator, name));
    let source = mount
        .ok()
        .and_then(|mount| mount.entry(evaluator, "hostPath"));
    source.is_some_and(|source| evaluator.force(source.value) == Ok(Value::Null))
}
