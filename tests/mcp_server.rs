//! `mcp-lint mcp`, as an agent sees it: the program itself over its standard input and output.
#![cfg(feature = "mcp")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "mcp_server/client.rs"]
mod client;
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::Agent;
use serde_json::{Value, json};
use support::{CONFIGURATION, desk, package, run, stderr, write};
use test_support::{program, require};

/// So many characters of an answer an agent can afford: about 4,000 tokens.
const AFFORDABLE: usize = 16_000;

fn project() -> (tempfile::TempDir, PathBuf) {
    desk(CONFIGURATION)
}

/// The configuration with postgres as the owner of the secret.
fn mended() -> String {
    CONFIGURATION.replace("github_token = { }", "github_token.owner = \"postgres\"")
}

fn lints(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().unwrap();
    findings
        .iter()
        .map(|found| found["lint"].as_str().unwrap())
        .collect()
}

#[test]
fn every_tool_says_that_it_only_reads_and_what_it_takes_and_gives() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let tools = agent.request("tools/list", json!({}));
    let tools = tools["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["check", "inventory", "who_reads", "explain", "diff"]
    );
    for tool in tools {
        let hints = &tool["annotations"];
        assert_eq!(hints["readOnlyHint"], true, "{tool:#}");
        assert_eq!(hints["destructiveHint"], false, "{tool:#}");
        assert_eq!(hints["idempotentHint"], true, "{tool:#}");
        assert_eq!(hints["openWorldHint"], false, "{tool:#}");
        assert_eq!(
            tool["inputSchema"]["additionalProperties"], false,
            "{tool:#}"
        );
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool:#}");
        assert!(tool["description"].as_str().unwrap().len() > 80, "{tool:#}");
        let asked = tool["inputSchema"]["properties"].as_object().unwrap();
        for (name, about) in asked {
            assert!(about["description"].is_string(), "{names:?} {name}");
        }
    }
    // What a model is given of them.
    let read = tools.iter().map(|tool| {
        let texts = [&tool["name"], &tool["description"], &tool["inputSchema"]];
        texts
            .iter()
            .map(|text| text.to_string().len())
            .sum::<usize>()
    });
    let length: usize = read.sum();
    assert!(
        length < AFFORDABLE / 2,
        "an agent reads {length} characters of tools at the start"
    );
    assert!(agent.end().success());
}

#[test]
fn answers_are_as_their_schemas_say_and_as_the_text_says() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let tools = agent.request("tools/list", json!({}));
    for (tool, arguments) in [
        ("check", json!({})),
        ("check", json!({ "level": "info", "limit": 1 })),
        ("inventory", json!({})),
        ("who_reads", json!({ "secret": "github_token" })),
        ("explain", json!({ "lint": "root-owned-secret" })),
        (
            "diff",
            json!({ "files": [{ "file": "configuration.nix", "text": mended() }] }),
        ),
    ] {
        let all = tools["result"]["tools"].as_array().unwrap();
        let described = all.iter().find(|entry| entry["name"] == tool).unwrap();
        let takes = jsonschema::validator_for(&described["inputSchema"]).unwrap();
        assert!(takes.is_valid(&arguments), "{tool} {arguments}");
        let result = agent.call(tool, arguments);
        let answer = &result["structuredContent"];
        let gives = jsonschema::validator_for(&described["outputSchema"]).unwrap();
        let wrong: Vec<String> = gives
            .iter_errors(answer)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{tool}: {wrong:?}: {answer:#}");
        let text: Value =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, *answer);
    }
}

