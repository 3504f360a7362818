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

use inventory::mcp_modules::{
    Evidence, FileFormat, FileSet, MCP_MODULES, McpKind, McpModule, OpenedBy, Syntax, client_files,
};
use support::{FORMATS, json, package, run, stdout, write};

/// A fault, and what is right instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Literal,
    RootOwned,
    Undeclared,
    PathAsValue,
    SetAsValue,
    WrongSyntax,
    Command,
    Placeholder,
    Missing,
}

const CASES: [(&str, Case); 9] = [
    ("literal", Case::Literal),
    ("root-owned", Case::RootOwned),
    ("undeclared", Case::Undeclared),
    ("path as value", Case::PathAsValue),
    ("set as value", Case::SetAsValue),
    ("wrong syntax", Case::WrongSyntax),
    ("`$(cat)`", Case::Command),
    ("placeholder", Case::Placeholder),
    ("missing at run time", Case::Missing),
];

/// How a server's definition is written, and what else of the configuration belongs to it.
#[derive(Debug, Default)]
struct Written {
    /// Of the user, or of the shell.
    body: String,
    /// Of the system.
    system: String,
}

const MARK: &str = "<!-- The table below is made by tests/mcp_matrix.rs. -->\n";

/// The modules, each name once, and a file of each client, of every form that Nix writes.
fn modules() -> Vec<&'static McpModule> {
    let mut found: Vec<&'static McpModule> = Vec::new();
    for module in MCP_MODULES.iter().copied() {
        if !found.iter().any(|known| known.name == module.name) {
            found.push(module);
        }
    }
    for file in client_files() {
        let is_known =
            |known: &&McpModule| known.kind == McpKind::File && known.clients == file.clients;
        let is_of_user = file.name.starts_with("~/") || file.name.starts_with("$XDG_CONFIG_HOME/");
        if is_of_user && !file.name.contains('*') && !found.iter().any(is_known) {
            found.push(file);
        }
    }
    found
}

/// The definition of a file of a client.
fn file(module: &McpModule, definitions: &[String]) -> String {
    let written = module.written[0];
    let definitions: String = definitions.iter().map(|it| format!("{it}\n")).collect();
    let section = written.section.join(".");
    let set = match written.is_list {
        true => format!("{{ {section} = [ {{ name = \"gh\"; {definitions} }} ]; }}"),
        false => format!("{{ {section}.gh = {{ {definitions} }}; }}"),
    };
    let path = written.path;
    let option = match path.strip_prefix("$XDG_CONFIG_HOME/") {
        Some(rest) => format!("xdg.configFile.\"{rest}\""),
        None => format!("home.file.\"{}\"", path.trim_start_matches("~/")),
    };
    match written.format {
        FileFormat::Toml => {
            format!("{option}.source = (pkgs.formats.toml {{ }}).generate \"x\" {set};")
        }
        FileFormat::Yaml => {
            format!("{option}.source = (pkgs.formats.yaml {{ }}).generate \"x\" {set};")
        }
        FileFormat::Jsonc => {
            format!("{option}.source = pkgs.writeText \"x\" (builtins.toJSON {set});")
        }
        FileFormat::Json => format!("{option}.text = builtins.toJSON {set};"),
    }
}

