//! `mcp-lint runtime`, end to end: the program itself, on machines with real users, files and mounts.
//!
//! Most of it needs root and a mount namespace; without them those tests say so and do nothing.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "runtime/machine.rs"]
mod machine;
mod support;

use std::path::Path;
use std::process::Output;

use machine::{ALICE, BOB, Machine, TOKEN, USERS, YOURUSER, folder, on_a_machine, set_mode};
use serde_json::Value;
use support::{json, run, stderr, stdout};
use test_support::copy;

/// A flake with one host, which declares one token of alice's for one server.
const FLAKE: &str = r#"{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
    home-manager.url = "github:nix-community/home-manager";
  };

  outputs = { nixpkgs, sops-nix, home-manager, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [
        sops-nix.nixosModules.sops
        home-manager.nixosModules.home-manager
        ./configuration.nix
      ];
    };
  };
}
"#;

const CONFIGURATION: &str = r#"{
  users.users.alice = { isNormalUser = true; uid = 1000; group = "users"; };
  sops.defaultSopsFile = ./secrets.yaml;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  sops.age.sshKeyPaths = [ ];
  sops.gnupg.sshKeyPaths = [ ];
  sops.secrets.GITHUB_TOKEN.owner = "alice";
  home-manager.users.alice.services.mcp = {
    enable = true;
    secretsPath = "/run/secrets";
    servers.github.enabled = true;
  };
}
"#;

/// Bob's key pair of RFC 7748, section 6.1, as an identity and a recipient of age.
const IDENTITY: &str =
    "AGE-SECRET-KEY-1TK4SSLNZF29YK70P079C8QQWUEHNHVFFYCVTDLGU979J0LUGUR4SMHZYQ2\n";
const RECIPIENT: &str = "age1m60dkltm0hqmf56mv8pweep4xulcxs7gtduxwnddl3lpgmug9d8s0dmj33";
const KEY: &str = "/var/lib/sops-nix/key.txt";
const TOKEN_FILE: &str = "/run/secrets.d/1/GITHUB_TOKEN";

/// The machine of that project, as sops-nix leaves it.
fn desk(machine: &Machine) {
    let project = folder("desk");
    std::fs::write(project.join("flake.nix"), FLAKE).unwrap();
    std::fs::write(project.join("configuration.nix"), CONFIGURATION).unwrap();
    encrypt_to(machine, RECIPIENT);
    machine.file(KEY, IDENTITY, 0, 0, 0o600);
    machine.manager("/run/secrets");
    machine.file(TOKEN_FILE, TOKEN, ALICE, USERS, 0o400);
}

/// The project's encrypted file, for another recipient.
fn encrypt_to(machine: &Machine, recipient: &str) {
    let file = machine
        .package()
        .join("tests/guide/complete-sops/secrets/secrets.yaml");
    let target = folder("desk").join("secrets.yaml");
    std::fs::copy(file, &target).unwrap();
    replace_recipient(&target, recipient);
}

fn replace_recipient(file: &Path, recipient: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let (before, rest) = text.split_once("recipient: ").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    std::fs::write(file, format!("{before}recipient: {recipient}\n{after}")).unwrap();
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn checks(document: &Value) -> Vec<&str> {
    let findings = document["findings"].as_array().unwrap().iter();
    let mut checks: Vec<_> = findings
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| finding["check"].as_str().unwrap())
        .collect();
    checks.sort_unstable();
    checks
}

const DESK: &str = "/srv/desk";

#[test]
fn a_project_says_what_should_be_there() {
    on_a_machine(|machine| {
        desk(machine);
        for source in [&["."][..], &[".", "--host", "desk"], &["--host", "desk"]] {
            let arguments: Vec<&str> = ["runtime", "--format", "json"]
                .iter()
                .chain(source)
                .copied()
                .collect();
            let output = machine.run(Path::new(DESK), &arguments);
            let document = json(&output);
            assert_eq!(checks(&document), [""; 0], "{document:#}");
            assert_eq!(code(&output), 0);
            assert_eq!(document["host"], "desk");
            let servers = document["servers"].as_array().unwrap();
            let github = servers.iter().find(|server| server["name"] == "github");
            assert_eq!(github.unwrap()["status"], "available");
            let reader = &document["secrets"][0]["readers"][0];
            assert_eq!(
                (&reader["user"], &reader["readable"]),
                (&"alice".into(), &"yes".into())
            );
            assert_eq!(stderr(&output), "");
        }
        let other = machine.run(Path::new(DESK), &["runtime", ".", "--host", "dessk"]);
        assert_eq!(code(&other), 2);
        assert!(
            stderr(&other).contains("did you mean desk?"),
            "{}",
            stderr(&other)
        );
    });
}

