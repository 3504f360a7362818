//! What people and programs get to see.

use runtime_check::{Expectation, NotChecked, RenderOptions, Report, Severity, human, json, junit};

use crate::readers::guide;
use crate::support::{ALICE, Machine, USERS, declared, manifest, reader};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    (
        "the_guides_activation_report",
        Needs::Root,
        activation_report,
    ),
    ("a_report_with_everything", Needs::Root, everything),
    ("colours_are_only_on_the_signs", Needs::Nothing, colours),
    ("json_follows_its_schema", Needs::Root, schema),
    (
        "the_exit_code_tells_findings_from_failure",
        Needs::Nothing,
        exit_codes,
    ),
    ("two_runs_say_the_same", Needs::Root, twice),
];

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn activation_report() {
    let (machine, manifest) = guide();
    let report = machine.check(&manifest);
    settings().bind(|| {
        insta::assert_snapshot!(
            "activation-report",
            human(&report, RenderOptions::default())
        );
    });
}

fn mixed() -> Report {
    let machine = Machine::new();
    machine.generation("/run/secrets", 2);
    machine.directory("/run/secrets.d/1", 0, 96, 0o751);
    machine.secret("/run/secrets", "db", "hunter2-horse\n", 0, 0, 0o404);
    machine.directory("/srv", 0, 0, 0o1777);
    machine.file("/srv/API_KEY", "changeme", ALICE, USERS, 0o400);
    let secrets = [
        declared("sops-nix", "db", "/run/secrets/db", "postgres", "0400"),
        declared("custom", "API_KEY", "/srv/API_KEY", "alice", "0400"),
        declared("sops-nix", "gone", "/run/secrets/gone", "root", "0400"),
        r#"{"manager": "site", "attribute": "x", "name": "x", "path": null}"#.to_owned(),
    ];
    let readers = [
        reader("db", "postgres", "postgresql.service"),
        reader("API_KEY", "alice", "shell"),
    ];
    machine.check(&manifest(&secrets, &readers, ""))
}

fn everything() {
    let report = mixed();
    let verbose = RenderOptions {
        verbose: true,
        ..RenderOptions::default()
    };
    settings().bind(|| {
        insta::assert_snapshot!("mixed-human", human(&report, verbose));
        insta::assert_snapshot!("mixed-json", json(&report));
        insta::assert_snapshot!("mixed-junit", junit(&report));
    });
}

fn colours() {
    let machine = Machine::new();
    let report = machine.check_directory("/srv", &["a\u{1b}[0m"], None);
    let plain = human(&report, RenderOptions::default());
    let coloured = human(
        &report,
        RenderOptions {
            color: true,
            ..RenderOptions::default()
        },
    );
    assert!(coloured.contains("\u{1b}[31m✗\u{1b}[0m "));
    assert_eq!(
        coloured
            .replace("\u{1b}[31m", "")
            .replace("\u{1b}[33m", "")
            .replace("\u{1b}[0m", ""),
        plain
    );
}

fn schema() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schemas/runtime.schema.json"
    );
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (machine, guide) = guide();
    let empty = Machine::new();
    for report in [
        mixed(),
        machine.check(&guide),
        empty.discover(None),
        empty.check("{"),
    ] {
        let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    // And it refuses what is none.
    assert!(!validator.is_valid(&serde_json::json!({"schema": 1})));
    // Every check has its name in the schema.
    let names: Vec<_> = schema["$defs"]["finding"]["properties"]["check"]["enum"]
        .as_array()
        .unwrap()
        .clone();
    let all: Vec<_> = runtime_check::Check::ALL
        .iter()
        .map(|check| serde_json::json!(check.name()))
        .collect();
    assert_eq!(names, all);
}

fn exit_codes() {
    let machine = Machine::new();
    let mut report = machine.check_directory("/srv", &["a"], None);
    assert_eq!(report.exit_code(), 1);
    report.not_checked.push(NotChecked {
        what: "x".to_owned(),
        why: "y".to_owned(),
    });
    assert_eq!(report.exit_code(), 1, "what was found is certain");
    report.findings.clear();
    assert_eq!(report.exit_code(), 2);
    report.not_checked.clear();
    assert_eq!(report.exit_code(), 0);
    let mut options = machine.options(Expectation::SecretsPath {
        directory: "/srv".into(),
        secrets: vec!["a".to_owned()],
    });
    options.fail_on = Severity::Error;
    assert_eq!(crate::support::run(&options).exit_code(), 1);
}

fn twice() {
    let (machine, manifest) = guide();
    assert_eq!(
        json(&machine.check(&manifest)),
        json(&machine.check(&manifest))
    );
}
