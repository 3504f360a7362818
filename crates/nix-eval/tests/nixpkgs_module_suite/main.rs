//! nixpkgs' own suite of its module system, `lib/tests/modules.sh`.
//!
//! It is not part of this repository. Where `MCP_LINT_NIXPKGS_LIB` names nixpkgs' `lib`, every check
//! of the script is made with our `lib`: only the test modules are read from there. A value must be
//! the expected one. Where Nix fails there must be an error for that attribute; its words may
//! differ, and how many of them agree is merely counted.

#![expect(
    clippy::expect_used,
    reason = "a test may end where its files are not as they should be"
)]

mod checks;

use std::path::Path;
use std::sync::Arc;

use checks::{Check, Expected};
use nix_eval::value::{Hole, StringPart, Value};
use nix_eval::{Eval, Evaluator, Limits, Thunk, UnknownId, Workspace};
use regex::Regex;

/// Checks that do not hold, by what they evaluate and the first module, and why.
const EXCLUDED: &[(&str, &str, &str)] = &[(
    "config.assertion",
    "./gvariant.nix",
    "`lib.gvariant` writes dconf files, and is not built in",
)];

/// What came of an evaluation.
enum Outcome {
    /// JSON.
    Value(String),
    /// An error as Nix has one.
    Error(String),
    /// Not determined.
    Unknown(String),
}

impl Outcome {
    fn text(&self) -> String {
        let (kind, text) = match self {
            Self::Value(text) => ("value", text),
            Self::Error(text) => ("error", text),
            Self::Unknown(text) => ("unknown", text),
        };
        let short: String = text.chars().take(300).collect();
        format!("{kind}: {short}")
    }
}

/// The project that the checks run in: nixpkgs' `lib` without its code.
fn project(library: &Path) -> Workspace {
    Workspace::open(library)
        .expect("a folder")
        .with_overlay(library.join("default.nix"), Arc::from("__ourLib"))
}

fn evaluate(library: &Path, check: &Check) -> Outcome {
    let modules = library.join("tests/modules");
    let project = Arc::new(project(library));
    Evaluator::run(project, Limits::default(), |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("__ourLib", lib);
        let text = match check.expected {
            Expected::Expression => format!("import {}", check.attribute),
            Expected::Output | Expected::Error => {
                let list = check.modules.join(" ");
                format!("import ./default.nix {{ modules = [ {list} ]; }}")
            }
        };
        let value = evaluator.eval_text(&modules.join("check.nix"), &text);
        let path = match check.expected {
            Expected::Expression => Vec::new(),
            Expected::Output | Expected::Error => attribute_path(&check.attribute),
        };
        let json = value
            .and_then(|value| select(evaluator, value, &path))
            .and_then(|value| to_json(evaluator, value));
        let warned = evaluator
            .take_trace()
            .iter()
            .any(|line| line.contains("evaluation warning"));
        match json {
            Ok(Ok(_)) if warned && check.abort_on_warning => {
                Outcome::Error("a warning ends the evaluation".to_owned())
            }
            Ok(Ok(text)) => Outcome::Value(text),
            Ok(Err(why)) | Err(why) => failure(evaluator, why),
        }
    })
}

fn failure(evaluator: &Evaluator, why: UnknownId) -> Outcome {
    let unknown = evaluator.unknown_data(why);
    if unknown.reason.kind().is_error() {
        Outcome::Error(unknown.reason.to_string())
    } else {
        Outcome::Unknown(unknown.reason.to_string())
    }
}

/// An attribute path as `nix-instantiate -A` takes it.
fn attribute_path(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            c => names.last_mut().expect("a name").push(c),
        }
    }
    names
}

fn select(evaluator: &mut Evaluator, value: Value, path: &[String]) -> Eval<Value> {
    let mut value = value;
    for name in path {
        value = match (value, name.parse::<usize>()) {
            (Value::List(_), Ok(index)) => {
                let list = evaluator.ready(value);
                let items = evaluator.force_exact_list(list)?;
                match items.get(index) {
                    Some(item) => evaluator.force(*item)?,
                    None => return Err(evaluator.error(format!("no element {index}"))),
                }
            }
            (value, _) => {
                let symbol = evaluator.symbol(name);
                evaluator.select(value, symbol)?
            }
        };
    }
    Ok(value)
}

