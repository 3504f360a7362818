//! `.sops.yaml` as sops 3.13 reads it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use secret_files::{Code, Recipient, RuleMatch, SopsConfig, compare_groups, describe};

const ADMIN: &str = "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy";
const HOST: &str = "age1j0uwsf69gcydmgzfxsvg8ryyrxz2s4fw8mz9pdv8vlamkzreu3cqu4u5r3";

fn ids(config: &SopsConfig, path: &str) -> Vec<Vec<String>> {
    let RuleMatch::Rule(_, rule) = config.rule_for(path) else {
        return Vec::new();
    };
    rule.groups
        .iter()
        .map(|group| group.iter().map(|recipient| recipient.id.clone()).collect())
        .collect()
}

fn codes(text: &str) -> Vec<Code> {
    SopsConfig::parse(text.as_bytes())
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect()
}

/// The rules with which the samples were encrypted by the real sops: every sample has exactly
/// the recipients of its rule.
#[test]
fn the_samples_are_in_step_with_their_rules() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sops");
    let config = SopsConfig::parse(&std::fs::read(folder.join(".sops.yaml")).unwrap());
    assert_eq!(config.problems, []);
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(plain) = name.strip_prefix("enc_") else {
            continue;
        };
        let facts = describe(&name, &std::fs::read(folder.join(&name)).unwrap());
        let sops = facts.sops.unwrap();
        let RuleMatch::Rule(_, rule) = config.rule_for(plain) else {
            panic!("no rule for {plain}")
        };
        let diff = compare_groups(&rule.groups, &sops.groups, (rule.threshold, sops.threshold));
        assert!(diff.is_empty(), "{name}: {diff:?}");
        if let Some(rule) = &rule.encryption {
            assert_eq!(rule, &sops.rule, "{name}");
        }
        checked += 1;
    }
    assert_eq!(checked, 18);
}

#[test]
fn a_dropped_recipient_is_stale_and_a_new_one_missing() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sops");
    let facts = describe(
        "a.yaml",
        &std::fs::read(folder.join("enc_two_recipients.yaml")).unwrap(),
    );
    let sops = facts.sops.unwrap();
    let config = SopsConfig::parse(format!("creation_rules:\n  - age: {ADMIN}\n").as_bytes());
    let RuleMatch::Rule(_, rule) = config.rule_for("a.yaml") else {
        panic!()
    };
    let diff = compare_groups(&rule.groups, &sops.groups, (None, None));
    assert_eq!(
        diff.stale
            .iter()
            .map(|recipient| recipient.id.as_str())
            .collect::<Vec<_>>(),
        [HOST]
    );
    assert!(diff.stale[0].span.is_some());
    assert!(diff.missing.is_empty());
}

#[test]
fn the_first_matching_rule_counts() {
    let config = SopsConfig::parse(
        format!(
            "creation_rules:\n  - path_regex: secrets/[^/]+\\.yaml$\n    age: {ADMIN}\n  - path_regex: secrets/\n    age: {HOST}\n"
        )
        .as_bytes(),
    );
    assert_eq!(ids(&config, "secrets/a.yaml"), [[ADMIN]]);
    assert_eq!(ids(&config, "secrets/sub/a.yaml"), [[HOST]]);
    assert_eq!(
        ids(&config, "old/secrets/a.yaml"),
        [[ADMIN]],
        "patterns are not anchored"
    );
    assert_eq!(config.rule_for("other.yaml"), RuleMatch::NoMatch);
    assert_eq!(config.all_rules_for("secrets/a.yaml").len(), 2);
}

