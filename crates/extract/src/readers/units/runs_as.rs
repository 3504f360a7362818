//! The user and groups of a unit of the system.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};
use nix_syntax::source::Root;

use crate::host_view::{HostView, Process, because};
use crate::readers::option_pattern::{Pattern, fill_name};
use crate::readers::options::is_enabled;
use crate::readers::table::{Row, Table, UnitUser};
use crate::readers::units::specifiers::specified;
use crate::readers::units::unit::Unit;
use crate::values::{Options, items, text, unknown};
use inventory::access::Groups;
use inventory::model::{Fact, Principal, Unknown};

/// Who the unit's own process runs as.
pub(crate) fn runs_as(evaluator: &mut Evaluator, view: &HostView<'_>, unit: &Unit<'_>) -> Process {
    let dynamic = unit.flag(evaluator, "DynamicUser");
    let user = user(evaluator, unit);
    let mut process = match user {
        _ if user.is_none() || is_by_default(evaluator, unit) => {
            match is_of_nixpkgs(evaluator, view, unit) {
                Some(false) if dynamic == Ok(false) => Process::root(),
                Some(false) if dynamic == Ok(true) => named(view, unit.name, dynamic),
                None => Process::unknown("whether nixpkgs has that unit, too, is not known", None),
                _ => match user {
                    Some(Ok(name)) => named(view, &name, dynamic),
                    _ => without_user(evaluator, view, unit, dynamic),
                },
            }
        }
        Some(Ok(name)) => named(view, &name, dynamic),
        Some(Err(why)) => Process::because(why),
        None => without_user(evaluator, view, unit, dynamic),
    };
    add_groups(evaluator, unit, &mut process);
    process
}

/// Whether `User=` is not set in the project: it is what nixpkgs is known to set in its unit of that name.
fn is_by_default(evaluator: &mut Evaluator, unit: &Unit<'_>) -> bool {
    let Some(entry) = unit.setting(evaluator, "User") else {
        return false;
    };
    let place = evaluator.binding_place(entry.position);
    place.is_none_or(|place| place.name.file.key().root == Root::Embedded)
}

/// Whether a unit that the project makes is one of nixpkgs, too, whose module is on: they have the name in
/// common, not always the process. `None` if that is not decided. A unit to which the project only adds
/// something is one of nixpkgs.
fn is_of_nixpkgs(evaluator: &mut Evaluator, view: &HostView<'_>, unit: &Unit<'_>) -> Option<bool> {
    if !is_own(evaluator, unit) {
        return Some(true);
    }
    if unit.is_of_input {
        return Some(false);
    }
    let system = view.system?;
    // A unit of the project's own may have a name of the kind that a module of nixpkgs makes.
    let mut rows = Table::built_in().of_unit(unit.name);
    rows.retain(|(row, captured)| {
        captured.is_empty() && view.has_module_of(&row.option.leading_names())
    });
    if rows.is_empty() {
        return (!is_by_default(evaluator, unit)).then_some(false);
    }
    let mut is_on = Some(false);
    for (row, captured) in rows {
        match is_enabled(evaluator, system, row, &captured) {
            Some(true) if !row.enable.is_empty() => return Some(true),
            Some(false) => {}
            _ => is_on = None,
        }
    }
    is_on
}

/// A process of a unit that has `User=` and perhaps `DynamicUser=`: a static user of that name, if there
/// is one, goes before the dynamic one (systemd.exec(5)).
fn named(view: &HostView<'_>, name: &str, dynamic: Result<bool, ()>) -> Process {
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
        // Every definition is conditioned away.
        Err(_) if is_without_definitions(evaluator, entry) => return None,
        Err(why) => Err(why),
    };
    let value = value.map_err(|why| unknown(evaluator, why));
    if let Some(why) = entry.maybe {
        let at = unknown(evaluator, why).at;
        let reason = "`User=` is set under a condition that is not known";
        return Some(Err(because(reason, at)));
    }
    Some(value.and_then(|user| {
        specified(&user, unit.name).ok_or_else(|| {
            let reason = format!("`User=` has a specifier: {user}");
            because(&reason, evaluator.origin_span(entry.value))
        })
    }))
}

/// Whether all definitions of an option, which was evaluated, are conditioned away.
fn is_without_definitions(evaluator: &Evaluator, entry: Entry) -> bool {
    let record = evaluator.option_record(entry.value);
    record.is_some_and(|record| record.definitions.is_empty())
}

fn without_user(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    unit: &Unit<'_>,
    dynamic: Result<bool, ()>,
) -> Process {
    // A unit of nixpkgs to which the project only adds something. A row without a user is about one option.
    let is_own = is_own(evaluator, unit);
    let mut of_unit = Table::built_in().of_unit(unit.name);
    of_unit.retain(|(row, captured)| {
        (captured.is_empty() || !is_own) && view.has_module_of(&row.option.leading_names())
    });
    if !of_unit.is_empty() {
        let mut rows = { of_unit.iter() }.filter(|(row, _)| row.user != UnitUser::Unknown);
        if let Some((row, captured)) = rows.next()
            && rows.all(|(other, _)| other.user == row.user)
        {
            return unit_process(evaluator, view, row, captured);
        }
        return Process::unknown("the unit of nixpkgs has several processes", None);
    }
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

/// The value of an option, if the configuration has it.
pub(crate) fn entry_at(
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

/// The text that the defaults of nixpkgs give for an option that a project does not set; `None` if they give none.
fn default_at(
    evaluator: &mut Evaluator,
    system: Options,
    option: &Pattern,
    captured: &[String],
) -> Option<String> {
    let path = option.fill(captured)?;
    let (name, parents) = path.split_last()?;
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let above = system.path(evaluator, &parents).ok()?;
    let name = evaluator.symbol(name);
    let value = evaluator.select(Value::Attrs(above.set), name).ok()?;
    text(evaluator, value).ok()
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
    let is_dynamic = matches!(row.user, UnitUser::Dynamic(_));
    let user_option = row.user_option.as_ref();
    let chosen = user_option.and_then(|option| entry_at(evaluator, system, option, captured));
    let chosen = chosen.map(|entry| match evaluator.force(entry.value) {
        Ok(Value::Bool(is_user)) if row.is_root_if_false => {
            Ok((!is_user).then(|| "root".to_owned()))
        }
        _ => name_in(evaluator, entry),
    });
    let chosen = chosen.or_else(|| {
        let option = user_option.filter(|_| !is_dynamic)?;
        default_at(evaluator, system, option, captured).map(|name| Ok(Some(name)))
    });
    let user = setting(evaluator, "User").or(chosen);
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

/// The name that an option holds: `root` for a Boolean that is true, `None` for null.
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
