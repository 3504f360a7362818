//! systemd units: who opens a secret's file that a unit path_uses.
//!
//! `EnvironmentFile=` and `LoadCredential=` are opened by the service manager, as root for a unit of
//! the system; commands and scripts run as `User=`, which is root where the user's own unit sets none
//! (systemd.exec(5)).

pub(crate) mod runs_as;
pub(crate) mod user;

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::{HostView, Process};
use crate::readers::path_uses::{PathUse, Query, path_uses};
pub(crate) use crate::readers::units::runs_as::named;
use crate::readers::units::runs_as::runs_as;
pub(crate) use crate::readers::units::user::home;
use crate::readers::{FileAccess, FoundReaders};
use crate::values::Options;
use crate::values::possible_values;
use inventory::model::{Moment, UNIT_SCRIPTS, Via};

/// Options that the service manager opens itself, before it changes to the unit's user
/// (systemd.exec(5)).
const BY_MANAGER: [&str; 4] = [
    "EnvironmentFile",
    "LoadCredential",
    "LoadCredentialEncrypted",
    "StandardInput",
];

/// Options of `serviceConfig` that are commands or end up in the process's environment.
const COMMANDS: [&str; 8] = [
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecCondition",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
    "Environment",
];

/// What `PermissionsStartOnly=true` leaves to root (systemd.service(5)).
const BEFORE_AND_AFTER: [&str; 6] = [
    "preStart",
    "postStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecReload",
    "ExecStopPost",
];

/// What of a unit decides who it runs as.
pub(crate) struct Unit<'a> {
    /// Without `.service`.
    name: &'a str,
    options: Options,
    /// Its `serviceConfig`, or `Service` in Home Manager.
    service: Option<Options>,
    certain: bool,
}

impl Unit<'_> {
    /// A setting of the unit, if there is one.
    fn setting(&self, evaluator: &mut Evaluator, name: &str) -> Option<Entry> {
        self.service?.entry(evaluator, name)
    }

    /// A Boolean of the unit: as Nix's own or as systemd writes it. `Err` if it is not known.
    fn flag(&self, evaluator: &mut Evaluator, name: &str) -> Result<bool, ()> {
        let Some(entry) = self.setting(evaluator, name) else {
            return Ok(false);
        };
        match evaluator.force(entry.value) {
            Ok(Value::Bool(value)) => Ok(value),
            Ok(value @ Value::String(_)) => match evaluator.expect_text(value).as_deref() {
                Ok("yes" | "true" | "on" | "1") => Ok(true),
                Ok("no" | "false" | "off" | "0") => Ok(false),
                _ => Err(()),
            },
            _ => Err(()),
        }
    }
}

/// `systemd.services` and `systemd.user.services` of a system.
pub(crate) fn system(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut FoundReaders,
) {
    if let Ok(services) = system.path(evaluator, &["systemd", "services"]) {
        for (name, entry) in services.entries(evaluator) {
            system_unit(evaluator, view, &name, entry, found);
        }
    }
    if let Ok(services) = system.path(evaluator, &["systemd", "user", "services"]) {
        for (name, entry) in services.entries(evaluator) {
            user::of_every_user(evaluator, view, &name, entry, found);
        }
    }
}

/// A unit that is not turned off.
fn unit<'a>(
    evaluator: &mut Evaluator,
    name: &'a str,
    entry: Entry,
    service: &str,
) -> Option<Unit<'a>> {
    let (set, is_known) = match evaluator.force_attrs(entry.value) {
        Ok(set) => (set, true),
        Err(_) => {
            let mut values = possible_values(evaluator, entry.value).into_iter();
            let set = values.find_map(|value| evaluator.force_attrs(value).ok())?;
            (set, false)
        }
    };
    let options = Options { set };
    let enable = match options.entry(evaluator, "enable") {
        None => Some(true),
        Some(entry) => match evaluator.force(entry.value) {
            Ok(Value::Bool(enable)) => Some(enable),
            _ => None,
        },
    };
    if enable == Some(false) {
        return None;
    }
    Some(Unit {
        name,
        options,
        service: options.path(evaluator, &[service]).ok(),
        certain: is_known && entry.maybe.is_none() && enable.is_some(),
    })
}

fn system_unit(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    name: &str,
    entry: Entry,
    found: &mut FoundReaders,
) {
    let Some(unit) = unit(evaluator, name, entry, "serviceConfig") else {
        return;
    };
    let fields = fields(evaluator, view, &unit, None);
    if fields.is_empty() {
        return;
    }
    let process = runs_as(evaluator, view, &unit);
    let start_only = unit.flag(evaluator, "PermissionsStartOnly");
    for (field, path_use) in fields {
        let by_manager = BY_MANAGER.contains(&field);
        let is_step = BEFORE_AND_AFTER.contains(&field);
        let is_command = field.starts_with("Exec");
        let process = if by_manager
            || (is_command && path_use.privileged)
            || (is_step && start_only == Ok(true))
        {
            Process::root()
        } else if is_step && start_only.is_err() {
            Process::unknown("`PermissionsStartOnly` is not known", None)
        } else {
            process.clone()
        };
        let moment = if by_manager {
            Moment::ServiceManager
        } else {
            Moment::Service
        };
        let via = Via::Unit {
            name: name.to_owned(),
            setting: field,
        };
        let mut access = FileAccess::of(&path_use, &process, via, moment);
        access.certain &= unit.certain;
        found.readers.push(access.reader(view));
    }
}

/// What the fields of a unit path_use.
fn fields(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    unit: &Unit<'_>,
    home: Option<&str>,
) -> Vec<(&'static str, PathUse)> {
    let query = Query {
        home,
        ..Query::default()
    };
    let in_service = BY_MANAGER.iter().chain(&COMMANDS);
    let mut entries: Vec<(&'static str, Option<Entry>)> = in_service
        .map(|field| (*field, unit.setting(evaluator, field)))
        .collect();
    for field in UNIT_SCRIPTS.into_iter().chain(["environment"]) {
        let entry = unit.options.entry(evaluator, field);
        entries.push((field, entry));
    }
    let mut all: Vec<(&'static str, PathUse)> = Vec::new();
    for (field, entry) in entries {
        let Some(entry) = entry else { continue };
        for path_use in path_uses(evaluator, view, entry, query) {
            // One access for each field, whichever of its commands it is; the unprivileged one counts.
            let same = all
                .iter_mut()
                .find(|(known, other)| *known == field && other.path == path_use.path);
            match same {
                Some((_, other)) if other.privileged && !path_use.privileged => *other = path_use,
                Some(_) => {}
                None => all.push((field, path_use)),
            }
        }
    }
    all
}
