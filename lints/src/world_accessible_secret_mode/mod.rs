//! `world-accessible-secret-mode`: every user of the machine can open a secret.

mod public;

use inventory::{Reader, Scope, Secret};

use crate::context::known_name;
use crate::edits::replace;
use crate::phrases::{list, nix_name, nix_string, reader_group};
pub(crate) use public::is_public;
use public::{is_made_of_what_is_public, is_read_as_public};

use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "world-accessible-secret-mode",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "every user of the machine can open a secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // A user's secrets lie in their own runtime directory, which is closed to others.
    let of_system = cx
        .secrets()
        .filter(|(_, secret)| secret.scope == Scope::System && secret.is_secret != Some(false));
    for (index, secret) in of_system {
        let Some(mode) = secret.effective_mode.known().copied() else {
            continue;
        };
        if mode & 0o007 != 0 {
            out.push(diagnostic(cx, index, secret, mode));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, index: usize, secret: &Secret, mode: u32) -> Diagnostic {
    let can = match (mode & 0o004 != 0, mode & 0o002 != 0) {
        (true, true) => "read and write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => "execute",
    };
    let message = format!(
        "every user of the machine can {can} `{}`: mode {mode:04o}",
        secret.attribute
    );
    let written = secret.mode.known().map_or("", String::as_str);
    let text = format!("the last digit of {mode:04o} is for everybody");
    let at = secret
        .mode
        .at
        .or_else(|| secret.declared_at.first().copied());
    let is_octal = written.trim_start_matches('0') == format!("{mode:o}");
    let is_harmless =
        is_public(secret) || is_read_as_public(cx, index) || is_made_of_what_is_public(cx, secret);
    let is_proven = secret.is_secret == Some(true) && !is_harmless;
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at,
            if is_octal {
                text
            } else {
                format!("is {mode:04o}: the last digit is for everybody")
            },
        )
        .severity(if is_proven {
            Severity::Error
        } else {
            Severity::Info
        })
        .note(format!(
            "{} lets everybody pass through its directories: the mode of the file is the only wall",
            secret.manager.name
        ));
    match audience(cx, index, secret) {
        Audience::Only(user) => found.help(
            format!("only {user} reads it: give it to that user alone"),
            format!(
                "{0}.owner = {1};\n{0}.mode = \"0400\";",
                secret.option,
                nix_string(user)
            ),
        ),
        Audience::Several(users) => {
            let group = reader_group(secret);
            let members: Vec<String> = users.iter().map(|user| nix_string(user)).collect();
            found.help(
                format!("{} read it: let only them in", list(users.iter().copied())),
                format!(
                    "users.groups.{}.members = [ {} ];\n{option}.group = {};\n{option}.mode = \"0440\";",
                    nix_name(&group),
                    members.join(" "),
                    nix_string(&group),
                    option = secret.option,
                ),
            )
        }
        Audience::Owner => found
            .help(
                "let only its owner read it",
                format!("{}.mode = \"0400\";", secret.option),
            )
            .fix(replace(secret.mode.at, "\"0400\"").map(|edit| Fix {
                title: "let only the owner read it".to_owned(),
                safe: false,
                edits: vec![edit],
            })),
        Audience::Undecided => found.advice(
            "make whoever reads it its owner (mode 0400), or give it a group of all who read it (mode 0440)",
        ),
    }
}

/// Who reads a secret, as far as it is known.
enum Audience<'a> {
    /// Nobody but root and its owner.
    Owner,
    /// One other user.
    Only(&'a str),
    /// These, root not counted.
    Several(Vec<&'a str>),
    /// Somebody who is not known: no mode is known to be enough.
    Undecided,
}

fn audience<'a>(cx: &HostContext<'a>, index: usize, secret: &'a Secret) -> Audience<'a> {
    let readers = cx.host.readers_of(index).iter();
    let name = |reader: &'a Reader| known_name(&reader.user).filter(|_| reader.container.is_none());
    let Some(mut users) = readers.map(name).collect::<Option<Vec<&str>>>() else {
        return Audience::Undecided;
    };
    if users.is_empty() {
        return Audience::Undecided;
    }
    users.retain(|user| *user != "root");
    users.sort_unstable();
    users.dedup();
    match users.as_slice() {
        [] => Audience::Owner,
        [one] if known_name(&secret.effective_owner) == Some(one) => Audience::Owner,
        [one] => Audience::Only(one),
        _ => Audience::Several(users),
    }
}
