//! Pure evaluation beside `nix-instantiate`, in one run: `cargo bench -p nix-eval --bench pure`.
//!
//! Prints for each program both times, start-up excluded, and their ratio. Without Nix it prints
//! ours alone. Ends with an error where a ratio is above the limit in `MCP_LINT_BENCH_LIMIT`.

#![allow(clippy::print_stdout, reason = "it is a report")]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Workspace};

/// Each is timed so often; the shortest time counts.
const ROUNDS: usize = 5;

const PROGRAMS: &[(&str, &str)] = &[
    (
        "fib 30",
        "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 30",
    ),
    (
        "fold over 10^6",
        "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)",
    ),
    (
        "sort 10^5",
        "builtins.length (builtins.sort (a: b: a < b) (builtins.genList (x: (x * 7919) - (x * 7919 / 100003) * 100003) 100000))",
    ),
    (
        "sets",
        "(builtins.foldl' (s: n: s // { \"k${toString (n - (n / 50) * 50)}\" = n; last = s.last or 0 + 1; }) { } (builtins.genList (x: x) 30000)).last",
    ),
    (
        "strings",
        "builtins.stringLength (builtins.concatStringsSep \",\" (builtins.map (x: \"a${toString x}b\" + \"c\") (builtins.genList (x: x) 200000)))",
    ),
    (
        "attributes",
        "builtins.foldl' (a: x: a + x.value.n) 0 (builtins.map (x: { name = \"x\"; value = { n = x; m = { inherit x; }; }; }) (builtins.genList (x: x) 200000))",
    ),
];

fn main() -> ExitCode {
    let limit: Option<f64> = std::env::var("MCP_LINT_BENCH_LIMIT")
        .ok()
        .and_then(|text| text.parse().ok());
    let start_up = nix("1").map(|(time, _)| time);
    let mut too_slow = false;
    println!("{:16} {:>9} {:>9} {:>6}", "", "ours", "Nix", "ratio");
    for (name, program) in PROGRAMS {
        let (ours, value) = ours(program);
        let Some((theirs, expected)) = nix(program) else {
            println!("{name:16} {:>7} ms", ours.as_millis());
            continue;
        };
        assert_eq!(value, expected, "{name}");
        let theirs = theirs.saturating_sub(start_up.unwrap_or_default());
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64().max(1e-9);
        too_slow |= limit.is_some_and(|limit| ratio > limit);
        println!(
            "{name:16} {:>6} ms {:>6} ms {ratio:>6.2}",
            ours.as_millis(),
            theirs.as_millis()
        );
    }
    if too_slow {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Our time for a program, and its value.
fn ours(program: &str) -> (Duration, String) {
    let mut best = Duration::MAX;
    let mut value = String::new();
    for _ in 0..ROUNDS {
        let Ok(project) = Workspace::open(Path::new("/")) else {
            break;
        };
        let (time, text) = Evaluator::run(Arc::new(project), Limits::default(), |evaluator| {
            let start = Instant::now();
            let value = evaluator.eval_text(Path::new("/program.nix"), program);
            let text = Printer { deep: true }.print(evaluator, value);
            (start.elapsed(), text)
        });
        best = best.min(time);
        value = text;
    }
    (best, value)
}

/// The time of `nix-instantiate` for a program, and its value; nothing where there is no Nix.
fn nix(program: &str) -> Option<(Duration, String)> {
    let mut best = Duration::MAX;
    let mut value = String::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let output = Command::new("nix-instantiate")
            .args(["--eval", "--strict", "-E", program])
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
