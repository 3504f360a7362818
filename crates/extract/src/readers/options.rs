//! Options of NixOS modules that name a secret's file: the table says who opens it.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::{HostView, Process};
use crate::nixpkgs_release::Releases;
use crate::options::Additions;
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::{option_via, without_elements};
use crate::readers::option_pattern::{Pattern, fill_name};
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::readers::privileged::{calls_a_wrapper, capability};
use crate::readers::table::{Opens, Row, Table};
use crate::readers::units::runs_as::{entry_at, unit_process};
use crate::values::Options;
use inventory::model::{ContentUse, Moment, Need, OptionPath, Reader, ReaderOrigin, Via};

/// The parts of a system's configuration in which modules of nixpkgs have their options.
const ROOTS: [&str; 12] = [
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
    "age-template",
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

/// Where the readers of options are searched for.
struct Context<'a> {
    view: &'a HostView<'a>,
    additions: &'a Additions,
    system: Options,
}

/// Adds the readers of a system's options.
pub(crate) fn options(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    additions: &Additions,
    system: Options,
    found: &mut ExtractedReaders,
) {
    let context = &Context {
        view,
        additions,
        system,
    };
    let extra = &additions.readers;
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
    found: &mut ExtractedReaders,
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
        let mut rows = context.additions.readers.rows(&path_use.option);
        if rows.is_empty() {
            let is_a_secret = context.view.secret_at(&path_use.path, None).is_some();
            if is_a_secret && !path_use.in_own_option {
                found.options.push(path_use.option.clone());
            }
            let table = Table::of_system(context.view.is_darwin());
            rows = table.rows(&path_use.option);
            rows.retain(|_| context.view.has_module_of(&path_use.option));
        }
        rows.retain(|(row, _)| has_form(row, &path_use));
        if rows.is_empty() && is_nixpkgs {
            without_row(context.view, &path_use, found);
        }
        let rows = of_release(rows, &context.additions.releases);
        for (row, captured) in rows {
            let access = from_row(evaluator, context, &path_use, row, &captured);
            let reader = access.map(|access| access.reader(context.view));
            found
                .readers
                .extend(reader.map(|reader| with_option(reader, &path_use)));
        }
    }
}

/// The rows of the release of nixpkgs that the project is built from. Where that is not known, one of each
/// unit stands for all of them.
fn of_release<'a>(
    rows: Vec<(&'a Row, Vec<String>)>,
    releases: &Releases,
) -> Vec<(&'a Row, Vec<String>)> {
    let mut kept: Vec<(&Row, Vec<String>)> = Vec::new();
    for (row, captured) in rows {
        let is_there = { kept.iter() }
            .any(|(other, _)| other.unit == row.unit && other.releases != row.releases);
        if releases.are_in(row.releases) != Some(false) && !is_there {
            kept.push((row, captured));
        }
    }
    kept
}

/// Whether the path is in the value as the row wants it.
fn has_form(row: &Row, path_use: &PathUse) -> bool {
    row.option
        .form()
        .is_none_or(|form| path_use.before.ends_with(form))
}

/// An option of which nobody knows who opens the file.
fn without_row(view: &HostView<'_>, path_use: &PathUse, found: &mut ExtractedReaders) {
    // What uses an option of the project's own is seen where it is used; a path in a text may be anything.
    let is_a_secret = view.secret_at(&path_use.path, None).is_some();
    if path_use.in_own_option || !is_a_secret || is_read_elsewhere(&path_use.option) {
        return;
    }
    let via = option_via(without_elements(&path_use.option));
    let reader = if let ["environment", "etc", name, ..] = names(path_use).as_slice() {
        let mut access = FileAccess::of(path_use, &in_etc(view, path_use, name), via, SERVICE);
        access.may_fail = Some(Excuse::ByPlace);
        access
    } else if is_of_caller(path_use) {
        let mut access = FileAccess::of(path_use, &view.every_login(), via, Moment::Session);
        access.may_fail = Some(Excuse::ByHand);
        access
    } else if is_environment_file(view, path_use) {
        FileAccess::of(path_use, &Process::root(), via, Moment::ServiceManager)
    } else {
        let why = if is_named_environment_file(path_use) {
            "options of this name are mostly opened by the service manager, and its module was not read"
        } else {
            "the table of readers does not have the option"
        };
        let process = Process::unknown(why, None);
        let mut access = FileAccess::of(path_use, &process, via, SERVICE);
        access.from = ReaderOrigin::Table;
        access
    };
    found
        .readers
        .push(with_option(reader.reader(view), path_use));
}