/// The definitions of a server, `name = value;`, at the module's option.
fn server(module: &McpModule, definitions: &[String]) -> String {
    if module.kind == McpKind::File {
        return file(module, definitions);
    }
    let names: Vec<&str> = { module.option.iter() }
        .map(|name| if *name == "*" { "gh" } else { *name })
        .collect();
    let option = names.join(".");
    let enable = match module.kind {
        McpKind::McpServersNix => format!("{option}.enable = true;"),
        McpKind::Shell if module.option[0] == "opencode" => "opencode.enable = true;".to_owned(),
        _ => format!("{}.{}.enable = true;", module.option[0], module.option[1]),
    };
    let definitions: String = definitions
        .iter()
        .map(|it| format!("{option}.{it}\n"))
        .collect();
    format!("{enable}\n{definitions}")
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
          {of_system}
          home-manager.users.alice = {{ config, osConfig, pkgs, ... }}: {{
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

/// The secret of the system, or its path, as the module's place sees it.
fn config_of(module: &McpModule) -> &'static str {
    match module.kind {
        McpKind::Service => "config",
        _ => "osConfig",
    }
}

/// A server of the module whose variable has a value.
fn with_variable(module: &McpModule, value: &str) -> Written {
    let variable = module.shape.variables[0];
    let mut definitions = vec![format!("{variable}.API_TOKEN = {value};")];
    if module.kind != McpKind::McpServersNix {
        let command = match module.shape.arguments {
            ["command"] => r#"command = [ "gh-mcp" ];"#,
            _ => r#"command = "gh-mcp";"#,
        };
        definitions.push(command.to_owned());
    }
    placed(module, server(module, &definitions))
}

/// Definitions in the configuration of the module.
fn placed(module: &McpModule, body: String) -> Written {
    match module.kind {
        McpKind::Service => Written {
            system: body,
            ..Written::default()
        },
        _ => Written {
            body,
            ..Written::default()
        },
    }
}

/// A server that gets the content of the file at an expression in the right way for its module; `None` if the module
/// has none.
fn right(module: &McpModule, path: &str) -> Option<Written> {
    let option = |rest: &str| server(module, &[rest.to_owned()]);
    let command = r#"command = "gh-mcp";"#;
    let claude = "programs.claude-code = { enable = true; enableMcpIntegration = true; };";
    let shared = format!(
        "programs.mcp.enable = true;\nprograms.mcp.servers.gh = {{ {command} env.API_TOKEN.file = {path}; }};"
    );
    let body = match module.kind {
        // The name of the file below `secretsPath`.
        McpKind::McpHomeManager => {
            let name = format!("baseNameOf {path}");
            server(module, &[command.to_owned(), format!("secret = {name};")])
        }
        McpKind::Shared => format!("{shared}\n{claude}"),
        McpKind::McpServersNix => format!(
            "{}\nprograms.mcp.enable = true;\n{claude}",
            option(&format!(r#"passwordCommand.API_TOKEN = [ "cat" {path} ];"#))
        ),
        McpKind::Service => {
            let line = module.environment?.replace("NAME", "API_TOKEN");
            let line = line.split(" #").next()?.replace("PATH", path);
            let known = module.expansion.knows.first()?.write("API_TOKEN");
            let known = known.replace("${", "\\${");
            let written = with_variable(module, &format!("\"{known}\""));
            format!("{}\n{}.{line}", written.system, module.service())
        }
        // There are no secrets of a manager in a shell.
        McpKind::Shell => return None,
        McpKind::Client | McpKind::File if module.reads_files() => {
            let written = match module.expansion.knows.contains(&Syntax::File) {
                true => format!("\"{{file:${{{path}}}}}\""),
                false => format!("\"$(cat ${{{path}}})\""),
            };
            with_variable(module, &written).body
        }
        McpKind::Client if module.files == FileSet::Wrapped => {
            with_variable(module, &format!("{{ file = {path}; }}")).body
        }
        McpKind::Client | McpKind::File => match module.integration {
            Some(integration) if module.kind == McpKind::Client => {
                let switch: Vec<&str> = { integration.switch.iter() }
                    .map(|name| if *name == "*" { "default" } else { *name })
                    .collect();
                let enable = format!("{}.{}.enable = true;", module.option[0], module.option[1]);
                format!("{shared}\n{enable}\n{} = true;", switch.join("."))
            }
            // A wrapper of the user's own.
            _ => server(
                module,
                &[format!(
                    "command = \"${{pkgs.writeShellScript \"gh\" ''\nexport API_TOKEN=$(cat ${{{path}}})\nexec gh-mcp\n''}}\";"
                )],
            ),
        },
    };
    Some(placed(module, body))
}

/// What is wrong in a case.
fn bad(module: &McpModule, case: Case) -> Option<Written> {
    let config = config_of(module);
    let secret = format!("{config}.sops.secrets.mine");
    let value = |value: String| Some(with_variable(module, &value));
    let has_secrets = module.kind != McpKind::Shell;
    match case {
        Case::Literal => value("\"m3Wq8Zt5Kd1Xr7Bv2Ny6Hs9Pc4Jf0LgT\"".to_owned()),
        Case::RootOwned => right(module, &format!("{config}.sops.secrets.root.path")),
        Case::Undeclared | Case::Missing => right(module, "\"/run/secrets/nope\""),
        Case::PathAsValue => value(format!("{secret}.path")).filter(|_| has_secrets),
        Case::SetAsValue => value(secret).filter(|_| has_secrets),
        Case::WrongSyntax => {
            let knows = module.expansion.knows.contains(&Syntax::Env);
            value(
                if knows {
                    r#""\${API_TOKEN}""#
                } else {
                    r#""{env:API_TOKEN}""#
                }
                .to_owned(),
            )
        }
        Case::Command => value(format!("\"$(cat ${{{secret}.path}})\"")).filter(|_| has_secrets),
        Case::Placeholder => {
            value(format!("{config}.sops.placeholder.mine")).filter(|_| has_secrets)
        }
    }
}

/// What is right in place of it.
fn good(module: &McpModule, case: Case) -> Option<Written> {
    let config = config_of(module);
    match case {
        Case::PathAsValue => {
            let value = format!("{config}.sops.secrets.mine.path");
            let mut written = with_variable(module, &value);
            for text in [&mut written.body, &mut written.system] {
                *text = text.replace("API_TOKEN", "API_TOKEN_FILE");
            }
            Some(written).filter(|_| module.kind != McpKind::Shell)
        }
        Case::WrongSyntax => {
            let known = { module.expansion.knows.iter() }.find(|it| it.is_of_variables())?;
            let known = known.write("API_TOKEN").replace("${", "\\${");
            Some(with_variable(module, &format!("\"{known}\"")))
        }
        Case::Placeholder => right(module, &format!("{config}.sops.secrets.mine.path")).map(|mut it| {
            let template = r#"sops.templates."a.env" = { owner = "alice"; content = "API_TOKEN=${config.sops.placeholder.mine}"; };"#;
            it.system.push_str(template);
            it
        }),
        _ => right(module, &format!("{config}.sops.secrets.mine.path")),
    }
}

/// Writes the project, and a shell as its file.
fn project_of(folder: &Path, module: &McpModule, written: &Written) {
    if module.kind == McpKind::Shell {
        let text = format!("{{ pkgs, ... }}: {{ {} }}", written.body);
        write(folder, "devenv.nix", &text);
    } else {
        let secrets = "sops.secrets.mine.owner = \"alice\"; sops.secrets.root = { };";
        let system = format!("{secrets}\n{}", written.system);
        project_with(folder, &written.body, &system);
    }
}

/// Why a fault is not reported.
fn why_silent(module: &McpModule, case: Case) -> &'static str {
    let expansion = module.expansion;
    match case {
        Case::RootOwned if module.opened_by == OpenedBy::Root => {
            "right here: systemd reads it as root"
        }
        Case::RootOwned if module.opened_by == OpenedBy::Activation => {
            "right here: root reads it at activation"
        }
        Case::WrongSyntax | Case::Command
            if matches!(module.kind, McpKind::Shared | McpKind::McpServersNix) =>
        {
            "no client takes it over"
        }
        Case::WrongSyntax | Case::Command if expansion.evidence == Evidence::Unclear => {
            "not known what it expands"
        }
        Case::Command if expansion.knows.contains(&Syntax::Command) => "right here",
        _ if module.kind == McpKind::Shell => "a shell has no secrets of a manager",
        _ => "not decided",
    }
}

/// The server's state in the inventory, and what happens then.
fn state(folder: &Path) -> String {
    let document = json(&run(folder, &["inventory", "--format", "json", "."]));
    let mut states = Vec::new();
    for mcp in document["hosts"][0]["mcp"].as_array().unwrap() {
        for server in mcp["servers"].as_array().unwrap() {
            let is_it = server["name"] == "gh" && server["enabled"] != false;
            if let (true, Some(reason)) = (is_it, server["reason"].as_str()) {
                let reason = match reason.split_once("; ") {
                    Some((_, then)) => then,
                    None => reason,
                };
                states.push(format!("{}: {reason}", server["status"].as_str().unwrap()));
            }
        }
    }
    states.dedup();
    states.join("; ")
}

/// Where the check reports an error or a warning on a server, neither the inventory nor `runtime` says that it is
/// available.
fn agrees(folder: &Path, what: &str, against: &mut Vec<String>) {
    let lints = loud(folder);
    // What fails in evaluation has no server.
    if lints.is_empty() || lints.contains("evaluation-problem") {
        return;
    }
    let is_fine = |status: &str| matches!(status, "available" | "no-secret");
    let document = json(&run(folder, &["inventory", "--format", "json", "."]));
    let kinds = ["hosts", "modules"].map(|kind| document[kind].as_array().cloned());
    let of_all = kinds.into_iter().flatten().flatten();
    let servers = of_all.flat_map(|host| host["mcp"].as_array().cloned().unwrap());
    for server in servers.flat_map(|mcp| mcp["servers"].as_array().cloned().unwrap()) {
        let status = server["status"].as_str().unwrap();
        if server["name"] == "gh" && server["enabled"] != false && is_fine(status) {
            against.push(format!("{what}: {status}, and {lints:?}"));
        }
    }
    if !folder.join("flake.nix").exists() {
        return;
    }
    let document = json(&run(
        folder,
        &["runtime", "--format", "json", "--host", "desk", "."],
    ));
    for server in document["servers"].as_array().unwrap() {
        let status = server["status"].as_str().unwrap();
        if server["name"] == "gh" && is_fine(status) {
            against.push(format!("{what}: {status} by runtime, and {lints:?}"));
        }
    }
}

/// The table of modules and clients, with where each row was read.
fn sources() -> String {
    let mut table = "\n## The modules and clients, and where that was read\n\n".to_owned();
    table.push_str("| option | clients | file | who opens what secrets come from | read in | month |\n|---|---|---|---|---|---|\n");
    for module in MCP_MODULES {
        let option: Vec<&str> = { module.option.iter() }
            .map(|name| if *name == "*" { "<name>" } else { *name })
            .collect();
        let clients = match module.clients {
            [] => "those that take its servers over".to_owned(),
            clients => clients.join(", "),
        };
        let mut files: Vec<String> = { module.written.iter() }
            .map(|file| format!("`{}`", file.path))
            .collect();
        files.dedup();
        let opened = match module.opened_by {
            OpenedBy::User => "the user",
            OpenedBy::Root => "systemd, as root",
            OpenedBy::Activation => "root, at activation",
        };
        let (option, files) = (option.join("."), files.join(", "));
        let (source, read) = (module.source, module.read);
        writeln!(
            table,
            "| `{option}` | {clients} | {files} | {opened} | {source} | {read} |"
        )
        .unwrap();
    }
    table.push_str("\n## The files of clients, by whoever writes them\n\n");
    table.push_str("| file | clients | section | read in | month |\n|---|---|---|---|---|\n");
    for file in client_files() {
        let (clients, section) = (file.clients.join(", "), file.written[0].section.join("."));
        let (path, source, read) = (file.name, file.source, file.read);
        writeln!(
            table,
            "| `{path}` | {clients} | `{section}` | {source} | {read} |"
        )
        .unwrap();
    }
    table
}

#[test]
fn every_module_is_judged_by_its_own_rules() {
    let mut table = format!("{MARK}\n| module |");
    for (case, _) in CASES {
        write!(table, " {case} |").unwrap();
    }
    writeln!(table, "\n|---|{}", "---|".repeat(CASES.len())).unwrap();
    let mut against = Vec::new();
    for module in modules() {
        write!(table, "| `{}` |", module.name).unwrap();
        for (name, case) in CASES {
            let what = format!("{} {name}", module.name);
            if let Some(written) = good(module, case) {
                let folder = tempfile::tempdir().unwrap();
                project_of(folder.path(), module, &written);
                assert_eq!(loud(folder.path()), BTreeSet::new(), "{what} {written:?}");
            }
            let cell = match bad(module, case) {
                None => format!("none: {}", why_silent(module, case)),
                Some(written) => {
                    let folder = tempfile::tempdir().unwrap();
                    project_of(folder.path(), module, &written);
                    let lints = loud(folder.path());
                    agrees(folder.path(), &what, &mut against);
                    let is_literal = lints.contains("literal-credential-in-nix");
                    assert!(case != Case::Literal || is_literal, "{what} {written:?}");
                    match (case, lints.is_empty()) {
                        (Case::Missing, _) => match state(folder.path()).as_str() {
                            "" => "not determined".to_owned(),
                            state => state.to_owned(),
                        },
                        (_, true) => format!("silent: {}", why_silent(module, case)),
                        (_, false) => {
                            let links: Vec<String> = { lints.iter() }
                                .map(|lint| format!("[{lint}](lints/{lint}.md)"))
                                .collect();
                            links.join(", ")
                        }
                    }
                }
            };
            write!(table, " {cell} |").unwrap();
        }
        table.push('\n');
    }
    assert_eq!(against, Vec::<String>::new());
    table.push_str(&sources());
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

/// What the inventory says of the servers of alice: name, status, and who else sees the secret.
fn servers(body: &str) -> Vec<(String, String, bool)> {
    let folder = tempfile::tempdir().unwrap();
    let secrets = "sops.secrets.mine.owner = \"alice\";";
    project_with(folder.path(), body, secrets);
    let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
    let all = document["hosts"][0]["mcp"].as_array().unwrap().iter();
    let of_all = all.flat_map(|mcp| mcp["servers"].as_array().unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    of_all
        .map(|it| {
            (
                text(&it["name"]),
                text(&it["status"]),
                it["seen_by"].is_string(),
            )
        })
        .collect()
}

/// The names and statuses of the servers, and the lints with an error or a warning, of a user of Home Manager whose
/// agenix has its default directory, and of a host whose secrets are of sops-nix.
fn of_default_agenix(body: &str) -> (Vec<(String, String)>, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let flake = format!(
        r#"{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.agenix.url = "github:ryantm/agenix";
  outputs = {{ nixpkgs, home-manager, agenix, ... }}: {{
    homeConfigurations.alice = home-manager.lib.homeManagerConfiguration {{
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [
        agenix.homeManagerModules.default
        ({{ config, pkgs, ... }}: {{
          home.username = "alice";
          home.homeDirectory = "/home/alice";
          age.identityPaths = [ "/home/alice/.ssh/id_ed25519" ];
          age.secrets.mine.file = ./mine.age;
          {body}
        }})
      ];
    }};
  }};
}}
"#
    );
    write(folder.path(), "flake.nix", &flake);
    let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let all = document["hosts"][0]["mcp"].as_array().unwrap().iter();
    let servers = all.flat_map(|mcp| mcp["servers"].as_array().unwrap());
    let servers = servers.map(|it| (text(&it["name"]), text(&it["status"])));
    (servers.collect(), loud(folder.path()))
}

#[test]
fn a_path_that_only_a_shell_expands_is_neither_value_nor_file() {
    let path = "config.age.secrets.mine.path";
    let broken = |what: &str, body: &str, wanted: &[&str]| {
        let (servers, lints) = of_default_agenix(body);
        // `services.mcp` has servers of its own.
        let mut own = servers
            .iter()
            .filter(|(name, _)| name == "gh" || name == "github");
        assert!(
            own.clone().count() > 0 && own.all(|(_, status)| status == "broken"),
            "{what}: {servers:?}"
        );
        assert!(
            wanted.iter().any(|lint| lints.contains(*lint)),
            "{what}: {lints:?}"
        );
    };
    let of_users =
        |module: &&'static McpModule| !matches!(module.kind, McpKind::Service | McpKind::Shell);
    for module in modules().into_iter().filter(of_users) {
        let body = with_variable(module, path).body;
        broken(module.name, &body, &["secret-path-instead-of-value"]);
    }
    let file = format!("env.API_TOKEN.file = {path};");
    let unexpanded = ["hm-agenix-unexpanded-runtime-dir"];
    for body in [
        format!("programs.mcp = {{ enable = true; servers.gh = {{ command = \"x\"; {file} }}; }};"),
        format!(
            "programs.github-copilot-cli = {{ enable = true; mcpServers.gh = {{ command = \"x\"; {file} }}; }};"
        ),
        format!("mcp-servers.programs.github = {{ enable = true; envFile = {path}; }};"),
        format!(
            "programs.opencode = {{ enable = true; settings.mcp.gh = {{ command = [ \"x\" ]; environment.API_TOKEN = \"{{file:${{{path}}}}}\"; }}; }};"
        ),
    ] {
        broken(&body, &body, &unexpanded);
    }
    // Shells expand these.
    for body in [
        format!(
            "mcp-servers.programs.github = {{ enable = true; passwordCommand.API_TOKEN = [ \"cat\" {path} ]; }};"
        ),
        format!(
            "programs.crush = {{ enable = true; settings.mcp.gh = {{ command = \"x\"; env.API_TOKEN = \"$(cat ${{{path}}})\"; }}; }};"
        ),
        format!(
            "programs.claude-code = {{ enable = true; mcpServers.gh.command = \"${{pkgs.writeShellScript \"gh\" ''\nexport API_TOKEN=$(cat ${{{path}}})\nexec x\n''}}\"; }};"
        ),
    ] {
        let (servers, lints) = of_default_agenix(&body);
        let are_available = servers.iter().all(|(_, status)| status == "available");
        assert!(!servers.is_empty() && are_available, "{body}: {servers:?}");
        assert_eq!(lints, BTreeSet::new(), "{body}");
    }
}

#[test]
fn what_the_system_of_a_home_fills_is_not_decided() {
    let (servers, lints) = of_default_agenix(
        r#"programs.mcp = { enable = true; servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; }; };
        programs.opencode = { enable = true; settings.mcp = {
          b = { type = "remote"; url = "https://b.example"; headers.Authorization = "Bearer {file:/run/agenix/b}"; };
          c = { type = "remote"; url = "https://c.example"; oauth.clientSecret = "{file:/run/secrets/c}"; };
        }; };
        programs.claude-code = { enable = true; mcpServers.d.command = "${pkgs.writeShellScript "d" "export D=$(cat /run/secrets/d); exec d"}"; };"#,
    );
    let wanted = ["d", "a", "b", "c"].map(|name| (name.to_owned(), "unknown".to_owned()));
    let mut servers = servers;
    servers.sort();
    let mut wanted = wanted.to_vec();
    wanted.sort();
    assert_eq!(servers, wanted);
    assert_eq!(lints, BTreeSet::new());
}

#[test]
fn what_fails_in_evaluation_is_not_available() {
    let found = servers(
        r#"mcp-servers.programs.a = { enable = true; passwordCommand.A_TOKEN = [ "cat" osConfig.sops.secrets.nope.path ]; };
        mcp-servers.programs.b = { enable = true; envFile = osConfig.sops.secrets.nope.path; };
        programs.claude-code.enable = true;
        programs.claude-code.mcpServers = {
          c = { command = "c"; args = [ "--file" osConfig.sops.secrets.nope.path ]; };
          d = { command = "d"; env.D_FILE = osConfig.sops.secrets.nope.path; };
          e.command = "${pkgs.writeShellScript "e" "export E=$(cat ${osConfig.sops.secrets.nope.path}); exec e"}";
          f = { command = "f"; env.F_FILE = osConfig.sops.secrets.mine.path; };
        };"#,
    );
    let statuses: Vec<(&str, &str)> = { found.iter() }
        .map(|(name, status, _)| (name.as_str(), status.as_str()))
        .collect();
    let unknown = ["a", "b", "c", "d", "e"].map(|name| (name, "unknown"));
    let mut wanted = unknown.to_vec();
    wanted.push(("f", "available"));
    assert_eq!(statuses, wanted);
}

#[test]
fn a_wrapper_that_call_package_makes_of_a_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"programs.claude-code.enable = true;
      programs.claude-code.mcpServers = {
        a.command = "${pkgs.callPackage ./a.nix { inherit osConfig; }}/bin/a";
        b.command = pkgs.lib.getExe (pkgs.callPackage ./b.nix { tokenFile = osConfig.sops.secrets.mine.path; });
        c.command = "${pkgs.callPackage ./c.nix { file = osConfig.sops.secrets.root.path; }}/bin/c";
        d.command = "${pkgs.callPackage ./d.nix { }}/bin/d";
        e.command = "${pkgs.unstable.callPackage ./e.nix { file = osConfig.sops.secrets.mine.path; }}/bin/e";
        f.command = "${pkgs.callPackage ({ writeShellScriptBin }: writeShellScriptBin "f" "export F_TOKEN=$(cat /run/secrets/nope); exec f") { }}/bin/f";
      };"#;
    project_with(
        folder.path(),
        body,
        r#"sops.secrets.mine.owner = "alice"; sops.secrets.root = { };"#,
    );
    for (name, text) in [
        // All of the system's configuration is handed on.
        (
            "a.nix",
            r#"{ pkgs, osConfig, ... }: pkgs.writeShellScriptBin "a" ''
              export A_TOKEN="$(cat ${osConfig.sops.secrets.mine.path})"
              exec ${pkgs.a}/bin/a
            ''"#,
        ),
        (
            "b.nix",
            r#"{ writeShellApplication, lib, b-server, tokenFile }: writeShellApplication {
              name = "b";
              runtimeInputs = [ b-server ];
              text = ''
                exec ${lib.getExe b-server} --token "$(< ${tokenFile})"
              '';
            }"#,
        ),
        (
            "c.nix",
            r#"{ symlinkJoin, makeWrapper, c-server, file }: symlinkJoin {
              name = "c";
              paths = [ c-server ];
              buildInputs = [ makeWrapper ];
              postBuild = ''
                wrapProgram $out/bin/c --run 'export C_TOKEN=$(cat ${file})'
              '';
            }"#,
        ),
        // What the package set has for it is not known.
        (
            "d.nix",
            r#"{ writeShellScriptBin, tokenFile }: writeShellScriptBin "d" "export D=$(cat ${tokenFile}); exec d""#,
        ),
        // It does not use the argument.
        (
            "e.nix",
            r#"{ writeShellScriptBin, file }: writeShellScriptBin "e" "exec e""#,
        ),
    ] {
        write(folder.path(), name, text);
    }
    let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
    let all = document["hosts"][0]["mcp"][0]["servers"]
        .as_array()
        .unwrap()
        .iter();
    let found: Vec<(&str, &str, bool)> = all
        .map(|it| {
            let seen = it["seen_by"].is_string();
            (
                it["name"].as_str().unwrap(),
                it["status"].as_str().unwrap(),
                seen,
            )
        })
        .collect();
    let wanted = [
        ("a", "available", false),
        ("b", "available", true),
        ("c", "unreadable", false),
        ("d", "no-secret", false),
        ("e", "no-secret", false),
        ("f", "missing", false),
    ];
    assert_eq!(found, wanted);
    assert!(loud(folder.path()).contains("root-owned-secret"));
}

