//! Runs the command as a user does.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_support::folders;

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every project that the tests have: the guide's, the examples and the fixtures of all lints.
pub(crate) fn projects() -> Vec<PathBuf> {
    let mut projects = folders(&package().join("tests/guide"));
    projects.extend(folders(&package().join("examples")));
    for lint in folders(&package().join("lints/src")) {
        projects.extend(folders(&lint.join("fixtures")));
    }
    projects
}

/// Runs mcp-lint in a folder, without anything from the environment that changes its output.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// Writes a file of a project, with the folders above it.
pub(crate) fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard output as JSON.
pub(crate) fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// Every format of `check`.
pub(crate) const FORMATS: [&str; 11] = [
    "human",
    "short",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "markdown",
    "html",
];

/// Output for people without what differs from run to run.
pub(crate) fn steady(text: &str) -> String {
    let mut steady = String::new();
    for line in text.lines() {
        steady += &timeless(line);
        steady.push('\n');
    }
    steady
}

/// A line of a summary with `[TIME] ms` in place of how long it took.
fn timeless(line: &str) -> String {
    let is_summary = line.contains(" · ");
    for (at, before) in line.match_indices(" in ").filter(|_| is_summary) {
        let (start, rest) = line.split_at(at + before.len());
        let length = rest.find(|c: char| !"0123456789. mins".contains(c));
        let time = rest.split_at(length.unwrap_or(rest.len())).0.trim_end();
        if time.starts_with(|c: char| c.is_ascii_digit()) && time.ends_with('s') {
            return format!("{start}[TIME] ms{}", rest.split_at(time.len()).1);
        }
    }
    line.to_owned()
}

/// A flake with the host `desk`.
const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { nixpkgs, sops-nix, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [ sops-nix.nixosModules.sops ./configuration.nix ];
    };
  };
}
"#;

/// The unit of postgres reads a secret of root's: `root-owned-secret`.
pub(crate) const CONFIGURATION: &str = r#"{ config, ... }: {
  users.users.postgres = { isSystemUser = true; group = "postgres"; uid = 71; };
  users.groups.postgres = { };
  sops.defaultSopsFile = ./secrets.yaml;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  sops.secrets.github_token = { };
  systemd.services.db = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.User = "postgres";
    serviceConfig.ExecStart = "/bin/db --password-file ${config.sops.secrets.github_token.path}";
  };
}
"#;

/// The project of the host `desk` with this configuration: the folder, and its path without links.
pub(crate) fn desk(configuration: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    write(&path, "flake.nix", FLAKE);
    write(&path, "configuration.nix", configuration);
    let secrets = package().join("examples/nixos-sops/secrets/secrets.yaml");
    std::fs::copy(secrets, path.join("secrets.yaml")).unwrap();
    (folder, path)
}
