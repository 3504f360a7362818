//! The inventory as people see it: widths, filters, formats for spreadsheets and pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use support::{json, run, stderr, stdout, write};
use unicode_width::UnicodeWidthStr;

/// Two hosts that are alike but for their names, and one of their own.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let flake = r#"{
      inputs.site.url = "github:example/site";
      outputs = { self, nixpkgs, site }: let
        host = name: more: nixpkgs.lib.nixosSystem { modules = [ ./common.nix more {
          sops.secrets.builder-token.sopsFile = ./secrets + "/${name}.yaml";
        } ]; };
      in {
        nixosConfigurations.alpha = host "alpha" { };
        nixosConfigurations.beta = host "beta" { };
        nixosConfigurations.gamma = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ./gamma.nix ]; };
      };
    }"#;
    let common = r#"{ config, ... }: {
      users.users.alice = { isNormalUser = true; group = "users"; };
      systemd.services.build.serviceConfig = {
        EnvironmentFile = config.sops.secrets.builder-token.path; ExecStart = "/bin/build";
      };
    }"#;
    let gamma = r#"{ config, ... }: {
      sops.defaultSopsFile = ./secrets/gamma.yaml;
      sops.secrets.builder-token = { };
      sops.secrets."a-name-of-several-words/密码-of-the-database" = { owner = "alice"; group = "users"; };
      sops.secrets.elsewhere.path = "/var/lib/elsewhere/a-directory-with-a-long-name/and-another/token";
      sops.secrets.alone = { };
      systemd.services.bot.serviceConfig = {
        User = "alice"; ExecStart = "/bin/bot ${config.sops.secrets.alone.path}";
      };
    }"#;
    write(folder.path(), "flake.nix", flake);
    write(folder.path(), "common.nix", common);
    write(folder.path(), "gamma.nix", gamma);
    for name in ["alpha", "beta", "gamma"] {
        write(folder.path(), &format!("secrets/{name}.yaml"), "");
    }
    folder
}

fn output(arguments: &[&str]) -> String {
    let folder = project();
    let output = run(folder.path(), &[&["inventory"], arguments].concat());
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output)
}

#[test]
fn a_table_is_as_wide_as_it_may_be() {
    for width in [40, 60, 80, 140] {
        let text = output(&["--width", &width.to_string()]);
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}\n{text}");
        }
    }
    insta::assert_snapshot!("inventory-of-80", output(&["--width", "80"]));
}

