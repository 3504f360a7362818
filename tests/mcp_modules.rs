//! What the real modules of Home Manager and mcp-servers-nix write for each client, evaluated by Nix, and what the
//! inventory says of the same configurations: the clients, their servers, and the files that are opened for them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{json, package, run, write};

/// Every case: none is lost.
const CASES: usize = 35;

/// The servers of each client, and the files that are opened for each.
type Servers = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A part of the names of a client's file, the client, and the names that lead to its servers.
const FILES: [(&str, &str, &str); 6] = [
    (".claude/skills/", "Claude Code", "mcpServers"),
    ("opencode/opencode.json", "opencode", "mcp"),
    (".codex/config.toml", "Codex", "mcp_servers"),
    ("crush/crush.json", "Crush", "mcp"),
    (
        ".copilot/mcp-config.json",
        "GitHub Copilot CLI",
        "mcpServers",
    ),
    (
        ".gemini/config/mcp_config.json",
        "Antigravity CLI",
        "mcpServers",
    ),
];

#[test]
fn the_real_modules_write_what_the_inventory_says() {
    let nix = test_support::program("nix");
    let sources = [
        ("home-manager", "MCP_LINT_HOME_MANAGER"),
        ("mcp-servers-nix", "MCP_LINT_MCP_SERVERS_NIX"),
        ("nixpkgs-lib", "MCP_LINT_NIXPKGS_LIB"),
    ];
    let sources = sources.map(|(need, variable)| test_support::folder(need, variable));
    let (Some(nix), [Some(home_manager), Some(servers), Some(lib)]) = (nix, sources) else {
        return;
    };
    let folder = package().join("tests/mcp_modules");
    let expression = format!(
        "import {}/evaluate.nix {{ homeManager = {}; mcpServersNix = {}; nixpkgsLib = {}; }}",
        folder.display(),
        home_manager.display(),
        servers.display(),
        lib.display()
    );
    let output = Command::new(nix)
        .args(["--eval", "--strict", "--json", "-E", &expression])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let real: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(real.len(), CASES);
    let mut wrong = Vec::new();
    for (case, real) in &real {
        let (wanted, found) = (written(case, real), inventory(&folder, case));
        if wanted != found {
            wrong.push(format!("{case}\n  real {wanted:?}\n  here {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Nix says that the modules write.
fn written(case: &str, real: &Value) -> Servers {
    let files = real["files"].as_object();
    let files = files.unwrap_or_else(|| panic!("{case} fails: {real}"));
    let disabled: BTreeSet<String> = { files.iter() }
        .filter_map(|(_, text)| after(text.as_str()?, "claude-code-settings.json<text>"))
        .flat_map(|settings| texts(&settings["disabledMcpjsonServers"]))
        .collect();
    let mut all = Servers::new();
    for (name, text) in files {
        let Some((_, client, section)) = FILES.iter().find(|(part, ..)| name.contains(part)) else {
            continue;
        };
        let start = match *client {
            "Claude Code" => "claude-code-mcp.json<text>",
            _ => "<text>",
        };
        let Some(document) = after(text.as_str().unwrap(), start) else {
            continue;
        };
        for (server, definition) in document[section].as_object().into_iter().flatten() {
            if definition["enabled"] == false || disabled.contains(server) {
                continue;
            }
            let mut paths = BTreeSet::new();
            opened(client, "", definition, &mut paths);
            let of_client = all.entry((*client).to_owned()).or_default();
            of_client.insert(server.clone(), paths);
        }
    }
    all
}

/// The JSON that follows a text.
fn after(text: &str, start: &str) -> Option<Value> {
    let (_, rest) = text.split_once(start)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter();
    values.next()?.ok()
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// The files that a client opens for a value, or the program that it starts.
fn opened(client: &str, name: &str, value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(values) => {
            let is_shell = values.get("command").is_some_and(|it| it == "bash");
            let arguments = values.get("args").and_then(Value::as_array);
            for script in arguments.into_iter().flatten().filter(|_| is_shell) {
                opened(client, "command", script, paths);
            }
            for (name, value) in values {
                opened(client, name, value, paths);
            }
        }
        Value::Array(values) => values
            .iter()
            .for_each(|value| opened(client, name, value, paths)),
        Value::String(text) => {
            if name == "command" || client == "Crush" {
                let commands = text.split("cat ").skip(1);
                paths.extend(commands.map(|rest| match rest.strip_prefix('\'') {
                    Some(quoted) => quoted.split('\'').next().unwrap().to_owned(),
                    None => rest.split([')', ' ', '\n']).next().unwrap().to_owned(),
                }));
            }
            if client == "opencode" {
                let files = text.split("{file:").skip(1);
                paths.extend(files.map(|rest| rest.split('}').next().unwrap().to_owned()));
            }
        }
        _ => {}
    }
}

/// What the inventory says of a case.
fn inventory(cases: &Path, case: &str) -> Servers {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(cases.join("cases.nix"), folder.path().join("cases.nix")).unwrap();
    let flake = format!(
        r#"{{
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.mcp-servers-nix.url = "github:natsukium/mcp-servers-nix";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = {{ home-manager, mcp-servers-nix, nixpkgs, sops-nix, ... }}: {{
    homeConfigurations.alice = home-manager.lib.homeManagerConfiguration {{
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [
        mcp-servers-nix.homeManagerModules.default
        sops-nix.homeManagerModules.sops
        {{
          home.username = "alice";
          home.homeDirectory = "/home/alice";
          # What a script reads is searched for the paths of secrets.
          sops.secrets.w.path = "/run/secrets/w";
        }}
        (import ./cases.nix).{case}
      ];
    }};
  }};
}}
"#
    );
    write(folder.path(), "flake.nix", &flake);
    let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
    let mut all = Servers::new();
    for mcp in document["hosts"][0]["mcp"].as_array().unwrap() {
        if mcp["enabled"] == false {
            continue;
        }
        for client in texts(&mcp["clients"]) {
            for server in mcp["servers"].as_array().unwrap() {
                let of = texts(&server["clients"]);
                if server["enabled"] != true {
                    continue;
                }
                let of_client = all.entry(client.clone()).or_default();
                let name = server["name"].as_str().unwrap().to_owned();
                let paths = of_client.entry(name).or_default();
                let is_meant = of.is_empty() || of.contains(&client);
                if let (true, Some(path)) = (is_meant, server["path"].as_str()) {
                    paths.insert(path.to_owned());
                }
            }
        }
    }
    all
}
