//! `agenix-password-with-userborn`: a login password that agenix installs after userborn or sysusers made the users.

use inventory::{Moment, Reader, Secret, Span};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "agenix-password-with-userborn",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a login password that agenix installs after userborn or sysusers made the users",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let settings = &cx.host.settings;
    let on = |fact: &inventory::Fact<bool>| (fact.known() == Some(&true)).then_some(fact.at);
    let (name, switched_on) = match (on(&settings.userborn), on(&settings.sysusers)) {
        (Some(at), _) => ("userborn", at),
        (None, Some(at)) => ("systemd-sysusers", at),
        (None, None) => return,
    };
    // A project that changes agenix's unit may well start it earlier.
    let units = &cx.host.settings.units;
    if units
        .iter()
        .any(|unit| unit.user.is_none() && unit.name == "agenix-install-secrets")
    {
        return;
    }
    let readers = cx.readers().filter(|reader| reader.certain);
    for reader in readers.filter(|reader| reader.moment == Moment::BeforeUsers) {
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        if let Some(secret) = secret.filter(|secret| secret.manager.name == "agenix") {
            out.push(diagnostic(reader, secret, name, switched_on));
        }
    }
}

fn diagnostic(
    reader: &Reader,
    secret: &Secret,
    name: &str,
    switched_on: Option<Span>,
) -> Diagnostic {
    let message = format!(
        "`{}` is a login password, and agenix installs it after {name} made the users",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(reader.at, "read while users are made: the file is not there yet")
        .secondary(switched_on, format!("users are made by {name}, before agenix-install-secrets.service"))
        .secondary(secret.declared_at.first().copied(), "installed by agenix")
        .note("at the first boot the account gets no password: nobody can log in with it")
        .advice(
            "declare the password with sops-nix and `neededForUsers`, which installs it in time, or make users \
             without userborn and sysusers",
        )
}