#[test]
fn an_argument_is_judged_by_who_reads_it() {
    let found = servers(
        r#"programs.claude-code.enable = true;
        programs.claude-code.mcpServers = let path = osConfig.sops.secrets.mine.path; in {
          a-after-the-name-of-a-file = { command = "x"; args = [ "--token-file" path ]; };
          b-after-the-name-of-a-value = { command = "x"; args = [ "--token" path ]; };
          c-alone = { command = "x"; args = [ path ]; };
          d-for-a-shell = { command = "sh"; args = [ "-c" "TOKEN=$(cat ${path}) x" ]; };
          e-for-a-program-of-a-shell = { command = "${pkgs.bash}/bin/bash"; args = [ "-c" "x --token $(cat ${path})" ]; };
          f-for-no-shell = { command = "x"; args = [ "--token" "$(cat ${path})" ]; };
          h-of-a-script = { command = "${pkgs.writeShellScript "h" ''
            exec ${pkgs.h}/bin/h --token "$(${pkgs.coreutils}/bin/cat ${path})"
          ''}"; };
          i-in-a-script = { command = "${pkgs.writeShellScript "i" ''
            export I_TOKEN="$(${pkgs.coreutils}/bin/cat ${path})"
            exec ${pkgs.i}/bin/i
          ''}"; };
          l-of-a-command = { command = "${pkgs.writeShellApplication { name = "l"; text = ''
            L_TOKEN="$(rbw get l)"
            export L_TOKEN
            exec l
          ''; }}/bin/l"; };
          m-of-a-command = { command = "bash"; args = [ "-c" "export M_TOKEN=$(op read op://a/b); exec m" ]; };
          g-variable-of-the-session = { command = "x"; env.A_TOKEN = "\${A_TOKEN}"; };
        };
        home.sessionVariables.A_TOKEN = osConfig.sops.secrets.mine.path;"#,
    );
    let wanted = [
        ("a-after-the-name-of-a-file", "available", false),
        ("b-after-the-name-of-a-value", "broken", false),
        ("c-alone", "unknown", false),
        ("d-for-a-shell", "available", false),
        ("e-for-a-program-of-a-shell", "available", true),
        ("f-for-no-shell", "broken", false),
        ("g-variable-of-the-session", "broken", false),
        ("h-of-a-script", "available", true),
        ("i-in-a-script", "available", false),
        ("l-of-a-command", "unknown", false),
        ("m-of-a-command", "unknown", false),
    ];
    let wanted = wanted.map(|(name, status, seen)| (name.to_owned(), status.to_owned(), seen));
    assert_eq!(found, wanted);
}