#[test]
fn who_reads_a_secret_and_why() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    // Its name, other spellings, its option, its path.
    for asked in [
        "github_token",
        "GITHUB_TOKEN",
        "github-token",
        "sops.secrets.github_token",
        "/run/secrets/github_token",
        "hub_tok",
    ] {
        let answer = agent.tool("who_reads", json!({ "secret": asked }));
        assert_eq!(answer["total"], 1, "{asked}: {answer:#}");
        let secret = &answer["secrets"][0];
        assert_eq!(secret["secret"], "sops.secrets.github_token");
        assert_eq!(secret["hosts"], json!(["desk"]));
        assert_eq!(secret["declared_at"], "configuration.nix:6");
        assert_eq!(secret["lands_at"], "/run/secrets/github_token");
        assert_eq!(secret["access"], "root:root 0400");
        assert_eq!(secret["from"], "secrets.yaml#github_token");
        assert_eq!(secret["known"], "decided");
        let reader = &secret["readers"][0];
        assert_eq!(reader["user"], "postgres", "{secret:#}");
        assert_eq!(reader["can"], "no");
        assert_eq!(reader["at"], "configuration.nix:10");
        assert!(
            reader["why"].as_str().unwrap().contains("root"),
            "{secret:#}"
        );
        assert_eq!(secret["others"], json!(["root, who reads every file"]));
    }
    let refusal = agent.refusal("who_reads", json!({ "secret": "gitlab_tokn" }));
    assert!(refusal.contains("did you mean github_token"), "{refusal}");
    let refusal = agent.refusal("who_reads", json!({ "secret": " " }));
    assert!(refusal.contains("say which secret"), "{refusal}");
    let refusal = agent.refusal(
        "who_reads",
        json!({ "secret": "github_token", "host": "dsk" }),
    );
    assert!(refusal.contains("did you mean desk"), "{refusal}");
}

