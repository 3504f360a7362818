//! A file or a folder below a flake is a part of it: the flake is evaluated, the findings there are shown.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{json, run, stderr, stdout, write};

const FLAKE: &str = "{ outputs = { nixpkgs, ... }: {
  nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    specialArgs.who = \"alice\";
    modules = [ ./hosts/desk.nix ./modules/mail.nix ];
  };
}; }";

/// A secret that the user's server cannot read.
const UNREADABLE: &str = "{ who, ... }: {
  age.secrets.KEY.file = ./KEY.age;
  users.users.${who}.isNormalUser = true;
  systemd.services.KEY = { serviceConfig.User = who; script = \"cat /run/agenix/KEY\"; };
}";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "flake.nix", FLAKE);
    let host = UNREADABLE.replace("KEY", "host");
    write(folder.path(), "hosts/desk.nix", &host);
    let mail = UNREADABLE.replace("KEY", "mail");
    write(folder.path(), "modules/mail.nix", &mail);
    let spare = "{ config, ... }: { age.secrets.spare.file = ./spare.age; }";
    write(folder.path(), "spare/spare.nix", spare);
    folder
}

/// The secrets of the findings of one lint.
fn subjects(found: &serde_json::Value) -> Vec<String> {
    let found = found["diagnostics"].as_array().unwrap().iter();
    let found = found.filter(|found| found["lint"] == "root-owned-secret");
    let file = |it: &serde_json::Value| it["primary"]["file"].as_str().unwrap().to_owned();
    found.map(file).collect()
}

#[test]
fn a_file_or_a_folder_is_seen_on_the_hosts_of_its_flake() {
    let project = project();
    let all = json(&run(project.path(), &["--format", "json"]));
    assert_eq!(subjects(&all), ["hosts/desk.nix", "modules/mail.nix"]);
    assert_eq!(all["summary"]["part"].as_array().unwrap().len(), 0);
    for named in ["modules/mail.nix", "modules"] {
        let part = json(&run(project.path(), &["--format", "json", named]));
        assert_eq!(subjects(&part), ["modules/mail.nix"], "{named}");
        assert_eq!(part["summary"]["configurations"]["evaluated"], 1, "{part}");
        // Modules elsewhere that no host loads are not inspected.
        assert_eq!(all["summary"]["modules_alone"], 1);
        assert_eq!(part["summary"]["modules_alone"], 0);
        assert_eq!(part["summary"]["part"][0], named);
        assert!(part["summary"]["elsewhere"].as_u64().unwrap() > 0, "{part}");
    }
}

#[test]
fn the_line_says_which_flake_it_belongs_to() {
    let project = project();
    let told = stdout(&run(&project.path().join("modules"), &["mail.nix"]));
    let flake = project.path().canonicalize().unwrap().join("flake.nix");
    let line = format!("in mail.nix (of {})", flake.display());
    assert!(told.contains(&line), "{told}");
    assert!(told.contains("in other files"), "{told}");
    let told = stdout(&run(project.path(), &["."]));
    assert!(!told.contains("(of "), "{told}");
}

#[test]
fn several_parts_are_one_and_the_whole_counts_for_all() {
    let project = project();
    let found = run(
        project.path(),
        &["--format", "json", "hosts", "modules/mail.nix"],
    );
    assert_eq!(subjects(&json(&found)).len(), 2);
    let found = run(project.path(), &["--format", "json", "hosts", "flake.nix"]);
    assert_eq!(subjects(&json(&found)).len(), 2);
    assert_eq!(json(&found)["summary"]["elsewhere"], 0);
}

#[test]
fn a_module_that_no_host_loads_is_inspected_alone() {
    let project = project();
    let open =
        "{ services.x.passwordFile = \"/run/secrets/x\"; users.users.a.isNormalUser = true; }";
    write(project.path(), "spare/open.nix", open);
    for (named, modules) in [("spare/open.nix", 1), ("spare", 1), ("modules", 0)] {
        let found = json(&run(project.path(), &["--format", "json", named]));
        assert_eq!(
            found["summary"]["modules_alone"], modules,
            "{named}: {found}"
        );
        assert_eq!(found["summary"]["configurations"]["defined"], 1);
    }
    let module = "{ config, ... }: { users.users.b.isNormalUser = true; }";
    write(project.path(), "more/b.nix", module);
    let found = json(&run(project.path(), &["--format", "json", "more"]));
    assert_eq!(found["summary"]["modules_alone"], 1, "{found}");
}

#[test]
fn a_configuration_that_no_host_loads_is_its_own() {
    let project = project();
    let module = UNREADABLE
        .replace("KEY", "own")
        .replace("who, ", "")
        .replace("${who}", "bob");
    let module = module.replace("who", "\"bob\"");
    write(project.path(), "own/configuration.nix", &module);
    write(project.path(), "own/other.nix", &module);
    for (named, level) in [
        ("own/configuration.nix", "error"),
        ("own", "error"),
        ("own/other.nix", "info"),
    ] {
        let found = json(&run(
            project.path(),
            &["--format", "json", "--pedantic", named],
        ));
        let found = found["diagnostics"].as_array().unwrap().clone();
        let mut found = found
            .iter()
            .filter(|found| found["lint"] == "root-owned-secret");
        assert_eq!(found.next().unwrap()["severity"], level, "{named}");
    }
}

#[test]
fn paths_of_two_flakes_are_an_error() {
    let project = project();
    write(project.path(), "other/flake.nix", "{ outputs = _: { }; }");
    let output = run(project.path(), &["flake.nix", "other"]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.contains("belongs to another flake"), "{told}");
}

#[test]
fn a_repository_below_a_flake_is_its_own_project() {
    let project = project();
    std::fs::create_dir_all(project.path().join("sub/.git")).unwrap();
    let module = UNREADABLE.replace("KEY", "sub");
    write(
        project.path(),
        "sub/module.nix",
        &module.replace("who", "config"),
    );
    let found = json(&run(project.path(), &["--format", "json", "sub"]));
    assert_eq!(found["summary"]["configurations"]["defined"], 0, "{found}");
    assert_eq!(found["summary"]["modules_alone"], 1);
}