#[test]
fn a_tilde_in_an_argument_may_be_expanded_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{ config, ... }: {
        home.username = "alice";
        home.homeDirectory = "/home/alice";
        sops.age.keyFile = "/home/alice/keys.txt";
        sops.defaultSopsFile = ./secrets.yaml;
        sops.secrets.x.path = "/home/alice/.env";
        programs.claude-code.enable = true;
        programs.claude-code.mcpServers = {
          a = { command = "x"; args = [ "--env-file" "~/.env" ]; };
          b = { command = "x"; args = [ "--env-file" "/home/alice/.env" ]; };
        };
      }"#;
    write(folder.path(), "home.nix", text);
    let document = json(&run(
        folder.path(),
        &["inventory", "--format", "json", "home.nix"],
    ));
    let servers = document["modules"][0]["mcp"][0]["servers"]
        .as_array()
        .unwrap();
    let found: Vec<(&str, &str)> = servers
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["status"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("a", "unknown"), ("b", "available")]);
}

#[test]
fn a_script_in_a_text_is_read() {
    let found = servers(
        r#"home.file."config".target = ".codex/config.toml";
        home.file."config".text = ''
          [mcp_servers.a]
          command = "${pkgs.writeShellScript "a" "exec a --key \"$(cat ${osConfig.sops.secrets.mine.path})\""}"
          [mcp_servers.b]
          command = "${pkgs.b}/bin/b"
        '';
        home.file.".cursor/mcp.json".text = ''
          { "mcpServers": { "c": { "command": "${pkgs.writeShellScript "c" "export K=$(cat /run/secrets/nope); exec c"}" } } }
        '';"#,
    );
    let wanted = [
        ("a", "available", true),
        ("b", "no-secret", false),
        ("c", "missing", false),
    ];
    let wanted = wanted.map(|(name, status, seen)| (name.to_owned(), status.to_owned(), seen));
    let mut found = found;
    found.sort();
    assert_eq!(found, wanted);
}