/// The value as JSON, paths as store paths; what is not determined in it is an error of its own.
fn to_json(evaluator: &mut Evaluator, value: Value) -> Eval<Result<String, UnknownId>> {
    let function = evaluator.symbol("__toJSON");
    let function: Thunk = evaluator.global(function).expect("builtins.toJSON");
    let value = evaluator.ready(value);
    let Value::String(id) = evaluator.call(function, value)? else {
        return Ok(Ok(String::new()));
    };
    let mut text = String::new();
    for part in evaluator.string_parts(id).parts() {
        match part {
            StringPart::Text(part) => text.push_str(&part),
            StringPart::Hole(Hole::Source(path)) => {
                let path = evaluator.path_text(path);
                let name = path.rsplit('/').next().unwrap_or_default();
                text.push_str(&format!("/nix/store/{}-{name}", "0".repeat(32)));
            }
            StringPart::Hole(hole) => return Ok(Err(evaluator.hole_unknown(hole))),
        }
    }
    Ok(Ok(text))
}

/// Why a check is known not to hold, if it is.
fn exclusion(check: &Check) -> Option<&'static str> {
    let module = check.modules.first()?;
    let is_meant = |(attribute, file, _): &&(&str, &str, &str)| {
        *attribute == check.attribute && *file == module
    };
    EXCLUDED.iter().find(is_meant).map(|(_, _, reason)| *reason)
}

/// Whether a check holds, and whether the words of an error agree, too.
fn holds(check: &Check, outcome: &Outcome) -> (bool, bool) {
    match (check.expected, outcome) {
        (Expected::Output, Outcome::Value(text)) => {
            let pattern = escape_braces(&check.pattern);
            let agrees = Regex::new(&pattern).expect("a pattern").is_match(text);
            (agrees, agrees)
        }
        (Expected::Error, Outcome::Error(text)) => (true, agrees(&check.pattern, text)),
        (Expected::Expression, Outcome::Value(_)) => (true, true),
        _ => (false, false),
    }
}

/// To grep, braces without a number between them are braces.
fn escape_braces(pattern: &str) -> String {
    let mut escaped = String::new();
    for c in pattern.chars() {
        if matches!(c, '{' | '}') && !escaped.ends_with('\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Whether a message has the words that the script looks for.
fn agrees(pattern: &str, message: &str) -> bool {
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(message))
}

#[test]
fn agrees_with_the_suite_of_nixpkgs() {
    let Some(library) = test_support::folder("nixpkgs-lib", "MCP_LINT_NIXPKGS_LIB") else {
        return;
    };
    let only = std::env::var("MCP_LINT_MODULE_CHECK").ok();
    let checks = checks::read(&library.join("tests"));
    let (mut passed, mut worded, mut errors) = (0, 0, 0);
    let mut failures = Vec::new();
    for check in &checks {
        if only
            .as_ref()
            .is_some_and(|only| *only != check.line.to_string())
        {
            continue;
        }
        let outcome = evaluate(&library, check);
        let (held, words) = holds(check, &outcome);
        let shown = format!(
            "{}: {} {}\n    expected {:?} {}\n    got {}",
            check.line,
            check.attribute,
            check.modules.join(" "),
            check.expected,
            check.pattern,
            outcome.text()
        );
        errors += usize::from(check.expected == Expected::Error);
        if held {
            passed += 1;
            worded += usize::from(words && check.expected == Expected::Error);
            if only.is_some() || (!words && std::env::var_os("MCP_LINT_MODULE_WORDS").is_some()) {
                println!("{shown}");
            }
        } else if let Some(reason) = exclusion(check) {
            println!("excluded, {reason}: {shown}");
        } else {
            println!("{shown}");
            failures.push(check.line);
        }
    }
    println!(
        "{passed} of {} checks hold; {worded} of {errors} errors have the same words",
        checks.len()
    );
    assert!(failures.is_empty(), "these lines differ: {failures:?}");
    assert!(only.is_some() || passed > 0, "no check was made");
}
