//! `mcp-wrapper-fails-open`: MCP servers go on without their secret, and nothing says so after a switch.

use inventory::mcp_modules::{McpKind, WhenMissing};
use inventory::{McpConfiguration, McpServer};

use crate::phrases::{list, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "mcp-wrapper-fails-open",
    group: Group::Mcp,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "MCP servers go on without their secret, and nothing says so after a switch",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let of_wrappers = |mcp: &&McpConfiguration| {
        matches!(mcp.module.kind, McpKind::McpHomeManager | McpKind::Shared)
    };
    for mcp in cx.mcp().filter(of_wrappers) {
        let reads = |server: &&McpServer| {
            let goes_on = matches!(
                server.when_missing,
                Some(WhenMissing::EndsQuietly | WhenMissing::StartsWithout)
            );
            server.enabled.known() == Some(&true)
                && server.secret.known().is_some_and(Option::is_some)
                && goes_on
        };
        let servers: Vec<&McpServer> = mcp.servers.iter().filter(reads).collect();
        if !servers.is_empty() && !cx.host.settings.checked_users.contains(&mcp.user) {
            out.push(diagnostic(mcp, &servers));
        }
    }
}

fn diagnostic(mcp: &McpConfiguration, servers: &[&McpServer]) -> Diagnostic {
    let mut names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    names.dedup();
    let verb = if names.len() == 1 { "starts" } else { "start" };
    let message = format!(
        "{} {verb} whether the secret is there or not",
        list(names.iter().copied())
    );
    let what = match mcp.module.when_missing {
        WhenMissing::EndsQuietly => "the wrapper says one line on stderr and exits with status 0",
        _ => "the wrapper says one line on stderr and starts the server without the variable",
    };
    let at = mcp
        .enabled
        .at
        .or_else(|| servers.first().and_then(|server| server.at));
    let code = format!(
        "home.activation.checkSecrets = lib.hm.dag.entryAfter [ {} ] ''\n  ${{lib.getExe pkgs.mcp-lint}} runtime || true\n'';",
        nix_string("writeBoundary")
    );
    Diagnostic::new(&LINT, format!("{}.enable", mcp.option), message)
        .primary(at, what)
        .note("the client shows a server that exited, or an authentication error much later")
        .help(
            "let every switch look at the files that the servers read; `pkgs` has the program by the overlay of mcp-lint's flake, \
             nixpkgs has none",
            code,
        )
}
