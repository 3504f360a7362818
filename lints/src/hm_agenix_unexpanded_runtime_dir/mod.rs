//! `hm-agenix-unexpanded-runtime-dir`: the path of a Home Manager agenix secret is used where no shell expands it.

use inventory::{Fault, McpModule, Moment, ValueKind, Via};

use crate::edits::set_before;
use crate::mcp::{clients_of, option_of};
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "hm-agenix-unexpanded-runtime-dir",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "the path of a Home Manager agenix secret is used where no shell expands it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// A directory whose name is known.
pub(crate) const DIRECTORY: &str = "age.secretsDir = \"${config.home.homeDirectory}/.agenix\";";

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reader in cx.readers() {
        let Some(path) = reader.path.known().filter(|path| is_shell_text(path)) else {
            continue;
        };
        let is_unit = reader.moment == Moment::UserService && !is_script(&reader.via);
        if is_unit && reader.certain {
            out.push(diagnostic(cx, reader.at, path, &reader.via.to_string()));
        }
    }
    for (mcp, value) in cx.server_values() {
        let ValueKind::ShellPath { secret, .. } = value.what else {
            continue;
        };
        let clients: Vec<&'static McpModule> = clients_of(cx, mcp.module).collect();
        let fault = value.fault(mcp.module, &clients);
        let is_left = matches!(fault, Some(Fault::NotExpanded(_) | Fault::NoFile));
        let path = cx
            .host
            .secrets
            .get(secret)
            .and_then(|secret| secret.path.known());
        if let Some(path) = path.filter(|_| is_left) {
            out.push(diagnostic(cx, value.at, path, &option_of(value)));
        }
    }
    for mcp in cx.mcp() {
        let Some(fact) = &mcp.secrets_path else {
            continue;
        };
        if let Some(path) = fact.known().filter(|path| is_shell_text(path)) {
            out.push(diagnostic(cx, fact.at, path, "services.mcp.secretsPath"));
        }
    }
}

/// Whether a shell reads the text: that of a unit, or of an option that is named so.
fn is_script(via: &Via) -> bool {
    match via {
        Via::Option { path, .. } => path.names().iter().any(|name| name.contains("script")),
        via => via.is_unit_script(),
    }
}

/// `${XDG_RUNTIME_DIR}/agenix/x`, `$(getconf DARWIN_USER_TEMP_DIR)/agenix/x`
fn is_shell_text(path: &str) -> bool {
    path.starts_with("${") || path.starts_with("$(")
}

fn diagnostic(
    cx: &HostContext<'_>,
    at: Option<inventory::Span>,
    path: &str,
    via: &str,
) -> Diagnostic {
    let message = format!("no shell expands {path} for {via}: it is taken as it stands");
    Diagnostic::new(&LINT, "age.secretsDir", message)
        .primary(at, "there is no file of that name")
        .note("agenix under Home Manager puts a shell expression into `path`, because the runtime directory is known at login only")
        .help("give the secrets a directory whose name is known", DIRECTORY)
        .fix(directory(cx, path))
}

/// Sets the directory before the first secret that the file with this secret declares.
fn directory(cx: &HostContext<'_>, path: &str) -> Option<Fix> {
    let mut secrets = cx
        .secrets()
        .map(|(_, secret)| secret)
        .filter(|secret| secret.path_is_shell_text);
    let secret = secrets.find(|secret| secret.path.known().is_some_and(|known| known == path))?;
    let at = *secret.declared_at.first()?;
    let source = cx.sources.get(at.file)?;
    let (arguments, _) = source.text().get(..at.start as usize)?.split_once("}:")?;
    let edit = arguments
        .contains("config")
        .then(|| set_before(cx, at, "age.secrets.", DIRECTORY))??;
    let title = "keep this user's secrets in ~/.agenix".to_owned();
    Some(Fix {
        title,
        safe: false,
        edits: vec![edit],
    })
}
