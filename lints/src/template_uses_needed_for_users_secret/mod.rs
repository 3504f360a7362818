//! `template-uses-needed-for-users-secret`: a template holds the placeholder of a secret that is installed before users.

use inventory::{Moment, Reference, Scope, Secret};

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
    for reference in cx
        .placeholders()
        .filter(|reference| reference.is_in(&["sops", "templates"]))
    {
        let early = cx.referenced(reference).filter(|secret| {
            secret.scope == Scope::System && secret.needed_for_users.known() == Some(&true)
        });
        if let Some(secret) = early {
            out.push(diagnostic(cx, reference, secret));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, reference: &Reference, secret: &Secret) -> Diagnostic {
    let template = reference.option.get(2).map_or("", String::as_str);
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
        .note("the rendered file holds the text <SOPS:…:PLACEHOLDER> in place of the secret");
    let readers = cx
        .readers()
        .filter(|reader| reader.moment == Moment::BeforeUsers);
    let mut passwords = readers.filter_map(|reader| cx.host.secrets.get(reader.secret?));
    if passwords.any(|password| password.option == secret.option) {
        let second = format!("{name}_template");
        let key = secret
            .key
            .known()
            .and_then(Option::as_deref)
            .unwrap_or(name);
        let code = format!(
            "sops.secrets.{}.key = {};\n# config.sops.placeholder.{}",
            nix_name(&second),
            nix_string(key),
            nix_name(&second)
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
