//! `secret-read-at-evaluation`: a secret is read while Nix evaluates, and ends up in the store.

use inventory::Moment;

use crate::managed::template_option;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-read-at-evaluation",
    group: Group::Store,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret is read while Nix evaluates, and ends up in the store",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reader in cx
        .host
        .readers
        .iter()
        .filter(|reader| reader.moment == Moment::Evaluation)
    {
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        let path = reader.path.known().map_or("a secret", String::as_str);
        let name = secret.map_or(path, |secret| secret.attribute.as_str());
        let subject = secret.map_or(path, |secret| secret.option.as_str());
        out.push(
            Diagnostic::new(&LINT, subject, format!("`{name}` is read while Nix evaluates"))
                .primary(reader.at, format!("{} opens the decrypted file", reader.via))
                .secondary(secret.and_then(|secret| secret.declared_at.first().copied()), "declared here")
                .note(
                    "a pure evaluation fails here; an impure one copies the secret into the world-readable Nix \
                     store, where every user of the machine can read it",
                )
                .advice(match template_option(cx) {
                    Some(templates) => format!(
                        "hand over the path and not the content: an option that ends in `File`, `{templates}`, or \
                         `LoadCredential`"
                    ),
                    None => "hand over the path and not the content: an option that ends in `File`, or `LoadCredential`"
                        .to_owned(),
                }),
        );
    }
}
