//! Input that cannot be looked at ends with a clear message and code 2, never in silence.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{json, run, stderr, stdout};

fn empty() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_directory_without_nix() {
    let project = empty();
    let output = run(project.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no .nix file in this directory"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("help: "), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_no_nix() {
    let project = empty();
    std::fs::write(project.path().join("notes.txt"), "hello").unwrap();
    let output = run(project.path(), &["notes.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("not a Nix file"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_syntax_error_is_shown_and_the_rest_is_still_looked_at() {
    let project = empty();
    std::fs::write(
        project.path().join("configuration.nix"),
        "{ imports = [ ./a.nix ./b.nix ]; }",
    )
    .unwrap();
    std::fs::write(
        project.path().join("a.nix"),
        "{ users.users.bob = { isNormalUser = ; }; }",
    )
    .unwrap();
    let text = "{ sops.age.keyFile = \"/home/alice/keys.txt\"; sops.secrets.a = { }; }";
    std::fs::write(project.path().join("b.nix"), text).unwrap();
    let output = run(project.path(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let document = json(&output);
    let lints: Vec<&str> = document["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["lint"].as_str().unwrap())
        .collect();
    assert!(lints.contains(&"syntax-error"), "{lints:?}");
    assert!(
        lints.contains(&"system-secrets-decryptable-by-user-key"),
        "{lints:?}"
    );
    assert_eq!(document["summary"]["complete"], false);
}

#[test]
fn a_file_that_is_not_utf8() {
    let project = empty();
    std::fs::write(
        project.path().join("configuration.nix"),
        "{ imports = [ ./a.nix ]; }",
    )
    .unwrap();
    std::fs::write(project.path().join("a.nix"), b"{ # \xe9t\xe9\n }").unwrap();
    let output = run(project.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("error[unreadable-file]"),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).contains("a.nix"), "{}", stdout(&output));
}

#[test]
fn an_unknown_host_lists_the_hosts() {
    let output = run(
        &support::package().join("tests/guide/complete-sops"),
        &["--host", "hostnam"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("there is no host `hostnam`"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("did you mean hostname?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_failing_level_decides_the_code() {
    let guide = support::package().join("tests/guide/complete-sops");
    for (level, code) in [("error", 0), ("warning", 1), ("info", 1), ("never", 0)] {
        assert_eq!(
            run(&guide, &["--fail-on", level]).status.code(),
            Some(code),
            "{level}"
        );
    }
}

#[test]
fn lints_are_selected_and_ignored_by_name_and_group() {
    let guide = support::package().join("tests/guide/complete-sops");
    let short = |arguments: &[&str]| {
        let mut all = vec!["--format", "short"];
        all.extend(arguments);
        stdout(&run(&guide, &all)).lines().count()
    };
    assert_eq!(short(&[]), 5);
    assert_eq!(short(&["--select", "keys"]), 2);
    assert_eq!(short(&["--select", "K,paths"]), 4);
    assert_eq!(short(&["--ignore", "keys,secret-owner-not-declared"]), 2);
    assert_eq!(short(&["--select", "all", "--ignore", "all"]), 0);
}

#[test]
fn quiet_prints_findings_only() {
    let package = support::package();
    assert_eq!(
        stdout(&run(&package.join("examples/nixos-sops"), &["-q"])),
        ""
    );
    assert!(
        stdout(&run(&package.join("examples/nixos-sops"), &[]))
            .starts_with("no findings · 1 of 1 configuration, ")
    );
}

#[test]
fn colour_comes_only_when_asked_for_or_on_a_terminal() {
    let guide = support::package().join("tests/guide/agenix");
    assert!(!stdout(&run(&guide, &[])).contains('\x1b'));
    assert!(!stdout(&run(&guide, &["--color", "never"])).contains('\x1b'));
    assert!(stdout(&run(&guide, &["--color", "always"])).contains("\x1b["));
}

#[test]
fn a_finding_of_several_hosts_is_reported_once() {
    let project = empty();
    let flake = "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  outputs = { nixpkgs, ... }: {\n    \
                 nixosConfigurations = nixpkgs.lib.genAttrs [ \"desk\" \"lap\" ] (_: nixpkgs.lib.nixosSystem { modules = [ ./m.nix ]; });\n  };\n}\n";
    std::fs::write(project.path().join("flake.nix"), flake).unwrap();
    let module =
        "{ services.openssh.enable = true; age.secrets.a = { file = ./a.age; mode = \"0444\"; }; }";
    std::fs::write(project.path().join("m.nix"), module).unwrap();
    std::fs::write(
        project.path().join("a.age"),
        std::fs::read(support::package().join("lints/tests/samples/secret.age")).unwrap(),
    )
    .unwrap();
    let document = json(&run(project.path(), &["--format", "json"]));
    let found = document["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        found[0]["hosts"],
        serde_json::json!(["nixosConfigurations.desk", "nixosConfigurations.lap"])
    );
    let one = json(&run(project.path(), &["--format", "json", "--host", "lap"]));
    assert_eq!(
        one["diagnostics"][0]["hosts"],
        serde_json::json!(["nixosConfigurations.lap"])
    );
    assert_eq!(one["summary"]["hosts"], 1);
}

/// Something called `flake.nix` that cannot be one: the project must not look like one without a flake.
#[test]
fn a_flake_that_is_no_file() {
    let told = |make: &dyn Fn(&std::path::Path), wanted: &str| {
        let project = empty();
        std::fs::write(project.path().join("configuration.nix"), "{ }").unwrap();
        make(&project.path().join("flake.nix"));
        for argument in [".", "configuration.nix"] {
            let output = run(project.path(), &[argument]);
            assert_eq!(output.status.code(), Some(2), "{argument} {wanted}");
            let told = stderr(&output);
            assert!(
                told.contains("flake.nix: ") && told.contains(wanted),
                "{told}"
            );
        }
    };
    told(
        &|flake| std::fs::create_dir(flake).unwrap(),
        "it is a directory",
    );
    let made = |flake: &std::path::Path| {
        let made = std::process::Command::new("mkfifo").arg(flake).status();
        assert!(made.unwrap().success());
    };
    told(&made, "it is neither a file nor a directory");
    let link = |target: &'static str| {
        move |flake: &std::path::Path| std::os::unix::fs::symlink(target, flake).unwrap()
    };
    told(&link("nowhere"), "a link that leads nowhere");
    told(&link("flake.nix"), "it cannot be opened");
}
