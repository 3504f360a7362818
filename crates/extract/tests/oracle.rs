//! What real Nix makes of modules with the real secret managers (`tests/oracle/README.md`), and
//! what we make of them: the same facts, and an error where Nix has one. A test for each case.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use extract::{BuildOptions, build};
use inventory::{Fact, Host, HostClass, McpKind, Secret, SecretKind};
use serde_json::{Value, json};
use test_support::{case, copy_of, files, run};

/// Every case: none is lost.
const CASES: usize = 23;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases")
}

/// The case's module as the one host of a flake, with its `specialArgs`.
fn evaluate(name: &str) -> Host {
    let directory = copy_of(&cases());
    let special = format!("{name}.args.nix");
    let special = if cases().join(&special).is_file() {
        format!("specialArgs = (import ./{special}).specialArgs;")
    } else {
        String::new()
    };
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: {{ nixosConfigurations.case = nixpkgs.lib.nixosSystem {{ \
         system = \"x86_64-linux\"; {special} modules = [ ./{name}.nix ]; }}; }}; }}"
    );
    let file = directory.path().join("flake.nix");
    std::fs::write(&file, flake).expect("a writable directory");
    let built = build(&BuildOptions {
        paths: vec![file],
        ..BuildOptions::default()
    });
    let mut inventory = built.expect("a project").inventory;
    // The other cases are modules that this flake does not reach.
    inventory
        .hosts
        .retain(|host| host.class != HostClass::Module);
    assert_eq!(inventory.hosts.len(), 1, "{name}: {:?}", inventory.problems);
    let mut host = inventory.hosts.remove(0);
    host.problems.extend(inventory.problems);
    host
}

fn value<T: Clone + Into<Value>>(fact: &Fact<T>) -> Value {
    match &fact.value {
        Ok(value) => value.clone().into(),
        Err(unknown) => json!({ "unknown": unknown.reason.to_string() }),
    }
}

fn secret<'a>(host: &'a Host, option: &str, kind: SecretKind, name: &str) -> &'a Secret {
    host.secrets
        .iter()
        .find(|s| s.option.starts_with(option) && s.kind == kind && s.attribute == name)
        .unwrap_or_else(|| panic!("no {option} {name}"))
}

/// Differences between a secret and what Nix gives for it.
fn compare_secret(secret: &Secret, expected: &Value, wrong: &mut Vec<String>) {
    let file = secret
        .file
        .clone()
        .map(|file| file.map(|file| file.display));
    let actual = [
        ("name", value(&secret.name)),
        ("path", value(&secret.path)),
        ("mode", value(&secret.mode)),
        ("owner", value(&secret.owner)),
        ("uid", value(&secret.uid)),
        ("group", value(&secret.group)),
        ("gid", value(&secret.gid)),
        ("key", value(&secret.key)),
        ("format", value(&secret.format)),
        ("neededForUsers", value(&secret.needed_for_users)),
        ("restartUnits", value(&secret.restart_units)),
        ("symlink", value(&secret.symlink)),
        ("sopsFile", value(&file)),
        ("file", value(&file)),
    ];
    for (field, actual) in actual {
        if let Some(expected) = expected.get(field)
            && *expected != actual
        {
            let option = &secret.option;
            wrong.push(format!("{option}.{field}: Nix {expected}, here {actual}"));
        }
    }
}

fn names(expected: &Value) -> BTreeSet<String> {
    expected
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

fn attributes(host: &Host, option: &str) -> BTreeSet<String> {
    let of_option = |s: &&Secret| s.declaring_option() == option && s.option.starts_with(option);
    host.secrets
        .iter()
        .filter(of_option)
        .map(|s| s.attribute.clone())
        .collect()
}

fn compare(host: &Host, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (option, kind, path) in [
        ("sops.secrets", SecretKind::Secret, "/sops/secrets"),
        ("sops.templates", SecretKind::Template, "/sops/templates"),
        ("age.secrets", SecretKind::Secret, "/age/secrets"),
    ] {
        let Some(expected) = expected.pointer(path) else {
            continue;
        };
        if attributes(host, option) != names(expected) {
            wrong.push(format!("{option}: {:?}", attributes(host, option)));
            continue;
        }
        for (name, expected) in expected.as_object().into_iter().flatten() {
            compare_secret(secret(host, option, kind, name), expected, &mut wrong);
        }
    }
    for (name, expected) in expected["users"].as_object().into_iter().flatten() {
        let user = host.users.iter().find(|user| user.name == *name);
        let Some(user) = user else {
            wrong.push(format!("no user {name}"));
            continue;
        };
        let actual = [
            ("uid", value(&user.uid)),
            ("group", value(&user.group)),
            ("home", value(&user.home)),
            ("isNormalUser", value(&user.is_normal_user)),
        ];
        for (field, actual) in actual {
            if expected[field] != actual {
                wrong.push(format!(
                    "user {name} {field}: Nix {}, here {actual}",
                    expected[field]
                ));
            }
        }
    }
    for (user, expected) in expected["hm"].as_object().into_iter().flatten() {
        compare_mcp(host, user, &expected["mcp"], &mut wrong);
    }
    wrong
}

fn compare_mcp(host: &Host, user: &str, expected: &Value, wrong: &mut Vec<String>) {
    let enabled = expected["enable"] == json!(true);
    let found = host
        .mcp
        .iter()
        .find(|mcp| mcp.user == user && mcp.module.kind == McpKind::McpHomeManager);
    let Some(found) = found else {
        if enabled {
            wrong.push(format!("no services.mcp of {user}"));
        }
        return;
    };
    if value(&found.enabled) != expected["enable"] {
        wrong.push(format!("{user}: enable {:?}", found.enabled));
    }
    let directory = found.secrets_path.as_ref().map(value);
    if directory.as_ref() != Some(&expected["secretsPath"]) {
        wrong.push(format!("{user}: secretsPath {directory:?}"));
    }
    let mut active = serde_json::Map::new();
    for server in &found.servers {
        if !enabled || server.enabled.known() != Some(&true) {
            continue;
        }
        let paths = active
            .entry(server.name.clone())
            .or_insert_with(|| json!([]));
        if let (Some(Some(path)), Some(paths)) = (server.path.known(), paths.as_array_mut()) {
            paths.push(json!(path));
        }
    }
    let mut wanted = serde_json::Map::new();
    for (name, server) in expected["active"].as_object().into_iter().flatten() {
        wanted.insert(name.clone(), server["secretPaths"].clone());
    }
    if active != wanted {
        wrong.push(format!("{user}: servers: Nix {wanted:?}, here {active:?}"));
    }
}

/// The first line of Nix's message, without its prefix.
fn agrees(host: &Host, message: &str) -> bool {
    let line = message
        .trim_start_matches("error: ")
        .lines()
        .next()
        .unwrap_or_default();
    let line = line
        .trim_end_matches(':')
        .trim_end_matches(" Definition values");
    let line = line.trim_end_matches('.');
    let problem = host
        .problems
        .iter()
        .any(|problem| problem.to_string().contains(line));
    let unknown = |fact: &Fact<Option<String>>| {
        fact.value
            .as_ref()
            .is_err_and(|unknown| unknown.reason.to_string().contains(line))
    };
    problem || host.secrets.iter().any(|secret| unknown(&secret.group))
}

fn main() -> ExitCode {
    let folder = cases();
    let is_case = |path: &PathBuf| {
        path.parent() == Some(&folder) && path.extension().is_some_and(|end| end == "json")
    };
    let files: Vec<PathBuf> = files(&folder).into_iter().filter(is_case).collect();
    assert_eq!(files.len(), CASES);
    let agrees = |file: PathBuf| {
        let name = file.file_stem().expect("a name");
        let name = name.to_string_lossy().into_owned();
        case(&name.clone(), move || it_agrees_with_real_nix(&name, &file))
    };
    run(files.into_iter().map(agrees).collect())
}

fn it_agrees_with_real_nix(name: &str, file: &Path) {
    let text = std::fs::read_to_string(file).expect("readable");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let host = evaluate(name);
    match expected["error"].as_str() {
        Some(message) => {
            let problems = &host.problems;
            assert!(
                agrees(&host, message),
                "Nix fails with {message:?}: {problems:?}"
            );
        }
        None => {
            let mut wrong = compare(&host, &expected);
            let problems = host.problems.iter();
            wrong.extend(problems.map(|problem| format!("problem {problem}")));
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    }
}
