//! The whole run on a generated project of 500 modules, against parsing the same files with rnix
//! alone, in the same process and with the same allocator: prints milliseconds of processor time
//! and by the clock, and the ratios.
//!
//! `cargo bench --bench whole_run`, or `cargo bench --bench whole_run -- DIRECTORY…` for real ones.
//! Prints, too, what the lints add on top of evaluation.
//! Ends with an error where a ratio is above the limit in `MCP_LINT_BENCH_CPU`, `MCP_LINT_BENCH_WALL`
//! or `MCP_LINT_BENCH_LINTS`.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, run by hand"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use extract::{BuildOptions, Built, build};
use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};

/// As in the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
        // The command leaves its memory to the end of the process; here rounds would add up.
        one_shot: false,
        ..BuildOptions::default()
    };
    let built = build(&options).expect("a project");
    let lints = mcp_lint_lints::LINTS;
    let found = mcp_lint_lints::run(&built.inventory, &built.sources, lints);
    let count = found.diagnostics.len();
    (built, count)
}

/// What something costs.
#[derive(Clone, Copy)]
struct Cost {
    /// Processor time of all threads.
    cpu: Duration,
    wall: Duration,
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// The least of a few rounds: that which was disturbed least.
fn least(mut round: impl FnMut()) -> Cost {
    let mut least = Cost {
        cpu: Duration::MAX,
        wall: Duration::MAX,
    };
    for _ in 0..ROUNDS {
        let (cpu, wall) = (processor_time(), Instant::now());
        round();
        least.cpu = least.cpu.min(processor_time().saturating_sub(cpu));
        least.wall = least.wall.min(wall.elapsed());
    }
    least
}

/// How much one thing costs for each unit of another.
fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// The ratios of one project.
struct Ratios {
    cpu: f64,
    wall: f64,
    /// Lints to evaluation.
    lints: f64,
}

fn measure(path: &Path) -> Ratios {
    let (built, found) = run(path);
    let texts: Vec<String> = built
        .project
        .parsed_files()
        .iter()
        .filter_map(|file| std::fs::read_to_string(&file.path).ok())
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let hosts = &built.inventory.hosts;
    let secrets: usize = hosts.iter().map(|host| host.secrets.len()).sum();
    println!(
        "{}: {} files, {bytes} bytes, {} hosts, {secrets} secrets, {found} findings",
        path.display(),
        texts.len(),
        hosts.len()
    );
    let parse = least(|| {
        for text in &texts {
            std::hint::black_box(rnix::Root::parse(text));
        }
    });
    let whole = least(|| {
        std::hint::black_box(run(path));
    });
    let cpu = ratio(whole.cpu, parse.cpu);
    let wall = ratio(whole.wall, parse.wall);
    println!(
        "  processor: rnix alone {:.1?} · whole run {:.1?} · ratio {cpu:.2}",
        parse.cpu, whole.cpu
    );
    println!(
        "  clock:     rnix alone {:.1?} · whole run {:.1?} · ratio {wall:.2}",
        parse.wall, whole.wall
    );
    let lints = least(|| {
        let found = mcp_lint_lints::run(&built.inventory, &built.sources, mcp_lint_lints::LINTS);
        std::hint::black_box(found.diagnostics.len());
    });
    let lints_to_rest = ratio(lints.cpu, whole.cpu.saturating_sub(lints.cpu));
    println!(
        "  on top of evaluation: lints {:.1?} · {:.1} %",
        lints.cpu,
        100.0 * lints_to_rest
    );
    Ratios {
        cpu,
        wall,
        lints: lints_to_rest,
    }
}

/// Whether a ratio is above the limit in that variable.
fn exceeds(ratio: f64, variable: &str) -> bool {
    let limit = std::env::var(variable).ok();
    limit
        .and_then(|limit| limit.parse::<f64>().ok())
        .is_some_and(|limit| ratio > limit)
}

fn main() -> ExitCode {
    let generated = tempfile::tempdir().expect("a temporary directory");
    let mut paths: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(PathBuf::from)
        .collect();
    if paths.is_empty() {
        generate(generated.path());
        paths.push(generated.path().to_owned());
    }
    let mut too_slow = false;
    for path in &paths {
        let Ratios { cpu, wall, lints } = measure(path);
        too_slow |= exceeds(cpu, "MCP_LINT_BENCH_CPU")
            || exceeds(wall, "MCP_LINT_BENCH_WALL")
            || exceeds(lints, "MCP_LINT_BENCH_LINTS");
    }
    match too_slow {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
