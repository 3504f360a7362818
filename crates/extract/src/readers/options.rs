//! Options of NixOS modules that name a secret's file: the table says who opens it.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::{HostView, Process, because};
use crate::readers::option_pattern::{Pattern, fill_name};
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::readers::table::{Row, Table, UnitUser};
use crate::readers::units::named;
use crate::readers::{FileAccess, FoundReaders, option_via, without_elements};
use crate::values::{Options, text, unknown};
use inventory::access::Groups;
use inventory::model::{Fact, Moment, OptionPath, Unknown, Via};

/// The parts of a system's configuration in which modules of nixpkgs have their options.
const ROOTS: [&str; 11] = [
    "services",
    "networking",
    "security",
    "virtualisation",
    "programs",
    "nix",
    "boot",
    "fileSystems",
    "mailserver",
    "hardware",
    "environment",
];

/// What below these has readers of its own, or none.
const SKIPPED: [&[&str]; 8] = [
    &["nix", "nixPath"],
    &["nix", "registry"],
    &["environment", "variables"],
    &["environment", "sessionVariables"],
    &["environment", "shellInit"],
    &["environment", "loginShellInit"],
    &["environment", "interactiveShellInit"],
    &["environment", "systemPackages"],
];

/// `systemd` has units, which are read elsewhere, and these.
const IN_SYSTEMD: [&str; 2] = ["network", "mounts"];

/// Where the readers of options are looked for.
struct Context<'a> {
    view: &'a HostView<'a>,
    /// The rows that go before those of the table.
    extra: &'a Table,
    system: Options,
}

/// Adds the readers of a system's options.
pub(crate) fn options(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    extra: &Table,
    system: Options,
    found: &mut FoundReaders,
) {
    let context = &Context {
        view,
        extra,
        system,
    };
    let mut roots: Vec<&str> = ROOTS.to_vec();
    roots.extend(extra.roots().filter(|root| !ROOTS.contains(root)));
    for root in roots {
        if let Some(entry) = system.entry(evaluator, root).filter(|_| root != "systemd") {
            add(evaluator, context, &[root], entry, found);
        }
    }
    if let Ok(systemd) = system.path(evaluator, &["systemd"]) {
        for name in IN_SYSTEMD {
            if let Some(entry) = systemd.entry(evaluator, name) {
                add(evaluator, context, &["systemd", name], entry, found);
            }
        }
    }
}

/// Adds the readers of the options below one.
fn add(
    evaluator: &mut Evaluator,
    context: &Context<'_>,
    option: &[&str],
    entry: Entry,
    found: &mut FoundReaders,
) {
    let is_nixpkgs = option
        .first()
        .is_some_and(|root| *root == "systemd" || ROOTS.contains(root));
    let query = Query {
        option,
        skip: &SKIPPED,
        only_enabled: true,
        ..Query::default()
    };
    for path_use in path_uses(evaluator, context.view, entry, query) {
        let mut rows = context.extra.rows(&path_use.option);
        if rows.is_empty() {
            rows = Table::built_in().rows(&path_use.option);
        }
        rows.retain(|(row, _)| has_form(row, &path_use));
        if rows.is_empty() && is_nixpkgs {
            without_row(context.view, &path_use, found);
        }
        for (row, captured) in rows {
            let access = from_row(evaluator, context, &path_use, row, &captured);
            found
                .readers
                .extend(access.map(|access| access.reader(context.view)));
        }
    }
}

/// Whether the path stands in the value as the row wants it.
fn has_form(row: &Row, path_use: &PathUse) -> bool {
    row.option
        .form()
        .is_none_or(|form| path_use.before.ends_with(form))
}

/// An option of which nobody knows who opens the file.
fn without_row(view: &HostView<'_>, path_use: &PathUse, found: &mut FoundReaders) {
    // What uses an option of the project's own is seen where it is used; a path in a text may be anything.
    let is_a_secret = view.secret_at(&path_use.path, None).is_some();
    if path_use.in_own_option || !is_a_secret || is_read_elsewhere(&path_use.option) {
        return;
    }
    let via = option_via(without_elements(&path_use.option));
    let process = Process::unknown("the table of readers does not have the option", None);
    let access = FileAccess::of(path_use, &process, via, Moment::Service);
    found.readers.push(access.reader(view));
}

/// `programs.zsh.shellInit` and the like, which `session` reads, and the volumes of containers.
fn is_read_elsewhere(option: &[String]) -> bool {
    let names: Vec<&str> = option.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["programs", "bash" | "zsh" | "fish", init, ..] => init.ends_with("Init"),
        [
            "virtualisation",
            "oci-containers",
            "containers",
            _,
            "volumes",
            ..,
        ] => true,
        _ => false,
    }
}

/// Who opens the file that an option of the table names; `None` if its module is off.
fn from_row(
    evaluator: &mut Evaluator,
    context: &Context<'_>,
    path_use: &PathUse,
    row: &Row,
    captured: &[String],
) -> Option<FileAccess> {
    let unit = row.unit.as_ref().map(|unit| fill_name(unit, captured));
    let process = if !row.verified {
        Process::unknown("who opens the file of this option was not checked", None)
    } else if row.opens.as_root() {
        Process::root()
    } else {
        unit_process(evaluator, context.view, row, captured)
    };
    let is_on = is_enabled(evaluator, context.system, row, captured);
    if is_on == Some(false) {
        return None;
    }
    let via = Via::Option {
        path: OptionPath::new(without_elements(&path_use.option)),
        unit,
    };
    let mut access = FileAccess::of(path_use, &process, via, row.opens.moment());
    access.certain &= is_on == Some(true);
    Some(access)
}

