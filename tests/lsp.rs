//! `mcp-lint lsp`, as an editor sees it: the program itself over its standard input and output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "lsp/client.rs"]
mod client;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use client::{Client, at, initialize, place, uri};
use serde_json::{Value, json};

const FLAKE: &str = r#"{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs = { nixpkgs, sops-nix, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [ sops-nix.nixosModules.sops ./configuration.nix ];
    };
  };
}
"#;

/// The unit of postgres reads a secret of root's: `secret-owner-mismatch` or the like at `db_password`.
const CONFIGURATION: &str = r#"{ config, ... }: {
  # 🔑 secrets
  users.users.postgres = { isSystemUser = true; group = "postgres"; uid = 71; };
  users.groups.postgres = { };
  sops.defaultSopsFile = ./secrets.yaml;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  /* 🔑 */ sops.secrets.db_password = { };
  systemd.services.db = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.User = "postgres";
    serviceConfig.ExecStart = "/bin/db /* 🔑 */ --password-file ${config.sops.secrets.db_password.path}";
  };
}
"#;

const SECRETS: &str = "api:
    token: ENC[AES256_GCM,data:aUiZgdo08uddw7GSNUAFZg==,iv:rvuBGypm08r7LiEzJVrHWuuNqT2+9EUCsTlzcKXSe7I=,tag:mldUJY4QwTHG6+zu1xAWkQ==,type:str]
db_password: ENC[AES256_GCM,data:A2neJ+mf/DAjDylO61g=,iv:9cBUW22bsICsyQXOBp1HQeqO2GhkM/cpPetWrMgjMp8=,tag:tu1TvA5LrHTCHyoGESNEjg==,type:str]
sops:
    age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBMdTdoWGRYWFhDNXRFUlNr
            ZjhxYWdyVnUvdmNpcllMcDg2ck5Sd0tqUVE0CklvYkFPR0tlRGZCMkJSRmdpbUdL
            dFM4WVJzNnB6a2Vhajh4NXIvV1UrL3cKLS0tIHh5ZFNicUF5YXhvNDFmT1dnWVZL
            QlFJODNLbEtpQ1lzYlplSThjTTNMTE0KTc/leQDj3+gJgEL+tKpUoGbyfK8tTwKq
            y7YBfbVC8kQ4+qDXfGTbENSbBkDfCkLFLJv8sP4JmyGAPj+h9ygmrQ==
            -----END AGE ENCRYPTED FILE-----
          recipient: age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp
    lastmodified: \"2026-01-01T00:00:00Z\"
    mac: ENC[AES256_GCM,data:qHbeudxAyf9d5gOKPSAVSTB7M8L6Ya3GywrmzEc8lvwRpECf95JxfhDY21dIMcZ6x8FQVIeYcUnV/HKyRx8F6NsaqKupFAWxC8Ih2GzfAOFU/pJaykvKvVjQBS/AknCIS8y53vOGYi68DtbGfomjETGk3IrRb8ARYFSxR736F9c=,iv:wSWwRnrB2qS1eE3t7HixOgQixMgH7squ5d/4KXvBap4=,tag:0IMaXsnY6hY1pDo+Wj+bcQ==,type:str]
    version: 3.9.0
";

/// A project of its own, and its path without links.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    std::fs::write(path.join("flake.nix"), FLAKE).unwrap();
    std::fs::write(path.join("configuration.nix"), CONFIGURATION).unwrap();
    std::fs::write(path.join("secrets.yaml"), SECRETS).unwrap();
    (folder, path)
}

/// A server that has analysed that project, with its configuration open.
fn analysed() -> (tempfile::TempDir, PathBuf, Client) {
    let (folder, path) = project();
    let mut client = Client::in_folder(&path);
    let file = path.join("configuration.nix");
    client.open(&file, CONFIGURATION);
    let found = client.published(&file, |found| !found.is_empty());
    assert!(has(&found, "db_password"), "{found:#?}");
    (folder, file, client)
}

/// Whether a finding that is about this secret's owner is among them.
fn has(found: &[Value], name: &str) -> bool {
    let is_it = |finding: &Value| {
        finding["severity"] == 1 && finding["message"].as_str().unwrap().contains(name)
    };
    found.iter().any(is_it)
}

fn replaced(text: &str, old: &str, new: &str) -> Value {
    let (start, end) = (place(text, old, 0), place(text, old, old.len()));
    json!([{
        "range": {
            "start": { "line": start.0, "character": start.1 },
            "end": { "line": end.0, "character": end.1 },
        },
        "text": new,
    }])
}

