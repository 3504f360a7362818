//! Which values of a file are encrypted, and where they stand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use std::path::Path;

use secret_files::{
    Code, FileFacts, SopsFormat, SopsType, State, Value, ValueClass, describe, describe_sops,
};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/sops")
            .join(name),
    )
    .unwrap()
}

fn value(facts: &FileFacts, path: &str) -> Value {
    let found = facts
        .keys
        .iter()
        .find(|(id, _)| facts.keys.path_text(*id) == path);
    found.unwrap_or_else(|| panic!("no key {path}")).1.value
}

fn plain(class: ValueClass, length: usize, should_be_encrypted: bool) -> Value {
    Value::Plain {
        class,
        length,
        should_be_encrypted,
    }
}

/// The paths of all plaintext that should be encrypted, with the text at their spans.
fn leaks(name: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let facts = describe(name, bytes);
    let is_leak = |value: &Value| {
        matches!(
            value,
            Value::Plain {
                should_be_encrypted: true,
                ..
            }
        )
    };
    let leaks = facts.keys.leaves().filter(|(_, key)| is_leak(&key.value));
    leaks
        .map(|(id, key)| {
            let text = String::from_utf8_lossy(&bytes[key.span.start..key.span.end]).into_owned();
            (facts.keys.path_text(id), text)
        })
        .collect()
}

#[test]
fn types_and_lengths_of_a_full_file() {
    let facts = describe("enc_full.yaml", &fixture("enc_full.yaml"));
    let encrypted = |sops_type, length| Value::Encrypted { sops_type, length };
    assert_eq!(facts.state, State::Encrypted);
    assert_eq!(value(&facts, "api_key"), encrypted(SopsType::String, 16));
    assert_eq!(value(&facts, "flag"), encrypted(SopsType::Bool, 4));
    assert_eq!(value(&facts, "count"), encrypted(SopsType::Integer, 2));
    assert_eq!(value(&facts, "date"), encrypted(SopsType::Time, 20));
    assert_eq!(value(&facts, "empty"), plain(ValueClass::String, 0, false));
    assert_eq!(value(&facts, "nothing"), plain(ValueClass::Null, 4, false));
    assert_eq!(
        value(&facts, "port_unencrypted"),
        plain(ValueClass::Integer, 4, false)
    );
    assert_eq!(value(&facts, "list"), Value::Sequence);
    assert_eq!(
        value(&facts, "list/4/nested"),
        encrypted(SopsType::String, 1)
    );
    assert_eq!(
        value(&facts, "merge/<</user"),
        encrypted(SopsType::String, 3)
    );
    assert!(
        facts
            .keys
            .iter()
            .all(|(id, _)| !facts.keys.path_text(id).starts_with("sops"))
    );
}

#[test]
fn the_leak_is_named_with_its_place() {
    for (name, path, text) in [
        ("bad/partial_replaced_leaf.yaml", "api_key", "hunter2"),
        ("bad/partial_int_leaf.yaml", "port", "8080"),
        ("bad/partial_bool_leaf.yaml", "enabled", "true"),
        ("bad/multidoc_second_plain.yaml", "b", "plaintext"),
        ("bad/partial.env", "NEW", "hunter2"),
        ("bad/partial.ini", "other/newk", "hunter2"),
        ("bad/default_plain.ini", "DEFAULT/x", "hunter2"),
        ("bad/partial_bool.json", "nul", "true"),
    ] {
        let bytes = fixture(name);
        let found = leaks(name, &bytes);
        assert_eq!(found, [(path.to_owned(), text.to_owned())], "{name}");
        let facts = describe(name, &bytes);
        let problem = facts
            .problems
            .iter()
            .find(|problem| problem.code == Code::PlaintextValue)
            .unwrap();
        assert_eq!(
            &bytes[problem.span.start..problem.span.end],
            text.as_bytes(),
            "{name}"
        );
        assert!(!problem.message.contains("hunter2"));
    }
}