#[test]
fn keys_must_be_there_and_among_the_recipients() {
    on_a_machine(|machine| {
        desk(machine);
        let arguments = ["runtime", ".", "--format", "json"];
        let found = || {
            let output = machine.run(Path::new(DESK), &arguments);
            (json(&output), code(&output))
        };
        let other = "age1j0uwsf69gcydmgzfxsvg8ryyrxz2s4fw8mz9pdv8vlamkzreu3cqu4u5r3";
        encrypt_to(machine, other);
        let (document, exit) = found();
        assert_eq!((checks(&document), exit), (vec!["key-not-a-recipient"], 1));
        let help = format!("add {RECIPIENT} to .sops.yaml, then: sops updatekeys secrets.yaml");
        assert_eq!(document["findings"][0]["help"], help.as_str());
        std::fs::remove_file(KEY).unwrap();
        let (document, exit) = found();
        assert_eq!((checks(&document), exit), (vec!["key-missing"], 1));
    });
}

#[test]
fn a_manifest_says_the_same_from_a_file_and_from_standard_input() {
    on_a_machine(|machine| {
        desk(machine);
        let project = Path::new(DESK);
        let direct = machine.run(project, &["runtime", ".", "--format", "json"]);
        for line in [
            "mcp-lint inventory . --format json > desk.json && mcp-lint runtime --manifest desk.json --format json",
            "mcp-lint inventory . --format json | mcp-lint runtime --manifest - --format json",
        ] {
            let output = machine.shell(project, line);
            assert_eq!(json(&output), json(&direct), "{line}");
            assert_eq!(code(&output), 0, "{line}");
        }
    });
}

#[test]
fn each_exit_code_has_its_meaning() {
    on_a_machine(|machine| {
        desk(machine);
        let project = Path::new(DESK);
        machine.file("/srv/secrets/GITHUB_TOKEN", TOKEN, ALICE, USERS, 0o400);
        let named = ["runtime", "--secrets-path", "/srv/secrets", "--user"];
        let of = |user: &str, more: &[&str]| {
            let arguments: Vec<&str> = named
                .iter()
                .copied()
                .chain([user])
                .chain(more.iter().copied())
                .collect();
            code(&machine.run(project, &arguments))
        };
        assert_eq!(of("alice", &[]), 0, "fine");
        assert_eq!(
            of("alice", &["--secret", "GITHUB_TOKEN"]),
            0,
            "fine by name"
        );
        assert_eq!(of("alice", &["--secret", "OTHER"]), 1, "not there");
        assert_eq!(of("bob", &[]), 1, "not bob's");
        assert_eq!(of("nobody-here", &[]), 2, "no such user");
        set_mode("/srv/secrets/GITHUB_TOKEN", 0o440);
        assert_eq!(of("alice", &[]), 1, "a group that all are in may read it");
        assert_eq!(of("alice", &["--fail-on", "error"]), 0, "that is a warning");
        set_mode("/srv/secrets/GITHUB_TOKEN", 0o404);
        assert_eq!(of("alice", &["--fail-on", "error"]), 1, "and that an error");
    });
}

#[test]
fn discovery_looks_at_what_the_managers_installed() {
    on_a_machine(|machine| {
        let nothing = machine.run(Path::new("/"), &["runtime"]);
        assert_eq!(code(&nothing), 2, "nothing was checked");
        assert!(
            stdout(&nothing).contains("nothing to check was found"),
            "{}",
            stdout(&nothing)
        );
        desk(machine);
        let output = machine.run(Path::new("/"), &["runtime"]);
        assert_eq!(code(&output), 0, "{}", stdout(&output));
        assert!(
            stdout(&output).starts_with("no findings · 1 secret,"),
            "{}",
            stdout(&output)
        );
        machine.file("/run/secrets.d/1/open", "0123456789", 0, 0, 0o444);
        let output = machine.run(Path::new("/"), &["runtime", "--format", "json"]);
        assert_eq!(checks(&json(&output)), ["world-accessible"]);
        assert_eq!(code(&output), 1);
    });
}

