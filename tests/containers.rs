//! A NixOS container is a host of its own in everything that is printed, and its readers stand with the
//! secrets of the host that runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;

use support::{json, package, run, stderr, stdout, steady, write};

const FLAKE: &str = r#"{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    agenix.url = "github:ryantm/agenix";
  };

  outputs =
    { nixpkgs, agenix, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          agenix.nixosModules.default
          ./desk.nix
        ];
      };
    };
}
"#;

const DESK: &str = r#"{ config, ... }:
let
  host = config;
in
{
  age.secrets.forge-token.file = ./forge-token.age;
  age.secrets.backup-key.file = ./backup-key.age;
  age.secrets.mail-password.file = ./mail-password.age;

  containers.web = {
    autoStart = true;
    bindMounts.${config.age.secrets.forge-token.path} = { };
    bindMounts."/run/secrets/backup".hostPath = config.age.secrets.backup-key.path;
    config =
      { config, ... }:
      {
        age.secrets.session-key = {
          file = ./session-key.age;
          owner = "forge";
        };
        users.users.forge = {
          isSystemUser = true;
          uid = 990;
          group = "forge";
        };
        users.groups.forge = { };
        systemd.services.forge = {
          serviceConfig = {
            User = "forge";
            LoadCredential = "backup:/run/secrets/backup";
            Environment = "SESSION_KEY_FILE=${config.age.secrets.session-key.path}";
          };
          script = "exec forge --token-file ${host.age.secrets.forge-token.path}";
        };
        systemd.services.post.script = ''
          exec post --password-file ${host.age.secrets.mail-password.path}
        '';
      };
  };
}
"#;

/// The project, and the output of a command in it.
fn output(arguments: &[&str]) -> String {
    let folder = project();
    let output = run(folder.path(), arguments);
    assert_eq!(stderr(&output), "");
    steady(&stdout(&output))
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "flake.nix", FLAKE);
    write(folder.path(), "desk.nix", DESK);
    let encrypted = package().join("examples/agenix/secrets/github_token.age");
    for name in ["forge-token", "backup-key", "mail-password", "session-key"] {
        let to = folder.path().join(format!("{name}.age"));
        std::fs::copy(&encrypted, to).unwrap();
    }
    folder
}

#[test]
fn findings_say_which_container_they_are_about() {
    insta::assert_snapshot!(output(&["check", "--no-cache"]));
}

#[test]
fn the_inventory_lists_it_below_its_host() {
    insta::assert_snapshot!(output(&["inventory"]));
}

#[test]
fn the_document_says_what_it_is_a_container_of() {
    let document = |folder: &Path, more: &[&str]| {
        let arguments = [&["inventory", "--format", "json"], more].concat();
        json(&run(folder, &arguments))
    };
    let folder = project();
    let all = document(folder.path(), &[]);
    let [desk, web] = all["hosts"].as_array().unwrap().as_slice() else {
        panic!("two hosts: {all}");
    };
    assert_eq!(desk["name"], "desk");
    assert_eq!(desk.get("container"), None);
    assert_eq!(web["name"], "desk/web");
    assert_eq!(web["class"], "nixos");
    assert_eq!(
        web["attribute"],
        "nixosConfigurations.desk.config.containers.web.config"
    );
    assert_eq!(web["container"]["host"], "nixosConfigurations.desk");
    assert_eq!(web["container"]["name"], "web");
    let inside = desk["readers"].as_array().unwrap().iter();
    let inside: Vec<_> = inside
        .filter(|reader| reader.get("container").is_some())
        .collect();
    assert_eq!(inside.len(), 2, "{desk}");
    assert!(inside.iter().all(|reader| reader["container"] == "web"));
}

#[test]
fn it_can_be_asked_for_alone_and_comes_with_its_host() {
    let folder = project();
    let names = |host: &str| {
        let arguments = ["inventory", "--format", "json", "--host", host];
        let output = run(folder.path(), &arguments);
        let document = json(&output);
        let hosts = document["hosts"].as_array().unwrap().iter();
        hosts
            .map(|host| host["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("desk"), ["desk", "desk/web"]);
    assert_eq!(names("desk/web"), ["desk/web"]);
    assert_eq!(
        names("nixosConfigurations.desk.config.containers.web.config"),
        ["desk/web"]
    );
    let output = run(
        folder.path(),
        &["check", "--no-cache", "--host", "desk/wbe"],
    );
    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    assert!(error.contains("desk/web"), "{error}");
}

#[test]
fn the_page_has_both() {
    let page = output(&["check", "--no-cache", "--format", "html"]);
    for text in [
        "<summary>nixosConfigurations.desk <",
        "<summary>nixosConfigurations.desk.config.containers.web.config <",
        "<b>✗ forge</b><small>containers.web.config: forge.service script</small>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}