#[test]
fn servers_in_a_template_get_their_secrets() {
    let template = |owner: &str, path: &str, text: &str| {
        format!(
            "sops.templates.x = {{ {owner} path = \"{path}\"; content = {text}; }};\nsops.secrets.mine = {{ }};\n"
        )
    };
    let text = r#"builtins.toJSON { mcpServers = {
      a = { command = "a"; env.A_TOKEN = config.sops.placeholder.mine; };
      b = { url = "https://b.example?key=${config.sops.placeholder.mine}"; };
      c = { command = "c"; env.C_TOKEN = "{env:C_TOKEN}"; };
      d = { command = "d"; };
    }; }"#;
    let found = |system: &str, user: &str| {
        let folder = tempfile::tempdir().unwrap();
        project_with(folder.path(), user, system);
        let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
        let all = document["hosts"][0]["mcp"].as_array().unwrap().iter();
        let servers = all.flat_map(|mcp| mcp["servers"].as_array().unwrap());
        let found: Vec<String> = servers
            .map(|it| {
                let seen = if it["seen_by"].is_string() {
                    " seen"
                } else {
                    ""
                };
                format!(
                    "{} {}{seen}",
                    it["name"].as_str().unwrap(),
                    it["status"].as_str().unwrap()
                )
            })
            .collect();
        (found, loud(folder.path()))
    };
    let path = "/home/alice/.claude.json";
    let (servers, lints) = found(&template("owner = \"alice\";", path, text), "");
    assert_eq!(
        servers,
        ["a available", "b available seen", "c broken", "d no-secret"]
    );
    assert!(lints.contains("mcp-reference-not-expanded"), "{lints:?}");
    assert!(!lints.contains("placeholder-outside-template"), "{lints:?}");
    // Root's, which the client cannot read.
    let (servers, lints) = found(&template("", path, text), "");
    assert_eq!(
        servers,
        [
            "a unreadable",
            "b unreadable seen",
            "c broken",
            "d no-secret"
        ]
    );
    assert!(lints.contains("root-owned-secret"), "{lints:?}");
    // No client is known to read it.
    let (servers, _) = found(&template("", "/run/x.json", text), "");
    assert_eq!(servers, [""; 0]);
}

