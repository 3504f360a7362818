//! `renamed-secret-with-templates`: a sops-nix secret is renamed while templates are used.

use inventory::{Secret, SecretKind};

use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "renamed-secret-with-templates",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a sops-nix secret is renamed while templates are used",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let Some(name) = secret
            .name
            .known()
            .filter(|name| **name != secret.attribute)
        else {
            continue;
        };
        // Those for users are installed by themselves, without templates.
        if secret.needed_for_users.known() == Some(&true) {
            continue;
        }
        let templates = secret.manager.templates.as_ref();
        let is_looked_up = secret.kind == SecretKind::Secret
            && templates.is_some_and(|templates| templates.looks_up_by_name);
        let mut others = cx.secrets().map(|(_, other)| other);
        let template = others.find(|other| {
            other.kind == SecretKind::Template
                && other.scope == secret.scope
                && other.manager == secret.manager
        });
        if let Some(template) = template.filter(|_| is_looked_up && secret.name.is_defined()) {
            out.push(diagnostic(secret, name, template));
        }
    }
}

fn diagnostic(secret: &Secret, name: &str, template: &Secret) -> Diagnostic {
    let message = format!(
        "`{}` is renamed to {name}, and templates look secrets up by that name",
        secret.attribute
    );
    let key = secret
        .key
        .known()
        .and_then(Option::as_deref)
        .unwrap_or(&secret.attribute);
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(secret.name.at, "placeholders are made for the attribute, but looked up by `name`")
        .secondary(template.declared_at.first().copied(), "a template is used")
        .note("the build fails; if another secret has that attribute, its value is rendered instead of this one")
        .help(
            "declare it under the wanted name",
            format!("{}.{}.key = {};", secret.manager.secrets, nix_name(name), nix_string(key)),
        )
}
