//! No credential of a project in anything that the program writes: values of secret files whatever is
//! computed from them, and credentials wherever else they are written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "lsp/client.rs"]
#[expect(dead_code, reason = "only a part of the client is needed")]
mod client;
#[cfg(feature = "mcp")]
#[path = "mcp_server/client.rs"]
#[expect(dead_code, reason = "only a part of the client is needed")]
mod mcp_client;
mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

use client::{Client, at};

use support::{FORMATS, run, write};

/// So many characters in a row would give a credential away.
const WINDOW: usize = 8;

/// Random values of a fixed seed, so that no scanner takes this file for a leak.
struct Canaries {
    state: u64,
    /// What must never be seen.
    values: Vec<String>,
}

impl Canaries {
    /// A value of letters and digits that nothing else contains.
    fn value(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let value: String = (0..length)
            .map(|_| {
                self.state = self
                    .state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                char::from(ALPHABET[(self.state >> 33) as usize % ALPHABET.len()])
            })
            .collect();
        self.values.push(value.clone());
        value
    }

    fn assert_unseen(&self, what: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for value in &self.values {
            for form in [value.clone(), value.to_uppercase(), value.to_lowercase()] {
                for start in 0..=form.len() - WINDOW {
                    let part = &form[start..start + WINDOW];
                    if let Some(at) = text.find(part) {
                        let from = (0..=at.saturating_sub(120))
                            .rev()
                            .find(|at| text.is_char_boundary(*at))
                            .unwrap();
                        panic!(
                            "{what} shows `{part}` of {value}:\n{}",
                            &text[from..(at + 8)]
                        );
                    }
                }
            }
        }
    }
}

/// Shapes of tokens: `_` stands for the secret part, of that length.
const SHAPES: [(&str, usize); 14] = [
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 60),
    ("glpat-", 20),
    ("sk-", 48),
    ("xoxb-", 40),
    ("xoxp-", 40),
    ("AKIA", 16),
    ("AIza", 35),
    ("hf_", 34),
    ("npm_", 36),
    ("AGE-SECRET-KEY-1", 58),
    ("https://user:", 24),
];

/// Files whose content is secret, and how the value stands in them.
const FILES: [(&str, &str); 9] = [
    (".env", "TOKEN=@\n"),
    ("prod.env", "export API_TOKEN=\"@\"\n"),
    ("secrets/wifi.yaml", "psk: @\n"),
    ("secrets/data.json", "{\"psk\": \"@\"}\n"),
    ("config.dec.yaml", "psk: @\n"),
    ("credentials.toml", "token = \"@\"\n"),
    ("password", "@\n"),
    ("api-token.txt", "@"),
    (
        "keys/deploy",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB@\n-----END OPENSSH PRIVATE KEY-----\n",
    ),
];

/// What a configuration can do with what it read, `@` being the path.
const OPERATIONS: [&str; 12] = [
    "builtins.readFile @",
    "lib.toUpper (builtins.readFile @)",
    "builtins.substring 0 20 (builtins.readFile @)",
    "lib.concatStrings (lib.reverseList (lib.stringToCharacters (builtins.readFile @)))",
    "builtins.toJSON { a = builtins.readFile @; }",
    "builtins.replaceStrings [ \"x\" ] [ \"y\" ] (lib.fileContents @)",
    "throw \"wrong: ${builtins.readFile @}\"",
    "abort (builtins.readFile @)",
    "assert lib.assertMsg false (builtins.readFile @); 1",
    "builtins.head (builtins.split \"x\" (builtins.readFile @))",
    "(import @)",
    "{ }.${builtins.readFile @}",
];

