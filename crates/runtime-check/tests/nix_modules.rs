//! The Nix modules, evaluated by a real Nix: what they make of a configuration. That the check reads the
//! manifest they write is among the tests of machines, which have a helper.
//!
//! Without `nix-instantiate` (Debian: nix-bin) these tests say so and do nothing.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests are tests, though the compiler cannot see it"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `nix-instantiate` without a store: nothing is written, and no daemon or right is needed.
fn nix_instantiate() -> Option<Command> {
    test_support::program("nix").map(|nix_instantiate| {
        let mut command = Command::new(nix_instantiate);
        command
            .args(["--store", "dummy://", "--readonly-mode"])
            .current_dir(repository());
        command
    })
}

#[test]
fn every_file_parses() {
    let Some(mut command) = nix_instantiate() else {
        return;
    };
    let mut all = vec![repository().join("flake.nix")];
    all.extend(test_support::files_with(&repository().join("nix"), "nix"));
    assert!(all.len() > 8, "{all:?}");
    let output = command.arg("--parse").args(&all).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn evaluated() -> Option<Value> {
    let output = nix_instantiate()?
        .args(["--eval", "--strict", "--json", "nix/tests"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn units_and_manifests() {
    let Some(all) = evaluated() else {
        return;
    };
    let here = repository().canonicalize().unwrap();
    for (name, value) in all.as_object().unwrap() {
        let text = serde_json::to_string_pretty(value).unwrap();
        let text = text.replace(here.to_str().unwrap(), "REPOSITORY");
        insta::with_settings!({
            snapshot_path => "snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("nix-{name}"), text);
        });
    }
    assert_eq!(
        all["nixos-off"],
        serde_json::json!({}),
        "switched off it defines nothing"
    );
}

#[test]
fn no_path_of_a_secret_or_key_is_copied_to_the_store() {
    let Some(all) = evaluated() else {
        return;
    };
    let keys = all["nixos"]["manifest"]["hosts"][0]["key_sources"]
        .as_array()
        .unwrap();
    let literal = keys
        .iter()
        .find(|key| key["option"] == "sops.age.keyFile")
        .unwrap();
    let path = literal["path"].as_str().unwrap();
    assert!(path.ends_with("/nix/tests/configurations.nix"), "{path}");
    assert!(
        !path.starts_with("/nix/store"),
        "the key was copied to {path}"
    );
}

#[test]
fn the_manifest_has_the_form_of_the_inventory() {
    let Some(all) = evaluated() else {
        return;
    };
    let schema = repository().join("docs/schemas/inventory.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in [
        "nixos",
        "nixos-strict",
        "nixos-without-managers",
        "darwin",
        "home-manager",
    ] {
        let mut manifest = all[name]["manifest"].clone();
        for host in manifest["hosts"].as_array_mut().unwrap() {
            // Entries of the user's own may say less.
            host["readers"]
                .as_array_mut()
                .unwrap()
                .retain(|reader| reader.get("at").is_some());
        }
        let errors: Vec<_> = validator
            .iter_errors(&manifest)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}
