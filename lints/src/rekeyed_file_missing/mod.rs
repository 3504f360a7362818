//! `rekeyed-file-missing`: a secret was not rekeyed for its host.

use inventory::{FilePath, Secret};

use crate::one_cause::{Caused, once};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekeyed-file-missing",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret was not rekeyed for its host",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let Some(rekey) = &cx.host.settings.rekey else {
        return;
    };
    let found = rekey.missing.iter().filter_map(|(index, file)| {
        let secret = cx.host.secrets.get(*index)?;
        let directory = file.absolute.parent();
        Some(Caused {
            // One run rekeys all that a host has there.
            cause: directory.map(|directory| directory.display().to_string()),
            finding: diagnostic(secret, file),
        })
    });
    out.extend(once(found.collect()));
}

fn diagnostic(secret: &Secret, file: &FilePath) -> Diagnostic {
    let message = format!("`{}` was not rekeyed for its host", secret.attribute);
    let at = secret
        .file
        .at
        .or_else(|| secret.declared_at.first().copied());
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, format!("needs {}, which is not there", file.display))
        .note("the name comes from the host's public key and the encrypted file: since the last rekeying one of them changed. The build fails")
        .help("rekey, and add the file to git", "agenix rekey -a")
}