fn project() -> (tempfile::TempDir, Canaries) {
    let folder = tempfile::tempdir().unwrap();
    let mut canaries = Canaries {
        state: 20_261_130,
        values: Vec::new(),
    };
    let mut module = String::from("{ config, lib, ... }: {\n");
    let mut number = 0;
    for (file, template) in FILES {
        let value = canaries.value(40);
        write(folder.path(), file, &template.replace('@', &value));
        // Under a harmless name, by a link.
        let link = format!("shown/{}.txt", file.replace('/', "-"));
        write(folder.path(), &link, "");
        std::fs::remove_file(folder.path().join(&link)).unwrap();
        std::os::unix::fs::symlink(folder.path().join(file), folder.path().join(&link)).unwrap();
        writeln!(module, "  sops.secrets.l{number} = {{ owner = builtins.readFile ./{link}; path = builtins.readFile ./{link}; }};").unwrap();
        for operation in OPERATIONS {
            number += 1;
            let expression = operation.replace('@', &format!("./{file}"));
            writeln!(module, "  environment.variables.V{number} = {expression};").unwrap();
            writeln!(
                module,
                "  sops.secrets.s{number} = {{ owner = {expression}; path = {expression}; }};"
            )
            .unwrap();
            writeln!(module, "  systemd.services.u{number} = {{ description = {expression}; serviceConfig.User = {expression}; serviceConfig.EnvironmentFile = config.sops.secrets.s{number}.path; }};").unwrap();
            writeln!(module, "  programs.mcp.servers.m{number} = {{ command = \"x\"; env.API_TOKEN = {expression}; args = [ ({expression}) ]; }};").unwrap();
        }
    }
    for (start, length) in SHAPES {
        let at = if start.starts_with("https") {
            "@example.org/x"
        } else {
            ""
        };
        let mut token = || format!("{start}{}{at}", canaries.value(length));
        number += 1;
        writeln!(module, "  # the old one was {}", token()).unwrap();
        writeln!(
            module,
            "  environment.variables.TOKEN_{number} = \"{}\"; nosuch{number}.option = \"{}\";",
            token(),
            token()
        )
        .unwrap();
        writeln!(
            module,
            "  sops.secrets.t{number} = {{ owner = \"{}\"; mode = \"0444\"; }};",
            token()
        )
        .unwrap();
        writeln!(module, "  services.mcp = {{ enable = true; servers.x{number} = {{ enabled = true; secret = \"{}\"; }}; }};", token()).unwrap();
        writeln!(module, "  systemd.services.w{number}.serviceConfig.ExecStart = \"/bin/x --token={} --user=alice\";", token()).unwrap();
        if at.is_empty() && !start.contains('-') {
            writeln!(
                module,
                "  networking.x{number} = {}; sops.secrets.f{number}.sopsFile = ./no/{};",
                token(),
                token()
            )
            .unwrap();
        }
    }
    // Written otherwise than it is evaluated.
    for (index, start) in ["Aa1\\\"", "Aa1\\\\"].into_iter().enumerate() {
        let value = canaries.value(24);
        writeln!(
            module,
            "  systemd.services.e{index}.environment.API_TOKEN = \"{start}{value}\";"
        )
        .unwrap();
        writeln!(module, "  sops.secrets.e{index} = {{ owner = config.systemd.services.e{index}.environment.API_TOKEN; mode = \"0444\"; }};").unwrap();
    }
    // Nobody detects these: they are beside what is reported.
    for name in ["description", "motd", "label"] {
        number += 1;
        let value = canaries.value(24);
        writeln!(module, "  sops.secrets.c{number} = {{ {name} = \"{value} words\"; mode = \"0444\"; /* {value} */ }}; # {value}").unwrap();
    }
    module.push_str("}\n");
    write(folder.path(), "configuration.nix", &module);
    let broken = canaries.value(36);
    write(
        folder.path(),
        "broken.nix",
        &format!("{{ token = \"ghp_{broken}\"; b = ; # ghp_{broken}\n}}\n"),
    );
    let url = canaries.value(30);
    let flake = format!(
        "{{
  inputs.sops-nix.url = \"github:Mic92/sops-nix\";
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";
  inputs.mine.url = \"git+https://u:{url}@example.org/mine\";
  outputs = {{ nixpkgs, sops-nix, mine, ... }}: {{
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {{
      modules = [ sops-nix.nixosModules.sops ./configuration.nix mine.x ];
    }};
    nixosConfigurations.broken = nixpkgs.lib.nixosSystem {{ modules = [ ./broken.nix ]; }};
  }};
}}
"
    );
    write(folder.path(), "flake.nix", &flake);
    (folder, canaries)
}