/// Under every rule, the value that the rule covers is a leak when it is plaintext, and the
/// one that it leaves plain is not.
#[test]
fn every_rule_decides_what_is_a_leak() {
    let sample = String::from_utf8(fixture("enc_two_recipients.yaml")).unwrap();
    let metadata = sample
        .split_once("sops:\n")
        .unwrap()
        .1
        .replace("    unencrypted_suffix: _unencrypted\n", "");
    let first = sample.lines().find(|line| line.contains("ENC[")).unwrap();
    let ciphertext = first.split_once(": ").unwrap().1;
    for (rule, covered, left) in [
        (
            "unencrypted_suffix: _plain",
            "key: VALUE",
            "a_plain: {deep: visible}",
        ),
        (
            "encrypted_suffix: _secret",
            "a_secret: {deep: [VALUE]}",
            "key: visible",
        ),
        (
            "unencrypted_regex: ^(host|port)$",
            "hosts: VALUE",
            "host: {name: visible}",
        ),
        (
            "encrypted_regex: (?i)password$",
            "dbPassword: [VALUE]",
            "user: visible",
        ),
        (
            "unencrypted_comment_regex: public",
            "# private\nkey: VALUE",
            "# public\na:\n  b: visible",
        ),
        (
            "unencrypted_comment_regex: public",
            "key: VALUE",
            "a: visible # public",
        ),
        (
            "encrypted_comment_regex: secret",
            "# secret\nkey: [VALUE]",
            "b: visible",
        ),
        (
            "encrypted_comment_regex: secret",
            "a:\n  # secret\n  - VALUE",
            "c: visible",
        ),
        (
            "encrypted_comment_regex: secret",
            "a: VALUE # secret",
            "c:\n  # note\n  - visible",
        ),
    ] {
        let file = |value: &str| {
            let covered = covered.replace("VALUE", value);
            format!("{covered}\n{left}\nsops:\n    {rule}\n{metadata}")
        };
        let good = file(&format!("\"{ciphertext}\""));
        let facts = describe("a.yaml", good.as_bytes());
        assert_eq!(
            facts.state,
            State::Encrypted,
            "{rule}: {:?}",
            facts.problems
        );
        let bad = file("leaked");
        let texts: Vec<String> = leaks("a.yaml", bad.as_bytes())
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, ["leaked"], "{rule}");
    }
}

#[test]
fn a_rule_that_matches_nothing_is_no_encryption() {
    let facts = describe(
        "enc_nothing_matches.yaml",
        &fixture("enc_nothing_matches.yaml"),
    );
    assert_eq!(facts.state, State::NothingEncrypted);
    assert!(
        facts
            .problems
            .iter()
            .any(|problem| problem.code == Code::NothingEncrypted)
    );
    assert!(!facts.is_encrypted());
}

#[test]
fn recipients_of_every_format_are_the_same() {
    for name in [
        "enc_full.yaml",
        "enc_full.json",
        "enc_app.env",
        "enc_app.ini",
        "enc_blob.bin",
    ] {
        let facts = describe(name, &fixture(name));
        let recipients: Vec<&str> = facts
            .recipients()
            .map(|recipient| recipient.id.as_str())
            .collect();
        assert_eq!(
            recipients,
            ["age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy"],
            "{name}"
        );
        let sops = facts.sops.as_ref().unwrap();
        assert_eq!(sops.version.as_deref(), Some("3.13.2"), "{name}");
        let place = facts.recipients().next().unwrap().span.unwrap();
        assert!(
            fixture(name)[place.start..place.end]
                .windows(4)
                .any(|bytes| bytes == b"age1"),
            "{name}"
        );
    }
}

#[test]
fn the_declared_format_decides_not_the_name() {
    for (name, read_as) in [
        ("enc_app.env", SopsFormat::Yaml),
        ("enc_app.env", SopsFormat::Binary),
        ("enc_app.env", SopsFormat::Ini),
        ("enc_full.yaml", SopsFormat::Binary),
        ("enc_full.yaml", SopsFormat::Json),
        ("enc_full.yaml", SopsFormat::Dotenv),
        ("enc_full.yaml", SopsFormat::Ini),
        ("enc_app.ini", SopsFormat::Yaml),
        ("enc_app.ini", SopsFormat::Dotenv),
        ("enc_full.json", SopsFormat::Dotenv),
        ("enc_full.json", SopsFormat::Ini),
    ] {
        let facts = describe_sops(read_as, &fixture(name));
        assert_eq!(facts.state, State::Broken, "{name} as {read_as}");
        let codes: Vec<Code> = facts.problems.iter().map(|problem| problem.code).collect();
        assert!(
            codes.contains(&Code::WrongFormat),
            "{name} as {read_as}: {codes:?}"
        );
    }
    // JSON is YAML, and the envelope of a binary file is JSON.
    assert_eq!(
        describe_sops(SopsFormat::Yaml, &fixture("enc_full.json")).state,
        State::Encrypted
    );
    assert_eq!(
        describe_sops(SopsFormat::Json, &fixture("enc_blob.bin")).state,
        State::Encrypted
    );
}

#[test]
fn an_age_file_is_no_sops_file() {
    let age =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/age/x25519.age"))
            .unwrap();
    let facts = describe_sops(SopsFormat::Yaml, &age);
    assert_eq!(facts.state, State::OtherEncrypted);
    let facts = secret_files::describe_age(&fixture("enc_full.yaml"));
    assert_eq!(facts.state, State::OtherEncrypted);
}
