//! `placeholder-outside-template`: the placeholder of a secret where nothing replaces it.

use inventory::mcp_modules::server_at;
use inventory::{Manager, Reference, Scope, SecretKind, Templates};

use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "placeholder-outside-template",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the placeholder of a secret where nothing replaces it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Options whose text goes to the machine as it is.
const FINAL: [&[&str]; 11] = [
    &["environment", "etc"],
    &["environment", "variables"],
    &["environment", "sessionVariables"],
    &["systemd", "services"],
    &["systemd", "user", "services"],
    &["system", "activationScripts"],
    &["virtualisation", "oci-containers"],
    &["home", "file"],
    &["home", "sessionVariables"],
    &["home", "activation"],
    &["xdg", "configFile"],
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let templates = cx
        .secrets()
        .filter_map(|(_, secret)| Some((secret, secret.unrendered?)));
    out.extend(templates.filter_map(|(secret, at)| unrendered(secret, at)));
    for reference in cx.placeholders() {
        let manager = cx.referenced(reference).map(|secret| secret.manager);
        let templates = manager.and_then(|it| Some((it, it.templates.as_ref()?)));
        let is_outside = cx.template_of(reference).is_none();
        let Some(manager) = templates.filter(|_| is_outside) else {
            continue;
        };
        let is_final = FINAL.iter().any(|option| reference.is_in(option))
            || server_at(&reference.option).is_some_and(|(module, _, _)| module.is_of_users());
        if !has_templates(cx, reference) {
            out.push(diagnostic(cx, reference, manager, true));
        } else if is_final {
            out.push(diagnostic(cx, reference, manager, false));
        }
    }
}

/// A file that a template is made of, with an expression of Nix that nobody evaluates.
fn unrendered(secret: &inventory::Secret, at: inventory::Span) -> Option<Diagnostic> {
    let templates = secret.manager.templates.as_ref()?;
    let message = format!(
        "template `{}` is made of a file, in which no placeholder is replaced",
        secret.attribute
    );
    Some(
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(Some(at), "an expression of Nix, which stays as it is in a file")
            .secondary(secret.declared_at.first().copied(), "the template")
            .note(format!(
                "Nix evaluates such expressions in Nix files only: {} finds no placeholder ({}) in the file, and the \
                 program reads this text",
                secret.manager.name, templates.placeholder
            ))
            .help(
                "write the text into the configuration",
                format!("{}.{} = ''\n  …\n'';", secret.option_in_scope(), templates.content),
            ),
    )
}

/// Whether the configuration in which the reference stands declares a template.
fn has_templates(cx: &HostContext<'_>, reference: &Reference) -> bool {
    let own = match &reference.user {
        Some(user) => Scope::User(user.clone()),
        None => Scope::System,
    };
    // A user's configuration may have it from the system's.
    let scope = cx
        .referenced(reference)
        .map_or(own, |secret| secret.scope.clone());
    let is_template =
        |secret: &inventory::Secret| secret.kind == SecretKind::Template && secret.scope == scope;
    cx.host.secrets_open.is_some() || cx.host.secrets.iter().any(is_template)
}

fn diagnostic(
    cx: &HostContext<'_>,
    reference: &Reference,
    (manager, templates): (&Manager, &Templates),
    is_without_templates: bool,
) -> Diagnostic {
    let name = cx.name_of(reference);
    let option = reference.option_path();
    let message = format!("{option} gets the placeholder of `{name}`, and nothing replaces it");
    let declaring = templates.option;
    let note = if is_without_templates {
        format!(
            "without any `{declaring}` there are no placeholders: evaluation fails with \"attribute missing\""
        )
    } else {
        format!(
            "{} replaces placeholders in `{declaring}` only: the text {} stays in the file",
            manager.name, templates.placeholder
        )
    };
    let confidence = if is_without_templates {
        Confidence::Medium
    } else {
        Confidence::High
    };
    let file = reference
        .option
        .iter()
        .rev()
        .find(|part| part.contains('.'))
        .map_or("app.conf", String::as_str);
    Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .confidence(confidence)
        .primary(
            reference.at,
            format!("a placeholder, outside `{declaring}`"),
        )
        .secondary(cx.declaration_of(reference), "declared here")
        .note(note)
        .help(
            "make the file a template, and name its path where it is read",
            format!(
                "{declaring}.\"{file}\".{} = ''\n  …\n'';\n# config.{declaring}.\"{file}\".path",
                templates.content
            ),
        )
}