#[test]
fn strings_lists_commas_anchors_and_merge_keys() {
    let text = format!(
        "keys:\n  - &admin {ADMIN}\n  - hosts:\n      - &host {HOST}\n\
         both: &both [*admin, *host]\n\
         base: &base\n  shamir_threshold: 1\n  age: *admin\n\
         creation_rules:\n\
         \x20 - path_regex: a$\n    age: '{ADMIN} , {HOST},'\n\
         \x20 - path_regex: b$\n    age: *both\n\
         \x20 - path_regex: c$\n    <<: *base\n\
         \x20 - path_regex: d$\n    <<: *base\n    age: [*host]\n\
         \x20 - path_regex: e$\n    key_groups:\n      - age: [*admin]\n        pgp:\n          - FBC7 B9E2 A4F9 289A C0C1  D484 3D16 CEE4 A273 81B4\n      - merge:\n          - age: [*host]\n        age: [*host]\n\
         \x20 - path_regex: f$\n    kms: 'arn:aws:kms:eu-1:1:key/a+arn:aws:iam::1:role/r, arn:aws:kms:eu-1:1:key/b'\n"
    );
    let config = SopsConfig::parse(text.as_bytes());
    assert_eq!(config.problems, []);
    assert_eq!(ids(&config, "a"), [[ADMIN, HOST]]);
    assert_eq!(ids(&config, "b"), [[ADMIN, HOST]]);
    assert_eq!(ids(&config, "c"), [[ADMIN]]);
    assert_eq!(ids(&config, "d"), [[HOST]]);
    let groups = ids(&config, "e");
    assert_eq!(
        groups[0],
        [ADMIN, "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"]
    );
    assert_eq!(groups[1], [HOST]);
    assert_eq!(ids(&config, "f")[0].len(), 2);
    let name = |id: &str| config.alias(&Recipient::age(id, None)).map(str::to_owned);
    assert_eq!(name(ADMIN).as_deref(), Some("admin"));
    assert_eq!(name(HOST).as_deref(), Some("host"));
}

#[test]
fn a_bad_pattern_stops_the_lookup() {
    let text = format!(
        "creation_rules:\n  - path_regex: ^a$\n    age: {ADMIN}\n  - path_regex: (?!x)\n    age: {ADMIN}\n  - age: {ADMIN}\n"
    );
    let config = SopsConfig::parse(text.as_bytes());
    assert!(matches!(config.rule_for("a"), RuleMatch::Rule(0, _)));
    assert!(matches!(config.rule_for("b"), RuleMatch::BadRegex(1, _)));
    assert_eq!(codes(&text), [Code::ConfigBadRegex]);
}

#[test]
fn defects() {
    let one = format!("age: {ADMIN}");
    for (rules, expected) in [
        (
            format!("  - {one}\n  - path_regex: b\n    {one}"),
            Code::ConfigDeadRule,
        ),
        (
            format!("  - path_regex: .*\n    {one}\n  - path_regex: b\n    {one}"),
            Code::ConfigDeadRule,
        ),
        ("  - path_regex: a".to_owned(), Code::ConfigNoRecipients),
        (
            "  - key_groups:\n      - age: []".to_owned(),
            Code::ConfigNoRecipients,
        ),
        (format!("  - age: [[{ADMIN}]]"), Code::ConfigNestedList),
        ("  - age: *nobody".to_owned(), Code::ConfigUndefinedAlias),
        ("  - age: [*nobody]".to_owned(), Code::ConfigUndefinedAlias),
        ("  - age: age1qqqq".to_owned(), Code::BadRecipient),
        (
            format!("  - path-regex: a\n    {one}"),
            Code::ConfigUnknownKey,
        ),
        (
            format!("  - {one}\n    encrypted_regex: a\n    encrypted_suffix: b"),
            Code::TwoRules,
        ),
        (
            format!("  - {one}\n    encrypted_regex: (?=a)"),
            Code::BadRuleRegex,
        ),
        (
            format!("  - {one}\n    key_groups:\n      - {one}"),
            Code::ConfigIgnoredRecipients,
        ),
        (
            format!("  - shamir_threshold: 3\n    key_groups:\n      - {one}\n      - age: {HOST}"),
            Code::ThresholdAboveGroups,
        ),
        (
            format!("  - age: '{ADMIN},{ADMIN}'"),
            Code::DuplicateRecipient,
        ),
        (
            format!("  - path_regex: secrets/.*[.]yaml|b.yaml\n    {one}"),
            Code::ConfigUnescapedDot,
        ),
        (" - [".to_owned(), Code::ConfigSyntax),
    ] {
        let text = format!("creation_rules:\n{rules}\n");
        assert!(
            codes(&text).contains(&expected),
            "{expected}: {:?}\n{text}",
            codes(&text)
        );
    }
    assert_eq!(
        codes("creation_rule: []\n"),
        [Code::ConfigNoRules, Code::ConfigUnknownKey]
    );
    assert_eq!(codes(""), [Code::ConfigNoRules]);
    assert_eq!(codes("- a\n"), [Code::ConfigSyntax, Code::ConfigNoRules]);
}

#[test]
fn without_rules_there_is_no_configuration() {
    assert_eq!(
        SopsConfig::parse(b"keys: []\n").rule_for("a"),
        RuleMatch::NoRules
    );
    assert_eq!(
        SopsConfig::parse(b"creation_rules: []\n").rule_for("a"),
        RuleMatch::NoMatch
    );
}
