//! The evaluator beside real Nix: the same value, and an error where Nix has one.
//!
//! Needs `nix` (any version from 2.8 on; Debian's `nix-bin` has it) and skips with a message where
//! there is none. Every expression of `expressions/` is compared, and as many random ones as
//! `MCP_LINT_CASES` says (10,000), from the seed `MCP_LINT_SEED`, which is printed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

mod generate;
mod nix;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::{Evaluator, Limits, Workspace};

/// What an evaluator says of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// The value as XML.
    Value(String),
    /// An error.
    Fails(String),
    /// Not known: only ours says so.
    Unknown(String),
}

impl Outcome {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => a == b,
            (Self::Fails(_), Self::Fails(_)) => true,
            _ => false,
        }
    }
}

/// The project that expressions read files of.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/files")
}

/// What our evaluator says of each expression.
fn ours(expressions: &[String]) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(expressions.len());
    for chunk in expressions.chunks(500) {
        let project = Arc::new(Workspace::open(&fixture()).expect("the fixture"));
        outcomes.extend(Evaluator::run(project, Limits::default(), |evaluator| {
            let chunk = chunk.iter().enumerate();
            chunk
                .map(|(index, text)| evaluate(evaluator, index, text))
                .collect::<Vec<_>>()
        }));
    }
    outcomes
}

fn evaluate(evaluator: &mut Evaluator, index: usize, expression: &str) -> Outcome {
    evaluator.reset_limits();
    let file = evaluator
        .sources
        .workspace()
        .project_root()
        .join(format!("expression-{index}.nix"));
    let text = nix::wrap(expression);
    let value = evaluator.eval_text(&file, &text);
    match value.and_then(|value| evaluator.expect_text(value)) {
        Ok(text) => Outcome::Value(text.trim_start_matches(nix::MARK).to_owned()),
        Err(why) => {
            let message = evaluator.unknown_data(why).reason.to_string();
            if evaluator.is_error(why) {
                Outcome::Fails(message)
            } else {
                Outcome::Unknown(message)
            }
        }
    }
}

/// Compares both on every expression; the differences.
fn differences(expressions: &[String], nix: &[Outcome]) -> Vec<String> {
    let ours = ours(expressions);
    assert_eq!(
        nix.len(),
        expressions.len(),
        "Nix did not answer every expression"
    );
    let mut differences = Vec::new();
    for ((expression, nix), ours) in expressions.iter().zip(nix).zip(ours) {
        if !nix.agrees(&ours) && !depends_on_order(expression, nix, &ours) {
            differences.push(format!("{expression}\n  Nix:  {nix:?}\n  ours: {ours:?}"));
        }
    }
    differences
}

/// Nix compares two sets attribute by attribute in the order in which it first met the names, and
/// ends at the first that differs: whether it comes to one that fails is up to that order.
fn depends_on_order(expression: &str, nix: &Outcome, ours: &Outcome) -> bool {
    let compares = ["==", "!=", "elem "]
        .iter()
        .any(|operator| expression.contains(operator));
    let fails = matches!(
        (nix, ours),
        (Outcome::Fails(_), Outcome::Value(_)) | (Outcome::Value(_), Outcome::Fails(_))
    );
    fails && compares && expression.contains('{')
}

fn check(expressions: &[String]) {
    let Some(nix) = nix::evaluate(&fixture(), expressions) else {
        return;
    };
    let failing = nix
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Fails(_)))
        .count();
    println!(
        "{} expressions, of which {failing} fail in Nix",
        expressions.len()
    );
    let differences = differences(expressions, &nix);
    for difference in differences.iter().take(40) {
        println!("{difference}");
    }
    assert!(
        differences.is_empty(),
        "{} expressions differ from Nix",
        differences.len()
    );
}

#[test]
fn written_expressions_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/expressions");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut expressions = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a text");
        let lines = text.lines().map(str::trim);
        expressions.extend(
            lines
                .filter(|line| !line.is_empty() && !line.starts_with("# "))
                .map(str::to_owned),
        );
    }
    assert!(
        expressions.len() >= 400,
        "only {} expressions",
        expressions.len()
    );
    check(&expressions);
}

/// Where releases after 2.8 differ from it, what they say is written down.
#[test]
fn newer_behaviour_is_that_of_todays_nix() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/newer.txt");
    let text = std::fs::read_to_string(file).expect("a text");
    let lines: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| {
            line.split_once(" ==> ")
                .expect("an expression and what it gives")
        })
        .collect();
    let left: Vec<String> = lines.iter().map(|(left, _)| (*left).to_owned()).collect();
    let right: Vec<String> = lines.iter().map(|(_, right)| (*right).to_owned()).collect();
    for ((line, left), right) in lines.iter().zip(ours(&left)).zip(ours(&right)) {
        if line.1 == "fails" {
            assert!(
                matches!(left, Outcome::Fails(_)),
                "{} gives {left:?}",
                line.0
            );
        } else {
            assert!(
                matches!(right, Outcome::Value(_)),
                "{} gives {right:?}",
                line.1
            );
            assert_eq!(left, right, "{}", line.0);
        }
    }
}

#[test]
fn random_expressions_agree() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let count = number("MCP_LINT_CASES").unwrap_or(10_000);
    let seed = number("MCP_LINT_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |now| now.as_secs())
    });
    println!("seed {seed}");
    let mut generator = generate::Generator::new(seed);
    let expressions: Vec<String> = (0..count).map(|_| generator.expression()).collect();
    check(&expressions);
}
