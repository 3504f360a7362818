//! Units of a user's service manager.

use nix_eval::Evaluator;
use nix_eval::value::Entry;

use crate::host_view::secret_paths::home_of;
use crate::host_view::{Home, HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::units::unit::{Unit, content_use, fields, unit};
use crate::values::Options;
use inventory::model::{Moment, Via};

/// `systemd.user.services` of Home Manager.
pub(crate) fn home(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut ExtractedReaders,
) {
    let Ok(services) = home
        .config
        .path(evaluator, &["systemd", "user", "services"])
    else {
        return;
    };
    let process = view.process_of(&home.user);
    for (name, entry) in services.entries(evaluator) {
        let unit = unit(evaluator, &name, entry, "Service");
        let directory = home_of(view.users, &home.user);
        user_unit(evaluator, view, unit, directory, &process, found);
    }
}

/// `systemd.user.services` of a system: every user that logs in runs the unit.
pub(crate) fn of_every_user(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    name: &str,
    entry: Entry,
    found: &mut ExtractedReaders,
) {
    let process = match condition(evaluator, entry) {
        Some(user) => view.process_of(&user),
        None => view.every_login(),
    };
    let unit = unit(evaluator, name, entry, "serviceConfig");
    user_unit(evaluator, view, unit, None, &process, found);
}

/// `ConditionUser=`, if it is one name.
fn condition(evaluator: &mut Evaluator, entry: Entry) -> Option<String> {
    let set = evaluator.force_attrs(entry.value).ok()?;
    let unit = Options { set }.path(evaluator, &["unitConfig"]).ok()?;
    let user = unit.text(evaluator, "ConditionUser");
    let user = user.known()?.clone();
    let is_name = user
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    is_name.then_some(user)
}

fn user_unit(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    unit: Option<Unit<'_>>,
    home: Option<&str>,
    process: &Process,
    found: &mut ExtractedReaders,
) {
    let Some(unit) = unit else {
        return;
    };
    for (field, path_use) in fields(evaluator, view, &unit, home) {
        let via = Via::UserUnit {
            name: unit.name.to_owned(),
            setting: field,
        };
        let mut access = FileAccess::of(&path_use, process, via, Moment::UserService);
        access.content = content_use(field);
        access.certain &= unit.certain;
        found.readers.push(access.reader(view));
    }
}
