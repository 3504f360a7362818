//! `secret-in-session-environment`: every program of a session gets the secret in its environment.

use inventory::{Form, Reference};

use crate::references::is_shell_start;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-in-session-environment",
    group: Group::Handling,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "every program of a session gets the secret in its environment",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let substituted = |reference: &&Reference| {
        reference.form == Form::Substitution && reference.function.is_none()
    };
    for reference in cx.paths().filter(substituted) {
        if is_exported(cx, reference) {
            out.push(diagnostic(cx, reference));
        }
    }
}

fn is_exported(cx: &HostContext<'_>, reference: &Reference) -> bool {
    if reference.is_in(&["home", "sessionVariables"])
        || reference.is_in(&["environment", "variables"])
    {
        return true;
    }
    let line = reference
        .at
        .and_then(|at| cx.line_of(at))
        .unwrap_or_default();
    let line = line.trim_start();
    is_shell_start(reference) && (line.starts_with("export ") || line.contains(" export "))
}

fn diagnostic(cx: &HostContext<'_>, reference: &Reference) -> Diagnostic {
    let name = cx.name_of(reference);
    let message =
        format!("every program that is started in a session gets `{name}` in its environment");
    Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .primary(reference.at, "exported by the shell for all that it starts")
        .secondary(cx.declaration_of(reference), "declared here")
        .note(
            "editors, scripts of packages and MCP servers inherit it; programs print their environment in logs and \
             crash reports",
        )
        .advice("give it to the one program that needs it: a wrapper that reads the file, or `programs.mcp.servers.<name>.env.<VARIABLE>.file`")
}
