//! `mcp-reference-not-expanded`: a server gets a reference as it is written, for its client does not know the
//! syntax.

use inventory::mcp_modules::{Evidence, McpKind, McpModule, Place, Syntax};
use inventory::{Fault, McpConfiguration, ServerValue, ValueKind};

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
        let clients: Vec<&'static McpModule> = clients_of(cx, mcp.module).collect();
        let Some(Fault::NotExpanded(leaving)) = value.fault(mcp.module, &clients) else {
            continue;
        };
        // `unexpanded-command-substitution` reports these, by the options of modules.
        let is_reported =
            syntax.is_of_commands() && secret.is_some() && mcp.module.kind != McpKind::File;
        if let (false, Some(first)) = (is_reported, leaving.first().copied()) {
            let who = Clients {
                first,
                leaving: &leaving,
                all: &clients,
            };
            out.push(diagnostic(cx, mcp, value, (*syntax, to), who));
        }
    }
}

/// The clients that start a server.
#[derive(Clone, Copy)]
struct Clients<'a> {
    /// The first that hands the reference over as it is written.
    first: &'static McpModule,
    /// All that do.
    leaving: &'a [&'static McpModule],
    /// All that start the server.
    all: &'a [&'static McpModule],
}

impl Clients<'_> {
    /// A syntax of variables that all of them expand at a place; `None` if there is none.
    fn common_syntax(self, place: Place) -> Option<Syntax> {
        let knows = |client: &McpModule, syntax: Syntax| {
            client.expansion.knows.contains(&syntax) && client.expansion.places.contains(&place)
        };
        let mut known = self.first.expansion.knows.iter().copied();
        known.find(|syntax| {
            syntax.is_of_variables()
                && *syntax != Syntax::BracedDefault
                && self.all.iter().all(|client| knows(client, *syntax))
        })
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    mcp: &McpConfiguration,
    value: &ServerValue,
    (syntax, to): (Syntax, &str),
    who: Clients<'_>,
) -> Diagnostic {
    let first = who.first;
    let names = names_of(who.leaving);
    let written = syntax.write(to);
    let whose = names.join(", ");
    let verb = if names.len() == 1 { "does" } else { "do" };
    let option = option_of(value);
    let message = format!(
        "`{}` gets the text {written}: {whose} {verb} not expand it",
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
    advise(cx, found, mcp, value, (syntax, to, who))
}

fn names_of(modules: &[&'static McpModule]) -> Vec<&'static str> {
    let names = modules.iter().flat_map(|module| module.clients);
    names.copied().collect()
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
    (syntax, to, who): (Syntax, &str, Clients<'_>),
) -> Diagnostic {
    let client = who.first;
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
    if syntax.is_of_variables() {
        if let Some(known) = who.common_syntax(value.place) {
            return found.advice(format!("write {}", known.write(to)));
        }
        if who.all.len() > 1 {
            let names = names_of(who.all).join(", ");
            let instead = match value.place {
                Place::Variable => {
                    "let a wrapper read the file (`programs.mcp.servers.<name>.env.<VARIABLE>.file`)"
                }
                _ => "declare the server for each of them",
            };
            return found.advice(format!("no way to write it holds for {names}: {instead}"));
        }
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
