//! `unexpanded-command-substitution`: a command substitution of a secret where no shell runs it.

use inventory::{Form, HostClass, Mention};

use crate::mentions::is_command;
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
    advice: &'static str,
}

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let substituted =
        |mention: &&Mention| matches!(mention.form, Form::Substitution | Form::Argument(_));
    for mention in cx
        .paths()
        .filter(substituted)
        .filter(|mention| !mention.in_own_shell)
    {
        if let Some(literal) = literal(cx, mention) {
            out.push(diagnostic(cx, mention, &literal));
        }
    }
}

const CREDENTIAL: &str = "let systemd read it: `LoadCredential`, `EnvironmentFile` with `sops.templates`, or read the file in a script";

/// The option in which the mention stands, if no shell reads it.
fn literal(cx: &HostContext<'_>, mention: &Mention) -> Option<Literal> {
    let last = mention.option.last()?.as_str();
    let error = |by, advice| {
        Some(Literal {
            by,
            severity: Severity::Error,
            advice,
        })
    };
    if mention.function.as_deref() == Some("writeText") {
        let is_environment = last
            .to_ascii_lowercase()
            .trim_end_matches('s')
            .ends_with("environmentfile")
            || last == "envFile";
        return is_environment
            .then(|| {
                error(
                    "an environment file, which is read line by line",
                    "write the file with `sops.templates`",
                )
            })
            .flatten();
    }
    if mention.function.is_some() {
        return None;
    }
    if is_command(mention) {
        return error("systemd, which starts commands without a shell", CREDENTIAL);
    }
    let of_unit = [
        ["systemd", "services", "*", "environment"].as_slice(),
        &["systemd", "services", "*", "serviceConfig", "Environment"],
        &["systemd", "user", "services", "*", "Service", "Environment"],
        &["systemd", "user", "services", "*", "environment"],
        &["systemd", "user", "sessionVariables"],
    ];
    if of_unit.iter().any(|prefix| mention.is_in(prefix)) {
        return error(
            "systemd, which sets the variable as it is written",
            CREDENTIAL,
        );
    }
    if mention.is_in(&[
        "virtualisation",
        "oci-containers",
        "containers",
        "*",
        "environment",
    ]) {
        return error(
            "the container, whose variable is set as it is written",
            "use `environmentFiles` with `sops.templates`",
        );
    }
    if mention.is_in(&["services", "mcp", "servers", "*"]) {
        return error(
            "the MCP client, which starts the server without a shell",
            "name the file in `secret` of the server",
        );
    }
    let of_clients = [
        ["programs", "mcp", "servers", "*", "env"].as_slice(),
        &["programs", "claude-code", "mcpServers", "*", "env"],
    ];
    if of_clients.iter().any(|prefix| mention.is_in(prefix)) {
        return error(
            "the MCP client, which starts the server without a shell",
            "name the file: `programs.mcp.servers.<name>.env.<VARIABLE>.file`",
        );
    }
    let of_session =
        cx.host.class != HostClass::Darwin && mention.is_in(&["environment", "sessionVariables"]);
    of_session.then_some(Literal {
        by: "PAM, which sets the variable as it is written for everything but shells",
        severity: Severity::Warning,
        advice: "use `environment.variables`, which shells set, or better a wrapper around the one program that needs it",
    })
}

fn diagnostic(cx: &HostContext<'_>, mention: &Mention, literal: &Literal) -> Diagnostic {
    let name = cx.name_of(mention);
    let message = format!("the text `$(cat …)` itself is handed over, not the content of `{name}`");
    Diagnostic::new(&LINT, cx.subject_of(mention), message)
        .severity(literal.severity)
        .primary(mention.at, format!("read by {}", literal.by))
        .secondary(cx.declaration_of(mention), "declared here")
        .note("at run time the program gets these characters for its password, and the login fails")
        .advice(literal.advice)
}