#[test]
fn the_answer_on_the_page_is_that_of_the_server() {
    let page = std::fs::read_to_string(package().join("docs/src/mcp-server.md")).unwrap();
    let blocks = page
        .split("```json\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<Value> = blocks
        .map(|block| serde_json::from_str(block).unwrap())
        .collect();
    let shown = blocks
        .iter()
        .find(|block| block.get("secrets").is_some())
        .unwrap();
    let mut agent = Agent::start(&package().join("examples/nixos-sops"), &[]);
    assert_eq!(
        agent.tool("who_reads", json!({ "secret": "GITHUB_TOKEN" })),
        *shown
    );
}

#[test]
fn an_exact_name_wins_over_its_likes() {
    let (_folder, path) = project();
    let more = CONFIGURATION.replacen(
        "sops.secrets.github_token",
        "sops.secrets.GITHUB_TOKEN = { }; sops.secrets.\"a/github-token\" = { }; sops.secrets.github_token",
        1,
    );
    write(&path, "configuration.nix", &more);
    let mut agent = Agent::start(&path, &[]);
    let mut count =
        |asked: &str| agent.tool("who_reads", json!({ "secret": asked }))["total"].clone();
    assert_eq!(count("GITHUB_TOKEN"), 1);
    assert_eq!(count("GithubToken"), 3);
    assert_eq!(count("a/github-token"), 1);
}

#[test]
fn a_server_that_gets_no_secret_is_named_by_its_variable_and_by_the_secret() {
    let (_folder, path) = project();
    write(
        &path,
        "configuration.nix",
        "{ config, ... }: {
  sops.secrets.hub = { owner = \"alice\"; };
  users.users.alice.isNormalUser = true;
  home-manager.users.alice = { osConfig, ... }: {
    programs.mcp = { enable = true; servers = {
      a = { command = \"a\"; env.A_TOKEN = osConfig.sops.secrets.hub.path; };
      b = { command = \"b\"; env.B_API_KEY = \"m3Wq8Zt5Kd1Xr7Bv2Ny6Hs9Pc4Jf0LgT\"; };
    }; };
  };
}",
    );
    let mut agent = Agent::start(&path, &[]);
    let mut servers = |asked: &str| {
        agent.tool("who_reads", json!({ "secret": asked }))["mcp_servers"].to_string()
    };
    for asked in ["A_TOKEN", "hub"] {
        let found = servers(asked);
        assert!(
            found
                .contains("a of alice (programs.mcp) on desk gets the path of a secret as A_TOKEN"),
            "{found}"
        );
    }
    let found = servers("B_API_KEY");
    assert!(
        found.contains("b of alice (programs.mcp) on desk gets a credential that is written out"),
        "{found}"
    );
    assert!(!found.contains("m3Wq8Zt5"), "{found}");
}

#[test]
fn the_secret_of_an_mcp_server_is_found_by_its_variable() {
    let (_folder, path) = project();
    write(
        &path,
        "configuration.nix",
        "{ config, ... }: {
  sops.secrets.hub = { owner = \"alice\"; path = \"/run/mcp/GITHUB_TOKEN\"; };
  users.users.alice.isNormalUser = true;
  home-manager.users.alice.services.mcp = {
    enable = true;
    secretsPath = \"/run/mcp\";
    servers.github = { enable = true; };
  };
}
",
    );
    let mut agent = Agent::start(&path, &[]);
    let answer = agent.tool("who_reads", json!({ "secret": "GITHUB_TOKEN" }));
    assert_eq!(
        answer["secrets"][0]["secret"], "sops.secrets.hub",
        "{answer:#}"
    );
}

#[test]
fn check_gives_the_findings_of_the_command() {
    for project in ["nixos-sops-wrong", "agenix-wrong", "nixos-sops"] {
        let folder = package().join("examples").join(project);
        let command = run(
            &folder,
            &[
                "check",
                "--format",
                "json",
                "--no-cache",
                "--fail-on",
                "never",
            ],
        );
        let command: Value = serde_json::from_slice(&command.stdout).unwrap();
        let mut agent = Agent::start(&folder, &[]);
        let answer = agent.tool("check", json!({ "limit": 200 }));
        assert_eq!(
            lints(&answer["findings"]),
            lints(&command["diagnostics"]),
            "{project}"
        );
        assert_eq!(
            answer["total"],
            command["diagnostics"].as_array().unwrap().len()
        );
    }
}

#[test]
fn findings_can_be_narrowed() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let mut found = |arguments: Value| {
        let answer = agent.tool("check", arguments);
        lints(&answer["findings"])
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!({})), ["root-owned-secret"]);
    assert_eq!(found(json!({ "lints": ["access"] })), ["root-owned-secret"]);
    assert_eq!(found(json!({ "lints": ["files"] })), [""; 0]);
    assert_eq!(
        found(json!({ "files": ["configuration.nix"] })),
        ["root-owned-secret"]
    );
    assert_eq!(found(json!({ "files": ["flake.nix"] })), [""; 0]);
    assert_eq!(
        found(json!({ "host": "nixosConfigurations.desk" })),
        ["root-owned-secret"]
    );
    let refusal = agent.refusal("check", json!({ "lints": ["root-owned"] }));
    assert!(
        refusal.contains("did you mean root-owned-secret"),
        "{refusal}"
    );
}

#[test]
fn secrets_can_be_narrowed() {
    let (_folder, path) = project();
    let more = CONFIGURATION.replacen(
        "sops.secrets.github_token",
        "sops.secrets.idle.key = \"github_token\"; sops.secrets.github_token",
        1,
    );
    write(&path, "configuration.nix", &more);
    let mut agent = Agent::start(&path, &[]);
    let mut found = |arguments: Value| -> Vec<String> {
        let answer = agent.tool("inventory", arguments);
        let secrets = answer["secrets"].as_array().unwrap();
        secrets
            .iter()
            .map(|secret| secret["secret"].as_str().unwrap().to_owned())
            .collect()
    };
    let (idle, token) = ("sops.secrets.idle", "sops.secrets.github_token");
    assert_eq!(found(json!({})), [token, idle]);
    assert_eq!(found(json!({ "only": "wrong" })), [token]);
    assert_eq!(found(json!({ "only": "undecided" })), [""; 0]);
    assert_eq!(found(json!({ "only": "unread" })), [idle]);
    assert_eq!(found(json!({ "search": "postgres" })), [token]);
    assert_eq!(found(json!({ "search": "IDLE" })), [idle]);
    assert_eq!(found(json!({ "search": "nosuch" })), [""; 0]);
}

#[test]
fn an_edit_is_judged_and_not_written() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let edit = |file: &str, text: &str| json!({ "files": [{ "file": file, "text": text }] });
    let answer = agent.tool("diff", edit("configuration.nix", &mended()));
    assert_eq!(
        (&answer["new"], &answer["gone"]),
        (&json!(0), &json!(1)),
        "{answer:#}"
    );
    assert_eq!(answer["changes"][0]["change"], "gone");
    assert_eq!(answer["changes"][0]["lint"], "root-owned-secret");
    let worse = mended().replace("owner = \"postgres\"", "mode = \"0444\"");
    let answer = agent.tool("diff", edit("configuration.nix", &worse));
    assert!(
        lints(&answer["changes"]).contains(&"world-accessible-secret-mode"),
        "{answer:#}"
    );
    let answer = agent.tool("diff", edit("./configuration.nix", CONFIGURATION));
    assert_eq!(
        (&answer["new"], &answer["gone"], &answer["unchanged"]),
        (&json!(0), &json!(0), &json!(1))
    );
    let answer = agent.tool("diff", edit("configuration.nix", "{ broken = ; }"));
    assert!(
        lints(&answer["changes"]).contains(&"syntax-error"),
        "{answer:#}"
    );
    // A file that is not there yet, in a folder that is not there yet.
    let files = json!({ "files": [
        { "file": "hosts/desk/more.nix", "text": "{ sops.secrets.other.mode = \"0444\"; }" },
        { "file": "configuration.nix", "text": CONFIGURATION.replace("{ config, ... }: {", "{ config, ... }: { imports = [ ./hosts/desk/more.nix ];") },
    ] });
    let answer = agent.tool("diff", files);
    assert!(
        lints(&answer["changes"]).contains(&"world-accessible-secret-mode"),
        "{answer:#}"
    );
    assert_eq!(
        std::fs::read_to_string(path.join("configuration.nix")).unwrap(),
        CONFIGURATION
    );
    assert!(!path.join("hosts").exists());
    // And what is asked next is what is on disk.
    assert_eq!(agent.tool("check", json!({}))["total"], 1);
}