/// A reader that a `[[reader]]` for the option would decide, if its user is what is not known.
fn with_option(mut reader: Reader, path_use: &PathUse) -> Reader {
    // Of a command that runs as another user, or links to the file, it would decide nothing.
    let is_of_option = !path_use.is_linked && !path_use.by_another();
    let is_open = reader.user.known().is_none() || reader.may_be_another;
    if is_of_option && is_open && matches!(reader.needs, Some(Need::Value(_))) {
        reader.needs = Some(Need::Reader {
            option: Pattern::of(&path_use.option),
        });
    }
    reader
}

const SERVICE: Moment = Moment::Service;

fn names(path_use: &PathUse) -> Vec<&str> {
    path_use.option.iter().map(String::as_str).collect()
}

/// Who opens a file of `/etc`, by whose it is.
fn in_etc(view: &HostView<'_>, path_use: &PathUse, name: &str) -> Process {
    let path = format!("/etc/{name}");
    let secret = view.secret_at(&path_use.path, None);
    let secret = secret.and_then(|index| view.secrets.get(index));
    let owner = secret.and_then(|secret| secret.effective_owner.known()?.name.as_deref());
    view.process_of_place(&path, owner)
        .unwrap_or_else(|| Process::unknown(&format!("whoever opens {path}"), None))
}

/// Whether an option is a setting of a program that anybody may call, and that opens the file as who calls it.
fn is_of_caller(path_use: &PathUse) -> bool {
    matches!(
        names(path_use).as_slice(),
        ["programs", "ssh" | "msmtp", ..]
    )
}

/// Whether an option is `EnvironmentFile=` of a unit, which the service manager opens: options whose modules hand
/// on such settings are written as systemd writes them.
fn is_environment_file(view: &HostView<'_>, path_use: &PathUse) -> bool {
    let last = without_elements(&path_use.option).last();
    last == Some("EnvironmentFile") && path_use.is_whole && !view.is_darwin()
}

/// Whether an option is named as those are that modules mostly give to `EnvironmentFile=`. Some read it
/// themselves, so that the name decides nothing.
fn is_named_environment_file(path_use: &PathUse) -> bool {
    let last = without_elements(&path_use.option).last();
    let last = last.map(str::to_lowercase).unwrap_or_default();
    let last = last.strip_suffix('s').unwrap_or(&last);
    last.ends_with("environmentfile") || last.ends_with("envfile")
}

/// `programs.zsh.shellInit` and the like, which `session` reads, and the volumes of containers.
fn is_read_elsewhere(option: &[String]) -> bool {
    let names: Vec<&str> = option.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["programs", "bash" | "zsh" | "fish", init, ..] => {
            init.ends_with("Init") || *init == "shellAliases"
        }
        ["environment", "shellAliases", ..] => true,
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
    let is_of_release = context.additions.releases.are_in(row.releases) == Some(true);
    let process = if !is_of_release {
        Process::unknown("it depends on the release of nixpkgs", None)
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
    if !row.verified {
        access.may_fail = access.may_fail.or(Some(Excuse::ModuleNotRead));
    }
    if access.content == ContentUse::Value {
        access.content = row.opens.content();
    }
    access.from = match row.opens {
        Opens::Given(_) => ReaderOrigin::User,
        _ => ReaderOrigin::Table,
    };
    access.certain &= is_on == Some(true);
    if !row.opens.as_root() {
        let unit = row.unit.as_ref().map(|unit| fill_name(unit, captured));
        let excuse = privilege(evaluator, context.system, unit.as_deref(), &path_use.option);
        access.may_fail = excuse.or(access.may_fail);
    }
    Some(access)
}

/// Why the process of an option's module may open what its user cannot.
fn privilege(
    evaluator: &mut Evaluator,
    system: Options,
    unit: Option<&str>,
    option: &[String],
) -> Option<Excuse> {
    let service = unit.and_then(|unit| {
        let path = ["systemd", "services", unit, "serviceConfig"];
        system.path(evaluator, &path).ok()
    });
    if let Some(service) = service
        && capability(evaluator, service).is_some()
    {
        return Some(Excuse::ByCapability);
    }
    calls_a_wrapper(evaluator, system, option).then_some(Excuse::ByWrapper)
}

/// Whether the module is on; `None` where it is not known, or another module may turn it on.
pub(crate) fn is_enabled(
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
