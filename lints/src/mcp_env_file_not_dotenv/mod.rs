//! `mcp-env-file-not-dotenv`: an MCP server takes a bare token for a file of variables.

use inventory::mcp_modules::{McpKind, Place};
use inventory::secret_files::Lookup;
use inventory::{Capability, Form, McpConfiguration, Moment, Secret, ServerValue, ValueKind};

use crate::mcp::option_of;
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-env-file-not-dotenv",
    group: Group::Mcp,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an MCP server takes a bare token for a file of variables",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Servers of mcp-servers-nix, the shortest of the variables that each reads its secret from, and the shortest
/// value, in bytes, that it can have.
const SERVERS: [(&str, &str, usize); 9] = [
    ("github", "GITHUB_PERSONAL_ACCESS_TOKEN", 16),
    ("brave-search", "BRAVE_API_KEY", 16),
    ("notion", "NOTION_TOKEN", 16),
    ("tavily", "TAVILY_API_KEY", 16),
    ("slack", "SLACK_BOT_TOKEN", 16),
    ("grafana", "GRAFANA_API_KEY", 16),
    ("deepl", "DEEPL_API_KEY", 16),
    ("netdata", "ND_MCP_BEARER_TOKEN", 16),
    ("context7", "CONTEXT7_API_KEY", 16),
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        if mcp.module.kind != McpKind::McpServersNix {
            continue;
        }
        let index = match (value.place, &value.what) {
            (
                Place::EnvironmentFile,
                ValueKind::SecretPath {
                    secret,
                    is_whole: true,
                },
            ) => *secret,
            // As a text it has to print `NAME=value`.
            (
                Place::PasswordCommand,
                ValueKind::SecretPath {
                    secret,
                    is_whole: true,
                },
            ) if value.option.len() == mcp.module.option.len() + 1 => *secret,
            _ => continue,
        };
        let Some(secret) = cx.host.secrets.get(index) else {
            continue;
        };
        if let Some((at, why)) = is_bare(cx, (index, secret), value) {
            out.push(diagnostic(cx, mcp, value, secret, (at, &why)));
        }
    }
}

/// Why the secret is a value and not a list of `NAME=value` lines.
fn is_bare(
    cx: &HostContext<'_>,
    (index, secret): (usize, &Secret),
    value: &ServerValue,
) -> Option<(Option<inventory::Span>, String)> {
    let declared = secret.declared_at.first().copied();
    let known = SERVERS.iter().find(|(name, _, _)| *name == value.server);
    if let (Some((_, variable, least)), Some(length)) = (known, length(cx, secret))
        && length < variable.len() + 1 + least
    {
        return Some((
            declared,
            format!("{length} bytes: too short for a line `{variable}=…`"),
        ));
    }
    // Read as a bare value elsewhere: it cannot be both.
    let mut readers = cx.readers_of(index);
    let as_value =
        readers.find(|reader| reader.moment == Moment::Session && reader.via.mcp().is_some());
    let substituted = cx.paths().find(|other| {
        other.secret == Some(index)
            && matches!(other.form, Form::Substitution | Form::Argument { .. })
    });
    let at = as_value
        .map(|reader| reader.at)
        .or_else(|| substituted.map(|reference| reference.at))?;
    Some((at, "taken for the bare value here".to_owned()))
}

/// How long the decrypted secret is, where its file shows that.
fn length(cx: &HostContext<'_>, secret: &Secret) -> Option<usize> {
    if !secret.manager.has(Capability::HasFormats) {
        return cx.facts_of(secret)?.1.plaintext_length;
    }
    let (_, _, found) = cx.lookup(secret)?;
    match found {
        Lookup::Found(key) => key.value.plaintext_length(),
        _ => None,
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    value: &ServerValue,
    secret: &Secret,
    (at, why): (Option<inventory::Span>, &str),
) -> Diagnostic {
    let server = &value.server;
    let known = SERVERS.iter().find(|(name, _, _)| name == server);
    let variable = known.map_or("NAME", |(_, variable, _)| variable);
    let message = format!(
        "`{server}` reads `{}` as a list of variables, and it is a bare value",
        secret.attribute
    );
    let code = format!(
        "mcp-servers.programs.{}.passwordCommand.{} = [ {} {} ];",
        nix_name(server),
        nix_name(variable),
        nix_string("cat"),
        cx.path_expression(mcp, secret)
    );
    let declared = secret.declared_at.first().copied();
    Diagnostic::new(&LINT, option_of(value), message)
        .primary(value.at, "read as lines `NAME=value`")
        .secondary(at.or(declared), why)
        .note("the wrapper runs `export` on the content: the token becomes a name, an error prints it, and the server starts without it")
        .help("hand over the value", code)
}
