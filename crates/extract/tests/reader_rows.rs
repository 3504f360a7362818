//! The command that makes rows of the table of readers out of the modules of a nixpkgs.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "../examples/reader_rows/rows.rs"]
mod rows;

use std::collections::BTreeSet;
use std::fs;

/// What the command says of an option, of a nixpkgs whose module of it has this configuration.
fn outcome(option: &str, config: &str) -> (Vec<String>, bool) {
    let place = tempfile::tempdir().unwrap();
    let mut parts = option.split('.').skip(1);
    let (service, file) = (parts.next().unwrap(), parts.next().unwrap());
    let modules = place.path().join("nixpkgs/nixos/modules/services");
    fs::create_dir_all(&modules).unwrap();
    let module = format!(
        "{{ config, lib, ... }}: let cfg = config.services.{service}; in {{
           options.services.{service} = {{
             enable = lib.mkEnableOption \"it\";
             {file} = lib.mkOption {{ type = lib.types.path; }};
           }};
           config = lib.mkIf cfg.enable {{ {config} }};
         }}"
    );
    fs::write(modules.join(format!("{service}.nix")), module).unwrap();
    let project = place.path().join("project");
    fs::create_dir_all(&project).unwrap();
    let wanted = BTreeSet::from([option.to_owned()]);
    let nixpkgs = place.path().join("nixpkgs");
    let mut outcomes = rows::outcomes(nixpkgs, &wanted, &project).unwrap();
    let outcome = outcomes.pop().unwrap();
    assert_eq!((outcomes.len(), outcome.option.as_str()), (0, option));
    (outcome.rows, outcome.has_drifted)
}

#[test]
fn a_row_that_the_module_contradicts_has_drifted() {
    let unit = |user: &str, file: &str| {
        format!(
            "systemd.services.couchdb.serviceConfig.User = \"{user}\";
             systemd.services.couchdb.script = \"exec couchdb ${{cfg.{file}}}\";"
        )
    };
    let option = "services.couchdb.configFile";
    let row = |user: &str| vec![format!("couchdb\t{user}\tprocess")];
    let of = |user: &str| outcome(option, &unit(user, "configFile"));
    assert_eq!(of("couchdb"), (row("couchdb"), false));
    assert_eq!(of("nobody"), (row("nobody"), true));
    // The module says nothing of it.
    assert_eq!(outcome(option, ""), (vec![], false));
}

#[test]
fn an_option_without_a_row_gets_one() {
    let config = "systemd.services.new.serviceConfig.LoadCredential = \"token:${cfg.tokenFile}\";";
    let (rows, has_drifted) = outcome("services.new-thing.tokenFile", config);
    assert_eq!(rows, ["new\troot\tenvironment-file|credential"]);
    assert!(!has_drifted);
}
