//! `dynamic-user-reads-secret-directly`: a unit with DynamicUser opens a secret by its path.

use inventory::{Readable, Reader, Secret, Via};

use crate::phrases::nix_name;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "dynamic-user-reads-secret-directly",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a unit with DynamicUser opens a secret by its path",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reader in cx
        .readers()
        .filter(|reader| reader.dynamic_user && reader.certain)
    {
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        if let Some(secret) = secret.filter(|_| reader.verdict.readable == Readable::No) {
            out.push(diagnostic(reader, secret));
        }
    }
}

fn diagnostic(reader: &Reader, secret: &Secret) -> Diagnostic {
    let (unit, service) = match &reader.via {
        Via::Unit { name, .. }
        | Via::Option {
            unit: Some(name), ..
        } => (format!("{name}.service"), name.clone()),
        via => (via.to_string(), via.to_string()),
    };
    let message = format!(
        "{unit} cannot read `{}`: its user does not exist when secrets are installed",
        secret.attribute
    );
    let credential = secret.attribute.replace(['/', ' '], "_");
    let code = format!(
        "systemd.services.{}.serviceConfig.LoadCredential = \"{credential}:${{config.{}.path}}\";",
        nix_name(&service),
        secret.option
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            reader.at,
            "opened by a user that exists only while the unit runs",
        )
        .secondary(
            secret.declared_at.first().copied(),
            reader.verdict.reason.clone(),
        )
        .note(
            "`DynamicUser` picks a free user number at each start: no owner or group can be right",
        )
        .help(
            format!("let systemd hand it over, and read $CREDENTIALS_DIRECTORY/{credential}"),
            code,
        )
}
