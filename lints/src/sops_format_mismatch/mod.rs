//! `sops-format-mismatch`: a secret is read as another format than its file has.

use std::path::Path;

use inventory::secret_files::{Code, FileFacts, SopsFormat};
use inventory::{Secret, SecretFile};

use crate::edits::{add_option, replace};
use crate::phrases::nix_string;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "sops-format-mismatch",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a secret is read as another format than its sops file has",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.manager.name == "sops-nix")
    {
        let declared = secret
            .format
            .known()
            .and_then(Option::as_deref)
            .and_then(SopsFormat::from_option);
        let Some((declared, (file, facts))) = declared.zip(cx.facts_of(secret)) else {
            continue;
        };
        let actual = actual(&file.path.absolute, facts, declared);
        let is_read_as_well = matches!((declared, actual), (SopsFormat::Yaml, SopsFormat::Json));
        if actual != declared && !is_read_as_well {
            out.push(diagnostic(cx, secret, file, declared, actual));
        }
    }
}

/// The format of the content; of the name where the content says only that it is another one.
fn actual(name: &Path, facts: &FileFacts, declared: SopsFormat) -> SopsFormat {
    let is_wrong = facts
        .problems
        .iter()
        .any(|problem| problem.code == Code::WrongFormat);
    match facts.format.sops() {
        Some(format) if format != declared => format,
        _ if is_wrong => SopsFormat::from_name(name),
        _ => declared,
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    secret: &Secret,
    file: &SecretFile,
    declared: SopsFormat,
    actual: SopsFormat,
) -> Diagnostic {
    let (declared, actual) = (declared.as_str(), actual.as_str());
    let name = &file.path.display;
    let message = format!(
        "`{}` is read as {declared}, but {name} is {actual}",
        secret.attribute
    );
    let (at, text) = match secret.format.at {
        Some(at) => (Some(at), format!("the file is {actual}")),
        None => (
            secret.declared_at.first().copied(),
            format!("no `format` given: read as {declared}"),
        ),
    };
    let edit = match secret.format.at {
        Some(at) => replace(Some(at), nix_string(actual)),
        None => add_option(cx, secret, "format", &nix_string(actual)),
    };
    let safe = secret.format.at.is_some();
    let fix = edit.map(|edit| Fix {
        title: format!("read it as {actual}"),
        safe,
        edits: vec![edit],
    });
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, text)
        .secondary(secret.file.at, format!("the {actual} file"))
        .note("the build fails, because the file does not parse as that format")
        .help(
            "",
            format!("{}.format = {};", secret.option, nix_string(actual)),
        )
        .fix(fix)
}
