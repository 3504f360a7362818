//! The JSON documents agree with their schemas, and are the same from run to run: a test for each project.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;

use jsonschema::Validator;
use support::{json, package, projects, run, stderr};
use test_support::{case, cases, copy_of};

static SCHEMAS: LazyLock<[(Validator, &[&str]); 4]> = LazyLock::new(|| {
    [
        (schema("check"), &["check", "--pedantic"]),
        (schema("inventory"), &["inventory"]),
        (schema("coverage"), &["inventory", "--coverage"]),
        (schema("files"), &["files"]),
    ]
});

fn schema(name: &str) -> Validator {
    let path = package()
        .join("docs/schemas")
        .join(format!("{name}.schema.json"));
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn main() -> ExitCode {
    let mut cases = cases![places_count_characters_from_one];
    for folder in projects() {
        let name = folder.strip_prefix(package()).unwrap();
        let name = name.to_string_lossy().replace('/', "::");
        cases.push(case(&name, move || {
            documents_agree_with_their_schemas_and_do_not_change(&folder);
        }));
    }
    test_support::run(cases)
}

fn documents_agree_with_their_schemas_and_do_not_change(folder: &Path) {
    let project = copy_of(folder);
    for (schema, arguments) in SCHEMAS.iter() {
        let arguments = [*arguments, &["--format", "json"]].concat();
        let output = run(project.path(), &arguments);
        let document = json(&output);
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(stderr(&output), "");
        assert_eq!(output.stdout, run(project.path(), &arguments).stdout);
    }
}

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
