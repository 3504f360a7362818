//! `hm-agenix-unexpanded-runtime-dir`: the path of a Home Manager agenix secret is used where no shell expands it.

use inventory::Moment;

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "hm-agenix-unexpanded-runtime-dir",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the path of a Home Manager agenix secret is used where no shell expands it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reader in &cx.host.readers {
        let Some(path) = reader.path.known().filter(|path| is_shell_text(path)) else { continue };
        let is_unit = reader.moment == Moment::UserService && !reader.via.contains("script");
        if (is_unit || reader.via.starts_with("programs.mcp ")) && reader.certain {
            out.push(diagnostic(reader.at, path, &reader.via));
        }
    }
    for mcp in cx.mcp() {
        let Some(fact) = &mcp.secrets_path else { continue };
        if let Some(path) = fact.known().filter(|path| is_shell_text(path)) {
            out.push(diagnostic(fact.at, path, "services.mcp.secretsPath"));
        }
    }
}

/// `${XDG_RUNTIME_DIR}/agenix/x`, `$(getconf DARWIN_USER_TEMP_DIR)/agenix/x`
fn is_shell_text(path: &str) -> bool {
    path.starts_with("${") || path.starts_with("$(")
}

fn diagnostic(at: Option<inventory::Span>, path: &str, via: &str) -> Diagnostic {
    let message = format!("{path} is text for a shell, and {via} is read by none");
    Diagnostic::new(&LINT, "age.secretsDir", message)
        .primary(at, "taken letter by letter: there is no such file")
        .note("agenix under Home Manager puts a shell expression into `path`, because the runtime directory is known at login only")
        .help(
            "give the secrets a directory whose name is known",
            "age.secretsDir = \"${config.home.homeDirectory}/.agenix\";",
        )
}
