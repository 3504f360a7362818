//! `secret-owner-not-declared`: a secret is given to a user that does not exist.

mod dynamic;
mod group;

use std::collections::BTreeMap;

use inventory::{Capability, Fact, HostClass, Reader, Scope, Secret, Span};

use crate::phrases::{closest, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-owner-not-declared",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret is given to a user or group that the configuration does not declare",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // Where the evaluation was cut short, not all users were seen.
    if cx
        .host
        .problems
        .iter()
        .any(inventory::Problem::is_cut_short)
    {
        return;
    }
    let mut undeclared: BTreeMap<&str, Vec<&Secret>> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        if let Some(found) = dynamic::check(cx, secret) {
            out.push(found);
            continue;
        }
        match undeclared_owner(cx, secret) {
            Some((owner, true)) => out.push(number(secret, owner)),
            Some((owner, false)) => undeclared.entry(owner).or_default().push(secret),
            None => {}
        }
    }
    for (owner, secrets) in undeclared {
        out.extend(diagnostic(cx, owner, &secrets));
    }
    group::check(cx, out);
}

/// The owner of a secret if nobody declares that user, and whether it is a number that the manager
/// takes for a name.
pub(crate) fn undeclared_owner<'a>(
    cx: &HostContext<'a>,
    secret: &'a Secret,
) -> Option<(&'a str, bool)> {
    let owner = secret.owner.known()?.as_deref()?;
    // The other Linux below system-manager has users, too, but sops-nix looks up the group among the declared ones.
    let is_visible = match cx.host.class {
        HostClass::HomeManager => false,
        HostClass::SystemManager => cx.host.users_open.is_none() && !secret.group.is_defined(),
        HostClass::Nixos | HostClass::Darwin | HostClass::Module => cx.host.users_open.is_none(),
    };
    let is_number = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
    let numbers_allowed = !secret.manager.has(Capability::HasNumericOwners);
    let by_a_service = cx
        .host
        .services_of_nixpkgs
        .iter()
        .any(|service| is_like(service, owner) && !is_slip(service, owner));
    // Accounts of macOS itself and of nix-darwin's modules, which are not read, begin so.
    let by_the_system = cx.host.class == HostClass::Darwin && owner.starts_with('_');
    // A module whose users are not known may create any, but hardly one that is almost a declared one.
    let by_any_service = unfamiliar_service(cx).is_some() && declared_like(cx, owner).is_none();
    let is_declared = cx.user(owner).is_some()
        || inventory::is_service_user(owner)
        || by_a_service
        || by_the_system
        || (by_any_service && !is_number);
    let of_system = secret.scope == Scope::System && secret.needed_for_users.known() != Some(&true);
    (is_visible && of_system && !is_declared && !(is_number && numbers_allowed))
        .then_some((owner, is_number))
}

/// Whether a service and a user have the same name but for dashes and the like, or one of them begins with the other:
/// `snipe-it` and `snipeit`, `zabbixServer` and `zabbix`.
fn is_like(service: &str, user: &str) -> bool {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (service, user) = (plain(service), plain(user));
    let begins = |long: &str, short: &str| short.len() >= 3 && long.starts_with(short);
    begins(&service, &user) || begins(&user, &service)
}

/// Whether an owner is one slip of a finger away from the user of a service, who is known to have its name:
/// `paperles`.
fn is_slip(service: &str, owner: &str) -> bool {
    /// In a shorter name one letter is another name, in bytes.
    const SHORTEST: usize = 6;
    let letters = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let (own, other) = (letters(service), letters(owner));
    let is_named_so = inventory::is_service_user(service) && !inventory::is_service_user(owner);
    let ends_in_number = owner.ends_with(|c: char| c.is_ascii_digit());
    is_named_so
        && own.len() >= SHORTEST
        && !ends_in_number
        && strsim::osa_distance(&own, &other) == 1
}

/// A service that the configuration uses and whose module, which is not here, may create users of any name.
fn unfamiliar_service<'a>(cx: &HostContext<'a>) -> Option<&'a str> {
    let mut services = cx.host.services_of_nixpkgs.iter().map(String::as_str);
    services.find(|service| !inventory::has_known_users(service))
}

/// The user of the project that an owner is nearly the name of.
fn declared_like<'a>(cx: &HostContext<'a>, owner: &str) -> Option<&'a str> {
    let declared = cx.host.users.iter();
    let declared = declared.filter(|user| !user.declared_at.is_empty());
    closest(owner, declared.map(|user| user.name.as_str()))
}