#[test]
fn nothing_outside_of_the_project_is_looked_at() {
    let (_folder, path) = project();
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), "x.nix", "{ }");
    std::os::unix::fs::symlink(elsewhere.path(), path.join("away")).unwrap();
    let outside = elsewhere.path().join("x.nix");
    let mut agent = Agent::start(&path, &[]);
    for file in [
        "../x.nix",
        "a/../../x.nix",
        "/etc/passwd.nix",
        "away/x.nix",
        outside.to_str().unwrap(),
    ] {
        for (tool, arguments) in [
            (
                "diff",
                json!({ "files": [{ "file": file, "text": "{ }" }] }),
            ),
            ("check", json!({ "files": [file] })),
        ] {
            let refusal = agent.refusal(tool, arguments);
            assert!(
                refusal.contains("outside of the project"),
                "{tool} {file}: {refusal}"
            );
        }
    }
    // An edit of a secret file would tell what is in it.
    let refusal = agent.refusal(
        "diff",
        json!({ "files": [{ "file": "secrets.yaml", "text": "a" }] }),
    );
    assert!(refusal.contains("is no Nix file"), "{refusal}");
    let twice =
        json!({ "files": [{ "file": "a.nix", "text": "" }, { "file": "./a.nix", "text": "" }] });
    assert!(agent.refusal("diff", twice).contains("twice"));
    assert!(
        agent
            .refusal("diff", json!({ "files": [] }))
            .contains("1 to 32")
    );
}

