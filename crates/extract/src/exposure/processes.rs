//! Who the units of a system run as, whatever they open.

use std::collections::BTreeSet;

use nix_eval::Evaluator;

use crate::host_view::HostView;
use crate::readers::Table;
use crate::readers::options::is_enabled;
use crate::readers::privileged::capability;
use crate::readers::table::UnitUser;
use crate::readers::units::runs_as::{runs_as, unit_process};
use crate::readers::units::unit::unit;
use crate::values::{Options, definitions};
use inventory::model::{Principal, UnitProcess};

/// The units that the configuration has, and those of nixpkgs' modules that are on and run as the owner or
/// with the group of a secret; sorted by name.
pub(crate) fn processes(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
) -> Vec<UnitProcess> {
    let mut found = Vec::new();
    if let Ok(services) = system.path(evaluator, &["systemd", "services"]) {
        for (name, entry) in services.entries(evaluator) {
            let at = definitions(evaluator, entry).first().copied();
            let unit = unit(evaluator, &name, entry, "serviceConfig");
            let Some(unit) = unit.filter(|unit| unit.certain) else {
                continue;
            };
            let process = runs_as(evaluator, view, &unit);
            found.push(UnitProcess {
                unit: name.clone(),
                user: process.user,
                groups: process.groups,
                capability: { unit.service }.and_then(|service| capability(evaluator, service)),
                at,
            });
        }
    }
    of_nixpkgs(evaluator, view, system, &mut found);
    found.sort_by(|a, b| a.unit.cmp(&b.unit));
    found
}

/// Adds the units of the table whose module is on, and whose user or group is one of a secret.
fn of_nixpkgs(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut Vec<UnitProcess>,
) {
    let names = |secret: &inventory::Secret| {
        let both = [&secret.effective_owner, &secret.effective_group];
        both.map(|principal| principal.known().and_then(|it| it.name.clone()))
    };
    let secrets = view.own_secrets().iter();
    let wanted: BTreeSet<String> = secrets
        .flat_map(names)
        .flatten()
        .filter(|name| name != "root")
        .collect();
    if wanted.is_empty() || view.is_darwin() {
        return;
    }
    let rows = Table::built_in().units();
    for row in rows.filter(|row| view.has_module_of(&row.option.leading_names())) {
        let Some(unit) = row.unit.as_deref().filter(|unit| !unit.contains('<')) else {
            continue;
        };
        let is_wanted = match &row.user {
            UnitUser::Named(name) => wanted.contains(name),
            UnitUser::Dynamic(_) | UnitUser::Unknown => false,
        };
        let is_known = found.iter().any(|known| known.unit == unit);
        if !is_wanted || is_known || row.enable.is_empty() {
            continue;
        }
        if is_enabled(evaluator, system, row, &[]) != Some(true) {
            continue;
        }
        let process = unit_process(evaluator, view, row, &[]);
        if process.user.known().is_some_and(Principal::is_root) {
            continue;
        }
        found.push(UnitProcess {
            unit: unit.to_owned(),
            user: process.user,
            groups: process.groups,
            capability: None,
            at: None,
        });
    }
}
