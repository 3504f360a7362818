//! `secret-on-command-line`: a program gets a secret as an argument, which every user can see.

use inventory::{Form, Reference, ValueKind};

use crate::managed::template_option;
use crate::one_cause::{Caused, once};
use crate::references::is_shell_text;
use crate::world_accessible_secret_mode::is_public;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-on-command-line",
    group: Group::Handling,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a program gets a secret as an argument, which every user can see",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let is_read_by_shell =
        |reference: &&Reference| is_shell_text(reference) || is_in_shell_of_server(cx, reference);
    let mut found = Vec::new();
    for reference in cx.paths().filter(is_read_by_shell) {
        if let Form::Argument { program, variable } = &reference.form {
            let finding = diagnostic(cx, reference, program, variable.as_deref());
            // One line of a function passes on what each of its calls reads.
            let file = reference.at.map(|at| at.file);
            let cause = variable
                .as_ref()
                .zip(file)
                .map(|(variable, file)| format!("{file:?}\n{program}\n{variable}"));
            found.push(Caused { cause, finding });
        }
    }
    out.extend(once(found));
}

/// Whether a shell reads the argument of an MCP server: `bash -c TEXT`.
fn is_in_shell_of_server(cx: &HostContext<'_>, reference: &Reference) -> bool {
    cx.server_values().any(|(_, value)| {
        matches!(
            value.what,
            ValueKind::InShell {
                is_argument: true,
                ..
            }
        ) && value.option == reference.option
            && value.secret() == reference.secret
    })
}

fn diagnostic(
    cx: &HostContext<'_>,
    reference: &Reference,
    program: &str,
    variable: Option<&str>,
) -> Diagnostic {
    let name = cx.name_of(reference);
    let message = format!(
        "`{name}` is on the command line of {program}, where every user of the machine can read it"
    );
    let secret = reference
        .secret
        .and_then(|index| cx.host.secrets.get(index));
    let severity = if secret.is_some_and(is_public) {
        Severity::Info
    } else {
        Severity::Warning
    };
    let label = match variable {
        Some(variable) => format!("its content becomes an argument of {program}, as ${variable}"),
        None => format!("its content becomes an argument of {program}"),
    };
    Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .severity(severity)
        .primary(reference.at, label)
        .secondary(cx.declaration_of(reference), "declared here")
        .note("arguments of a running process are in /proc/<pid>/cmdline, which is open to all users unless `hidepid` is set")
        .advice(advice(cx, program))
}

fn advice(cx: &HostContext<'_>, program: &str) -> String {
    let advice = match program {
        "curl" => {
            "let curl read it from a file: `--header @FILE`, `--data @FILE`, or `--config FILE` for an address and all else"
        }
        "jq" => "let jq read the file itself: `--rawfile name file`",
        "sed" | "awk" | "gawk" => {
            return match template_option(cx) {
                Some(templates) => {
                    format!("write the file with `{templates}`, or with `replace-secret`")
                }
                None => "write the file with `replace-secret`".to_owned(),
            };
        }
        "psql" => "send the statement on standard input: `psql <<EOF`",
        _ => {
            "hand over the file (`--token-file`, standard input) or an environment variable instead"
        }
    };
    advice.to_owned()
}
