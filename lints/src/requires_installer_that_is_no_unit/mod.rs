//! `requires-installer-that-is-no-unit`: a service wants a unit that does not exist on this host.

use inventory::{Capability, HostClass, Manager, Unit};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "requires-installer-that-is-no-unit",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a service requires the unit that installs secrets, where an activation script does",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if !matches!(cx.host.class, HostClass::Nixos | HostClass::Module)
        || cx.host.secrets_open.is_some()
    {
        return;
    }
    for manager in cx.managers {
        let installer = manager.installer.unit_name;
        let is_script = cx.host.settings.installs_in_a_unit(manager) == Some(false);
        if installer.is_empty() || !is_script || is_declared(cx, installer) {
            continue;
        }
        let units = cx.host.settings.units.iter();
        for unit in units.filter(|unit| unit.user.is_none()) {
            let required = unit.requires.known();
            if required.is_some_and(|units| units.iter().any(|it| it == installer)) {
                out.push(diagnostic(manager, unit, installer));
            }
        }
    }
}

/// Whether the configuration has a unit of that name.
fn is_declared(cx: &HostContext<'_>, installer: &str) -> bool {
    let mut units = cx.host.settings.units.iter();
    units.any(|unit| unit.user.is_none() && installer.strip_suffix(".service") == Some(&unit.name))
}

fn diagnostic(manager: &Manager, unit: &Unit, installer: &str) -> Diagnostic {
    let name = &unit.name;
    let message =
        format!("{name}.service never starts: it requires {installer}, which is no unit here");
    let script = manager
        .installer
        .scripts
        .first()
        .copied()
        .unwrap_or_default();
    let found = Diagnostic::new(&LINT, format!("systemd.services.{name}"), message)
        .primary(unit.requires.at.or(unit.at), "systemd does not find it")
        .note(format!(
            "{} installs the secrets of this host in the activation script `{script}`, before any service: there is \
             nothing to wait for",
            manager.name
        ));
    if manager.has(Capability::WaitsForKeyMounts) {
        found.advice(format!(
            "drop it, or let a unit install the secrets: `{}.useSystemdActivation = true;`",
            manager.root
        ))
    } else {
        found.advice("drop it")
    }
}
