//! The JSON documents agree with their schemas, and are the same from run to run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{json, package, projects, run, stderr};
use test_support::copy_of;

fn schema(name: &str) -> jsonschema::Validator {
    let path = package()
        .join("docs/schemas")
        .join(format!("{name}.schema.json"));
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn documents_agree_with_their_schemas_and_do_not_change() {
    let check = schema("check");
    let inventory = schema("inventory");
    let coverage = schema("coverage");
    let files = schema("files");
    for folder in projects() {
        let project = copy_of(&folder);
        for (schema, arguments) in [
            (
                &check,
                ["check", "--pedantic", "--format", "json"].as_slice(),
            ),
            (&inventory, ["inventory", "--format", "json"].as_slice()),
            (
                &coverage,
                ["inventory", "--coverage", "--format", "json"].as_slice(),
            ),
            (&files, ["files", "--format", "json"].as_slice()),
        ] {
            let output = run(project.path(), arguments);
            let document = json(&output);
            let errors: Vec<String> = schema
                .iter_errors(&document)
                .map(|error| format!("{} at {}", error, error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", folder.display());
            assert_eq!(stderr(&output), "", "{}", folder.display());
            assert_eq!(
                output.stdout,
                run(project.path(), arguments).stdout,
                "{}",
                folder.display()
            );
        }
    }
}

#[test]
fn places_count_characters_from_one() {
    let project = tempfile::tempdir().unwrap();
    let text = "{\n  # é 😀\n  users.users.ålice = { }; sops.age.keyFile = \"/home/ålice/keys.txt\"; sops.secrets.x = { };\n}\n";
    std::fs::write(project.path().join("configuration.nix"), text).unwrap();
    let document = json(&run(project.path(), &["--format", "json"]));
    let found = document["diagnostics"].as_array().unwrap();
    let key = found
        .iter()
        .find(|found| found["lint"] == "system-secrets-decryptable-by-user-key")
        .unwrap();
    assert_eq!(key["primary"]["line"], 3);
    assert_eq!(key["primary"]["column"], 47);
    assert_eq!(key["primary"]["end_column"], 69);
}
