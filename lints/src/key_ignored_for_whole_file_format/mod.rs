//! `key-ignored-for-whole-file-format`: a key of a file that is always installed as a whole.

use inventory::secret_files::SopsFormat;
use inventory::{Secret, Templates};

use crate::phrases::{count, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "key-ignored-for-whole-file-format",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a key is taken of a file that sops-nix always installs as a whole",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let format = secret
            .format
            .known()
            .and_then(Option::as_deref)
            .and_then(SopsFormat::from_option);
        let Some(format @ (SopsFormat::Dotenv | SopsFormat::Ini)) =
            format.filter(|_| secret.has_formats())
        else {
            continue;
        };
        let key = secret
            .key
            .known()
            .and_then(Option::as_deref)
            .filter(|key| !key.is_empty());
        if let Some(key) = key.filter(|_| secret.key.is_defined()) {
            out.push(diagnostic(cx, secret, key, format));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, key: &str, format: SopsFormat) -> Diagnostic {
    let message = format!(
        "`{}` gets the whole file, not the key {key}",
        secret.attribute
    );
    let values = cx
        .facts_of(secret)
        .map(|(_, facts)| facts.keys.leaves().count());
    let all = values.map_or_else(
        || "all its values".to_owned(),
        |values| count(values, "value"),
    );
    let template = |templates: &Templates| {
        format!(
            "{}.{}.{} = \"{key}=${{config.{}.{}}}\";",
            templates.option,
            nix_name(&format!("{}.env", secret.attribute)),
            templates.content,
            templates.placeholders,
            nix_name(&secret.attribute)
        )
    };
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            secret.key.at,
            format!(
                "{} ignores the key of a {} file",
                secret.manager.name,
                format.as_str()
            ),
        )
        .secondary(secret.file.at, "installed as a whole")
        .note(format!(
            "whatever reads it gets {all} with their names, `{key}=…`, and not the bare value"
        ))
        .help(
            "keep the value in a YAML file; where a program wants `NAME=value`, render a template",
            secret
                .manager
                .templates
                .as_ref()
                .map_or_else(String::new, template),
        )
}
