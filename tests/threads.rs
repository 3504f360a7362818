//! However many threads evaluate the hosts, the output is the same; and a host has its limits for
//! itself.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;

use support::{json, package, projects, run, stderr, stdout, steady, write};

const COMMANDS: [&[&str]; 5] = [
    &["check", "--no-cache", "--pedantic", "--format", "json"],
    &["check", "--no-cache", "--pedantic"],
    &["inventory", "--format", "json"],
    &["inventory"],
    &["files", "--format", "json"],
];

/// Standard output, standard error and exit code with so many threads.
fn seen(folder: &Path, command: &[&str], threads: &str) -> String {
    let arguments = [command, &["--threads", threads]].concat();
    let output = run(folder, &arguments);
    let code = output.status.code();
    steady(&format!("{}{}{code:?}", stdout(&output), stderr(&output)))
}

fn is_same_with_any_number(folder: &Path, commands: &[&[&str]], numbers: &[&str]) {
    for command in commands {
        let one = seen(folder, command, "1");
        for threads in numbers {
            let more = seen(folder, command, threads);
            assert!(
                one == more,
                "{} {command:?} with {threads} threads:\n{more}\nwith one:\n{one}",
                folder.display()
            );
        }
    }
}

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { self, nixpkgs, sops-nix }: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ HOSTS ] (name: nixpkgs.lib.nixosSystem {
      specialArgs = { inherit name; site = "home"; };
      modules = [ sops-nix.nixosModules.sops ./common.nix (./. + "/${name}.nix") ];
    });
  };
}
"#;

const COMMON: &str = r#"{ config, name, ... }: {
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets."${name}/token" = { owner = "nobody-${name}"; mode = "0444"; };
  systemd.services.web = {
    script = "cat ${config.sops.secrets."${name}/token".path}";
    serviceConfig.User = "web";
  };
}
"#;

/// Nobody loads this one.
const UNREACHED: &str = r#"{ config, site, ... }: {
  sops.secrets."lost-${site}" = { owner = "lost"; };
}
"#;

/// A project with a host for each text.
fn project(hosts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = hosts
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let flake = FLAKE.replace("HOSTS", &names.join(" "));
    write(folder.path(), "flake.nix", &flake);
    write(folder.path(), "common.nix", COMMON);
    write(folder.path(), "unreached.nix", UNREACHED);
    for (name, text) in hosts {
        write(folder.path(), &format!("{name}.nix"), text);
    }
    folder
}

/// So many hosts are divided into four groups.
const MANY: usize = 25;

#[test]
fn projects_of_many_hosts() {
    let names: Vec<String> = (0..MANY).map(|number| format!("h{number:02}")).collect();
    let text = "{ users.users.web = { }; }";
    let hosts: Vec<_> = names.iter().map(|name| (name.as_str(), text)).collect();
    let folder = project(&hosts);
    // A file that cannot be parsed, by whichever host comes to it first.
    write(
        folder.path(),
        "h04.nix",
        "{ imports = [ ./h03.nix ./h01.nix ]; a = ; }",
    );
    write(folder.path(), "h07.nix", "{ imports = [ ./none.nix ]; }");
    let found = json(&run(folder.path(), &["inventory", "--format", "json"]));
    let hosts = found["hosts"].as_array().unwrap();
    assert!(hosts.len() >= MANY, "{hosts:?}");
    is_same_with_any_number(folder.path(), &COMMANDS, &["2", "3", "8"]);
}

#[test]
fn guide_and_examples() {
    for folder in ["tests/guide", "examples"] {
        for project in test_support::folders(&package().join(folder)) {
            is_same_with_any_number(&project, &COMMANDS[..1], &["3"]);
        }
    }
}

#[test]
fn fixtures() {
    for project in projects().iter().step_by(40) {
        is_same_with_any_number(project, &COMMANDS[..1], &["4"]);
    }
}

const ENDLESS: &str = "{ lib, ... }: { users.users.web.uid = lib.foldl' (a: b: a + b) 0 \
                       (lib.genList (n: let f = x: if x == 0 then 0 else 1 + f (x - 1); in f 1000) 1000000); }";

#[test]
fn a_host_that_uses_up_its_budget_changes_no_other() {
    let calm = "{ users.users.web = { }; }";
    let hosts = |of_birch| {
        [
            ("ash", calm),
            ("birch", of_birch),
            ("cedar", calm),
            ("elm", calm),
        ]
    };
    let others = |folder: &Path| {
        let found = json(&run(folder, &["inventory", "--format", "json"]));
        let hosts = found["hosts"].as_array().unwrap().iter();
        let others = hosts.filter(|host| host["name"] != "birch").cloned();
        others.collect::<Vec<_>>()
    };
    let quiet = project(&hosts(calm));
    let endless = project(&hosts(ENDLESS));
    let report = stdout(&run(endless.path(), &["check", "--no-cache", "--pedantic"]));
    assert!(report.contains("step budget"), "{report}");
    assert_eq!(others(quiet.path()), others(endless.path()));
    assert_eq!(
        seen(endless.path(), COMMANDS[0], "1"),
        seen(endless.path(), COMMANDS[0], "3")
    );
}
