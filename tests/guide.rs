//! The configurations of the Secret Management Guide give what the guide promises, as a user sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{json, package, run, stdout, steady};
use test_support::copy_of;

/// Findings of a guide's folder as `severity[lint]`, with how often, and the exit code.
fn findings(name: &str) -> (BTreeMap<String, usize>, i32) {
    let project = copy_of(&package().join("tests/guide").join(name));
    let output = run(project.path(), &["--format", "json"]);
    let document = json(&output);
    let mut counts = BTreeMap::new();
    for found in document["diagnostics"].as_array().unwrap() {
        let what = format!(
            "{}[{}]",
            found["severity"].as_str().unwrap(),
            found["lint"].as_str().unwrap()
        );
        *counts.entry(what).or_default() += 1;
    }
    (counts, output.status.code().unwrap())
}

fn expect(name: &str, expected: &[(&str, usize)], code: i32) {
    let expected = expected
        .iter()
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect();
    assert_eq!(findings(name), (expected, code), "{name}");
}

/// The status of each server that reads a secret.
fn servers(name: &str) -> BTreeMap<String, String> {
    let project = copy_of(&package().join("tests/guide").join(name));
    let document = json(&run(project.path(), &["inventory", "--format", "json"]));
    let of = |kind: &str| document[kind].as_array().unwrap().clone();
    let mcp = { of("hosts").into_iter().chain(of("modules")) }
        .flat_map(|host| host["mcp"].as_array().unwrap().clone());
    let servers = mcp.flat_map(|mcp| mcp["servers"].as_array().unwrap().clone());
    let reads = |server: &Value| server["enabled"] == true && !server["secret"].is_null();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    servers
        .filter(reads)
        .map(|server| (text(&server["name"]), text(&server["status"])))
        .collect()
}

fn available(names: &[&str]) -> BTreeMap<String, String> {
    names
        .iter()
        .map(|name| ((*name).to_owned(), "available".to_owned()))
        .collect()
}

#[test]
fn the_complete_setup_has_warnings_and_no_error() {
    let warnings = [
        ("warning[path-inside-secrets-for-users]", 2),
        ("warning[system-secrets-decryptable-by-user-key]", 1),
        ("warning[decryption-key-unavailable-at-boot]", 1),
        ("warning[secret-owner-not-declared]", 1),
    ];
    expect("complete-sops", &warnings, 0);
    assert_eq!(
        servers("complete-sops"),
        available(&["docs", "github", "openai"])
    );
}

#[test]
fn the_quick_start_resolves_the_owner_through_config() {
    let warnings = [
        ("warning[path-inside-secrets-for-users]", 2),
        ("warning[system-secrets-decryptable-by-user-key]", 1),
        ("warning[decryption-key-unavailable-at-boot]", 1),
    ];
    expect("quick-start-sops", &warnings, 0);
    assert_eq!(
        servers("quick-start-sops"),
        available(&["github", "openai"])
    );
}

#[test]
fn an_undeclared_user_is_no_error_in_an_excerpt() {
    let (found, code) = findings("nixos-sops");
    assert_eq!(code, 0);
    assert!(
        found.keys().all(|what| what.starts_with("warning[")),
        "{found:?}"
    );
    for lint in [
        "path-inside-secrets-for-users",
        "system-secrets-decryptable-by-user-key",
        "decryption-key-unavailable-at-boot",
    ] {
        assert_eq!(found.get(&format!("warning[{lint}]")), Some(&1), "{lint}");
    }
}

#[test]
fn darwin_has_its_own_defaults() {
    let warnings = [
        ("warning[path-inside-secrets-for-users]", 1),
        ("warning[system-secrets-decryptable-by-user-key]", 1),
        ("warning[secret-owner-not-declared]", 1),
    ];
    expect("darwin-sops", &warnings, 0);
    assert_eq!(servers("darwin-sops"), available(&["github"]));
}

#[test]
fn the_agenix_setup_reads_another_name_and_another_owners_file() {
    expect(
        "agenix",
        &[
            ("error[mcp-secret-name-mismatch]", 1),
            ("error[root-owned-secret]", 1),
        ],
        1,
    );
    let project = copy_of(&package().join("tests/guide/agenix"));
    let output = steady(&stdout(&run(project.path(), &[])));
    assert!(
        output.contains("reads /run/agenix/GITHUB_TOKEN"),
        "{output}"
    );
    assert!(
        output.contains("this one lands at /run/agenix/github_token"),
        "{output}"
    );
    assert!(
        output.contains("age.secrets.github_token.name = \"GITHUB_TOKEN\";"),
        "{output}"
    );
    assert!(
        output.contains("age.secrets.github_token.owner = \"youruser\";"),
        "{output}"
    );
    assert!(!output.contains("openai"), "{output}");
}

#[test]
fn custom_files_are_the_users_own() {
    expect("custom", &[], 0);
    let project = copy_of(&package().join("tests/guide/custom"));
    let document = json(&run(project.path(), &["inventory", "--format", "json"]));
    let reader = &document["modules"][0]["readers"][0];
    assert_eq!(reader["path"], "/path/to/your/secrets/GITHUB_TOKEN");
}

#[test]
fn a_custom_secret_name_is_followed() {
    expect("custom-secret-name", &[], 0);
    assert_eq!(servers("custom-secret-name"), available(&["github"]));
}

#[test]
fn a_missing_secret_degrades_gracefully() {
    expect(
        "graceful-degradation",
        &[("warning[mcp-secret-missing]", 1)],
        0,
    );
    let servers = servers("graceful-degradation");
    assert_eq!(servers.get("github").map(String::as_str), Some("available"));
    assert_eq!(servers.get("openai").map(String::as_str), Some("missing"));
}

#[test]
fn a_plaintext_file_is_reported_at_the_file_and_its_use_without_its_values() {
    expect("unencrypted", &[("error[unencrypted-secret-file]", 1)], 1);
    let project = copy_of(&package().join("tests/guide/unencrypted"));
    for format in ["human", "short", "json"] {
        let output = stdout(&run(project.path(), &["--format", format]));
        assert!(output.contains("secrets/secrets.yaml"), "{output}");
        assert!(!output.contains("your_token_here"), "{output}");
    }
    let document = json(&run(project.path(), &["--format", "json"]));
    let found = &document["diagnostics"][0];
    assert_eq!(found["primary"]["file"], "secrets/secrets.yaml");
    let places = found["secondary"].as_array().unwrap();
    assert!(
        places
            .iter()
            .any(|place| place["file"] == "configuration.nix"),
        "{places:?}"
    );
}

/// What the guide's user sees, read by a person: `tests/snapshots`.
#[test]
fn output_for_people() {
    for name in [
        "agenix",
        "complete-sops",
        "darwin-sops",
        "graceful-degradation",
        "unencrypted",
        "custom",
    ] {
        let project = copy_of(&package().join("tests/guide").join(name));
        let check = steady(&stdout(&run(project.path(), &[])));
        insta::assert_snapshot!(format!("guide-{name}"), check);
        let inventory = stdout(&run(project.path(), &["inventory"]));
        insta::assert_snapshot!(format!("guide-{name}-inventory"), inventory);
        let coverage = stdout(&run(project.path(), &["inventory", "--coverage"]));
        insta::assert_snapshot!(format!("guide-{name}-coverage"), coverage);
    }
}
