//! `mcp-env-file-not-dotenv`: an MCP server takes a bare token for a file of variables.

use inventory::secret_files::Lookup;
use inventory::{Capability, Form, Moment, Reference, Secret};

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

/// Servers of mcp-servers-nix, the variable that each needs, and the shortest value it can have.
const SERVERS: [(&str, &str, usize); 5] = [
    ("github", "GITHUB_PERSONAL_ACCESS_TOKEN", 16),
    ("brave-search", "BRAVE_API_KEY", 16),
    ("notion", "NOTION_TOKEN", 16),
    ("tavily", "TAVILY_API_KEY", 16),
    ("slack", "SLACK_BOT_TOKEN", 16),
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reference in cx.paths().filter(|reference| reference.form == Form::Whole) {
        let [first, second, server, last] = reference.option.as_slice() else {
            continue;
        };
        if first != "mcp-servers" || second != "programs" || last != "envFile" {
            continue;
        }
        let Some(secret) = cx.referenced(reference) else {
            continue;
        };
        if let Some((at, why)) = is_bare(cx, secret, server) {
            out.push(diagnostic(cx, reference, secret, server, (at, &why)));
        }
    }
}

/// Why the secret is a value and not a list of `NAME=value` lines.
fn is_bare(
    cx: &HostContext<'_>,
    secret: &Secret,
    server: &str,
) -> Option<(Option<inventory::Span>, String)> {
    let declared = secret.declared_at.first().copied();
    let known = SERVERS.iter().find(|(name, _, _)| *name == server);
    if let (Some((_, variable, least)), Some(length)) = (known, length(cx, secret))
        && length < variable.len() + 1 + least
    {
        return Some((
            declared,
            format!("{length} bytes: too short for a line `{variable}=…`"),
        ));
    }
    // Read as a bare value elsewhere: it cannot be both.
    let index = cx
        .secrets()
        .find(|(_, other)| other.option == secret.option)
        .map(|(index, _)| index)?;
    let as_value = cx.readers().find(|reader| {
        reader.secret == Some(index)
            && reader.moment == Moment::Session
            && reader.via.mcp().is_some()
    });
    let substituted = cx.paths().find(|other| {
        other.secret == Some(index) && matches!(other.form, Form::Substitution | Form::Argument(_))
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
    reference: &Reference,
    secret: &Secret,
    server: &str,
    (at, why): (Option<inventory::Span>, &str),
) -> Diagnostic {
    let variable = SERVERS
        .iter()
        .find(|(name, _, _)| *name == server)
        .map_or("NAME", |(_, variable, _)| variable);
    let message = format!(
        "`{server}` reads `{}` as a list of variables, and it is a bare value",
        secret.attribute
    );
    let name = nix_name(server);
    let from = secret.option_in_scope();
    let config = if secret.scope == inventory::Scope::System && reference.user.is_some() {
        "osConfig"
    } else {
        "config"
    };
    let code = format!(
        "mcp-servers.programs.{name}.passwordCommand.{} = [ {} {config}.{from}.path ];",
        nix_name(variable),
        nix_string("cat")
    );
    let found = Diagnostic::new(&LINT, reference.option_path(), message)
        .primary(reference.at, "read as lines `NAME=value`");
    found
        .secondary(at.or_else(|| cx.declaration_of(reference)), why)
        .note("the wrapper runs `export` on the content: the token becomes a name, an error prints it, and the server starts without it")
        .help("hand over the value", code)
}
