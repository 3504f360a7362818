//! What is found in the servers of each module and client: the matrix of the page "MCP servers", made from small
//! configurations, and no credential in any output. `UPDATE=1` writes the page.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use inventory::mcp_modules::{Evidence, MCP_MODULES, McpKind, McpModule};
use support::{FORMATS, json, package, run, stdout, write};

/// What is written in the place of the token, and for whom.
const CASES: [(&str, &str); 7] = [
    ("literal", "\"m3Wq8Zt5Kd1Xr7Bv2Ny6Hs9Pc4Jf0LgT\""),
    ("root-owned", "\"{file:${osConfig.sops.secrets.x.path}}\""),
    ("undeclared", "\"{file:/run/secrets/nope}\""),
    ("path as value", "osConfig.sops.secrets.x.path"),
    ("set as value", "osConfig.sops.secrets.x"),
    ("wrong syntax", "\"{env:API_TOKEN}\""),
    ("`$(cat)`", "\"$(cat ${osConfig.sops.secrets.x.path})\""),
];

const MARK: &str = "<!-- The table below is made by tests/mcp_matrix.rs. -->\n";

/// The modules of users whose servers have variables, each name once.
fn modules() -> Vec<&'static McpModule> {
    let mut found: Vec<&'static McpModule> = Vec::new();
    for module in MCP_MODULES.iter().copied() {
        let is_of_users = module.is_of_users()
            && matches!(module.option[0], "programs" | "mcp-servers" | "services");
        if is_of_users && !found.iter().any(|known| known.name == module.name) {
            found.push(module);
        }
    }
    found
}

/// The definitions of a server, `name = value;`, at the module's option.
fn server(module: &McpModule, definitions: &[String]) -> String {
    let names: Vec<&str> = { module.option.iter() }
        .map(|name| if *name == "*" { "gh" } else { *name })
        .collect();
    let option = names.join(".");
    let enable = match module.kind {
        McpKind::McpServersNix => format!("{option}.enable = true;"),
        _ => format!("{}.{}.enable = true;", module.option[0], module.option[1]),
    };
    let definitions: String = definitions
        .iter()
        .map(|it| format!("{option}.{it}\n"))
        .collect();
    format!("{enable}\n{definitions}")
}

fn project(folder: &Path, body: &str) {
    project_with(folder, body, "");
}

/// With definitions of the user's and of the system's.
fn project_with(folder: &Path, body: &str, of_system: &str) {
    let flake = format!(
        r#"{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = {{ nixpkgs, home-manager, sops-nix, ... }}: {{
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {{
      system = "x86_64-linux";
      modules = [
        sops-nix.nixosModules.sops
        home-manager.nixosModules.home-manager
        ({{ config, ... }}: {{
          users.users.alice.isNormalUser = true;
          sops.defaultSopsFile = ./secrets.yaml;
          sops.age.keyFile = "/var/lib/sops-nix/key.txt";
          sops.secrets.x = {{ }};
          {of_system}
          home-manager.users.alice = {{ osConfig, pkgs, ... }}: {{
            {body}
          }};
        }})
      ];
    }};
  }};
}}
"#
    );
    write(folder, "flake.nix", &flake);
}

/// The lints with an error or a warning, but for the secret file that is not there.
fn loud(folder: &Path) -> BTreeSet<String> {
    let output = run(
        folder,
        &[
            "check",
            "--no-cache",
            "--no-config",
            "--format",
            "json",
            ".",
        ],
    );
    let document = json(&output);
    let found = document["diagnostics"].as_array().unwrap().iter();
    let found = found.filter(|it| matches!(it["severity"].as_str(), Some("error" | "warning")));
    found
        .map(|it| it["lint"].as_str().unwrap().to_owned())
        .filter(|lint| lint != "missing-secret-file")
        .collect()
}

fn why_silent(module: &McpModule, case: &str) -> &'static str {
    match (case, module.expansion.evidence) {
        ("wrong syntax" | "undeclared", _) if module.kind == McpKind::Shared => {
            "no client takes it over"
        }
        ("wrong syntax", _)
            if module
                .expansion
                .knows
                .contains(&inventory::mcp_modules::Syntax::Env) =>
        {
            "right here"
        }
        ("`$(cat)`", Evidence::Unclear) => "not known what it expands",
        _ => "not decided",
    }
}

