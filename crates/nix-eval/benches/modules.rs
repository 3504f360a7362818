//! Merging 600 modules beside `nix-instantiate`: `cargo bench -p nix-eval --bench modules`.
//!
//! Nix evaluates the same modules with the real `lib`, whose folder `MCP_LINT_NIXPKGS_LIB` names.
//! Prints both times, start-up excluded, and their ratio; without Nix or `lib` ours alone. Ends
//! with an error where the ratio is above the limit in `MCP_LINT_BENCH_LIMIT`.

#![allow(clippy::print_stdout, reason = "it is a report")]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Workspace};

/// Each is timed so often; the shortest time counts.
const ROUNDS: usize = 5;

/// Half of the modules declare, the other half define.
const MODULES: usize = 600;

/// A function of `lib` and the number of modules.
const PROGRAM: &str = include_str!("modules.nix");

fn main() -> ExitCode {
    let limit: Option<f64> = std::env::var("MCP_LINT_BENCH_LIMIT")
        .ok()
        .and_then(|text| text.parse().ok());
    let (ours, value) = ours(MODULES);
    let Some((theirs, expected)) = nix(MODULES) else {
        println!("{MODULES} modules: {} ms", ours.as_millis());
        return ExitCode::SUCCESS;
    };
    assert_eq!(value, expected, "the value of {MODULES} modules");
    // Two modules are the start-up: Nix, and the parsing of `lib`.
    let start_up = nix(2).map_or(Duration::ZERO, |(time, _)| time);
    let theirs = theirs.saturating_sub(start_up);
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64().max(1e-9);
    println!(
        "{MODULES} modules: ours {} ms, Nix {} ms, ratio {ratio:.2}",
        ours.as_millis(),
        theirs.as_millis()
    );
    if limit.is_some_and(|limit| ratio > limit) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Our time, and the value.
fn ours(count: usize) -> (Duration, String) {
    let mut best = Duration::MAX;
    let mut value = String::new();
    for _ in 0..ROUNDS {
        let Ok(project) = Workspace::open(Path::new("/")) else {
            break;
        };
        let (time, text) = Evaluator::run(Arc::new(project), Limits::default(), |evaluator| {
            let lib = evaluator.lib();
            evaluator.set_global("lib", lib);
            let start = Instant::now();
            let program = format!("({PROGRAM}) lib {count}");
            let value = evaluator.eval_text(Path::new("/program.nix"), &program);
            let text = Printer { deep: true }.print(evaluator, value);
            (start.elapsed(), text)
        });
        best = best.min(time);
        value = text;
    }
    (best, value)
}

/// The time of `nix-instantiate`, and the value; nothing where there is no Nix or no `lib`.
fn nix(count: usize) -> Option<(Duration, String)> {
    let lib = std::env::var("MCP_LINT_NIXPKGS_LIB").ok()?;
    let program = format!("({PROGRAM}) (import {lib}) {count}");
    let mut best = Duration::MAX;
    let mut value = String::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let output = Command::new("nix-instantiate")
            .args(["--eval", "--strict", "-E", &program])
            .env("NIX_REMOTE", "dummy://")
            .stderr(Stdio::null())
            .output()
            .ok()?;
        best = best.min(start.elapsed());
        value = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        if !output.status.success() {
            return None;
        }
    }
    Some((best, value))
}
