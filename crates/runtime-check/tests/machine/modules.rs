//! The manifest that the Nix modules write, read by the check.

use std::path::Path;
use std::process::Command;

use runtime_check::{Check, Expectation, Options};
use serde_json::Value;

use crate::support::helper;
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[(
    "the_check_reads_the_manifest_of_the_nix_modules",
    Needs::Nothing,
    manifest,
)];

/// The manifest of an evaluated configuration, checked on a machine where nothing is installed: every
/// declared secret is missing, and both managers' keys.
fn manifest() {
    let Some(nix_instantiate) = test_support::program("nix") else {
        return;
    };
    let output = Command::new(nix_instantiate)
        .args(["--store", "dummy://", "--readonly-mode"])
        .args(["--eval", "--strict", "--json", "nix/tests"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("etc")).unwrap();
    let own = nix::unistd::getuid();
    let passwd = format!("root:x:0:0::/root:/bin/sh\nalice:x:{own}:100::/home/alice:/bin/sh\n");
    std::fs::write(root.path().join("etc/passwd"), passwd).unwrap();
    std::fs::write(root.path().join("etc/group"), "root:x:0:\n").unwrap();
    let manifest = all["nixos"]["manifest"].to_string();
    let report = crate::support::run(&Options {
        root: root.path().to_owned(),
        helper: helper(),
        ..Options::new(&extract::MANAGERS, Expectation::Manifest(manifest))
    });
    assert_eq!(report.host.as_deref(), Some("desk"));
    let paths: Vec<_> = report
        .secrets
        .iter()
        .map(|secret| secret.path.display().to_string())
        .collect();
    for path in [
        "/run/secrets/GITHUB_TOKEN",
        "/run/secrets-for-users/password",
        "/run/agenix/wifi",
    ] {
        assert!(
            paths.iter().any(|other| other == path),
            "{path} in {paths:?}"
        );
    }
    let servers: Vec<_> = report
        .servers
        .iter()
        .map(|server| server.name.as_str())
        .collect();
    assert_eq!(
        servers,
        ["github", "linear", "own", "plain", "time"],
        "kagi is off"
    );
    let missing = report
        .findings
        .iter()
        .filter(|f| f.check == Check::SecretMissing);
    assert!(missing.count() >= 5, "{:#?}", report.findings);
    assert_eq!(report.exit_code(), 1);
}
