//! `restart-units-missing-or-ineffective`: a service keeps the old secret after it changed.

use std::collections::BTreeMap;

use inventory::{Capability, HostClass, Moment, Reader, Scope, Secret, Unit};

use crate::edits::add_option;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "restart-units-missing-or-ineffective",
    group: Group::Activation,
    severity: Severity::Info,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a service keeps the old secret after it changed",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// The endings that systemd knows.
const ENDINGS: [&str; 6] = [
    ".service", ".socket", ".target", ".timer", ".path", ".mount",
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if !matches!(cx.host.class, HostClass::Nixos | HostClass::Module) {
        return;
    }
    let units = cx.host.settings.units.iter();
    let of_system: BTreeMap<&str, &Unit> = units
        .rev()
        .filter(|unit| unit.user.is_none())
        .map(|unit| (unit.name.as_str(), unit))
        .collect();
    for (index, secret) in cx.secrets() {
        let restarts =
            secret.manager.has(Capability::RestartsUnits) && secret.scope == Scope::System;
        let Some(units) = secret.restart_units.known().filter(|_| restarts) else {
            continue;
        };
        if units.is_empty() {
            out.extend(missing(cx, &of_system, index, secret));
        }
        for unit in units {
            out.extend(without_ending(secret, unit).or_else(|| of_a_user(cx, secret, unit)));
        }
    }
}

/// A unit that goes on running with what it read when it started.
fn missing(
    cx: &HostContext<'_>,
    of_system: &BTreeMap<&str, &Unit>,
    index: usize,
    secret: &Secret,
) -> Option<Diagnostic> {
    let readers = cx.readers_of(index).filter(|reader| reader.certain);
    let mut units: BTreeMap<&str, &Reader> = BTreeMap::new();
    for reader in
        readers.filter(|reader| matches!(reader.moment, Moment::Service | Moment::ServiceManager))
    {
        let unit = { reader.via.unit() }.and_then(|name| of_system.get(name).copied());
        if let Some(unit) = unit.filter(|unit| is_long_running(unit)) {
            units.entry(&unit.name).or_insert(reader);
        }
    }
    let (first, _) = units.first_key_value()?;
    let names: Vec<String> = units
        .keys()
        .map(|name| format!("\"{name}.service\""))
        .collect();
    let list = format!("[ {} ]", names.join(" "));
    let message = format!(
        "{first}.service keeps the old `{}` when it changes",
        secret.attribute
    );
    let mut found = Diagnostic::new(&LINT, &secret.option, message).primary(
        secret.declared_at.first().copied(),
        "no `restartUnits`: nothing is restarted",
    );
    for reader in units.values() {
        found = found.secondary(reader.at, "read when the service starts");
    }
    let edit = add_option(cx, secret, "restartUnits", &list);
    Some(
        found
            .note("after a switch with a new secret the service goes on with the old one, until something restarts it")
            .help("", format!("{}.restartUnits = {list};", secret.option))
            .fix(edit.map(|edit| Fix { title: "restart it when the secret changes".to_owned(), safe: false, edits: vec![edit] })),
    )
}

fn is_long_running(unit: &Unit) -> bool {
    let is_oneshot = unit
        .kind
        .known()
        .is_none_or(|kind| kind.as_deref() == Some("oneshot"));
    let is_wanted = unit
        .wanted_by
        .known()
        .is_some_and(|targets| !targets.is_empty());
    unit.is_whole && is_wanted && !is_oneshot && !unit.has_timer
}

/// The manager hands the name on as it is, and NixOS looks for a unit file of that name.
fn without_ending(secret: &Secret, unit: &str) -> Option<Diagnostic> {
    let has_ending = ENDINGS.iter().any(|ending| unit.ends_with(ending));
    (!has_ending).then(|| {
        let message = format!("`{}` restarts no unit: `{unit}` is not a whole name", secret.attribute);
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(secret.restart_units.at, format!("{unit} without its ending"))
            .note("there is no unit file of that name: the service is not restarted when the secret changes")
            .help("", format!("{}.restartUnits = [ \"{unit}.service\" ];", secret.option))
    })
}

/// The list is for the system's service manager.
fn of_a_user(cx: &HostContext<'_>, secret: &Secret, name: &str) -> Option<Diagnostic> {
    let stem = name.strip_suffix(".service")?;
    let is_named = |unit: &&Unit| unit.name == stem;
    let of_system = cx
        .host
        .settings
        .units
        .iter()
        .filter(is_named)
        .any(|unit| unit.user.is_none());
    let of_user = cx
        .host
        .settings
        .units
        .iter()
        .filter(is_named)
        .find(|unit| unit.user.is_some());
    let for_all = || {
        let mut units = cx.host.settings.units_of_users.iter();
        units.find(is_named)
    };
    let (false, Some(unit)) = (of_system, of_user.or_else(for_all)) else {
        return None;
    };
    let user = unit.user.as_deref().unwrap_or("users");
    let whose = if unit.user.is_some() {
        format!("{user}'s own service manager")
    } else {
        "each user's own service manager".to_owned()
    };
    let message = format!(
        "`{}` cannot restart {name}: it is a unit of {user}",
        secret.attribute
    );
    Some(
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(secret.restart_units.at, "units of the system only")
            .secondary(unit.at, format!("a unit of {whose}"))
            .note(format!(
                "{} asks the system's service manager, which does not know the units of users",
                secret.manager.name
            ))
            .advice("declare the secret in Home Manager, or restart the unit by hand"),
    )
}
