//! `mcp-wrapper-replaced`: a command takes the place of the wrapper that reads an MCP server's secret.

use inventory::Fault;

use crate::mcp::option_of;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-wrapper-replaced",
    group: Group::Mcp,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a command takes the place of the wrapper that reads an MCP server's secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        if value.fault(mcp.module, &[]) != Some(Fault::WrapperReplaced) {
            continue;
        }
        let reading = mcp.values.iter().find(|other| {
            other.server == value.server && other.option != value.option && other.option.len() > 3
        });
        let wrapping = reading
            .and_then(|it| it.option.get(3))
            .map_or("passwordCommand", String::as_str);
        let message = format!(
            "`{}` starts without its secret: `command` replaces the wrapper",
            value.server
        );
        out.push(
            Diagnostic::new(&LINT, option_of(value), message)
                .primary(value.at, "this is what the client starts")
                .secondary(reading.and_then(|it| it.at), format!("`{wrapping}` makes a wrapper, which nothing starts"))
                .note("mcp-servers-nix gives the wrapper as a default of `command`, and a plain definition wins over it")
                .advice(format!("set `mcp-servers.programs.{}.package` instead: the wrapper starts it", value.server)),
        );
    }
}
