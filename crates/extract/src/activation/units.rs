//! Services: what starts them, and after what.
//!
//! What modules outside the project add to a unit is not seen: a unit that is whole here is taken to
//! be the project's own.

use nix_eval::Evaluator;
use nix_eval::value::Entry;

use crate::activation::{entry_list, list};
use crate::values::{Options, definitions, written};
use inventory::model::{Fact, Unit};

/// The services of a system, or the user services of a Home Manager configuration.
pub(crate) fn find(
    evaluator: &mut Evaluator,
    config: Options,
    user: Option<&str>,
    found: &mut Vec<Unit>,
) {
    let path: &[&str] = match user {
        None => &["systemd", "services"],
        Some(_) => &["systemd", "user", "services"],
    };
    let Ok(services) = config.path(evaluator, path) else {
        return;
    };
    let timers = timers(evaluator, config, user);
    for (name, entry) in services.entries(evaluator) {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let options = Options { set };
        let at = definitions(evaluator, entry).first().copied();
        let mut unit = match user {
            None => of_system(evaluator, options),
            Some(_) => of_user(evaluator, options),
        };
        unit.has_timer |= timers.contains(&name);
        if unit.dynamic_user.as_deref() == Some("") {
            unit.dynamic_user = Some(name.clone());
        }
        found.push(Unit {
            name,
            user: user.map(str::to_owned),
            at,
            ..unit
        });
    }
}

/// The services that a system declares for the service managers of all users; sorted by name.
pub(crate) fn of_all_users(evaluator: &mut Evaluator, config: Options) -> Vec<Unit> {
    let Ok(services) = config.path(evaluator, &["systemd", "user", "services"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, entry) in services.entries(evaluator) {
        if let Ok(set) = evaluator.force_attrs(entry.value) {
            let at = definitions(evaluator, entry).first().copied();
            let unit = of_system(evaluator, Options { set });
            found.push(Unit { name, at, ..unit });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// `User=` of a service with `DynamicUser=`; empty where that is the name of the unit.
fn dynamic_user(evaluator: &mut Evaluator, service: Options) -> Option<String> {
    service.entry(evaluator, "DynamicUser")?;
    let is_dynamic = service.boolean(evaluator, "DynamicUser").known() == Some(&true);
    if !is_dynamic {
        return None;
    }
    match service.entry(evaluator, "User") {
        Some(_) => service.text(evaluator, "User").known().cloned(),
        None => Some(String::new()),
    }
}

fn timers(evaluator: &mut Evaluator, config: Options, user: Option<&str>) -> Vec<String> {
    let path: &[&str] = match user {
        None => &["systemd", "timers"],
        Some(_) => &["systemd", "user", "timers"],
    };
    let timers = config.path(evaluator, path).ok();
    let entries = timers.map(|timers| timers.entries(evaluator));
    let names = entries
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name);
    names.collect()
}

fn blank() -> Unit {
    Unit {
        name: String::new(),
        user: None,
        is_whole: false,
        after: Fact::default_value(Vec::new()),
        pulls_in: Fact::default_value(Vec::new()),
        requires: Fact::default_value(Vec::new()),
        dynamic_user: None,
        wanted_by: Fact::default_value(Vec::new()),
        kind: Fact::default_value(None),
        has_timer: false,
        at: None,
        unit_section: None,
    }
}

fn of_system(evaluator: &mut Evaluator, options: Options) -> Unit {
    let service = options.path(evaluator, &["serviceConfig"]).ok();
    let runs = |evaluator: &mut Evaluator, name: &str| {
        service.is_some_and(|service| service.entry(evaluator, name).is_some())
    };
    Unit {
        is_whole: runs(evaluator, "ExecStart") || options.entry(evaluator, "script").is_some(),
        after: list(evaluator, options, "after"),
        pulls_in: several(evaluator, options, &["wants", "requires", "bindsTo"]),
        requires: several(evaluator, options, &["requires", "bindsTo"]),
        dynamic_user: service.and_then(|service| dynamic_user(evaluator, service)),
        wanted_by: several(evaluator, options, &["wantedBy", "requiredBy"]),
        kind: kind(evaluator, service),
        has_timer: options.entry(evaluator, "startAt").is_some(),
        ..blank()
    }
}

fn of_user(evaluator: &mut Evaluator, options: Options) -> Unit {
    let section = |evaluator: &mut Evaluator, name: &str| options.path(evaluator, &[name]).ok();
    let unit = section(evaluator, "Unit");
    let install = section(evaluator, "Install");
    let service = section(evaluator, "Service");
    let of = |evaluator: &mut Evaluator, section: Option<Options>, names: &[&str]| match section {
        Some(section) => several(evaluator, section, names),
        None => Fact::default_value(Vec::new()),
    };
    let is_whole = service.is_some_and(|service| service.entry(evaluator, "ExecStart").is_some());
    let unit_section = options
        .entry(evaluator, "Unit")
        .and_then(|entry| written(evaluator, entry).at);
    Unit {
        is_whole,
        after: of(evaluator, unit, &["After"]),
        pulls_in: of(evaluator, unit, &["Wants", "Requires", "BindsTo"]),
        requires: of(evaluator, unit, &["Requires", "BindsTo"]),
        wanted_by: of(evaluator, install, &["WantedBy", "RequiredBy"]),
        kind: kind(evaluator, service),
        unit_section,
        ..blank()
    }
}

/// `Type=`
fn kind(evaluator: &mut Evaluator, service: Option<Options>) -> Fact<Option<String>> {
    let Some(service) = service else {
        return Fact::default_value(None);
    };
    match service.entry(evaluator, "Type") {
        Some(_) => service.text(evaluator, "Type").map(Some),
        None => Fact::default_value(None),
    }
}

/// Several lists as one.
fn several(evaluator: &mut Evaluator, options: Options, names: &[&str]) -> Fact<Vec<String>> {
    let mut all = Fact::default_value(Vec::new());
    let entries: Vec<Option<Entry>> = names
        .iter()
        .map(|name| options.entry(evaluator, name))
        .collect();
    for entry in entries.into_iter().flatten() {
        let more = entry_list(evaluator, entry);
        all.at = all.at.or(more.at);
        all.binding = all.binding.or(more.binding);
        if more.is_defined() {
            all.origin = more.origin;
        }
        all.value = match (all.value, more.value) {
            (Ok(mut all), Ok(more)) => {
                all.extend(more);
                Ok(all)
            }
            (Err(why), _) | (_, Err(why)) => Err(why),
        };
    }
    all
}
