//! The user and groups of a unit of the system.

use nix_eval::Evaluator;
use nix_eval::value::Value;

use crate::host_view::{HostView, Process, because};
use crate::readers::table::{Table, UnitUser};
use crate::readers::units::Unit;
use crate::values::{items, text, unknown};
use inventory::access::Groups;
use inventory::model::{Fact, Principal, Unknown};

/// Who the unit's own process runs as.
pub(crate) fn runs_as(evaluator: &mut Evaluator, view: &HostView<'_>, unit: &Unit<'_>) -> Process {
    let dynamic = unit.flag(evaluator, "DynamicUser");
    let mut process = match user(evaluator, unit) {
        Some(Ok(name)) => named(view, &name, dynamic),
        Some(Err(why)) => Process::because(why),
        None => without_user(evaluator, view, unit, dynamic),
    };
    add_groups(evaluator, unit, &mut process);
    process
}

/// A process of a unit that has `User=` and perhaps `DynamicUser=`: a static user of that name, if there
/// is one, goes before the dynamic one (systemd.exec(5)).
pub(crate) fn named(view: &HostView<'_>, name: &str, dynamic: Result<bool, ()>) -> Process {
    match dynamic {
        Ok(true) if view.declared(name).is_none() => Process {
            user: Fact::default_value(Principal {
                name: Some(name.to_owned()),
                id: None,
            }),
            groups: Groups::only(vec![name.to_owned()]),
            dynamic: true,
        },
        Err(()) if view.declared(name).is_none() => {
            Process::unknown("`DynamicUser` is not known", None)
        }
        _ => view.process_of(name),
    }
}

/// `User=`, or why it is not known.
fn user(evaluator: &mut Evaluator, unit: &Unit<'_>) -> Option<Result<String, Unknown>> {
    let entry = unit.setting(evaluator, "User")?;
    let value = match evaluator.force(entry.value) {
        Ok(Value::Null) => return None,
        Ok(Value::Int(number)) => Ok(number.to_string()),
        Ok(value) => text(evaluator, value),
        Err(why) => Err(why),
    };
    let value = value.map_err(|why| unknown(evaluator, why));
    if entry.maybe.is_some() {
        return Some(Err(because(
            "`User=` is set under a condition that is not known",
            None,
        )));
    }
    Some(value)
}

fn without_user(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    unit: &Unit<'_>,
    dynamic: Result<bool, ()>,
) -> Process {
    // A unit of nixpkgs to which the project only adds something.
    let mut rows = Table::built_in().of_unit(unit.name);
    if let Some(row) = rows.next() {
        let process = crate::readers::options::unit_process(evaluator, view, row, &[]);
        let agrees = rows.all(|other| other.user == row.user);
        let is_static = !matches!(row.user, UnitUser::Unknown);
        if agrees && is_static {
            return process;
        }
        return Process::unknown("the unit of nixpkgs has several processes", None);
    }
    let is_own = is_own(evaluator, unit);
    match dynamic {
        Ok(true) => named(view, unit.name, dynamic),
        Ok(false) if is_own => Process::root(),
        Err(()) => Process::unknown("`DynamicUser` is not known", None),
        Ok(false) => {
            let reason = format!("`User=` of {}.service is not in this project", unit.name);
            Process::unknown(&reason, None)
        }
    }
}

/// Whether the project makes the unit, and does not only add to one of nixpkgs.
fn is_own(evaluator: &mut Evaluator, unit: &Unit<'_>) -> bool {
    if unit.options.entry(evaluator, "script").is_some() {
        return true;
    }
    let Some(entry) = unit.setting(evaluator, "ExecStart") else {
        return false;
    };
    // An empty command takes those of nixpkgs away: the unit is nixpkgs'.
    let Ok(value) = evaluator.force(entry.value) else {
        return true;
    };
    let is_empty = |evaluator: &mut Evaluator, value: Value| {
        evaluator
            .expect_text(value)
            .is_ok_and(|text| text.is_empty())
    };
    match value {
        Value::List(_) => {
            let first = items(evaluator, entry.value).first().map(|(item, _)| *item);
            let first = first.and_then(|item| evaluator.force(item).ok());
            !first.is_some_and(|value| is_empty(evaluator, value))
        }
        value => !is_empty(evaluator, value),
    }
}

/// `Group=` and `SupplementaryGroups=`.
fn add_groups(evaluator: &mut Evaluator, unit: &Unit<'_>, process: &mut Process) {
    let is_root = process.user.known().is_some_and(Principal::is_root);
    for (field, is_primary) in [("Group", true), ("SupplementaryGroups", false)] {
        let Some(entry) = unit.setting(evaluator, field) else {
            continue;
        };
        let (names, failed) = names(evaluator, entry.value);
        let at = if is_primary {
            0
        } else {
            process.groups.names.len()
        };
        if is_primary && !names.is_empty() && !is_root && process.groups.more.is_none() {
            // `Group=` takes the place of the user's primary group, which is not kept.
            if !process.groups.names.is_empty() {
                process.groups.names.remove(0);
            }
        }
        let at = at.min(process.groups.names.len());
        process.groups.names.splice(at..at, names);
        process.groups.more = process.groups.more.take().or(failed);
    }
}

/// The names in a text or a list of texts, and why there may be more.
fn names(
    evaluator: &mut Evaluator,
    value: nix_eval::value::Thunk,
) -> (Vec<String>, Option<Unknown>) {
    let values = match evaluator.force(value) {
        Ok(Value::List(list)) => {
            let failed = evaluator
                .arena
                .list_uncertainty(list)
                .map(|why| unknown(evaluator, why));
            let certain = items(evaluator, value)
                .into_iter()
                .filter(|(_, maybe)| maybe.is_none());
            let values: Vec<_> = certain.map(|(item, _)| item).collect();
            return values
                .into_iter()
                .fold((Vec::new(), failed), |(mut all, failed), item| {
                    let (more, why) = match evaluator.force(item) {
                        Ok(value) => words(evaluator, value),
                        Err(why) => (Vec::new(), Some(unknown(evaluator, why))),
                    };
                    all.extend(more);
                    (all, failed.or(why))
                });
        }
        Ok(value) => value,
        Err(why) => return (Vec::new(), Some(unknown(evaluator, why))),
    };
    words(evaluator, values)
}

fn words(evaluator: &mut Evaluator, value: Value) -> (Vec<String>, Option<Unknown>) {
    match evaluator.expect_text(value) {
        Ok(text) => (text.split_whitespace().map(str::to_owned).collect(), None),
        Err(why) => (Vec::new(), Some(unknown(evaluator, why))),
    }
}