#[test]
fn an_ordinary_user_checks_their_own_access() {
    on_a_machine(|machine| {
        desk(machine);
        let own = ["runtime", ".", "--format", "json"];
        let output = machine.run_as(ALICE, Path::new(DESK), &own);
        let document = json(&output);
        assert_eq!(document["checked_as"], "alice");
        assert_eq!(
            document["servers"][0]["status"], "available",
            "{document:#}"
        );
        let other = machine.run_as(BOB, Path::new(DESK), &["runtime", ".", "--user", "alice"]);
        assert_eq!(code(&other), 2);
        assert!(stdout(&other).contains("only root can check for another user"));
    });
}

#[test]
fn a_secret_that_its_reader_cannot_read_is_told_with_the_fix() {
    on_a_machine(|machine| {
        desk(machine);
        std::os::unix::fs::chown(TOKEN_FILE, Some(0), Some(0)).unwrap();
        let output = stdout(&machine.run(Path::new(DESK), &["runtime", "."]));
        assert!(
            output.contains("⚠ Disabled servers (missing secrets):"),
            "{output}"
        );
        assert!(
            output.contains("alice cannot read it: it belongs to root:root, mode 0400"),
            "{output}"
        );
        assert!(
            output.contains("sops.secrets.GITHUB_TOKEN.owner = \"alice\";"),
            "{output}"
        );
    });
}

#[test]
fn a_project_that_cannot_be_read_completely_is_never_fine() {
    on_a_machine(|machine| {
        desk(machine);
        let project = Path::new(DESK);
        assert_eq!(code(&machine.run(project, &["runtime", "."])), 0);
        let imports = CONFIGURATION.replacen('{', "{ imports = [ ./broken.nix ];", 1);
        std::fs::write(project.join("configuration.nix"), imports).unwrap();
        std::fs::write(project.join("broken.nix"), "{ a = ; }").unwrap();
        let output = machine.run(project, &["runtime", "."]);
        assert_eq!(code(&output), 2, "{}", stdout(&output));
        assert!(
            stdout(&output).contains("not checked: "),
            "{}",
            stdout(&output)
        );
    });
}

/// The guide's complete setup, deployed without the OpenAI key: what activation prints.
#[test]
fn the_guides_activation_report() {
    on_a_machine(|machine| {
        let project = folder("guide");
        copy(
            &machine.package().join("tests/guide/complete-sops"),
            &project,
        );
        machine.manager("/run/secrets");
        machine.directory("/run/secrets-for-users", 0, 0, 0o755);
        let secret = "/run/secrets.d/1/github_token";
        machine.file(secret, TOKEN, YOURUSER, USERS, 0o400);
        let link = "/run/secrets-for-users/GITHUB_TOKEN";
        machine.link(link, "/run/secrets/github_token", YOURUSER, USERS);
        let key = "/home/youruser/.config/sops/age/keys.txt";
        machine.directory("/home/youruser/.config", YOURUSER, USERS, 0o700);
        machine.file(key, IDENTITY, YOURUSER, USERS, 0o600);
        replace_recipient(&project.join("secrets/secrets.yaml"), RECIPIENT);
        let output = machine.run(&project, &["runtime", ".", "--host", "hostname"]);
        assert_eq!(code(&output), 1);
        assert_eq!(stderr(&output), "");
        insta::assert_snapshot!("runtime-guide", stdout(&output));
    });
}