fn assert_quiet(canaries: &Canaries, what: &str, output: &Output) {
    canaries.assert_unseen(what, &output.stdout);
    canaries.assert_unseen(&format!("{what} (errors)"), &output.stderr);
}

#[test]
fn no_format_shows_a_credential() {
    let (folder, canaries) = project();
    assert!(canaries.values.len() >= 80, "{}", canaries.values.len());
    for format in FORMATS {
        let output = run(
            folder.path(),
            &[
                "check",
                "-vv",
                "--pedantic",
                "--no-cache",
                "--format",
                format,
            ],
        );
        assert!(output.stdout.len() > 1000, "{format}: {output:?}");
        assert_quiet(&canaries, format, &output);
    }
}

#[test]
fn no_other_command_shows_a_credential() {
    let (folder, canaries) = project();
    for arguments in [
        &["inventory"][..],
        &["inventory", "--format", "json"],
        &["inventory", "--format", "csv"],
        &["inventory", "--format", "markdown"],
        // What a narrow table breaks is not recognised any more.
        &["inventory", "--width", "40"],
        &["inventory", "--coverage"],
        &["inventory", "--coverage", "--format", "json"],
        &["files"],
        &["files", "--format", "json"],
        &["inputs"],
        &["check", "--diff", "--no-cache"],
        &["check", "--write-baseline", "baseline.json", "--no-cache"],
        &["eval", "-A", "nixosConfigurations.desk.config.environment"],
        &[
            "eval",
            "--strict",
            "-A",
            "nixosConfigurations.desk.config.environment.variables",
        ],
        &[
            "eval",
            "--strict",
            "-A",
            "nixosConfigurations.desk.config.systemd.services.u1",
        ],
        &["eval", "--strict", "-E", "builtins.readFile ./password"],
        &["eval", "--strict", "-E", "import ./password"],
        &["eval", "--json", "-E", "{ a = builtins.readFile ./.env; }"],
        &[
            "eval",
            "-E",
            "builtins.trace (builtins.readFile ./password) 1",
        ],
        &[
            "eval",
            "-E",
            "builtins.fromJSON (builtins.readFile ./secrets/data.json)",
        ],
    ] {
        let output = run(folder.path(), arguments);
        assert_quiet(&canaries, &arguments.join(" "), &output);
    }
    let baseline = std::fs::read(folder.path().join("baseline.json")).unwrap();
    canaries.assert_unseen("the baseline", &baseline);
}

#[test]
fn no_cache_entry_holds_a_credential() {
    let (folder, canaries) = project();
    let cache = tempfile::tempdir().unwrap();
    std::fs::set_permissions(
        cache.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let directory = cache.path().to_str().unwrap();
    let first = run(
        folder.path(),
        &["check", "-v", "--cache-dir", directory, "--format", "json"],
    );
    let second = run(
        folder.path(),
        &["check", "--cache-dir", directory, "--format", "json"],
    );
    assert_eq!(first.stdout, second.stdout);
    let mut entries = 0;
    for entry in walkdir::WalkDir::new(cache.path()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            entries += 1;
            canaries.assert_unseen("the cache", &std::fs::read(entry.path()).unwrap());
        }
    }
    assert!(entries > 0, "{}", String::from_utf8_lossy(&second.stderr));
}

