//! systemd units: who opens a secret's file that a unit uses.
//!
//! `EnvironmentFile=` and `LoadCredential=` are opened by the service manager, as root for a unit of
//! the system; commands and scripts run as `User=`, which is root where the user's own unit sets none
//! (systemd.exec(5)).

pub(crate) mod runs_as;
mod sandbox;
mod specifiers;
pub(crate) mod unit;
mod user;

use nix_eval::Evaluator;
use nix_eval::value::Entry;

use crate::host_view::{HostView, Process};
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::privileged::{WRAPPERS, capability};
use crate::readers::units::runs_as::runs_as;
use crate::readers::units::sandbox::Sandbox;
use crate::readers::units::unit::{BY_MANAGER, content_use, fields, unit};
pub(crate) use crate::readers::units::user::home;
use crate::values::Options;
use inventory::model::{Moment, ReaderOrigin, Via};

/// What `PermissionsStartOnly=true` leaves to root (systemd.service(5)).
const BEFORE_AND_AFTER: [&str; 6] = [
    "preStart",
    "postStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecReload",
    "ExecStopPost",
];

/// `systemd.services` and `systemd.user.services` of a system.
pub(crate) fn system(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
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

fn system_unit(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    name: &str,
    entry: Entry,
    found: &mut ExtractedReaders,
) {
    let Some(unit) = unit(evaluator, name, entry, "serviceConfig") else {
        return;
    };
    let fields = fields(evaluator, view, &unit, None);
    if fields.is_empty() {
        return;
    }
    let process = runs_as(evaluator, view, &unit);
    let may_read_all = { unit.service }.and_then(|service| capability(evaluator, service));
    let sandbox = Sandbox::of(evaluator, &unit);
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
        access.content = content_use(field);
        access.certain &= unit.certain;
        let privilege = match may_read_all {
            Some(_) => Some(Excuse::ByCapability),
            None => { path_use.before.contains(WRAPPERS) }.then_some(Excuse::ByWrapper),
        };
        let is_prose = field.eq_ignore_ascii_case("environment") && path_use.is_in_prose();
        let prose = is_prose.then_some(Excuse::InProse);
        access.may_fail = access.may_fail.or(privilege).or(prose);
        if unit.is_of_input {
            access.from = ReaderOrigin::Module;
        }
        let mut reader = access.reader(view);
        if !(by_manager || is_command && path_use.privileged) {
            sandbox.narrow(view, &mut reader);
        }
        found.readers.push(reader);
    }
}