#[test]
fn no_output_holds_a_byte_of_a_secret() {
    on_a_machine(|machine| {
        desk(machine);
        let canary = "QzXk7Wv9JqZx4KpJq8Vw";
        let contents = [
            format!("ghp_{canary}"),
            format!("{canary}\r\n"),
            format!("GITHUB_TOKEN={canary}"),
            format!("your_{canary}_here"),
            format!("AGE-SECRET-KEY-1{canary}"),
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{canary}\n"),
            format!("\u{1b}[31m{canary}\0"),
        ];
        for (index, content) in contents.iter().enumerate() {
            let path = format!("/run/secrets.d/1/secret_{index}");
            machine.file(&path, content, ALICE, USERS, 0o444);
        }
        machine.file(
            "/run/secrets.d/1/GITHUB_TOKEN",
            &contents[0],
            ALICE,
            USERS,
            0o444,
        );
        machine.directory("/home/alice/.cursor", ALICE, USERS, 0o755);
        let client = format!(
            r#"{{"mcpServers": {{"x": {{"env": {{"A_TOKEN": "ghp_{canary}{canary}"}}}}}}}}"#
        );
        machine.file("/home/alice/.cursor/mcp.json", client, ALICE, USERS, 0o600);
        for source in [&["."][..], &[], &["--secrets-path", "/run/secrets"]] {
            for format in ["human", "json", "junit"] {
                let mut arguments = vec!["runtime", "-vv", "--user", "alice", "--format", format];
                arguments.extend(source);
                let output = machine.run(Path::new(DESK), &arguments);
                assert_eq!(code(&output), 1, "{arguments:?}: {}", stderr(&output));
                let text = stdout(&output) + &stderr(&output);
                assert!(text.len() > 100, "{arguments:?}");
                assert!(
                    !text.contains("QzXk7") && !text.contains("Jq8Vw"),
                    "{arguments:?}: {text}"
                );
                assert!(!text.contains('\u{1b}'), "{arguments:?}: {text}");
            }
        }
    });
}

#[test]
fn names_cannot_command_the_terminal() {
    on_a_machine(|machine| {
        let nasty = "a\u{1b}]8;;http://x\u{7}\u{9b}31m\u{202e}b\nc";
        machine.directory("/srv/secrets", 0, 0, 0o755);
        machine.file(&format!("/srv/secrets/{nasty}"), "", 0, 0, 0o444);
        for format in ["human", "json", "junit"] {
            let arguments = [
                "runtime",
                "-v",
                "--secrets-path",
                "/srv/secrets",
                "--format",
                format,
            ];
            let text = stdout(&machine.run(Path::new("/"), &arguments));
            let command = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{9b}".contains(c));
            assert!(!text.contains(command), "{text:?}");
        }
    });
}

#[test]
fn json_follows_its_schema_and_quiet_says_only_what_is_wrong() {
    on_a_machine(|machine| {
        desk(machine);
        let path = machine.package().join("docs/schemas/runtime.schema.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        for source in [&["."][..], &[], &["--secrets-path", "/run/secrets"]] {
            let arguments: Vec<&str> = ["runtime", "--format", "json"]
                .iter()
                .chain(source)
                .copied()
                .collect();
            let document = json(&machine.run(Path::new(DESK), &arguments));
            let errors: Vec<String> = schema
                .iter_errors(&document)
                .map(|e| e.to_string())
                .collect();
            assert!(errors.is_empty(), "{arguments:?}: {errors:#?}");
        }
        let quiet = |arguments: &[&str]| {
            let all: Vec<&str> = ["runtime", "-q"].iter().chain(arguments).copied().collect();
            stdout(&machine.run(Path::new(DESK), &all))
        };
        assert_eq!(quiet(&["."]), "", "nothing is wrong");
        std::fs::remove_file(KEY).unwrap();
        let lines = quiet(&["."]);
        assert!(
            lines.starts_with("✗ ") && lines.lines().count() == 1,
            "{lines}"
        );
    });
}

/// What the pages of the runtime check tell people to type does what they say.
#[test]
fn the_documented_commands_work() {
    on_a_machine(|machine| {
        desk(machine);
        machine.file("/srv/secrets/GITHUB_TOKEN", TOKEN, ALICE, USERS, 0o400);
        let mut count = 0;
        for page in std::fs::read_dir(machine.package().join("docs/src/runtime")).unwrap() {
            let text = std::fs::read_to_string(page.unwrap().path()).unwrap();
            let blocks = text.split("```sh\n").skip(1);
            for line in blocks.flat_map(|block| block.split("```").next().unwrap().lines()) {
                let output = machine.shell(Path::new(DESK), line);
                let said = stdout(&output) + &stderr(&output);
                assert_eq!(code(&output), 0, "{line}: {said}");
                assert_eq!(stderr(&output), "", "{line}");
                count += 1;
            }
        }
        assert!(count >= 7, "{count} commands");
    });
}

