//! `secret-read-at-evaluation`: a secret is read while Nix evaluates, and ends up in the store.

use inventory::{Form, Moment, Reference};

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
    out.extend(cx.paths().filter_map(|reference| copied(cx, reference)));
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

/// Sets of Home Manager whose files are copied to the store while it is evaluated, except for store paths.
const FILES: [&[&str]; 5] = [
    &["home", "file", "*", "source"],
    &["xdg", "configFile", "*", "source"],
    &["xdg", "dataFile", "*", "source"],
    &["xdg", "stateFile", "*", "source"],
    &["xdg", "cacheFile", "*", "source"],
];

/// A file of Home Manager whose source is the path of a secret.
fn copied(cx: &HostContext<'_>, reference: &Reference) -> Option<Diagnostic> {
    let secret = cx.referenced(reference)?;
    let is_path = reference.form == Form::Whole && reference.function.is_none();
    let is_file = FILES
        .iter()
        .any(|option| reference.option.len() == option.len() && reference.is_in(option));
    if !is_path || !is_file || reference.user.is_none() {
        return None;
    }
    let option = reference.option_path();
    let message = format!("{option} copies `{}` to the store", secret.attribute);
    Some(
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(reference.at, "Home Manager copies this file while it is evaluated")
            .secondary(secret.declared_at.first().copied(), "declared here")
            .note(
                "a pure evaluation fails here (\"access to absolute path … is forbidden\"); an impure one copies the \
                 secret into the world-readable Nix store, where every user of the machine can read it",
            )
            .help(
                "make a link that leads out of the store, or give the secret a `path`",
                format!(
                    "{option} = config.lib.file.mkOutOfStoreSymlink config.{}.path;",
                    secret.option_in_scope()
                ),
            ),
    )
}
