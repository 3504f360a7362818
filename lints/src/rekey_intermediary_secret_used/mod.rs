//! `rekey-intermediary-secret-used`: something reads a secret that agenix-rekey does not install.

use inventory::{Moment, Reader, Secret, Span};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekey-intermediary-secret-used",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "something reads a secret that agenix-rekey does not install",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let Some(rekey) = &cx.host.settings.rekey else {
        return;
    };
    for (index, fact) in &rekey.intermediary {
        let Some(secret) = cx.host.secrets.get(*index) else {
            continue;
        };
        let on_the_machine = |reader: &&Reader| {
            reader.secret == Some(*index) && reader.certain && reader.moment != Moment::Evaluation
        };
        let reader = cx
            .readers()
            .find(on_the_machine)
            .and_then(|reader| reader.at);
        let reference = cx
            .paths()
            .find(|reference| reference.secret == Some(*index))
            .and_then(|reference| reference.at);
        if let Some(at) = reader.or(reference) {
            out.push(diagnostic(secret, at, fact.at));
        }
    }
}

fn diagnostic(secret: &Secret, at: Span, intermediary: Option<Span>) -> Diagnostic {
    let message = format!(
        "`{}` is read here, but holds nothing: it is an intermediary secret",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(Some(at), "reads the text \"# This is a dummy secret.\"")
        .secondary(intermediary, "only a source for other secrets")
        .note("agenix-rekey never rekeys an intermediary secret for a host: a placeholder is installed in its place")
        .help("let the host have it", format!("{}.intermediary = false;", secret.option))
}
