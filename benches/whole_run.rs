//! The whole run on a generated project of 500 modules, against parsing the same files with rnix
//! alone, in the same process: prints milliseconds and the ratio.
//!
//! `cargo bench --bench whole_run`, or `cargo bench --bench whole_run -- DIRECTORY` for a real one.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, run by hand"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use inventory::{BuildOptions, Built, build};

const MODULES: usize = 500;
const ROUNDS: usize = 7;

/// A module with an option, a user, a secret and a unit that reads it; `@` is its number.
const MODULE: &str = r#"{ config, lib, pkgs, ... }:
let
  cfg = config.services.app@;
in
{
  options.services.app@ = {
    enable = lib.mkEnableOption "app @";
    user = lib.mkOption {
      type = lib.types.str;
      default = "app@";
    };
    port = lib.mkOption {
      type = lib.types.port;
      default = 10000 + @;
    };
  };
  config = lib.mkMerge [
    { services.app@.enable = lib.mkDefault true; }
    (lib.mkIf cfg.enable {
      users.users.${cfg.user} = {
        isSystemUser = true;
        group = "apps";
      };
      sops.secrets."app@/token" = {
        owner = cfg.user;
        mode = "0400";
      };
      systemd.services.app@ = {
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        environment.PORT = toString cfg.port;
        serviceConfig = {
          User = cfg.user;
          ExecStart = "${pkgs.app}/bin/app --token-file ${config.sops.secrets."app@/token".path}";
        };
      };
      networking.firewall.allowedTCPPorts = [ cfg.port ];
    })
  ];
}
"#;

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.host = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        {
          users.groups.apps = { };
          sops.age.keyFile = "/var/lib/sops-nix/key.txt";
          sops.defaultSopsFile = ./secrets.yaml;
        }
@      ];
    };
  };
}
"#;

fn generate(directory: &Path) {
    let mut imports = String::new();
    for number in 0..MODULES {
        let name = format!("app{number}.nix");
        let text = MODULE.replace('@', &number.to_string());
        std::fs::write(directory.join(&name), text).expect("a writable directory");
        writeln!(imports, "        ./{name}").expect("writing to a string");
    }
    let flake = FLAKE.replace('@', &imports);
    std::fs::write(directory.join("flake.nix"), flake).expect("a writable directory");
}

fn run(path: &Path) -> (Built, usize) {
    let options = BuildOptions {
        paths: vec![path.to_owned()],
        ..BuildOptions::default()
    };
    let built = build(&options).expect("a project");
    let lints = mcp_lint_lints::LINTS;
    let found = mcp_lint_lints::run(&built.inventory, &built.sources, lints);
    let count = found.diagnostics.len();
    (built, count)
}

/// The shortest of a few rounds: the one that was disturbed least.
fn shortest(mut round: impl FnMut()) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        shortest = shortest.min(start.elapsed());
    }
    shortest
}

fn main() {
    let generated = tempfile::tempdir().expect("a temporary directory");
    let given = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let path = match given {
        Some(given) => PathBuf::from(given),
        None => {
            generate(generated.path());
            generated.path().to_owned()
        }
    };
    let (built, found) = run(&path);
    let texts: Vec<String> = built
        .project
        .parsed_files()
        .iter()
        .filter_map(|file| std::fs::read_to_string(&file.path).ok())
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let secrets: usize = built
        .inventory
        .hosts
        .iter()
        .map(|host| host.secrets.len())
        .sum();
    println!(
        "{} files, {bytes} bytes, {secrets} secrets, {found} findings",
        texts.len()
    );
    let parse = shortest(|| {
        for text in &texts {
            std::hint::black_box(rnix::Root::parse(text));
        }
    });
    let whole = shortest(|| {
        std::hint::black_box(run(&path));
    });
    let ratio = whole.as_secs_f64() / parse.as_secs_f64();
    println!("rnix alone {parse:.1?} · whole run {whole:.1?} · ratio {ratio:.2}");
}
