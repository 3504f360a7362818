//! MCP clients' configuration files, read as their user.

use runtime_check::Check;

use crate::support::{ALICE, Machine, TOKEN, USERS, found, message, names};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_literal_credential_is_told_by_place",
        Needs::Root,
        literal,
    ),
    ("programs_names_and_syntax", Needs::Root, others),
    (
        "files_of_every_client_are_read_in_their_format",
        Needs::Root,
        every_client,
    ),
    (
        "a_link_to_a_file_of_roots_is_not_read",
        Needs::Root,
        link_to_root,
    ),
];

fn machine(configuration: &str) -> Machine {
    let machine = Machine::new();
    machine.generation("/run/secrets", 1);
    machine.secret("/run/secrets", "a", TOKEN, ALICE, USERS, 0o400);
    machine.directory("/home/alice/.cursor", ALICE, USERS, 0o755);
    machine.file(
        "/home/alice/.cursor/mcp.json",
        configuration,
        ALICE,
        USERS,
        0o644,
    );
    machine
}

fn literal() {
    let machine = machine(&format!(
        r#"{{"mcpServers": {{"github": {{"command": "npx", "env": {{"GITHUB_TOKEN": "{TOKEN}"}}}}}}}}"#
    ));
    let report = machine.discover(Some("alice"));
    assert_eq!(names(&report), ["literal-credential"]);
    assert_eq!(
        message(&report, Check::LiteralCredential),
        "/home/alice/.cursor/mcp.json has a GitHub token (`ghp_…`) at mcpServers.github.env.GITHUB_TOKEN, 40 bytes"
    );
}

fn others() {
    let machine = machine(
        r#"{"mcpServers": {"a": {"command": "/nix/store/none-a/bin/a", "env": {"MY-KEY": "${X}"}}}}"#,
    );
    let report = machine.discover(Some("alice"));
    assert_eq!(
        names(&report),
        ["client-odd-name", "client-program-missing"]
    );
    let machine = machine_with_broken_json();
    let report = machine.discover(Some("alice"));
    assert!(message(&report, Check::ClientUnreadable).contains("is not JSON: line 2, column"));
    assert_eq!(report.not_checked.len(), 1, "{:#?}", report.not_checked);
    assert_eq!(
        report.not_checked[0].why,
        "what follows line 2: it is not JSON"
    );
}

fn machine_with_broken_json() -> Machine {
    machine("{\n  \"a\": hunter2\n}")
}

fn link_to_root() {
    let machine = machine("{}");
    let shadow = format!(r#"{{"mcpServers": {{"x": {{"env": {{"A_TOKEN": "{TOKEN}"}}}}}}}}"#);
    machine.file("/etc/shadow", shadow, 0, 0, 0o600);
    machine.link("/home/alice/.cursor/mcp.json", "/etc/shadow");
    let report = machine.discover(Some("alice"));
    assert_eq!(
        found(&report, Check::LiteralCredential),
        None,
        "alice cannot read it, nor do we for her"
    );
    assert!(message(&report, Check::ClientUnreadable).contains("cannot be opened by alice"));
}

/// A literal in the file of each client of the table, and a reference that the client does not expand.
fn every_client() {
    let machine = machine("{}");
    let files = [
        (
            ".claude.json",
            "{\"mcpServers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            ".claude/skills/claude-code-home-manager/.mcp.json",
            "{\"mcpServers\": {\"a\": {\"headers\": {\"Authorization\": \"Bearer @\"}}}}",
        ),
        (
            ".config/opencode/opencode.json",
            "{ // mine\n \"mcp\": {\"a\": {\"environment\": {\"A_TOKEN\": \"@\", \"B_TOKEN\": \"${X}\"}, }, }, }",
        ),
        (
            ".codex/config.toml",
            "[mcp_servers.a.env]\nA_TOKEN = '@'\nB_TOKEN = '{file:/x}'\n",
        ),
        (
            ".gemini/settings.json",
            "{\"mcpServers\": {\"a\": {\"args\": [\"--key=@\"]}}}",
        ),
        (
            ".copilot/mcp-config.json",
            "{\"mcpServers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            ".config/crush/crush.json",
            "{\"mcp\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            ".config/zed/settings.json",
            "{\"context_servers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}, /* x */}",
        ),
        (
            ".config/Code/User/mcp.json",
            "{\"servers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            ".config/VSCodium/User/profiles/work/mcp.json",
            "{\"servers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (".vibe/config.toml", "mcp_servers.a.env.A_TOKEN = '@'\n"),
        (
            "/etc/claude-code/managed-mcp.json",
            "{\"mcpServers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            "/etc/opencode/opencode.json",
            "{\"mcp\": {\"a\": {\"environment\": {\"A_TOKEN\": \"@\"}}}}",
        ),
        (
            "/etc/codex/config.toml",
            "mcp_servers.a.env.A_TOKEN = '@'\n",
        ),
        (
            "/etc/gemini-cli/settings.json",
            "{\"mcpServers\": {\"a\": {\"env\": {\"A_TOKEN\": \"@\"}}}}",
        ),
    ];
    for (file, text) in files {
        let is_of_system = file.starts_with("/etc/");
        let path = match is_of_system {
            true => file.to_owned(),
            false => format!("/home/alice/{file}"),
        };
        let owner = if is_of_system { 0 } else { ALICE };
        let mut directory = std::path::Path::new(&path).parent();
        let is_made = |above: &&std::path::Path| above.components().count() > 2;
        while let Some(above) = directory.filter(is_made) {
            if above != std::path::Path::new("/home/alice") {
                machine.directory(above.to_str().unwrap(), owner, USERS, 0o755);
            }
            directory = above.parent();
        }
        machine.file(&path, text.replace('@', TOKEN), ALICE, USERS, 0o600);
    }
    let report = machine.discover(Some("alice"));
    for (file, _) in files {
        let is_found = report.findings.iter().any(|finding| {
            finding.check == Check::LiteralCredential
                && finding.path.ends_with(file.trim_start_matches('/'))
        });
        assert!(is_found, "{file}: {:#?}", report.findings);
    }
    let count = |check| {
        report
            .findings
            .iter()
            .filter(|finding| finding.check == check)
            .count()
    };
    assert_eq!(
        count(Check::ClientReferenceNotExpanded),
        2,
        "{:#?}",
        report.findings
    );
    assert_eq!(count(Check::ClientUnreadable), 0, "{:#?}", report.findings);
    let text = format!("{report:?}");
    assert!(!text.contains(TOKEN.get(4..12).unwrap()), "{text}");
}
