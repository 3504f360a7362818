//! `json-nested-key`: a nested key of a JSON file, which sops-nix cannot take.

use inventory::secret_files::SopsFormat;

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "json-nested-key",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a nested key of a JSON file, which sops-nix cannot take",
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
        let key = secret.key.known().and_then(Option::as_deref);
        let Some(key) = key.filter(|key| secret.has_formats() && key.contains('/')) else {
            continue;
        };
        if format == Some(SopsFormat::Json) {
            let at = secret
                .key
                .at
                .or_else(|| secret.declared_at.first().copied());
            let message = format!(
                "`{}` takes the nested key {key} of a JSON file",
                secret.attribute
            );
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(at, "only keys at the top of a JSON file can be taken")
                    .secondary(secret.format.at, "read as JSON")
                    .note(format!(
                        "the build fails: {} goes down into YAML only",
                        secret.manager.name
                    ))
                    .advice("move the value to the top of the file, or keep it in a YAML file"),
            );
        }
    }
}