#[test]
fn what_is_advised_holds_for_all_clients() {
    let shared = |clients: &[&str], headers: &str| {
        let clients: String = clients
            .iter()
            .map(|it| {
                format!("programs.{it} = {{ enable = true; enableMcpIntegration = true; }};\n")
            })
            .collect();
        let body = format!(
            "programs.mcp.enable = true;\nprograms.mcp.servers.gh = {{ url = \"https://gh.example\"; {headers} }};\n{clients}"
        );
        let folder = tempfile::tempdir().unwrap();
        project_with(folder.path(), &body, "");
        let checked = [
            "check",
            "--no-cache",
            "--no-config",
            "--format",
            "json",
            ".",
        ];
        let found = json(&run(folder.path(), &checked));
        let all = found["diagnostics"].as_array().unwrap().iter();
        let it = { all.clone() }.find(|it| it["lint"] == "mcp-reference-not-expanded");
        it.map(|it| it["help"].to_string()).unwrap_or_default()
    };
    let braced = r#"headers.Authorization = "Bearer {env:A_TOKEN}";"#;
    let one = shared(&["claude-code", "gemini-cli"], braced);
    assert!(one.contains("write ${A_TOKEN}"), "{one}");
    let two = shared(&["claude-code", "opencode"], braced);
    assert!(
        !two.contains("write {env") && two.contains("Claude Code, opencode"),
        "{two}"
    );
}