const OWNED: &str = "db_password = { owner = \"postgres\"; };";

#[test]
fn findings_follow_what_is_typed_and_what_is_saved() {
    let (_folder, file, mut client) = analysed();
    let owned = replaced(CONFIGURATION, "db_password = { };", OWNED);
    client.change(&file, 2, owned);
    client.published(&file, |found| !has(found, "db_password"));
    // Closed without being saved: what is on disk counts.
    client.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri(&file) } }),
    );
    client.published(&file, |found| has(found, "db_password"));
    let text = CONFIGURATION.replace("db_password = { };", OWNED);
    std::fs::write(&file, &text).unwrap();
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    client.published(&file, |found| !has(found, "db_password"));
    client.open(&file, &text);
    std::fs::write(&file, CONFIGURATION).unwrap();
    client.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri(&file) } }),
    );
    let found = client.diagnostics(&file);
    assert!(
        !has(&found, "db_password"),
        "the buffer counts, not the disk: {found:#?}"
    );
    client.change(&file, 2, json!([{ "text": "{ a = ; }" }]));
    client.published(&file, |found| {
        found
            .iter()
            .any(|finding| finding["code"] == "syntax-error")
    });
    assert_eq!(client.end(), 0);
}

#[test]
fn a_finding_has_its_place_its_lint_and_its_reason() {
    let (_folder, path) = project();
    let mut client = Client::in_folder(&path);
    let file = path.join("configuration.nix");
    let found = client.published(&file, |found| has(found, "db_password"));
    let finding = found
        .iter()
        .find(|finding| finding["severity"] == 1)
        .unwrap();
    assert_eq!(finding["source"], "mcp-lint");
    assert!(
        finding["code"].as_str().unwrap().contains('-'),
        "{finding:#}"
    );
    let page = format!("docs/src/lints/{}.md", finding["code"].as_str().unwrap());
    let link = finding["codeDescription"]["href"].as_str().unwrap();
    assert!(
        link.starts_with("https://") && link.ends_with(&page),
        "{link}"
    );
    assert!(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(page)
            .exists()
    );
    let (line, start) = place(CONFIGURATION, "db_password", 0);
    let related = finding["relatedInformation"].as_array();
    let related = related.into_iter().flatten();
    let related = related.map(|label| &label["location"]["range"]["start"]);
    let places: Vec<_> = related.chain([&finding["range"]["start"]]).collect();
    let declaration = json!({ "line": line, "character": start });
    assert!(
        places.contains(&&declaration),
        "UTF-16 columns: {finding:#}"
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn hover_tells_what_a_secret_is() {
    let (_folder, file, mut client) = analysed();
    let on_use = place(CONFIGURATION, "db_password.path", 3);
    for position in [on_use, place(CONFIGURATION, "db_password = ", 3)] {
        let hover = client.ask("textDocument/hover", at(&file, position));
        assert_eq!(hover["contents"]["kind"], "markdown");
        let text = hover["contents"]["value"].as_str().unwrap();
        for expected in [
            "lands at `/run/secrets/db_password`",
            "belongs to `root`",
            "mode 0400",
            "comes from `secrets.yaml`, key `db_password`: encrypted",
            "✗ `postgres` reads it through",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("aUiZgdo0"), "{text}");
    }
    let nothing = client.ask("textDocument/hover", at(&file, (0, 0)));
    assert_eq!(nothing, Value::Null);
    // Typed since the last analysis: places behind it move, the new text means nothing yet.
    let typed = json!([{ "range": {
        "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 0 } },
        "text": "  # 🔑\r\n" }]);
    client.change(&file, 2, typed);
    let moved = (on_use.0 + 1, on_use.1);
    let hover = client.ask("textDocument/hover", at(&file, moved));
    assert_eq!(hover["range"]["start"]["line"], moved.0, "{hover:#}");
    assert_eq!(client.end(), 0);
}

#[test]
fn definitions_and_references_lead_to_the_declaration_and_the_key() {
    let (_folder, file, mut client) = analysed();
    let secrets = file.with_file_name("secrets.yaml");
    let start = |location: &Value| {
        let start = &location["range"]["start"];
        let number = |name: &str| u32::try_from(start[name].as_u64().unwrap()).unwrap();
        (
            location["uri"].as_str().unwrap().to_owned(),
            (number("line"), number("character")),
        )
    };
    let declaration = (uri(&file), place(CONFIGURATION, "db_password = ", 0));
    let key = (uri(&secrets), place(SECRETS, "db_password", 0));
    let used = place(CONFIGURATION, "sops.secrets.db_password.path", 0);
    let all = |answer: &Value| {
        answer
            .as_array()
            .unwrap()
            .iter()
            .map(start)
            .collect::<Vec<_>>()
    };
    let on_use = at(&file, place(CONFIGURATION, "db_password.path", 13));
    let found = client.ask("textDocument/definition", on_use.clone());
    assert_eq!(all(&found), [declaration.clone(), key.clone()]);
    let found = client.ask("textDocument/definition", at(&file, declaration.1));
    assert_eq!(all(&found), std::slice::from_ref(&key));
    let found = client.ask("textDocument/definition", at(&secrets, key.1));
    assert_eq!(all(&found), std::slice::from_ref(&declaration));
    let mut references = at(&secrets, key.1);
    references["context"] = json!({ "includeDeclaration": false });
    let found = client.ask("textDocument/references", references.clone());
    assert_eq!(all(&found), [(uri(&file), used)]);
    references["context"]["includeDeclaration"] = json!(true);
    let found = all(&client.ask("textDocument/references", references));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found.contains(&declaration) && found.contains(&key),
        "{found:?}"
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn fixes_are_code_actions_that_remove_the_finding() {
    let (_folder, file, mut client) = analysed();
    let whole = json!({
        "textDocument": { "uri": uri(&file) },
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } },
        "context": { "diagnostics": [] },
    });
    let actions = client.ask("textDocument/codeAction", whole.clone());
    let actions = actions.as_array().unwrap();
    let edits = |action: &Value| action["edit"]["changes"][uri(&file)].as_array().cloned();
    let is_owner = |action: &&Value| {
        let mut edits = edits(action).into_iter().flatten();
        edits.any(|edit| edit["newText"].as_str().unwrap().contains("postgres"))
    };
    let action = actions
        .iter()
        .find(is_owner)
        .unwrap_or_else(|| panic!("{actions:#?}"));
    assert_eq!(action["kind"], "quickfix");
    let edits = edits(action).unwrap();
    let changes = edits
        .iter()
        .rev()
        .map(|edit| json!({ "range": edit["range"], "text": edit["newText"] }));
    client.change(&file, 2, Value::Array(changes.collect()));
    client.published(&file, |found| !has(found, "db_password"));
    let mut other = whole;
    other["context"]["only"] = json!(["refactor"]);
    assert_eq!(client.ask("textDocument/codeAction", other), json!([]));
    assert_eq!(client.end(), 0);
}

#[test]
fn names_are_completed_where_they_are_typed() {
    let (_folder, file, mut client) = analysed();
    let mut labels = |typed: &str, version: i32| {
        let text = format!("{{ config, ... }}: {{\n  \"🔑\" = {typed}");
        client.change(&file, version, json!([{ "text": text }]));
        let column = text.rsplit('\n').next().unwrap().encode_utf16().count();
        let end = (1, u32::try_from(column).unwrap());
        let items = client.ask("textDocument/completion", at(&file, end));
        let items = items.as_array().unwrap().iter();
        let mut found: Vec<String> = items
            .map(|item| {
                let range = &item["textEdit"]["range"];
                assert_eq!(range["end"]["character"], end.1);
                item["textEdit"]["newText"].as_str().unwrap().to_owned()
            })
            .collect();
        found.sort();
        found
    };
    assert_eq!(labels("config.sops.secrets.", 2), ["db_password"]);
    assert_eq!(labels("config.sops.secrets.db_", 3), ["db_password"]);
    let key = labels("{ key = \"", 4);
    assert!(key.contains(&"api/token".to_owned()), "{key:?}");
    let declared = labels("{ sops.secrets.", 5);
    assert!(
        declared.contains(&"\"api/token\"".to_owned()),
        "{declared:?}"
    );
    assert_eq!(labels("nothing", 6), [""; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn crlf_and_other_encodings() {
    let (_folder, path) = project();
    let file = path.join("configuration.nix");
    let text = CONFIGURATION.replace('\n', "\r\n");
    std::fs::write(&file, &text).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("sops.secrets.db_password ="))
        .unwrap();
    let byte = line.find("db_password").unwrap();
    for (encoding, column) in [
        ("utf-8", byte),
        ("utf-16", line[..byte].encode_utf16().count()),
        ("utf-32", line[..byte].chars().count()),
    ] {
        let mut client = Client::start();
        let answer = client.ask(
            "initialize",
            initialize(&path, &["utf-7", encoding, "utf-16"]),
        );
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.notify("initialized", json!({}));
        client.published(&file, |found| has(found, "db_password"));
        let (row, _) = place(&text, "db_password = ", 0);
        let column = u32::try_from(column).unwrap();
        let hover = client.ask("textDocument/hover", at(&file, (row, column)));
        let start = json!({ "line": row, "character": column });
        assert_eq!(hover["range"]["start"], start, "{encoding}: {hover:#}");
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn whatever_comes_in_the_server_goes_on() {
    let (_folder, path) = project();
    let mut client = Client::start();
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early["error"]["code"], -32002);
    client.raw(b"Content-Length: 9\r\n\r\nno json!!");
    assert_eq!(client.next()["error"]["code"], -32700);
    client.raw(b"Content-Length: 2\r\n\r\n{}");
    assert_eq!(client.next()["error"]["code"], -32600);
    client.raw(b"Hello: there\r\n\r\n");
    assert_eq!(client.next()["error"]["code"], -32700);
    let deep = "[".repeat(200_000);
    client.raw(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    assert_eq!(client.next()["error"]["code"], -32700);
    let odd =
        json!({ "workspaceFolders": [{ "uri": 4 }, { "uri": uri(&path) }], "capabilities": [] });
    assert!(client.request("initialize", odd)["result"]["capabilities"].is_object());
    client.notify("initialized", json!({}));
    let again = client.request("initialize", initialize(&path, &[]));
    assert_eq!(again["error"]["code"], -32600);
    let unknown = client.request("no/such\u{1b}[31m", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    assert!(
        !unknown["error"]["message"]
            .as_str()
            .unwrap()
            .contains('\u{1b}')
    );
    assert_eq!(
        client.request("textDocument/hover", json!([]))["error"]["code"],
        -32602
    );
    client.notify("$/no/such", json!(4));
    client.notify("textDocument/didOpen", json!("x"));
    client.notify("textDocument/didChange", json!({ "textDocument": null }));
    let file = path.join("configuration.nix");
    client.change(&file, 1, json!([{ "text": "not open" }]));
    for other in [
        "untitled:x",
        "file://far/away.nix",
        "file:///%ff%00",
        "",
        "git:/x",
    ] {
        let document = json!({ "uri": other, "languageId": "nix", "version": 1, "text": "{ }" });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let params =
            json!({ "textDocument": { "uri": other }, "position": { "line": 0, "character": 0 } });
        assert_eq!(
            client.ask("textDocument/hover", params),
            Value::Null,
            "{other}"
        );
    }
    // Absurd texts: nested, long, and changed outside of themselves.
    client.open(&file, &"[".repeat(100_000));
    client.published(&file, |found| !found.is_empty());
    client.open(&file, &format!("{{ a = \"{}\"; }}", "x".repeat(3_000_000)));
    client.change(&file, 2, json!([
        { "range": { "start": { "line": 7, "character": u32::MAX }, "end": { "line": 0, "character": 0 } }, "text": "}" },
    ]));
    assert_eq!(
        client.ask("textDocument/hover", at(&file, (u32::MAX, u32::MAX))),
        Value::Null
    );
    client.open(&file, CONFIGURATION);
    client.published(&file, |found| has(found, "db_password"));
    assert_eq!(client.end(), 0);
}

/// What `mcp-lint check` leaves out, an editor does not show either.
#[test]
fn configuration_comments_and_baseline_count() {
    let (_folder, path) = project();
    let file = path.join("configuration.nix");
    let shows = |arguments: &[&str]| {
        let mut client = Client::start_with(arguments);
        client.request("initialize", initialize(&path, &["utf-16"]));
        client.notify("initialized", json!({}));
        let text = std::fs::read_to_string(&file).unwrap();
        client.open(&file, &text);
        has(&client.diagnostics(&file), "db_password")
    };
    assert!(shows(&[]));
    let written = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(["--no-cache", "--write-baseline", "known.json"])
        .current_dir(&path)
        .output()
        .unwrap();
    assert!(written.status.success());
    let known = path.join("known.json");
    assert!(!shows(&["--baseline", known.to_str().unwrap()]));
    let lint = "root-owned-secret";
    assert!(!shows(&["--ignore", lint]));
    let configuration = path.join("mcp-lint.toml");
    std::fs::write(&configuration, format!("[lints]\n{lint} = \"off\"\n")).unwrap();
    assert!(!shows(&[]));
    assert!(shows(&["--no-config"]));
    std::fs::remove_file(&configuration).unwrap();
    let ignored = CONFIGURATION.replace(
        "  /* 🔑 */ sops.secrets",
        &format!("  # mcp-lint: ignore[{lint}] known\n  /* 🔑 */ sops.secrets"),
    );
    std::fs::write(&file, ignored).unwrap();
    assert!(!shows(&[]));
}

#[test]
fn the_exit_code_tells_how_it_ended() {
    let mut client = Client::start();
    client.notify("exit", Value::Null);
    assert_eq!(client.code(), 1, "no shutdown before");
    assert_eq!(Client::start().code(), 1, "the input ended");
}

/// A burst of changes, faster than an analysis: the last one counts, and none is answered late.
#[test]
fn a_newer_change_takes_the_place_of_an_older_one() {
    let (_folder, file, mut client) = analysed();
    for version in 2..200 {
        let text = match version % 2 {
            0 => CONFIGURATION.replace("db_password = { };", OWNED),
            _ => CONFIGURATION.to_owned(),
        };
        client.change(&file, version, json!([{ "text": text }]));
    }
    client.change(&file, 200, json!([{ "text": "{ a = ; }" }]));
    client.published(&file, |found| {
        found
            .iter()
            .any(|finding| finding["code"] == "syntax-error")
    });
    let hover = client.ask("textDocument/hover", at(&file, (0, 2)));
    assert_eq!(hover, Value::Null);
    assert_eq!(client.end(), 0);
}

/// An insertion at the start of a line.
fn inserted(line: u32, text: &str) -> Value {
    let at = json!({ "line": line, "character": 0 });
    json!([{ "range": { "start": at, "end": at }, "text": text }])
}

#[test]
fn a_line_that_does_not_parse_keeps_the_findings() {
    let (_folder, file, mut client) = analysed();
    let is_broken = |found: &[Value]| found.iter().any(|found| found["code"] == "syntax-error");
    let line_of = |found: &[Value]| {
        let found = found
            .iter()
            .find(|found| found["code"] == "root-owned-secret");
        found.map(|found| found["range"]["start"]["line"].as_u64().unwrap())
    };
    let line = u64::from(place(CONFIGURATION, "db_password = ", 0).0);
    // Two changes with the finding between them, neither of which parses.
    client.change(&file, 2, inserted(1, "  a = (;\n"));
    let found = client.published(&file, is_broken);
    assert_eq!(line_of(&found), Some(line + 1), "{found:#?}");
    let last = u32::try_from(CONFIGURATION.lines().count()).unwrap();
    client.change(&file, 3, inserted(last, "  x = ;\n"));
    let found = client.published(&file, |found| line_of(found) == Some(line + 1));
    assert!(is_broken(&found), "{found:#?}");
    // Another file of the project keeps its findings, too, and they follow what is typed there.
    let flake = file.with_file_name("flake.nix");
    client.open(&flake, FLAKE);
    client.change(
        &flake,
        2,
        json!([{ "text": FLAKE.replace("./configuration.nix", "./configuration.nix { sops.secrets.db_password.owner = \"postgres\"; }") }]),
    );
    client.published(&file, |found| line_of(found).is_none() && is_broken(found));
    client.change(&flake, 3, json!([{ "text": FLAKE }]));
    client.published(&file, |found| line_of(found) == Some(line + 1));
    client.change(&file, 4, json!([{ "text": CONFIGURATION }]));
    client.published(&file, |found| {
        line_of(found) == Some(line) && !is_broken(found)
    });
    assert_eq!(client.end(), 0);
}

#[test]
fn findings_are_given_to_an_editor_that_asks() {
    let (_folder, path) = project();
    let file = path.join("configuration.nix");
    let mut client = Client::with_capabilities(
        &path,
        &json!({
            "textDocument": { "diagnostic": {} },
            "workspace": { "diagnostics": { "refreshSupport": true } },
        }),
    );
    client.open(&file, CONFIGURATION);
    let until_news = |client: &mut Client| {
        let earlier = std::mem::take(&mut client.notifications);
        let mut earlier = earlier.into_iter();
        loop {
            let message = earlier.next().unwrap_or_else(|| client.next());
            assert_ne!(message["method"], "textDocument/publishDiagnostics");
            if message["method"] == "workspace/diagnostic/refresh" {
                return;
            }
        }
    };
    until_news(&mut client);
    let document = json!({ "textDocument": { "uri": uri(&file) } });
    let report = client.ask("textDocument/diagnostic", document.clone());
    assert_eq!(report["kind"], "full");
    assert!(
        has(report["items"].as_array().unwrap(), "db_password"),
        "{report:#}"
    );
    let mut again = document.clone();
    again["previousResultId"] = report["resultId"].clone();
    let same = client.ask("textDocument/diagnostic", again.clone());
    assert_eq!(same["kind"], "unchanged");
    let all = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let of_file = |all: &Value| {
        let mut reports = all["items"].as_array().unwrap().iter();
        reports
            .find(|report| report["uri"] == uri(&file))
            .unwrap()
            .clone()
    };
    assert_eq!(of_file(&all)["items"], report["items"]);
    let known = json!({ "uri": uri(&file), "value": report["resultId"] });
    let known = json!({ "previousResultIds": [known] });
    let all = client.ask("workspace/diagnostic", known);
    assert_eq!(of_file(&all)["kind"], "unchanged");
    client.change(&file, 2, json!([{ "text": "{ a = ; }" }]));
    let broken = client.ask("textDocument/diagnostic", document.clone());
    assert_eq!(broken["items"][0]["code"], "syntax-error", "{broken:#}");
    let owned = CONFIGURATION.replace("db_password = { };", OWNED);
    client.change(&file, 3, json!([{ "text": owned }]));
    until_news(&mut client);
    let report = client.ask("textDocument/diagnostic", document);
    assert!(
        !has(report["items"].as_array().unwrap(), "db_password"),
        "{report:#}"
    );
    let fixed = client.ask("textDocument/diagnostic", again);
    assert_eq!(fixed["kind"], "full");
    assert_eq!(client.end(), 0);
}

#[test]
fn who_reads_a_secret_is_beside_its_declaration() {
    let (_folder, path) = project();
    let file = path.join("configuration.nix");
    let (line, _) = place(CONFIGURATION, "db_password = ", 0);
    let document = json!({ "uri": uri(&file) });
    let hints =
        json!({ "textDocument": { "inlayHint": {}, "hover": { "contentFormat": ["markdown"] } } });
    let mut client = Client::with_capabilities(&path, &hints);
    client.published(&file, |found| has(found, "db_password"));
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let parameters = json!({ "textDocument": document, "range": range });
    let hints = client.ask("textDocument/inlayHint", parameters.clone());
    assert_eq!(hints.as_array().unwrap().len(), 1, "{hints:#}");
    assert_eq!(hints[0]["label"], "read by postgres ✗ · root");
    let end = CONFIGURATION
        .lines()
        .nth(line as usize)
        .unwrap()
        .encode_utf16()
        .count();
    assert_eq!(
        hints[0]["position"],
        json!({ "line": line, "character": end })
    );
    let tooltip = hints[0]["tooltip"]["value"].as_str().unwrap();
    assert!(tooltip.contains("/run/secrets/db_password"), "{tooltip}");
    let mut above = parameters;
    above["range"]["end"]["line"] = json!(line - 1);
    assert_eq!(client.ask("textDocument/inlayHint", above), json!([]));
    assert_eq!(client.end(), 0);
    let mut client = Client::in_folder(&path);
    client.published(&file, |found| has(found, "db_password"));
    let lenses = client.ask("textDocument/codeLens", json!({ "textDocument": document }));
    assert_eq!(
        lenses[0]["command"]["title"],
        "db_password: read by postgres ✗ · root"
    );
    assert_eq!(lenses[0]["range"]["start"]["line"], line);
    assert_eq!(client.end(), 0);
}

#[test]
fn secrets_and_hosts_are_found_by_name() {
    let (_folder, file, mut client) = analysed();
    let mut found = |query: &str| {
        let symbols = client.ask("workspace/symbol", json!({ "query": query }));
        let symbols = symbols.as_array().unwrap().iter();
        symbols
            .map(|symbol| {
                let at = &symbol["location"];
                (
                    symbol["name"].as_str().unwrap().to_owned(),
                    at["uri"].clone(),
                    at["range"]["start"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let (line, character) = place(CONFIGURATION, "db_password = ", 0);
    let start = json!({ "line": line, "character": character });
    assert_eq!(
        found("dbpass"),
        [("db_password".to_owned(), json!(uri(&file)), start)]
    );
    let desk = found("DESK");
    assert_eq!(desk[0].0, "desk");
    assert!(
        desk[0].1.as_str().unwrap().ends_with("flake.nix"),
        "{desk:?}"
    );
    assert!(found("").len() == 2 && found("no such").is_empty());
    assert_eq!(client.end(), 0);
}

/// The text with the edits of a rename.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let number = |name: &str| usize::try_from(position[name].as_u64().unwrap()).unwrap();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let start = starts.clone().nth(number("line")).unwrap();
        let mut units = 0;
        let column = text[start..].char_indices().find(|(_, c)| {
            let is_there = units == number("character");
            units += c.len_utf16();
            is_there
        });
        start + column.unwrap().0
    };
    let mut edits: Vec<(usize, usize, String)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let new = edit["newText"].as_str().unwrap().to_owned();
            (
                offset(&edit["range"]["start"]),
                offset(&edit["range"]["end"]),
                new,
            )
        })
        .collect();
    edits.sort();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, &new);
    }
    text
}

#[test]
fn a_secret_is_renamed_where_it_is_declared_and_used() {
    let (_folder, file, mut client) = analysed();
    let version = std::cell::Cell::new(1);
    let ask = |client: &mut Client, text: &str, new: &str| {
        version.set(version.get() + 1);
        client.change(&file, version.get(), json!([{ "text": text }]));
        // Until the server has seen what was typed it refuses.
        for _ in 0..2000 {
            let mut parameters = at(&file, place(text, "db_password.path", 3));
            let prepared = client.request("textDocument/prepareRename", parameters.clone());
            let is_old =
                |message: &Value| message.as_str().is_some_and(|it| it.contains("try again"));
            if prepared["result"].is_object() {
                assert_eq!(prepared["result"]["placeholder"], "db_password");
                let start = &prepared["result"]["range"]["start"];
                assert_eq!(start["character"], place(text, "db_password.path", 0).1);
            }
            parameters["newName"] = json!(new);
            let answer = client.request("textDocument/rename", parameters);
            if !is_old(&answer["error"]["message"]) {
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("it never answers");
    };
    let answer = ask(&mut client, CONFIGURATION, "db/password");
    let changes = answer["result"]["changes"].as_object().unwrap();
    assert_eq!(
        changes.len(),
        1,
        "the encrypted file stays as it is: {answer:#}"
    );
    let renamed = edited(CONFIGURATION, &changes[&uri(&file)]);
    assert!(
        renamed.contains("sops.secrets.\"db/password\" = { key = \"db_password\"; };")
            && renamed.contains("config.sops.secrets.\"db/password\".path"),
        "{renamed}"
    );
    client.change(&file, 100, json!([{ "text": renamed }]));
    let found = client.published(&file, |found| has(found, "db/password"));
    assert_eq!(
        found.iter().filter(|found| found["severity"] == 1).count(),
        1,
        "{found:#?}"
    );
    version.set(100);
    let keyed = CONFIGURATION
        .replace(
            "db_password = { };",
            "db_password = { key = \"api/token\"; };",
        )
        .replace(
            "serviceConfig.User",
            "serviceConfig.X = \"/run/secrets/db_password\";\n    serviceConfig.User",
        );
    let answer = ask(&mut client, &keyed, "other");
    let renamed = edited(&keyed, &answer["result"]["changes"][uri(&file)]);
    assert!(
        renamed.contains("sops.secrets.other = { key = \"api/token\"; };")
            && renamed.contains("\"/run/secrets/other\"")
            && !renamed.contains("db_password"),
        "{renamed}"
    );
    for (text, new, why) in [
        (CONFIGURATION.to_owned(), "a b", "letters"),
        (CONFIGURATION.to_owned(), "../x", "letters"),
        (CONFIGURATION.to_owned(), "db_password", "declared already"),
        (
            CONFIGURATION.replace(
                "User = \"postgres\"",
                "User = builtins.head (builtins.attrNames config.sops.secrets)",
            ),
            "x",
            "all secrets are used here",
        ),
        (
            CONFIGURATION.replace("db_password = { };", "${\"db_\" + \"password\"} = { };"),
            "x",
            "computed",
        ),
        (
            CONFIGURATION.replace("db_password = { };", "db_password.mode = \"0400\";"),
            "x",
            "define `key` first",
        ),
        (
            CONFIGURATION.replace(
                "--password-file",
                "--also /run/secrets/db_password --password-file",
            ),
            "x",
            "longer text",
        ),
    ] {
        let answer = ask(&mut client, &text, new);
        let message = answer["error"]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{why}: {answer:#}"));
        assert!(message.contains(why), "{why}: {message}");
    }
    assert_eq!(client.end(), 0);
}

/// Secrets of a system are not those of a user: each is offered where it can be meant.
#[test]
fn completion_knows_whose_module_it_is() {
    let (_folder, path) = project();
    let file = path.join("configuration.nix");
    let home = path.join("home.nix");
    let of_user = "{ config, ... }: {\n  home.stateVersion = \"24.05\";\n  sops.defaultSopsFile = ./secrets.yaml;\n  sops.secrets.mine = { key = \"api/token\"; };\n}\n";
    std::fs::write(&home, of_user).unwrap();
    let flake = FLAKE
        .replace("sops-nix.url", "home-manager.url = \"github:nix-community/home-manager\";\n    sops-nix.url")
        .replace("{ nixpkgs, sops-nix, ... }", "{ nixpkgs, sops-nix, home-manager, ... }")
        .replace(
            "./configuration.nix",
            "./configuration.nix home-manager.nixosModules.home-manager { users.users.alice.isNormalUser = true; home-manager.sharedModules = [ sops-nix.homeManagerModules.sops ]; home-manager.users.alice = ./home.nix; }",
        );
    std::fs::write(path.join("flake.nix"), flake).unwrap();
    let mut client = Client::in_folder(&path);
    client.open(&file, CONFIGURATION);
    client.open(&home, of_user);
    client.published(&file, |found| has(found, "db_password"));
    let mut labels = |file: &std::path::Path, version: i32, text: &str, typed: &str| {
        let text = text.replace("}\n", "") + "\n  x = " + typed;
        client.change(file, version, json!([{ "text": text }]));
        let column = text.rsplit('\n').next().unwrap().encode_utf16().count();
        let line = text.matches('\n').count();
        let end = (u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
        let items = client.ask("textDocument/completion", at(file, end));
        let items = items.as_array().unwrap().iter();
        let mut found: Vec<String> = items
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect();
        found.sort();
        found
    };
    assert_eq!(
        labels(&file, 2, CONFIGURATION, "config.sops.secrets."),
        ["db_password"]
    );
    assert_eq!(labels(&home, 2, of_user, "config.sops.secrets."), ["mine"]);
    assert_eq!(
        labels(&home, 3, of_user, "osConfig.sops.secrets."),
        ["db_password"]
    );
    // Both keys have a secret, whatever it is called.
    assert_eq!(labels(&home, 4, of_user, "{ sops.secrets."), ["mine"]);
    assert_eq!(client.end(), 0);
}

/// How long an editor waits on a project of 300 files, from a keystroke to the new findings and to an
/// answer; printed, since a machine that does other things at the same time proves nothing.
#[test]
fn the_time_from_a_keystroke_on_300_files() {
    const MODULES: usize = 298;
    let (_folder, path) = project();
    let mut imports = String::from("{ imports = [ ./configuration.nix");
    for number in 0..MODULES {
        let module = format!(
            "{{ config, lib, ... }}: {{\n  options.services.app{number}.enable = lib.mkEnableOption \"it\";\n  config = lib.mkIf config.services.app{number}.enable {{\n    sops.secrets.app{number} = {{ key = \"db_password\"; owner = \"app{number}\"; }};\n  }};\n}}\n"
        );
        std::fs::write(path.join(format!("app{number}.nix")), module).unwrap();
        write!(imports, " ./app{number}.nix").unwrap();
    }
    imports.push_str(" ]; }");
    std::fs::write(path.join("all.nix"), imports).unwrap();
    std::fs::write(
        path.join("flake.nix"),
        FLAKE.replace("configuration.nix", "all.nix"),
    )
    .unwrap();
    let mut client = Client::in_folder(&path);
    let file = path.join("configuration.nix");
    client.open(&file, CONFIGURATION);
    client.published(&file, |found| has(found, "db_password"));
    let mut findings = Vec::new();
    let mut answers = Vec::new();
    for round in 0_i32..9 {
        let text = match round % 2 {
            0 => CONFIGURATION.replace("db_password = { };", OWNED),
            _ => CONFIGURATION.to_owned(),
        };
        let started = Instant::now();
        client.change(&file, round + 2, json!([{ "text": text }]));
        client.ask(
            "textDocument/hover",
            at(&file, place(&text, "db_password.path", 3)),
        );
        answers.push(started.elapsed());
        client.published(&file, |found| has(found, "db_password") == (round % 2 == 1));
        findings.push(started.elapsed());
    }
    findings.sort();
    answers.sort();
    println!(
        "300 files: hover {:?}, findings {:?} (median of 9)",
        answers[4], findings[4]
    );
    assert_eq!(client.end(), 0);
}