#[test]
fn every_module_is_judged_by_its_own_rules() {
    let mut table = format!("{MARK}\n| module |");
    for (case, _) in CASES {
        write!(table, " {case} |").unwrap();
    }
    writeln!(table, "\n|---|{}", "---|".repeat(CASES.len())).unwrap();
    for module in modules() {
        write!(table, "| `{}` |", module.name).unwrap();
        for (case, value) in CASES {
            let folder = tempfile::tempdir().unwrap();
            let variable = format!("{}.API_TOKEN = {value};", module.shape.variables[0]);
            let command = "command = \"gh-mcp\";".to_owned();
            let has_own_command = matches!(module.kind, McpKind::McpServersNix)
                || module.shape.arguments == ["command"];
            let definitions: Vec<String> = { !has_own_command }
                .then_some(command)
                .into_iter()
                .chain([variable])
                .collect();
            project(folder.path(), &server(module, &definitions));
            let lints = loud(folder.path());
            let cell = if lints.is_empty() {
                format!("silent: {}", why_silent(module, case))
            } else {
                let links: Vec<String> = lints
                    .iter()
                    .map(|lint| format!("[{lint}](lints/{lint}.md)"))
                    .collect();
                links.join(", ")
            };
            if case == "literal" {
                assert!(
                    lints.contains("literal-credential-in-nix"),
                    "{}: {lints:?}",
                    module.name
                );
            }
            write!(table, " {cell} |").unwrap();
        }
        table.push('\n');
    }
    let path = package().join("docs/src/mcp.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let before = page.split(MARK).next().unwrap();
    let wanted = format!("{before}{table}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "docs/src/mcp.md is out of date: run UPDATE=1 cargo test --test mcp_matrix"
    );
}

#[test]
fn no_credential_is_in_any_output() {
    let token = format!(
        "ghp_{}",
        "m3Wq8Zt5Kd1Xr7Bv2Ny6Hs9Pc4Jf0LgT"
            .repeat(2)
            .get(..36)
            .unwrap()
    );
    for secret in [token.as_str(), "m3Wq8Zt5Kd1Xr7Bv2Ny6Hs9Pc4Jf0LgT"] {
        for module in MCP_MODULES.iter().copied() {
            let shape = module.shape;
            let text = format!("\"{secret}\"");
            let mut definitions: Vec<String> = Vec::new();
            definitions.extend(
                shape
                    .variables
                    .iter()
                    .map(|name| format!("{name}.API_TOKEN = {text};")),
            );
            definitions.extend(
                shape
                    .headers
                    .iter()
                    .map(|name| format!("{name}.Authorization = \"Bearer {secret}\";")),
            );
            definitions.extend(
                shape
                    .arguments
                    .iter()
                    .map(|name| format!("{name} = [ \"--api-key\" {text} \"--token={secret}\" ];")),
            );
            definitions.extend(
                shape
                    .urls
                    .iter()
                    .map(|name| format!("{name} = \"https://x.example?apiKey={secret}\";")),
            );
            definitions.extend(
                shape
                    .settings
                    .iter()
                    .map(|name| format!("{name}.api_key = {text};")),
            );
            definitions.extend(
                shape
                    .password_commands
                    .iter()
                    .map(|name| format!("{name}.API_TOKEN = [ \"echo\" {text} ];")),
            );
            definitions.extend(
                { shape.environment_files.iter().chain(shape.header_helpers) }
                    .map(|name| format!("{name} = {text};")),
            );
            if module.kind == McpKind::McpHomeManager {
                definitions.push(format!("secret = {text};"));
                definitions.push("command = \"x\";".to_owned());
                definitions.retain(|it| !it.starts_with("headers") && !it.starts_with("url"));
            }
            let folder = tempfile::tempdir().unwrap();
            let definitions = server(module, &definitions);
            match module.kind {
                McpKind::Shell => write(
                    folder.path(),
                    "devenv.nix",
                    &format!("{{ pkgs, ... }}: {{ {definitions} }}"),
                ),
                McpKind::Service => project_with(folder.path(), "", &definitions),
                _ => project(folder.path(), &definitions),
            }
            let mut commands: Vec<Vec<&str>> = FORMATS
                .iter()
                .map(|format| vec!["check", "--no-cache", "--pedantic", "--format", format, "."])
                .collect();
            for format in ["json", "csv", "markdown", "table"] {
                commands.push(vec!["inventory", "--format", format, "."]);
            }
            for command in commands {
                let output = run(folder.path(), &command);
                let shown = stdout(&output) + &support::stderr(&output);
                assert!(
                    !shown.contains(secret),
                    "{} {command:?} shows it:\n{shown}",
                    module.name
                );
            }
        }
    }
}
