//! `mcp-reference-not-expanded`: a server gets a reference as it is written, for its client does not know the
//! syntax.

use inventory::mcp_modules::{Evidence, McpModule, Place, Syntax};
use inventory::secret_files::is_credential_name;
use inventory::{McpConfiguration, ServerValue, ValueKind};

use crate::mcp::{clients_of, option_of};
use crate::phrases::nix_name;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-reference-not-expanded",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a server gets a reference as it is written, for its client does not know the syntax",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        let ValueKind::Reference { syntax, to, secret } = &value.what else {
            continue;
        };
        // `unexpanded-command-substitution` reports these.
        let is_reported = syntax.is_of_commands() && secret.is_some();
        if is_reported || !is_of_a_secret(value, *syntax, to, secret.is_some()) {
            continue;
        }
        let clients: Vec<&McpModule> = clients_of(cx, mcp.module)
            .filter(|client| client.expansion.leaves(*syntax, value.place))
            .collect();
        if let Some(first) = clients.first() {
            out.push(diagnostic(cx, mcp, value, (*syntax, to), (first, &clients)));
        }
    }
}

/// Whether a secret should come through the reference.
fn is_of_a_secret(value: &ServerValue, syntax: Syntax, to: &str, has_secret: bool) -> bool {
    // A program may expand its arguments itself, as shells do: but not what is opencode's own.
    let is_text = match value.place {
        Place::Variable | Place::Header | Place::Url | Place::Setting => true,
        Place::Argument => matches!(syntax, Syntax::Env | Syntax::File),
        _ => false,
    };
    let is_named =
        |name: &str| is_credential_name(name) || name.eq_ignore_ascii_case("authorization");
    let is_file = matches!(syntax, Syntax::File | Syntax::BracedFile | Syntax::Command);
    is_text && (has_secret || is_file || is_named(&value.key) || is_named(to))
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    value: &ServerValue,
    (syntax, to): (Syntax, &str),
    (first, clients): (&McpModule, &[&McpModule]),
) -> Diagnostic {
    let names: Vec<&str> = clients
        .iter()
        .flat_map(|client| client.clients.iter().copied())
        .collect();
    let written = syntax.write(to);
    let who = names.join(", ");
    let verb = if names.len() == 1 { "does" } else { "do" };
    let option = option_of(value);
    let message = format!(
        "`{}` gets the text {written}: {who} {verb} not expand it",
        value.server
    );
    let severity = match first.expansion.evidence {
        Evidence::Source => Severity::Error,
        Evidence::Documentation | Evidence::Unclear => Severity::Warning,
    };
    let found = Diagnostic::new(&LINT, option, message)
        .severity(severity)
        .primary(value.at, "handed over as it is written")
        .note(knows(first));
    advise(cx, found, mcp, value, (syntax, to, first))
}

/// What the client expands.
fn knows(client: &McpModule) -> String {
    let name = client.clients.first().copied().unwrap_or(client.name);
    let known: Vec<&str> = client
        .expansion
        .knows
        .iter()
        .map(|syntax| syntax.shown())
        .collect();
    match known.split_last() {
        None if client.expansion.evidence == Evidence::Unclear => {
            format!("no client but opencode knows this syntax, {name} no more than the others")
        }
        None => format!("{name} expands nothing in its file"),
        Some((last, [])) => format!("{name} expands {last} there"),
        Some((last, rest)) => format!("{name} expands {} and {last} there", rest.join(", ")),
    }
}

fn advise(
    cx: &HostContext<'_>,
    found: Diagnostic,
    mcp: &McpConfiguration,
    value: &ServerValue,
    (syntax, to, client): (Syntax, &str, &McpModule),
) -> Diagnostic {
    let key = nix_name(&value.key);
    let server = nix_name(&value.server);
    if let ValueKind::Reference {
        secret: Some(index),
        ..
    } = &value.what
        && let Some(secret) = cx.host.secrets.get(*index)
        && value.place == Place::Variable
        && client.integration.is_some()
    {
        let path = cx.path_expression(mcp, secret);
        return found.help(
            "declare the server where a wrapper reads the file, and let the client use it",
            format!("programs.mcp.servers.{server}.env.{key}.file = {path};"),
        );
    }
    let of_variable = syntax.is_of_variables().then(|| {
        let mut known = client.expansion.knows.iter();
        known.find(|known| known.is_of_variables() && **known != Syntax::BracedDefault)
    });
    if let Some(known) = of_variable.flatten() {
        return found.advice(format!("write {}", known.write(to)));
    }
    let has_names = !client.shape.names.is_empty();
    match value.place {
        Place::Variable if has_names && syntax.is_of_variables() && value.key == to => {
            found.advice(format!("name the variable, and the client hands it over: env_vars = [ \"{to}\" ];"))
        }
        Place::Header if has_names && syntax.is_of_variables() => found.advice(format!(
            "name the variable: env_http_headers.{key} = \"{to}\", or bearer_token_env_var = \"{to}\""
        )),
        Place::Header => found.advice("start the server through a local proxy that reads the file, or use a client that expands variables in headers"),
        _ => found.advice("let a wrapper read the file: `programs.mcp.servers.<name>.env.<VARIABLE>.file`, with `enableMcpIntegration` of the client"),
    }
}
