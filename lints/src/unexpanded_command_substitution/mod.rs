//! `unexpanded-command-substitution`: a command substitution of a secret where no shell runs it.

use inventory::mcp_modules::{McpKind, Place, Syntax, server_at};
use inventory::{Form, HostClass, Reference, ValueKind};

use crate::managed::template_option;
use crate::mcp::clients_of;
use crate::mcp::safe_line;
use crate::references::is_command;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "unexpanded-command-substitution",
    group: Group::Handling,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a command substitution of a secret where no shell runs it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Who takes the text letter by letter, and what to use instead.
struct Literal {
    by: &'static str,
    severity: Severity,
    advice: String,
}

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // It counts the secrets of the host.
    let mut templates = None;
    let substituted = |reference: &&Reference| {
        matches!(reference.form, Form::Substitution | Form::Argument { .. })
    };
    for reference in cx
        .paths()
        .filter(substituted)
        .filter(|reference| !reference.in_own_shell)
    {
        let templates = *templates.get_or_insert_with(|| template_option(cx));
        if let Some(literal) = literal(cx, templates, reference) {
            out.push(diagnostic(cx, reference, &literal));
        }
    }
}

/// The option in which the reference stands, if no shell reads it.
fn literal(
    cx: &HostContext<'_>,
    templates: Option<&str>,
    reference: &Reference,
) -> Option<Literal> {
    let last = reference.option.last()?.as_str();
    let credential = || {
        let with = templates.map_or(String::new(), |templates| format!(" with `{templates}`"));
        format!(
            "let systemd read it: `LoadCredential`, `EnvironmentFile`{with}, or read the file in a script"
        )
    };
    let error = |by, advice: String| {
        Some(Literal {
            by,
            severity: Severity::Error,
            advice,
        })
    };
    if reference.function.as_deref() == Some("writeText") {
        let is_environment = last
            .to_ascii_lowercase()
            .trim_end_matches('s')
            .ends_with("environmentfile")
            || last == "envFile";
        return is_environment
            .then(|| {
                error(
                    "an environment file, which is read line by line",
                    templates.map_or_else(
                        || "let the secret have lines NAME=value, and be the environment file itself".to_owned(),
                        |templates| format!("write the file with `{templates}`"),
                    ),
                )
            })
            .flatten();
    }
    if reference.function.is_some() {
        return None;
    }
    if is_command(reference) {
        return error(
            "systemd, which starts commands without a shell",
            credential(),
        );
    }
    let of_unit = [
        ["systemd", "services", "*", "environment"].as_slice(),
        &["systemd", "services", "*", "serviceConfig", "Environment"],
        &["systemd", "user", "services", "*", "Service", "Environment"],
        &["systemd", "user", "services", "*", "environment"],
        &["systemd", "user", "sessionVariables"],
    ];
    if of_unit.iter().any(|prefix| reference.is_in(prefix)) {
        return error(
            "systemd, which sets the variable as it is written",
            credential(),
        );
    }
    if reference.is_in(&[
        "virtualisation",
        "oci-containers",
        "containers",
        "*",
        "environment",
    ]) {
        return error(
            "the container, whose variable is set as it is written",
            templates.map_or_else(
                || {
                    "let the secret have lines NAME=value, and name its file in `environmentFiles`"
                        .to_owned()
                },
                |templates| format!("use `environmentFiles` with `{templates}`"),
            ),
        );
    }
    if let Some(advice) = of_mcp(cx, reference) {
        return error(
            "the MCP client, which starts the server without a shell",
            advice,
        );
    }
    let of_session =
        cx.host.class != HostClass::Darwin && reference.is_in(&["environment", "sessionVariables"]);
    of_session.then_some(Literal {
        by: "PAM, which sets the variable as it is written for everything but shells",
        severity: Severity::Warning,
        advice: "use `environment.variables`, which shells set, or better a wrapper around the one program that needs it".to_owned(),
    })
}

/// What to use instead, if an MCP client certainly gets the text as it is.
fn of_mcp(cx: &HostContext<'_>, reference: &Reference) -> Option<String> {
    let (module, _, below) = server_at(&reference.option)?;
    let (place, _) = module.place(below)?;
    // Whoever gets an argument may be a shell: of those it is known what reads them.
    let is_value = match place {
        Place::Variable | Place::Header | Place::Url => true,
        Place::Argument => is_argument_left(cx, reference),
        _ => module.kind == McpKind::McpHomeManager,
    };
    if is_value && module.kind == McpKind::McpHomeManager {
        return Some("name the file in `secret` of the server".to_owned());
    }
    let mut clients = clients_of(cx, module).peekable();
    let is_literal = match clients.peek() {
        // No client takes it over yet: those that run commands are the exception.
        None => module.kind == McpKind::Shared && place == Place::Variable,
        Some(_) => clients.any(|client| client.expansion.leaves(Syntax::Command, place)),
    };
    (is_value && is_literal)
        .then(|| "name the file: `programs.mcp.servers.<name>.env.<VARIABLE>.file`".to_owned())
}

/// Whether the program of a server gets the text as an argument, and is no shell.
fn is_argument_left(cx: &HostContext<'_>, reference: &Reference) -> bool {
    cx.server_values().any(|(_, value)| {
        let is_command =
            matches!(&value.what, ValueKind::Reference { syntax, .. } if syntax.is_of_commands());
        is_command && value.option == reference.option && value.secret() == reference.secret
    })
}

fn diagnostic(cx: &HostContext<'_>, reference: &Reference, literal: &Literal) -> Diagnostic {
    let name = cx.name_of(reference);
    let message = format!("the text `$(cat …)` itself is handed over, not the content of `{name}`");
    let found = Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .severity(literal.severity)
        .primary(reference.at, format!("read by {}", literal.by))
        .secondary(cx.declaration_of(reference), "declared here")
        .note(
            "at run time the program gets these characters for its password, and the login fails",
        );
    match line_of_server(cx, reference) {
        Some(line) => found.help("let the content of the file get there", line),
        None => found.advice(literal.advice.clone()),
    }
}

/// The line for the MCP server that gets the text; `None` if none does.
fn line_of_server(cx: &HostContext<'_>, reference: &Reference) -> Option<String> {
    let secret = cx.referenced(reference)?;
    let (mcp, value) = cx.server_values().find(|(_, value)| {
        value.option == reference.option && value.secret() == reference.secret
    })?;
    let path = cx.path_expression(mcp, secret);
    safe_line(mcp.module, value, &value.key, &path).filter(|_| !value.key.is_empty())
}