#[test]
fn words_stay_whole_where_there_is_no_terminal() {
    let text = output(&[]);
    for word in [
        "/var/lib/elsewhere/a-directory-with-a-long-name/and-another/token",
        "/run/secrets/builder-token",
        "a-name-of-several-words/密码-of-the-database",
        "secrets/alpha.yaml#builder-token",
        "nobody reads it",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    insta::assert_snapshot!("inventory-without-terminal", text);
}

#[test]
fn hosts_that_are_alike_are_shown_once() {
    let text = output(&["--width", "100"]);
    assert_eq!(text.matches("secrets/HOST.yaml").count(), 1, "{text}");
    assert!(!text.contains("secrets/alpha.yaml"), "{text}");
    let alone = output(&["--width", "100", "--host", "alpha"]);
    assert!(
        alone.contains("secrets/alpha.yaml#builder-token"),
        "{alone}"
    );
}

/// The secrets that a filter leaves, of the JSON document, which takes filters as well.
fn left(arguments: &[&str]) -> Vec<String> {
    let folder = project();
    let format = ["inventory", "--format", "json", "--host", "gamma"];
    let document = json(&run(folder.path(), &[&format, arguments].concat()));
    let hosts = document["hosts"].as_array().unwrap().iter();
    let secrets = hosts.flat_map(|host| host["secrets"].as_array().unwrap().clone());
    let mut names: Vec<String> = secrets
        .map(|secret| secret["attribute"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn filters_leave_what_they_name() {
    let database = "a-name-of-several-words/密码-of-the-database";
    assert_eq!(left(&[]).len(), 4);
    assert_eq!(left(&["--secret", "al*"]), ["alone"]);
    assert_eq!(left(&["--secret", "/var/**"]), ["elsewhere"]);
    assert_eq!(
        left(&["--secret", "alone", "--secret", "*-token"]),
        ["alone", "builder-token"]
    );
    assert_eq!(left(&["--user", "alice"]), [database, "alone"]);
    assert_eq!(left(&["--unread"]), [database, "elsewhere"]);
    assert_eq!(left(&["--user", "alice", "--unread"]), [database]);
    let none: [&str; 0] = [];
    assert_eq!(left(&["--user", "nobody"]), none);
    let text = output(&["--secret", "alone"]);
    assert!(text.contains("1 of 6 secrets"), "{text}");
    assert!(!text.contains("builder-token"), "{text}");
}

#[test]
fn what_no_filter_finds_is_told_with_what_may_be_meant() {
    let folder = project();
    let notes = |arguments: &[&str]| {
        let output = run(folder.path(), &[&["inventory"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stderr(&output)
    };
    assert_eq!(
        notes(&["--secret", "alnoe", "--secret", "alone"]),
        "note: no secret is called `alnoe`: did you mean `alone`?\n"
    );
    assert_eq!(
        notes(&["--secret", "zzz", "--format", "csv"]),
        "note: no secret is called `zzz`\n"
    );
    assert_eq!(
        notes(&["--user", "alcie", "--format", "json"]),
        "note: `alcie` reads and owns no secret: did you mean `alice`?\n"
    );
    assert_eq!(
        notes(&["--secret", "elsewhere", "--user", "alice"]),
        "note: no secret is all that was asked for\n"
    );
    assert_eq!(notes(&["--secret", "al*", "--user", "alice"]), "");
    assert_eq!(notes(&["--quiet", "--secret", "zzz"]), "");
}

#[test]
fn a_reader_that_cannot_is_a_problem() {
    let folder = project();
    let text = "{ sops.defaultSopsFile = ./secrets/gamma.yaml; }";
    write(folder.path(), "other.nix", text);
    let rows = stdout(&run(
        folder.path(),
        &[
            "inventory",
            "--format",
            "csv",
            "--problems",
            "--host",
            "gamma",
        ],
    ));
    let alone = rows.lines().find(|row| row.contains(",alone,")).unwrap();
    assert!(
        alone.contains(",wrong,no,alice,bot.service ExecStart,"),
        "{rows}"
    );
}

#[test]
fn a_pattern_that_is_none_is_wrong_usage() {
    let folder = project();
    let output = run(folder.path(), &["inventory", "--secret", "a["]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`a[` is no pattern"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn spreadsheets_and_pages_get_every_secret() {
    let csv = output(&["--format", "csv"]);
    assert_eq!(csv.lines().count(), 1 + 6, "{csv}");
    assert!(
        csv.lines().all(|line| line.split(',').count() >= 15),
        "{csv}"
    );
    let markdown = output(&["--format", "markdown"]);
    let rows = markdown.lines().filter(|line| line.starts_with("| "));
    assert_eq!(rows.count(), 3 * 2 + 6, "{markdown}");
}

/// A host of which `check` reports what the table alone does not show: an owner that nobody declares, and a path in
/// place of a value.
fn reported() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let flake = r#"{
      outputs = { self, nixpkgs }: {
        nixosConfigurations.desk = nixpkgs.lib.nixosSystem { modules = [ ./desk.nix ]; };
      };
    }"#;
    let desk = r#"{ config, ... }: {
      users.users.alice = { isNormalUser = true; group = "users"; };
      sops.defaultSopsFile = ./secrets/desk.yaml;
      sops.age.keyFile = "/var/lib/sops-nix/key.txt";
      sops.secrets.fine = { key = "github_token"; owner = "alice"; group = "users"; };
      sops.secrets.misspelt = { key = "github_token"; owner = "alise"; };
      sops.secrets.as-value = { key = "kagi_api_key"; };
      services.grafana = {
        enable = true;
        settings.security.admin_password = config.sops.secrets.as-value.path;
      };
      systemd.services.bot.serviceConfig = {
        User = "alice"; ExecStart = "/bin/bot ${config.sops.secrets.fine.path}";
      };
    }"#;
    write(folder.path(), "flake.nix", flake);
    write(folder.path(), "desk.nix", desk);
    let secrets = support::package().join("examples/nixos-sops/secrets/secrets.yaml");
    let secrets = std::fs::read_to_string(secrets).unwrap();
    write(folder.path(), "secrets/desk.yaml", &secrets);
    folder
}

#[test]
fn a_secret_of_which_check_has_a_finding_is_wrong_everywhere() {
    let folder = reported();
    let table = stdout(&run(folder.path(), &["inventory", "--problems"]));
    assert!(table.contains("2 of 3 secrets"), "{table}");
    assert!(table.contains("✗ secrets are given to alise"), "{table}");
    assert!(table.contains("(secret-owner-not-declared)"), "{table}");
    let csv = stdout(&run(folder.path(), &["inventory", "--format", "csv"]));
    let standing = |name: &str| {
        let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let line = lines.find(|line| line[1] == name).unwrap();
        (line[9].to_owned(), (*line.last().unwrap()).to_owned())
    };
    let wrong = |lint: &str| ("wrong".to_owned(), lint.to_owned());
    assert_eq!(standing("fine"), ("fine".to_owned(), String::new()));
    assert_eq!(standing("misspelt"), wrong("secret-owner-not-declared"));
    assert_eq!(standing("as-value"), wrong("secret-path-instead-of-value"));
    let page = stdout(&run(folder.path(), &["--format", "html"]));
    assert!(page.contains("something is wrong with <b>2</b>"), "{page}");
}

#[test]
fn no_word_is_broken_in_a_pipe_however_many_columns_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let flake = r#"{
      outputs = { self, nixpkgs }: {
        nixosConfigurations.desk = nixpkgs.lib.nixosSystem { modules = [ ./desk.nix ]; };
      };
    }"#;
    let desk = r#"{ config, ... }: {
      sops.defaultSopsFile = ./secrets/desk.yaml;
      sops.secrets.a-token-with-a-long-name-that-fills-its-column = { };
      programs.some-program-with-a-long-name.settings.of-a-server.environment.A_VARIABLE.file =
        config.sops.secrets.a-token-with-a-long-name-that-fills-its-column.path;
      services.nginx.virtualHosts."a-host-with-a-rather-long-name.example.org".sslCertificateKey =
        config.sops.secrets.a-token-with-a-long-name-that-fills-its-column.path;
    }"#;
    write(folder.path(), "flake.nix", flake);
    write(folder.path(), "desk.nix", desk);
    let text = stdout(&run(folder.path(), &["inventory"]));
    for word in [
        "services.nginx.virtualHosts.\"a-host-with-a-rather-long-name.example.org\".sslCertificateKey",
        "a-token-with-a-long-name-that-fills-its-column ",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
}
