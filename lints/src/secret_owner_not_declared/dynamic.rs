//! Owners and groups that systemd makes when it starts a service.

use inventory::{Capability, Scope, Secret};

use super::{LINT, at};
use crate::phrases::nix_name;
use crate::{Diagnostic, HostContext};

/// An owner or group that exists only while a service runs.
pub(super) fn check(cx: &HostContext<'_>, secret: &Secret) -> Option<Diagnostic> {
    let is_early = secret.needed_for_users.known() == Some(&true);
    if secret.scope != Scope::System || is_early || cx.host.users_open.is_some() {
        return None;
    }
    let unit_of = |name: &str| {
        let mut units = cx.host.settings.units.iter();
        units.find(|unit| unit.dynamic_user.as_deref() == Some(name))
    };
    let owner = secret.owner.known().and_then(Option::as_deref);
    let owner = owner.filter(|owner| cx.user(owner).is_none());
    let group = secret.group.known().and_then(Option::as_deref);
    let group = group.filter(|group| !cx.host.groups.iter().any(|it| it.name == **group));
    let (what, name, at, unit) = match (owner.and_then(unit_of), group.and_then(unit_of)) {
        (Some(unit), _) => ("user", owner?, at(secret, &secret.owner), unit),
        (None, Some(unit)) => ("group", group?, at(secret, &secret.group), unit),
        (None, None) => return None,
    };
    let unit_name = &unit.name;
    let message = format!(
        "`{}` is given to {what} {name}, which exists only while {unit_name}.service runs",
        secret.attribute
    );
    let note = if secret.manager.has(Capability::InstallsAllOrNone) {
        "it does not exist when secrets are installed: activation fails, and no secret of this host is installed"
    } else {
        "it does not exist when secrets are installed: the file stays root's"
    };
    let credential = secret.name.known().unwrap_or(&secret.attribute);
    Some(
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(at, "made by `DynamicUser`")
            .secondary(unit.at, "the service")
            .note(note)
            .help(
                "leave the secret to root, and let systemd hand it over",
                format!(
                    "systemd.services.{}.serviceConfig.LoadCredential = \"{credential}:${{config.{}.path}}\";",
                    nix_name(unit_name),
                    secret.option
                ),
            ),
    )
}