/// The commands in the units that the Nix modules make, on a machine where nothing is installed.
#[test]
fn the_nix_modules_call_the_command_with_arguments_that_it_has() {
    on_a_machine(|machine| {
        for name in ["nixos", "darwin", "home-manager"] {
            let snapshot = format!("crates/runtime-check/tests/snapshots/nix-{name}.snap");
            let text = std::fs::read_to_string(machine.package().join(snapshot)).unwrap();
            let value: Value =
                serde_json::from_str(text.splitn(3, "---\n").nth(2).unwrap()).unwrap();
            std::fs::write("/srv/manifest.json", value["manifest"].to_string()).unwrap();
            let mut commands = Vec::new();
            strings_with(&value["config"], "/bin/mcp-lint", &mut commands);
            assert!(!commands.is_empty(), "{name}");
            for command in commands {
                let start = command.find("/nix/store/").unwrap();
                let line = command.get(start..).unwrap().lines().next().unwrap();
                let words = line.split(' ').map(|word| match word {
                    word if word.ends_with("/bin/mcp-lint") => "mcp-lint",
                    word if word.ends_with("-mcp-lint-manifest.json") => "/srv/manifest.json",
                    word => word,
                });
                let line: Vec<&str> = words.collect();
                let line = line.join(" ").replace(" || true", "");
                let output = machine.shell(Path::new("/"), &line);
                assert_eq!(code(&output), 1, "{line}: {}", stderr(&output));
                assert!(
                    stdout(&output).contains(", checked as root"),
                    "{line}: {}",
                    stdout(&output)
                );
            }
        }
    });
}

fn strings_with(value: &Value, wanted: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(wanted) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|v| strings_with(v, wanted, found)),
        Value::Object(values) => values.values().for_each(|v| strings_with(v, wanted, found)),
        _ => {}
    }
}

/// Each of these ends with exit code 2 and says what to do, on any machine and as any user.
#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("binary"), [0xff, 0xfe]).unwrap();
    std::fs::write(folder.path().join("other.json"), r#"{"schema": 99}"#).unwrap();
    std::fs::write(folder.path().join("broken.json"), r#"{"schema": hunter2}"#).unwrap();
    for (arguments, expected) in [
        (
            &["--manifest", "no.json"][..],
            "cannot read the manifest no.json",
        ),
        (&["--manifest", "binary"], "it is not UTF-8"),
        (&["--manifest", "."], "cannot read the manifest ."),
        (&["--manifest", "other.json"], "schema 99"),
        (&["--manifest", "broken.json"], "line 1, column"),
        (&["no/such/project"], "cannot look at no/such/project"),
        (&["--secret", "x"], "--secrets-path"),
        (
            &["--secrets-path", "/srv", "--secret", "../etc/shadow"],
            "no name of a file",
        ),
        (
            &["--secrets-path", "/srv", "--secret", "/etc/shadow"],
            "no name of a file",
        ),
        (
            &["--secrets-path", "/srv", "--manifest", "x"],
            "cannot be used with",
        ),
        (&[".", "--manifest", "x"], "cannot be used with"),
        (&["--host", "desk"], "no .nix file in this directory"),
    ] {
        let all: Vec<&str> = ["runtime"].iter().chain(arguments).copied().collect();
        let output = run(folder.path(), &all);
        let text = stdout(&output) + &stderr(&output);
        assert_eq!(code(&output), 2, "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// The hidden argument answers only what the check asks, and never with a secret.
#[test]
fn the_helper_refuses_what_is_no_question() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &[runtime_check::PROBE_COMMAND, "--help"]);
    assert_eq!(code(&output), 2);
    assert_eq!(stdout(&output), r#"{"Err":"not an errand"}"#);
}
