//! `unread-secret`: nothing in the project reads the secret.

use inventory::{Answer, Host, Reader, Secret, SecretKind};

use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "unread-secret",
    group: Group::Access,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "nothing in the project reads the secret",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let hosts = || cx.inventory.hosts.iter();
    // What reads a path at which nothing lands means one that is declared; other lints say so.
    let is_missed = |host: &&Host| {
        let missed = |reader: &Reader| reader.secret.is_none();
        !host.undeclared.is_empty()
            || host.readers.iter().any(missed)
            || host.references.iter().any(|it| it.secret.is_none())
    };
    for host in hosts().filter(|host| !is_missed(host)) {
        let secrets = host.secrets.iter();
        for secret in secrets.filter(|secret| secret.exposure.answer == Answer::Nobody) {
            let place = secret.declared_at.first();
            // What another host makes of the same declaration counts as well.
            let same = |other: &&Secret| {
                other.declared_at.first() == place && other.attribute == secret.attribute
            };
            let all = hosts().flat_map(|host| host.secrets.iter().filter(same));
            let is_read = { all }.any(|other| other.exposure.answer != Answer::Nobody);
            if place.is_none() || is_read {
                continue;
            }
            let message = format!("nothing in this project reads `{}`", secret.attribute);
            let what = match secret.kind {
                SecretKind::Secret => "no option holds its path, and no text names it",
                SecretKind::Template => "no option holds the path of the rendered file",
            };
            let mut diagnostic = Diagnostic::new(&LINT, &secret.option, message)
                .primary(place.copied(), what)
                .note("it lies decrypted on the machine for whoever gets in")
                .help(
                    "remove the declaration, unless somebody opens the file by hand",
                    "",
                );
            diagnostic.hosts.insert(host.attribute.clone());
            out.push(diagnostic);
        }
    }
}