#[test]
fn a_change_on_disk_is_seen_at_once() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    assert_eq!(agent.tool("check", json!({}))["total"], 1);
    write(&path, "configuration.nix", &mended());
    assert_eq!(agent.tool("check", json!({}))["total"], 0);
    write(&path, "mcp-lint.toml", "exclude = [");
    assert!(agent.refusal("check", json!({})).contains("mcp-lint.toml"));
    write(&path, "mcp-lint.toml", "");
    write(&path, "configuration.nix", CONFIGURATION);
    assert_eq!(agent.tool("check", json!({}))["total"], 1);
    write(
        &path,
        "mcp-lint.toml",
        "[lints]\nroot-owned-secret = \"off\"\n",
    );
    assert_eq!(agent.tool("check", json!({}))["total"], 0);
}

#[test]
fn answers_are_short_and_come_in_pages() {
    let (_folder, path) = project();
    let mut more = String::new();
    for number in 0..300 {
        writeln!(
            more,
            "  sops.secrets.secret_number_{number} = {{ mode = \"0444\"; }};"
        )
        .unwrap();
    }
    write(
        &path,
        "configuration.nix",
        &CONFIGURATION.replace("  users.groups", &format!("{more}  users.groups")),
    );
    let mut agent = Agent::start(&path, &[]);
    for (tool, list, arguments) in [
        ("check", "findings", json!({ "limit": 200 })),
        ("inventory", "secrets", json!({})),
        ("who_reads", "secrets", json!({ "secret": "secret_number" })),
    ] {
        let (mut seen, mut arguments) = (0, arguments);
        loop {
            let result = agent.call(tool, arguments.clone());
            let length = result["content"][0]["text"].as_str().unwrap().len();
            assert!(length < AFFORDABLE, "{tool}: {length}");
            let answer = &result["structuredContent"];
            seen += answer[list].as_array().unwrap().len();
            match answer.get("next_cursor") {
                Some(cursor) => arguments["cursor"] = cursor.clone(),
                None => {
                    assert!(seen >= 300, "{tool}: {seen}");
                    assert_eq!(answer["total"], seen, "{tool}");
                    break;
                }
            }
        }
    }
    let first = agent.tool("inventory", json!({}));
    write(&path, "configuration.nix", CONFIGURATION);
    let refusal = agent.refusal("inventory", json!({ "cursor": first["next_cursor"] }));
    assert!(refusal.contains("another list"), "{refusal}");
}

#[test]
fn the_pages_of_lints_are_resources() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let (mut names, mut asked) = (Vec::new(), json!({}));
    loop {
        let answer = agent.request("resources/list", asked);
        for resource in answer["result"]["resources"].as_array().unwrap() {
            assert_eq!(resource["mimeType"], "text/markdown");
            names.push(resource["name"].as_str().unwrap().to_owned());
        }
        match answer["result"].get("nextCursor") {
            Some(cursor) => asked = json!({ "cursor": cursor }),
            None => break,
        }
    }
    let all: Vec<&str> = mcp_lint_lints::LINTS.iter().map(|lint| lint.name).collect();
    assert_eq!(names, all);
    let answer = agent.request("resources/templates/list", json!({}));
    assert_eq!(
        answer["result"]["resourceTemplates"][0]["uriTemplate"],
        "mcp-lint://lint/{name}"
    );
    let address = json!({ "uri": "mcp-lint://lint/root-owned-secret" });
    let page = agent.request("resources/read", address);
    let page = page["result"]["contents"][0]["text"].as_str().unwrap();
    let explained = agent.tool("explain", json!({ "lint": "Root-Owned-Secret" }));
    assert!(
        page.ends_with(explained["page"].as_str().unwrap()),
        "{page}"
    );
    for address in [
        "mcp-lint://lint/nosuch",
        "mcp-lint://lint/",
        "file:///etc/passwd",
        "",
    ] {
        let answer = agent.request("resources/read", json!({ "uri": address }));
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains("no page"),
            "{answer:#}"
        );
    }
    let answer = agent.request("resources/list", json!({ "cursor": "x" }));
    assert_eq!(answer["error"]["code"], -32602);
    assert!(
        agent
            .refusal("explain", json!({ "lint": "root-owned" }))
            .contains("did you mean root-owned-secret")
    );
}