#[test]
fn a_client_that_takes_the_servers_of_services_mcp_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let body = r"services.mcp = { enable = true; clients = [ ]; servers.github.enabled = true; };
        programs.claude-code = { enable = true; mcpServers = config.services.mcp._generatedServers; };";
    project_with(folder.path(), body, "");
    let document = json(&run(folder.path(), &["inventory", "--format", "json", "."]));
    let all = document["hosts"][0]["mcp"].as_array().unwrap();
    let clients: Vec<&serde_json::Value> = all.iter().map(|mcp| &mcp["clients"]).collect();
    assert_eq!(clients, [&serde_json::json!(["Claude Code"])]);
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
        for module in modules() {
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
                // A file that a template renders has its servers, too.
                _ => {
                    let template = format!(
                        "sops.templates.x = {{ owner = \"alice\"; path = \"/home/alice/.claude.json\"; content = \
                         builtins.toJSON {{ mcpServers.t = {{ command = \"t\"; args = [ {text} ]; env.T_TOKEN = {text}; }}; \
                         }}; }};"
                    );
                    project_with(folder.path(), &definitions, &template);
                }
            }
            let mut commands: Vec<Vec<&str>> = FORMATS
                .iter()
                .map(|format| vec!["check", "--no-cache", "--pedantic", "--format", format, "."])
                .collect();
            for format in ["json", "csv", "markdown", "table"] {
                commands.push(vec!["inventory", "--format", format, "."]);
            }
            for format in ["json", "table"] {
                commands.push(vec!["files", "--format", format, "."]);
            }
            commands.push(vec!["check", "--no-cache", "--fix=unsafe", "--diff", "."]);
            commands.push(vec!["runtime", "--host", "desk", "."]);
            commands.push(vec![
                "eval",
                "nixosConfigurations.desk.config.home-manager.users.alice",
            ]);
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
