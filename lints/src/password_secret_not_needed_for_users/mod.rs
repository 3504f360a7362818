//! `password-secret-not-needed-for-users`: a login password that is installed after the user.

use inventory::{Moment, Reader, Scope, Secret};

use crate::context::known_name;
use crate::edits::{add_option, replace};
use crate::phrases::nix_name;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "password-secret-not-needed-for-users",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a login password that is installed after the users are created",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (index, secret) in cx.secrets() {
        if let Scope::User(user) = &secret.scope {
            out.extend(of_a_user(cx, index, secret, user));
            continue;
        }
        let Some(early) = &secret.manager.early else {
            continue;
        };
        if secret.scope != Scope::System || secret.needed_for_users.known() != Some(&false) {
            continue;
        }
        let passwords = passwords(cx, index);
        if !passwords.is_empty() {
            let other = cx.readers_of(index).find_map(|reader| {
                let is_other = reader.certain && reader.moment != Moment::BeforeUsers;
                known_name(&reader.user).filter(|name| is_other && *name != "root")
            });
            let found = diagnostic(cx, secret, early.option, &passwords);
            out.push(match other {
                Some(user) => shared(found, user, early.option),
                None => found,
            });
        }
    }
}

/// Where users are created with the secret as their password.
fn passwords<'a>(cx: &HostContext<'a>, index: usize) -> Vec<&'a Reader> {
    cx.readers_of(index)
        .filter(|reader| reader.certain && reader.moment == Moment::BeforeUsers)
        .collect()
}

/// A password that only Home Manager installs, when its user logs in.
fn of_a_user(
    cx: &HostContext<'_>,
    index: usize,
    secret: &Secret,
    user: &str,
) -> Option<Diagnostic> {
    let passwords = passwords(cx, index);
    let (first, more) = passwords.split_first()?;
    let message = format!(
        "`{}` is a login password, but is installed at {user}'s login",
        secret.attribute
    );
    let mut found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(first.at, "read while users are created")
        .secondary(
            secret.declared_at.first().copied(),
            "installed by Home Manager",
        );
    for reader in more {
        found = found.secondary(reader.at, "read while users are created");
    }
    let note = "when the system makes its users nobody has logged in: the file is not there, and the account gets no \
                password";
    let found = found.note(note);
    let option = secret.manager.secrets;
    Some(match &secret.manager.early {
        Some(early) => found.help(
            "declare it in the configuration of the system",
            format!(
                "{option}.{}.{} = true;",
                nix_name(&secret.attribute),
                early.option
            ),
        ),
        None => found.advice("declare it in the configuration of the system"),
    })
}

/// A password that somebody else reads too: neither can have the file of the other.
fn shared(mut found: Diagnostic, user: &str, early: &str) -> Diagnostic {
    found.fixes.clear();
    found.advice(format!(
        "{user} reads it as well, and with `{early}` it stays root's: declare a second secret with this content, one of \
         them with `{early}`"
    ))
}

fn diagnostic(
    cx: &HostContext<'_>,
    secret: &Secret,
    early: &str,
    passwords: &[&Reader],
) -> Diagnostic {
    let message = format!(
        "`{}` is a login password, but is installed after the users are created",
        secret.attribute
    );
    let declared = secret.declared_at.first().copied();
    let mut found = Diagnostic::new(&LINT, &secret.option, message).primary(
        declared,
        format!("installed after users, without `{early}`"),
    );
    for reader in passwords {
        found = found.secondary(reader.at, "read while users are created");
    }
    let edit = match secret.needed_for_users.at {
        Some(at) => replace(Some(at), "true"),
        None => add_option(cx, secret, early, "true"),
    };
    let has_owner = secret.owner.is_defined() || secret.group.is_defined();
    let fix = edit.map(|edit| Fix {
        title: "install it before users".to_owned(),
        safe: !has_owner
            && secret
                .path
                .known()
                .is_some_and(|_| !secret.path.is_defined()),
        edits: vec![edit],
    });
    found
        .note(
            "on the first boot the password file is not there yet and the account gets no password; later the \
             old file is found, which hides it until the next boot",
        )
        .help("", format!("{}.{early} = true;", secret.option))
        .fix(fix)
}