#[test]
fn wrong_questions_do_no_harm() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    agent.raw(b"no JSON\n\n{\"jsonrpc\": \"2.0\"\n\xff\xfe\n");
    agent.raw(format!("{}\n", "[".repeat(100_000)).as_bytes());
    for _ in 0..4 {
        assert_eq!(agent.next()["error"]["code"], -32700);
    }
    assert!(
        agent
            .refusal("check", json!({ "hosts": ["desk"] }))
            .contains("unknown field `hosts`")
    );
    assert!(
        agent
            .refusal("check", json!({ "limit": "many" }))
            .contains("arguments of check")
    );
    assert!(
        agent
            .refusal("who_reads", json!({}))
            .contains("missing field `secret`")
    );
    let answer = agent.request("tools/call", json!({ "name": "write", "arguments": {} }));
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no tool `write`"),
        "{answer:#}"
    );
    let answer = agent.request("nosuch/method", json!({}));
    assert!(answer["error"].is_object(), "{answer:#}");
    assert_eq!(agent.tool("check", json!({ "limit": 0 }))["total"], 1);
    assert!(agent.end().success());
}

/// A project that takes long to evaluate.
fn slow() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = project();
    let slow = "toString (builtins.foldl' (a: b: a + b) 0 (builtins.concatMap (x: builtins.genList (y: x) 3000) (builtins.genList (x: x) 3000)))";
    write(
        &path,
        "configuration.nix",
        &CONFIGURATION.replace("/bin/db", &format!("${{{slow}}}")),
    );
    (folder, path)
}

#[test]
fn a_long_run_holds_up_nobody_and_can_be_cancelled() {
    let (_folder, path) = slow();
    let mut agent = Agent::start(&path, &["--step-limit", "4000000000"]);
    let check = json!({ "name": "check", "arguments": {} });
    let long = agent.ask("tools/call", check.clone());
    let waiting = agent.ask("tools/call", check);
    // Meanwhile, what needs no evaluation is answered.
    assert!(agent.request("ping", json!({})).get("error").is_none());
    assert_eq!(
        agent.tool("explain", json!({ "lint": "root-owned-secret" }))["lint"],
        "root-owned-secret"
    );
    for request in [long, waiting] {
        let params = json!({ "requestId": request, "reason": "too long" });
        agent.send(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }),
        );
    }
    // The evaluation has ended early: the next one is of another text, and quick.
    write(&path, "configuration.nix", CONFIGURATION);
    assert_eq!(agent.tool("check", json!({}))["total"], 1);
    assert!(agent.end().success());
}

#[test]
fn a_client_that_goes_away_ends_the_server() {
    let (_folder, path) = slow();
    let mut agent = Agent::start(&path, &["--step-limit", "4000000000"]);
    agent.ask("tools/call", json!({ "name": "check", "arguments": {} }));
    let before = std::time::Instant::now();
    assert!(agent.end().success());
    assert!(before.elapsed().as_secs() < 60, "{:?}", before.elapsed());
}

#[test]
fn a_path_that_is_not_there_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["mcp", "nosuch"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot look at nosuch"),
        "{}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty());
    // An empty directory is one in which an agent can begin.
    let mut agent = Agent::start(folder.path(), &[]);
    assert!(agent.refusal("check", json!({})).contains("error: "));
    write(folder.path(), "configuration.nix", "{ }");
    assert_eq!(agent.tool("check", json!({}))["total"], 0);
}

