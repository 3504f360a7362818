//! `template-uses-needed-for-users-secret`: a template holds the placeholder of a secret that is installed before users.

use inventory::{Moment, Reference, Scope, Secret, Templates};

use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "template-uses-needed-for-users-secret",
    group: Group::Activation,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a template holds the placeholder of a secret that is installed before users",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reference in cx.placeholders() {
        let Some(template) = cx.template_of(reference) else {
            continue;
        };
        let early = cx.referenced(reference).filter(|secret| {
            secret.scope == Scope::System && secret.needed_for_users.known() == Some(&true)
        });
        if let Some(secret) = early {
            out.push(diagnostic(cx, reference, template, secret));
        }
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    reference: &Reference,
    (template, templates): (&str, &Templates),
    secret: &Secret,
) -> Diagnostic {
    let name = &secret.attribute;
    let message = format!(
        "template `{template}` keeps the placeholder of `{name}`: it is installed with `neededForUsers`"
    );
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            reference.at,
            "not replaced: templates know the regular secrets only",
        )
        .secondary(
            secret.needed_for_users.at,
            "moves it to the secrets for users",
        )
        .note(format!(
            "the rendered file holds the text {} in place of the secret",
            templates.placeholder
        ));
    let readers = cx
        .readers()
        .filter(|reader| reader.moment == Moment::BeforeUsers);
    let mut passwords = readers.filter_map(|reader| cx.host.secrets.get(reader.secret?));
    if passwords.any(|password| password.option == secret.option) {
        let second = nix_name(&format!("{name}_template"));
        let key = secret
            .key
            .known()
            .and_then(Option::as_deref)
            .unwrap_or(name);
        let code = format!(
            "{}.{second}.key = {};\n# config.{}.{second}",
            secret.manager.secrets,
            nix_string(key),
            templates.placeholders
        );
        return found.help("declare it a second time for the template", code);
    }
    let edit = secret.needed_for_users.binding.map(|span| Edit {
        span,
        replacement: String::new(),
    });
    let title = "remove `neededForUsers`".to_owned();
    let fix = edit.map(|edit| Fix {
        title,
        safe: true,
        edits: vec![edit],
    });
    found
        .advice("remove `neededForUsers`: it is for passwords of `users.users` only")
        .fix(fix)
}
