//! How the processor time of a whole run grows: for each thing that a project has many of, that of a
//! project with twice as many, against that with so many. Linear is 2.
//!
//! `cargo bench --bench growth`, or `cargo bench --bench growth -- 2500 names texts` for how many there
//! are at first (500), and for some of the things.
//! Ends with an error where a ratio is above the limit in `MCP_LINT_BENCH_GROWTH`.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, run by hand"
)]

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use extract::{BuildOptions, build};
use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};

/// As in the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many there are at first.
const FIRST: usize = 500;

/// The least of so many rounds counts.
const ROUNDS: usize = 3;

/// What a project has many of, with the text of one of them in a module; `@` is its number.
const MANY: [(&str, &str); 9] = [
    ("hosts", ""),
    ("modules", ""),
    (
        "users",
        r#"users.users.u@ = { isNormalUser = true; extraGroups = [ "g@" ]; }; users.groups.g@.members = [ "u@" ];"#,
    ),
    ("secrets", r#"sops.secrets."s@" = { owner = "nobody"; };"#),
    (
        "owners",
        r#"users.users.u@ = { isSystemUser = true; group = "u@"; }; sops.secrets."s@" = { owner = "u@"; };"#,
    ),
    (
        "readers",
        r#"sops.secrets."s@" = { }; systemd.services.r@ = { serviceConfig.ExecStart = "/bin/app ${config.sops.secrets."s@".path}"; };"#,
    ),
    (
        "texts",
        r#"sops.secrets."s@" = { }; environment.etc."t@".text = "token = ${config.sops.secrets."s@".path}";"#,
    ),
    // All of them in the text of one option.
    ("names", r#"sops.secrets."s@" = { };"#),
    // With as many paths in one text at which none of them lands.
    ("undeclared", r#"sops.secrets."s@" = { };"#),
];

const MODULE: &str = r#"{ config, lib, ... }: {
  options.our.option@ = lib.mkOption { type = lib.types.int; default = @; };
  config.environment.sessionVariables.V@ = toString config.our.option@;
}
"#;

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { nixpkgs, sops-nix, ... }: let
    names = [ @ ];
    host = name: nixpkgs.lib.nixosSystem {
      modules = [ sops-nix.nixosModules.sops ./common.nix { networking.hostName = name; } ];
    };
  in { nixosConfigurations = nixpkgs.lib.genAttrs names host; };
}
"#;

/// Writes a project with so many of a thing.
fn generate(directory: &Path, (name, text): (&str, &str), many: usize) {
    let each = |text: &str| {
        (0..many).fold(String::new(), |mut all, number| {
            writeln!(all, "{}", text.replace('@', &number.to_string())).expect("a string");
            all
        })
    };
    let write = |name: &str, text: &str| {
        std::fs::write(directory.join(name), text).expect("a writable directory");
    };
    let mut imports = String::new();
    if name == "modules" {
        for number in 0..many {
            let file = format!("m{number}.nix");
            write(&file, &MODULE.replace('@', &number.to_string()));
            write!(imports, " ./{file}").expect("a string");
        }
    }
    let mut body = each(text);
    let line = match name {
        "names" => r#"  export T@="$(cat ${config.sops.secrets."s@".path})""#,
        "undeclared" => r#"  export T@="$(cat /run/secrets/u@)"; curl --token "$T@" ha@"#,
        _ => "",
    };
    if !line.is_empty() {
        let lines = each(line);
        write!(body, "systemd.services.all.script = ''\n{lines}'';").expect("a string");
    }
    let common = format!(
        "{{ config, ... }}: {{ imports = [{imports} ];\nsops.age.keyFile = \"/var/lib/key\";\n{body}\n}}\n"
    );
    write("common.nix", &common);
    let hosts = match name {
        "hosts" => each("\"h@\""),
        _ => "\"h\"".to_owned(),
    };
    write("flake.nix", &FLAKE.replace('@', &hosts));
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// The processor time of a whole run on a project with so many of a thing.
fn cost(thing: (&str, &str), many: usize) -> Duration {
    let directory = tempfile::tempdir().expect("a temporary directory");
    generate(directory.path(), thing, many);
    let options = BuildOptions {
        paths: vec![directory.path().to_owned()],
        threads: NonZeroUsize::new(1),
        one_shot: false,
        ..BuildOptions::default()
    };
    let round = || {
        let start = processor_time();
        let built = build(&options).expect("a project");
        let lints = mcp_lint_lints::LINTS;
        std::hint::black_box(mcp_lint_lints::run(&built.inventory, &built.sources, lints));
        processor_time().saturating_sub(start)
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let first = arguments.iter().find_map(|it| it.parse().ok());
    let first = first.unwrap_or(FIRST);
    let wanted: Vec<&String> = { arguments.iter() }
        .filter(|it| it.parse::<usize>().is_err())
        .collect();
    let limit = std::env::var("MCP_LINT_BENCH_GROWTH").ok();
    let limit = limit.and_then(|limit| limit.parse::<f64>().ok());
    let mut too_much = false;
    println!("processor time of a whole run, {first} and {}:", 2 * first);
    for thing in MANY {
        let (name, _) = thing;
        if !wanted.is_empty() && !wanted.iter().any(|it| *it == name) {
            continue;
        }
        let (one, two) = (cost(thing, first), cost(thing, 2 * first));
        let ratio = two.as_secs_f64() / one.as_secs_f64();
        println!("  {name:10} {one:>9.1?} {two:>9.1?}  {ratio:.2}");
        too_much |= limit.is_some_and(|limit| ratio > limit);
    }
    match too_much {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