/// Whether the module is on; `None` where it is not known, or another module may turn it on.
fn is_enabled(
    evaluator: &mut Evaluator,
    system: Options,
    row: &Row,
    captured: &[String],
) -> Option<bool> {
    if row.enable.is_empty() {
        return Some(true);
    }
    let mut any_unknown = false;
    for option in &row.enable {
        match entry_at(evaluator, system, option, captured)
            .map(|entry| evaluator.force(entry.value))
        {
            Some(Ok(Value::Bool(true))) => return Some(true),
            Some(Ok(Value::Bool(false))) => {}
            _ => any_unknown = true,
        }
    }
    if any_unknown { None } else { Some(false) }
}

/// The value of an option, if the configuration has it.
fn entry_at(
    evaluator: &mut Evaluator,
    system: Options,
    option: &Pattern,
    captured: &[String],
) -> Option<Entry> {
    let path = option.fill(captured)?;
    let (name, parents) = path.split_last()?;
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    system
        .path(evaluator, &parents)
        .ok()?
        .entry(evaluator, name)
}

/// The process of a unit of nixpkgs: its user by the option, by what the project says of the unit,
/// or by the module's default.
pub(crate) fn unit_process(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    row: &Row,
    captured: &[String],
) -> Process {
    let Some(system) = view.system else {
        return Process::unknown("there is no system here", None);
    };
    let unit = row.unit.as_ref().map(|unit| fill_name(unit, captured));
    let service = unit.as_ref().and_then(|unit| {
        let services = system.path(evaluator, &["systemd", "services"]).ok()?;
        services.path(evaluator, &[unit, "serviceConfig"]).ok()
    });
    let setting = |evaluator: &mut Evaluator, name: &str| {
        let entry = service?.entry(evaluator, name)?;
        Some(name_in(evaluator, entry))
    };
    let user_option = row.user_option.as_ref();
    let chosen = user_option.and_then(|option| entry_at(evaluator, system, option, captured));
    let chosen = chosen.map(|entry| name_in(evaluator, entry));
    let user = setting(evaluator, "User").or(chosen);
    let is_dynamic = matches!(row.user, UnitUser::Dynamic(_));
    let dynamic = service.and_then(|service| service.entry(evaluator, "DynamicUser"));
    let dynamic = match dynamic.map(|entry| evaluator.force(entry.value)) {
        None => Ok(is_dynamic),
        Some(Ok(Value::Bool(dynamic))) => Ok(dynamic),
        Some(_) => Err(()),
    };
    let mut process = match user {
        Some(Ok(Some(name))) => named(view, &name, dynamic),
        Some(Err(why)) => return Process::because(why),
        Some(Ok(None)) | None if is_dynamic && dynamic == Ok(false) => Process::root(),
        Some(Ok(None)) | None => by_default(view, row, captured),
    };
    let group_option = row.group_option.as_ref();
    let group = group_option.and_then(|option| entry_at(evaluator, system, option, captured));
    let group = match setting(evaluator, "Group")
        .or_else(|| group.map(|entry| name_in(evaluator, entry)))
    {
        Some(Ok(group)) => group,
        Some(Err(_)) => None,
        None => row.group.as_ref().map(|group| fill_name(group, captured)),
    };
    let more = service.and_then(|service| service.entry(evaluator, "SupplementaryGroups"));
    if let Some(entry) = more {
        let service = service.map(|service| service.texts(evaluator, "SupplementaryGroups"));
        match service.map(|texts| texts.value) {
            Some(Ok(names)) => process.groups.names.extend(names),
            _ => {
                if let Ok(Some(name)) = name_in(evaluator, entry) {
                    process.groups.names.push(name);
                }
            }
        }
    }
    process.groups.names.extend(group);
    let is_root = process
        .user
        .known()
        .is_some_and(inventory::model::Principal::is_root);
    if process.groups.more.is_none() && !is_root && !process.dynamic {
        let reason = "the unit of nixpkgs may have more groups";
        process.groups.more = Some(because(reason, None));
    }
    process
}

/// The user that the module gives the unit.
fn by_default(view: &HostView<'_>, row: &Row, captured: &[String]) -> Process {
    let unit = row.unit.as_ref().map(|unit| fill_name(unit, captured));
    match &row.user {
        UnitUser::Named(name) => view.process_of(&fill_name(name, captured)),
        UnitUser::Dynamic(name) => {
            let name = name.as_ref().map(|name| fill_name(name, captured));
            match name.or(unit) {
                Some(name) => named(view, &name, Ok(true)),
                None => Process::unknown("a dynamic user", None),
            }
        }
        UnitUser::Unknown => Process {
            user: Fact::unknown(because(
                "it differs, or depends on the release of nixpkgs",
                None,
            )),
            groups: Groups::unknown(because("the unit's groups", None)),
            dynamic: false,
        },
    }
}

/// The name that an option holds: `root` where it says so with a Boolean, nothing where it is null.
fn name_in(evaluator: &mut Evaluator, entry: Entry) -> Result<Option<String>, Unknown> {
    match evaluator.force(entry.value) {
        Ok(Value::Null | Value::Bool(false)) => Ok(None),
        Ok(Value::Bool(true)) => Ok(Some("root".to_owned())),
        Ok(Value::Int(number)) => Ok(Some(number.to_string())),
        Ok(value) => match text(evaluator, value) {
            Ok(name) if name.is_empty() => Ok(None),
            Ok(name) => Ok(Some(name)),
            Err(why) => Err(unknown(evaluator, why)),
        },
        Err(why) => Err(unknown(evaluator, why)),
    }
}
