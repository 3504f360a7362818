//! A project may declare more options of a set that NixOS declares.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use extract::{BuildOptions, build};

#[test]
fn users_with_an_option_of_the_project_are_still_users() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("configuration.nix");
    let text = r#"
      { lib, ... }:
      {
        options.users.users = lib.mkOption {
          type = lib.types.attrsOf (lib.types.submodule {
            options.shellPath = lib.mkOption { default = "/bin/sh"; };
          });
        };
        config.users.users.alice = {
          isNormalUser = true;
          description = "Alice";
        };
      }
    "#;
    std::fs::write(&file, text).expect("a file");
    let built = build(&BuildOptions {
        paths: vec![file],
        ..BuildOptions::default()
    });
    let inventory = built.expect("a project").inventory;
    let users = &inventory.hosts[0].users;
    assert!(
        users.iter().any(|user| user.name == "alice"),
        "{users:?} {:?}",
        inventory.problems
    );
}
