//! `dynamic-user-reads-secret-directly`: a unit with DynamicUser opens a secret by its path.

use inventory::{Readable, Reader, Secret, Via};

use crate::phrases::nix_name;
use crate::written::written;
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
            out.push(diagnostic(cx, reader, secret));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, reader: &Reader, secret: &Secret) -> Diagnostic {
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
    let written = written(cx, reader.at, secret);
    // Where the user's own expression is not found, the attribute may be made of the host's name.
    let is_of_any_host = !secret.attribute.contains(&cx.host.name);
    let path = match &written {
        Some(written) => Some(written.expression.clone()),
        None => is_of_any_host.then(|| format!("config.{}.path", secret.option)),
    };
    let credential = secret.attribute.rsplit('/').next().unwrap_or_default();
    let credential = credential.replace(' ', "_");
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            written.map(|written| written.at).or(reader.at),
            "opened by a user that exists only while the unit runs",
        )
        .secondary(
            secret.declared_at.first().copied(),
            reader.verdict.reason.clone(),
        )
        .note(
            "`DynamicUser` picks a free user number at each start: no owner or group can be right",
        );
    let help = format!("let systemd hand it over, and read $CREDENTIALS_DIRECTORY/{credential}");
    match path {
        Some(path) => found.help(
            help,
            format!(
                "systemd.services.{}.serviceConfig.LoadCredential = \"{credential}:${{{path}}}\";",
                nix_name(&service)
            ),
        ),
        None => found.advice(format!(
            "{help}: `LoadCredential` with the path of the secret"
        )),
    }
}