#[test]
fn the_language_server_shows_no_credential() {
    let (folder, canaries) = project();
    let root = folder.path().canonicalize().unwrap();
    let file = root.join("configuration.nix");
    let mut client = Client::in_folder(&root);
    let text = std::fs::read_to_string(&file).unwrap();
    client.open(&file, &text);
    let found = client.published(&file, |found| !found.is_empty());
    canaries.assert_unseen(
        "diagnostics",
        serde_json::to_string(&found).unwrap().as_bytes(),
    );
    for (line, content) in text.lines().enumerate() {
        for column in [4, content.len() / 2, content.len().saturating_sub(12)] {
            let place = (u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
            for method in [
                "textDocument/hover",
                "textDocument/completion",
                "textDocument/prepareRename",
                "textDocument/rename",
            ] {
                let mut parameters = at(&file, place);
                parameters["newName"] = "renamed".into();
                let answer = client.request(method, parameters);
                canaries.assert_unseen(method, answer.to_string().as_bytes());
            }
        }
    }
    let end = serde_json::json!({ "line": 9999, "character": 0 });
    let start = serde_json::json!({ "line": 0, "character": 0 });
    for method in [
        "textDocument/inlayHint",
        "textDocument/codeLens",
        "textDocument/diagnostic",
        "workspace/diagnostic",
        "workspace/symbol",
    ] {
        let answer = client.ask(
            method,
            serde_json::json!({
                "textDocument": { "uri": client::uri(&file) },
                "range": { "start": start, "end": end },
                "previousResultIds": [],
                "query": "",
            }),
        );
        assert!(answer.to_string().len() > 10, "{method}: {answer}");
        canaries.assert_unseen(method, answer.to_string().as_bytes());
    }
    client.end();
}

/// Every answer of every tool, page by page; an edit that reads the secret files in every way, too.
#[cfg(feature = "mcp")]
#[test]
fn the_server_for_agents_shows_no_credential() {
    use serde_json::json;
    let (folder, canaries) = project();
    let module = std::fs::read_to_string(folder.path().join("configuration.nix")).unwrap();
    let mut agent = mcp_client::Agent::start(folder.path(), &[]);
    let edit = json!([{ "file": "configuration.nix", "text": "{ }" }]);
    let back = json!([{ "file": "flake.nix", "text": format!(
        "{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.other = nixpkgs.lib.nixosSystem {{ modules = [ ({module}) ]; }}; }}; }}"
    ) }]);
    let (mut answers, mut length) = (0, 0);
    for (tool, arguments) in [
        ("check", json!({ "level": "info", "limit": 200 })),
        ("check", json!({ "level": "info", "host": "desk" })),
        ("inventory", json!({ "limit": 200 })),
        ("inventory", json!({ "only": "wrong" })),
        ("who_reads", json!({ "secret": "s", "limit": 200 })),
        ("who_reads", json!({ "secret": "nosuchsecret" })),
        ("who_reads", json!({ "secret": "API_TOKEN" })),
        ("who_reads", json!({ "secret": "t1", "host": "nosuch" })),
        ("diff", json!({ "level": "info", "files": edit })),
        ("diff", json!({ "level": "info", "files": back })),
    ] {
        let mut arguments = arguments;
        loop {
            let result = agent.call(tool, arguments.clone());
            let text = result.to_string();
            canaries.assert_unseen(&format!("{tool} {arguments}"), text.as_bytes());
            answers += 1;
            length += text.len();
            match result["structuredContent"].get("next_cursor") {
                Some(cursor) => arguments["cursor"] = cursor.clone(),
                None => break,
            }
        }
    }
    assert!(
        answers > 40 && length > 100_000,
        "{answers} answers, {length} characters"
    );
    assert!(agent.end().success());
}

#[test]
fn a_key_is_not_shown_by_its_excerpt() {
    let folder = tempfile::tempdir().unwrap();
    let mut canaries = Canaries {
        state: 7,
        values: Vec::new(),
    };
    let value = canaries.value(30);
    write(folder.path(), "password", &value);
    write(
        folder.path(),
        "default.nix",
        "{ imports = [ ./password ]; }",
    );
    let output = run(
        Path::new(folder.path()),
        &["check", "-vv", "--no-cache", "default.nix"],
    );
    assert_quiet(&canaries, "an import of a secret file", &output);
}