/// What `.ci/run` installs below the target directory.
fn installed(name: &str) -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap().join(name)
}

/// A Python that has the official SDK.
fn python() -> Result<PathBuf, &'static str> {
    let has_sdk = |python: &Path| {
        let import = ["-c", "from mcp.client.stdio import stdio_client"];
        { Command::new(python).args(import).output() }.is_ok_and(|output| output.status.success())
    };
    let mut known = [PathBuf::from("python3"), installed("mcp-client/bin/python")].into_iter();
    known
        .find(|python| has_sdk(python))
        .ok_or("no Python has the package mcp")
}

#[test]
fn the_official_python_sdk_understands_the_server() {
    let Some(python) = require("mcp-sdk", python()) else {
        return;
    };
    let (_folder, path) = project();
    let output = Command::new(python)
        .arg(package().join("tests/mcp_server/client.py"))
        .arg(env!("CARGO_BIN_EXE_mcp-lint"))
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let got: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(got["server"], "mcp-lint");
    assert_eq!(
        got["tools"],
        json!(["check", "inventory", "who_reads", "explain", "diff"])
    );
    assert!(got["page"].as_str().unwrap().starts_with("# "));
    for tool in ["check", "inventory", "who_reads", "explain", "diff"] {
        assert_eq!(got[tool]["isError"], false, "{tool}: {:#}", got[tool]);
        assert!(got[tool]["structuredContent"].is_object(), "{tool}");
    }
    assert_eq!(
        got["who_reads"]["structuredContent"]["secrets"][0]["readers"][0]["user"],
        "postgres"
    );
    assert_eq!(got["wrong"]["isError"], true);
}

#[test]
fn the_inspector_understands_the_server() {
    let inspector = installed("inspector/node_modules/.bin/mcp-inspector").canonicalize();
    let (Some(inspector), Some(node)) = (require("mcp-inspector", inspector), program("node"))
    else {
        return;
    };
    let (_folder, path) = project();
    let ask = |arguments: &[&str]| -> Value {
        let output = Command::new(node)
            .arg(&inspector)
            .args([
                "--cli",
                env!("CARGO_BIN_EXE_mcp-lint"),
                "mcp",
                path.to_str().unwrap(),
            ])
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let tools = ask(&["--method", "tools/list"]);
    assert_eq!(tools["tools"].as_array().unwrap().len(), 5);
    let call = [
        "--method",
        "tools/call",
        "--tool-name",
        "who_reads",
        "--tool-arg",
        "secret=GITHUB_TOKEN",
    ];
    let answer = ask(&call);
    assert_eq!(
        answer["structuredContent"]["secrets"][0]["readers"][0]["user"], "postgres",
        "{answer:#}"
    );
    let page = ask(&[
        "--method",
        "resources/read",
        "--uri",
        "mcp-lint://lint/root-owned-secret",
    ]);
    assert!(
        page["contents"][0]["text"]
            .as_str()
            .unwrap()
            .contains("root"),
        "{page:#}"
    );
}

#[test]
fn whatever_is_no_message_is_answered_as_json_rpc_says() {
    let (_folder, path) = project();
    let mut agent = Agent::start(&path, &[]);
    let long = format!("\"{}\"", "a".repeat(9 << 20));
    for (line, code) in [
        ("{no json", -32700),
        ("\"\u{fffd}", -32700),
        (long.as_str(), -32600),
        ("{}", -32600),
        ("[]", -32600),
        ("1", -32600),
    ] {
        agent.raw(format!("{line}\n").as_bytes());
        let answer = agent.next();
        let shown = line.get(..8).unwrap_or(line);
        assert_eq!(answer["error"]["code"], code, "{shown}: {answer}");
        assert_eq!(answer.get("id"), Some(&Value::Null), "{shown}: {answer}");
    }
    let answer = agent.request("ping", json!({}));
    assert_eq!(answer["result"], json!({}));
    assert!(agent.end().success());
}