fn at<T>(secret: &Secret, fact: &Fact<T>) -> Option<Span> {
    fact.at.or_else(|| secret.declared_at.first().copied())
}

fn number(secret: &Secret, owner: &str) -> Diagnostic {
    let message = format!(
        "`{}` is given to a user named \"{owner}\"",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at(secret, &secret.owner),
            format!(
                "{} takes this as a name, not as a number",
                secret.manager.name
            ),
        )
        .note("no user has that name, and then no secret of this host is installed")
        .help(
            "give the number as `uid`",
            format!("{0}.owner = null;\n{0}.uid = {owner};", secret.option),
        )
}

fn diagnostic(cx: &HostContext<'_>, owner: &str, secrets: &[&Secret]) -> Option<Diagnostic> {
    const SHOWN: usize = 4;
    let first = secrets.first()?;
    let is_excerpt = !cx.host.declares_users;
    let service = unfamiliar_service(cx);
    // Which secrets they are differs between hosts, and is at the places.
    let message =
        format!("secrets are given to {owner}, who is declared nowhere in this configuration");
    let manager = first.manager;
    let all_or_none = manager.has(Capability::InstallsAllOrNone);
    let mut note = match (all_or_none, first.group.is_defined()) {
        (false, _) => format!(
            "{} cannot change the owner then: the file stays root's, and nobody else can open it",
            manager.name
        ),
        (true, false) => format!(
            "evaluation fails: {} looks up the group of that user",
            manager.name
        ),
        (true, true) => "activation fails, and no secret of this host is installed".to_owned(),
    };
    if let Some(service) = service {
        note = format!(
            "unless nixpkgs' module of `services.{}` creates this user, {note}",
            nix_name(service)
        );
    }
    if is_excerpt {
        note = format!(
            "{note}; a warning, since no user at all is declared here: the rest may be elsewhere"
        );
    }
    let mut found = Diagnostic::new(&LINT, format!("users.users.{}", nix_name(owner)), message)
        .severity(if is_excerpt || service.is_some() {
            Severity::Warning
        } else {
            Severity::Error
        })
        .primary(
            at(first, &first.owner),
            format!("no `users.users.{}`", nix_name(owner)),
        )
        .note(note);
    for secret in secrets {
        found = found.about(&secret.option);
    }
    for secret in secrets.iter().skip(1).take(SHOWN) {
        found = found.secondary(at(secret, &secret.owner), "here too");
    }
    let readers = readers_of(cx, secrets);
    let users = || {
        readers
            .iter()
            .filter_map(|it| it.user.known()?.name.as_deref())
    };
    let mut services = cx.host.services_of_nixpkgs.iter();
    let meant = declared_like(cx, owner)
        .or_else(|| closest(owner, users().filter(|it| *it != "root")))
        .or_else(|| { services.find(|it| is_slip(it, owner)) }.map(String::as_str));
    let is_of_a_unit = |reader: &&Reader| {
        let user = reader.user.known().and_then(|user| user.name.as_deref());
        user == Some(owner) && reader.via.unit().is_some()
    };
    Some(match meant {
        Some(user) if !is_excerpt || users().any(|it| it == user) => {
            let changes = secrets
                .iter()
                .map(|secret| format!("{}.owner = \"{user}\";", secret.option));
            found.help(
                format!("did you mean {user}?"),
                changes.collect::<Vec<_>>().join("\n"),
            )
        }
        // What a unit of the system runs as is no person who logs in.
        _ if readers.iter().any(is_of_a_unit) => found.help(
            "declare the user",
            format!(
                "users.users.{0} = {{ isSystemUser = true; group = \"{owner}\"; }};\nusers.groups.{0} = {{ }};",
                nix_name(owner)
            ),
        ),
        _ => found.help(
            "declare the user",
            format!("users.users.{}.isNormalUser = true;", nix_name(owner)),
        ),
    })
}

/// Who opens these secrets at run time.
fn readers_of<'a>(cx: &HostContext<'a>, secrets: &[&Secret]) -> Vec<&'a Reader> {
    let of_these =
        |(_, secret): &(usize, &Secret)| secrets.iter().any(|it| it.option == secret.option);
    let indices = cx.secrets().filter(of_these).map(|(index, _)| index);
    indices
        .flat_map(|index| cx.host.readers_of(index))
        .collect()
}
