//! The schema and the page of `mcp-lint.toml` agree with the parser's own keys.

use std::path::{Path, PathBuf};

use mcp_lint_lints::{Group, LINTS};
use serde_json::{Map, Value, json};

use super::keys::{Key, Kind, LEVELS, ROOT};
use super::read::read;

fn documentation(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(path)
}

fn schema() -> Value {
    let mut schema = table(&ROOT);
    let fields = schema.as_object_mut().unwrap();
    fields.insert(
        "$schema".into(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    fields.insert(
        "$id".into(),
        json!("https://raw.githubusercontent.com/mcp-lint/mcp-lint/main/docs/schemas/mcp-lint.schema.json"),
    );
    fields.insert("title".into(), json!("mcp-lint.toml"));
    schema
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut property = kind(key.kind);
        let fields = property.as_object_mut().unwrap();
        fields.insert("description".into(), json!(key.about));
        properties.insert(key.name.into(), property);
    }
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Globs => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        Kind::Directories => {
            json!({ "type": "array", "items": { "type": "string", "pattern": "^/" } })
        }
        Kind::Inputs => {
            json!({ "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } })
        }
        Kind::File => json!({ "type": "string", "minLength": 1, "pattern": "^[^/]" }),
        Kind::Levels => levels(),
        Kind::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Kind::Option | Kind::Name => json!({ "type": "string", "minLength": 1 }),
    }
}

fn levels() -> Value {
    let groups = Group::ALL.into_iter().map(Group::name);
    let names = LINTS.iter().map(|lint| lint.name);
    let all = std::iter::once("all").chain(groups).chain(names);
    let properties: Map<String, Value> = all
        .map(|name| (name.to_owned(), json!({ "enum": LEVELS })))
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// With `UPDATE=1` it is written.
#[test]
fn the_schema_has_the_keys_of_the_parser() {
    let path = documentation("schemas/mcp-lint.schema.json");
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let now = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        now == text,
        "run UPDATE=1 cargo test -p mcp-lint --bin mcp-lint schema"
    );
}

#[test]
fn the_page_has_every_key() {
    let page = std::fs::read_to_string(documentation("src/configuration.md")).unwrap();
    let mut all: Vec<&Key> = Vec::new();
    for key in &ROOT {
        all.push(key);
        if let Kind::Tables(keys) = key.kind {
            all.extend(keys);
        }
    }
    for key in all {
        assert!(
            page.contains(&format!("`{}`", key.name)) || page.contains(&format!("[{}]", key.name)),
            "{}",
            key.name
        );
    }
}

/// A project that has the directories that the examples name.
fn project() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    for directory in ["vendor/a", "b", "vendor/mine", "vendor/no-secrets"] {
        std::fs::create_dir_all(project.path().join(directory)).unwrap();
    }
    project
}

/// Every TOML block of the page is a configuration file.
#[test]
fn the_examples_of_the_page_are_right() {
    let page = std::fs::read_to_string(documentation("src/configuration.md")).unwrap();
    let validator = jsonschema::draft7::new(&schema()).unwrap();
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() > 2);
    let project = project();
    for block in blocks {
        assert!(read(block, project.path()).is_ok(), "{block}");
        let value: Value = toml::from_str(block).unwrap();
        assert!(validator.is_valid(&value), "{block}");
    }
}

/// What the parser refuses because of a key or a type, the schema refuses as well.
#[test]
fn schema_and_parser_refuse_the_same() {
    let validator = jsonschema::draft7::new(&schema()).unwrap();
    let project = project();
    for (text, is_right) in [
        ("", true),
        ("pedantic = true", true),
        ("pedantic = 1", false),
        ("fail_on = 'error'", false),
        ("fail-on = 'hint'", false),
        ("fail-on = 'never'", true),
        ("exclude = 'a'", false),
        ("exclude = ['a/**']", true),
        ("managed-directories = ['run']", false),
        ("managed-directories = ['/run/x']", true),
        ("inputs = 'a'", false),
        ("[inputs]\na = 1", false),
        ("[inputs]\na = 'vendor/a'\n'a/b' = './b'", true),
        (
            "[lints]\naccess = 'off'\nroot-owned-secret = 'info'\nall = 'warning'",
            true,
        ),
        ("baseline = 'mcp-lint-baseline.json'", true),
        ("baseline = '/etc/baseline.json'", false),
        ("baseline = ''", false),
        ("stale-baseline = 'error'", true),
        ("stale-baseline = 'info'", false),
        ("[lints]\nroot-owned = 'info'", false),
        ("lints = ['access']", false),
        (
            "[[overrides]]\npaths = ['a']\nlints = { access = 'off' }",
            true,
        ),
        ("[[overrides]]\npaths = ['a']", false),
        ("[overrides]\npaths = ['a']\nlints = {}", false),
        ("[[reader]]\noption = 'services.x.f'\nuser = 'x'", true),
        ("[[reader]]\nuser = 'x'", false),
        ("[[reader]]\noption = ''", false),
        ("[[reader]]\noption = 'a'\nwho = 'x'", false),
        ("[[reader]]\noption = 'services.x.f'", false),
    ] {
        let value: Value = toml::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&value), is_right, "schema: {text}");
        assert_eq!(
            read(text, project.path()).is_ok(),
            is_right,
            "parser: {text}"
        );
    }
}
