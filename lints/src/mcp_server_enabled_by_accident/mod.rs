//! `mcp-server-enabled-by-accident`: setting an option of an MCP server that is off by default turns it on.

use crate::edits::set_beside;
use crate::phrases::nix_name;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-server-enabled-by-accident",
    group: Group::Mcp,
    severity: Severity::Warning,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "setting an option of an MCP server that is off by default turns it on",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mcp in cx.mcp() {
        for server in &mcp.servers {
            let is_accident = server.is_off_by_default
                && server.enabled.known() == Some(&true)
                && !server.enabled.is_defined()
                && server.at.is_some();
            if is_accident {
                let option = format!("{}.servers.{}", mcp.option, nix_name(&server.name));
                let message = format!("`{}` is on, because one of its options is set", server.name);
                let edit = server
                    .at
                    .and_then(|at| set_beside(cx, at, "enabled", "true"));
                let title = "say that it is on, as it is now".to_owned();
                out.push(
                    Diagnostic::new(&LINT, &option, message)
                        .primary(server.at, "no `enabled` here: it counts as true")
                        .note("a server that nobody mentions stays off; one that is mentioned is on unless it says otherwise")
                        .help("say what you want", format!("{option}.enabled = true;"))
                        .fix(edit.map(|edit| Fix { title, safe: true, edits: vec![edit] })),
                );
            }
        }
    }
}
