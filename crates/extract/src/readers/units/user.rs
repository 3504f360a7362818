//! Units of a user's service manager.

use nix_eval::Evaluator;
use nix_eval::value::Entry;

use crate::host_view::secret_paths::home_of;
use crate::host_view::{Home, HostView, Process};
use crate::readers::units::{IN_A_UNIT, Wanted, fields, unit};
use crate::readers::{FileAccess, FoundReaders};
use crate::values::Options;
use inventory::model::{Moment, Via};

/// `systemd.user.services` of Home Manager.
pub(crate) fn home(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut FoundReaders,
) {
    let Ok(services) = home
        .config
        .path(evaluator, &["systemd", "user", "services"])
    else {
        return;
    };
    let process = view.process_of(&home.user);
    let wanted = Wanted {
        home: home_of(view.users, &home.user),
        ..IN_A_UNIT
    };
    for (name, entry) in services.entries(evaluator) {
        let section = ("Service", wanted);
        user_unit(evaluator, view, (&name, entry), section, &process, found);
    }
}

/// `systemd.user.services` of a system: every user that logs in runs the unit.
pub(crate) fn of_every_user(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    (name, entry): (&str, Entry),
    found: &mut FoundReaders,
) {
    let process = match condition(evaluator, entry) {
        Some(user) => view.process_of(&user),
        None => view.every_login(),
    };
    user_unit(
        evaluator,
        view,
        (name, entry),
        ("serviceConfig", IN_A_UNIT),
        &process,
        found,
    );
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
    (name, entry): (&str, Entry),
    (section, wanted): (&str, Wanted<'_>),
    process: &Process,
    found: &mut FoundReaders,
) {
    let Some(unit) = unit(evaluator, name, entry, section) else {
        return;
    };
    for (field, mention) in fields(evaluator, view, &unit, wanted) {
        let via = Via::UserUnit {
            name: name.to_owned(),
            setting: field,
        };
        let mut access = FileAccess::of(&mention, process, via, Moment::UserService);
        access.certain &= unit.certain;
        found.readers.push(access.reader(view));
    }
}
