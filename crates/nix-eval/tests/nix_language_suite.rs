//! The Nix repository's own language suite, `tests/functional/lang` of NixOS/nix.
//!
//! It is not part of this repository. Where `MCP_LINT_NIX_LANG_SUITE` names the directory, every
//! case in it is run; the test fails for each case that gives something else than Nix and that is
//! not excluded below with its reason.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::eval::Environment;
use nix_eval::print::Printer;
use nix_eval::value::Value;
use nix_eval::{Evaluator, EvaluatorOptions, Limits, Workspace};
use test_support::folder;

/// Cases that need more than the language and files, by design.
const EXCLUDED: &[(&str, &str)] = &[
    // The store path of a file or derivation is not computed: it is a hole that names its source.
    ("eval-okay-context", STORE),
    ("eval-okay-context-introspection", STORE),
    ("eval-okay-derivation-legacy", STORE),
    ("eval-okay-eq-derivations", STORE),
    ("eval-okay-path", STORE),
    ("eval-okay-toJSON-peel", STORE),
    ("eval-okay-toString-peel", STORE),
    (
        "eval-fail-addDrvOutputDependencies-multi-elem-context",
        STORE,
    ),
    (
        "eval-fail-addDrvOutputDependencies-wrong-element-kind",
        STORE,
    ),
    ("eval-fail-bad-string-interpolation-2", STORE),
    ("eval-fail-nonexist-path", STORE),
    ("eval-fail-filterSource-4", STORE),
    ("eval-fail-filterSource-5", STORE),
    ("eval-fail-derivation-structuredAttrs-stack-overflow", STORE),
    ("eval-okay-flake-ref-to-string", FETCHER),
    ("eval-okay-parse-flake-ref", FETCHER),
    ("eval-fail-fetchTree-negative", FETCHER),
    ("eval-fail-fetchTree-relative-path", FETCHER),
    ("eval-fail-fetchurl-baseName", FETCHER),
    ("eval-fail-fetchurl-baseName-attrs", FETCHER),
    ("eval-fail-fetchurl-baseName-attrs-name", FETCHER),
    ("eval-fail-flake-ref-to-string-negative-integer", FETCHER),
    (
        "eval-fail-readDir-nonexistent-1",
        "it reads an absolute path outside the project",
    ),
    // Fatal only because of an option of `nix-instantiate` that makes a warning an error.
    ("eval-fail-abs-path-fatal", OPTION),
    ("eval-fail-home-path-fatal", OPTION),
    ("eval-fail-short-path-literal", OPTION),
    ("eval-fail-url-literal", OPTION),
];

const STORE: &str = "it needs store paths";
const FETCHER: &str = "it calls a fetcher";
const OPTION: &str = "it depends on a command-line option";

/// What came of a case.
enum Outcome {
    Passed,
    Failed(String),
}

/// The names of the cases that begin with `prefix`, sorted.
fn cases(directory: &Path, prefix: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .expect("a directory")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".nix").map(str::to_owned))
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}

/// A case's options of `nix-instantiate`, as far as they concern the value.
#[derive(Default)]
struct Options {
    /// Names and expressions of `--arg` and `--argstr`.
    arguments: Vec<(String, String)>,
    /// `-I`, before what `NIX_PATH` says.
    search_path: Vec<(String, PathBuf)>,
    /// `-A`
    attribute: Option<String>,
}

fn options(directory: &Path, name: &str) -> Options {
    let text = std::fs::read_to_string(directory.join(format!("{name}.flags")));
    let text = text.unwrap_or_default();
    let parent = directory.parent().expect("a parent");
    let mut words = text.split_whitespace();
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut next = || words.next().expect("a value of the option").to_owned();
        match word {
            "--arg" => {
                let name = next();
                let value = next().replace("lang/", "./lang/");
                options.arguments.push((name, value));
            }
            "--argstr" => {
                let name = next();
                let value = format!("\"{}\"", next());
                options.arguments.push((name, value));
            }
            "-A" => options.attribute = Some(next()),
            "-I" => {
                let entry = next();
                let (prefix, path) = entry.split_once('=').unwrap_or(("", &entry));
                options
                    .search_path
                    .push((prefix.to_owned(), parent.join(path)));
            }
            _ => {}
        }
    }
    for path in ["lang/dir3", "lang/dir4"] {
        options.search_path.push((String::new(), parent.join(path)));
    }
    options
}

/// The value of a file, called if it is a function with formals, and whether something in it failed.
fn evaluate(directory: &Path, project: &Arc<Workspace>, name: &str) -> (String, bool) {
    let file = directory.join(format!("{name}.nix"));
    let options = options(directory, name);
    if let Ok(parsed) = project.parse(&file)
        && let Some(error) = parsed.errors.first()
    {
        return (format!("«error: {}»", error.message), true);
    }
    let parent = directory.parent().expect("a parent");
    let variables = [("TEST_VAR".to_owned(), "foo".to_owned())];
    let setup = EvaluatorOptions {
        environment: Environment {
            home: Some(PathBuf::from("/fake-home")),
            variables: Some(variables.into_iter().collect()),
            search_path: Some(options.search_path),
            toml_timestamps: name.starts_with("eval-okay-fromTOML-timestamps"),
            withheld: None,
        },
        ..EvaluatorOptions::default()
    };
    Evaluator::run(Arc::clone(project), setup, |evaluator| {
        let path = evaluator.path(&file.to_string_lossy());
        let mut value = evaluator
            .import_path(path)
            .and_then(|thunk| evaluator.force(thunk));
        if let Ok(Value::Lambda(closure)) = value
            && let Some(formals) = evaluator.function_formals(closure)
        {
            let mut text = String::from("{ ");
            for (name, value) in &options.arguments {
                if formals
                    .iter()
                    .any(|(formal, _)| *evaluator.name(*formal) == **name)
                {
                    text.push_str(&format!("{name} = {value}; "));
                }
            }
            text.push('}');
            let arguments = evaluator.eval_text(&parent.join("arguments.nix"), &text);
            value = arguments.and_then(|arguments| {
                let arguments = evaluator.ready(arguments);
                evaluator.apply(Value::Lambda(closure), arguments)
            });
        }
        if let Some(attribute) = &options.attribute {
            value = value.and_then(|value| evaluator.select_path(value, &[attribute]));
        }
        let thunk = match value {
            Ok(value) => evaluator.ready(value),
            Err(why) => evaluator.failed(why),
        };
        let failed = evaluator.force_deep(thunk).is_err();
        let printed = Printer { deep: true }.print(evaluator, value);
        (printed, failed)
    })
}

fn evaluate_xml(project: &Arc<Workspace>, file: &Path) -> String {
    let text = format!("builtins.toXML (import {})", file.display());
    Evaluator::run(Arc::clone(project), Limits::default(), |evaluator| {
        let value = evaluator.eval_text(Path::new("/xml.nix"), &text);
        match value.and_then(|value| evaluator.expect_text(value)) {
            Ok(text) => text.to_string(),
            Err(why) => evaluator.unknown_data(why).reason.to_string(),
        }
    })
}

fn eval_okay(directory: &Path, project: &Arc<Workspace>, name: &str) -> Outcome {
    let file = directory.join(format!("{name}.nix"));
    let expected =
        |suffix: &str| std::fs::read_to_string(directory.join(format!("{name}.{suffix}")));
    let (printed, expected) = match (
        expected("exp.xml"),
        expected("exp"),
        expected("exp-disabled"),
    ) {
        (Ok(xml), _, _) => (evaluate_xml(project, &file), xml),
        (_, Ok(text), _) | (_, _, Ok(text)) => (evaluate(directory, project, name).0, text),
        _ => return Outcome::Failed("no expected value".to_owned()),
    };
    let parent = directory.parent().unwrap_or(directory).to_string_lossy();
    let printed = printed.replace(&*parent, "/pwd");
    if printed.trim_end() == expected.trim_end() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!(
            "expected {}\n    got      {}",
            expected.trim_end(),
            printed.trim_end()
        ))
    }
}

fn eval_fail(directory: &Path, project: &Arc<Workspace>, name: &str) -> Outcome {
    let (printed, failed) = evaluate(directory, project, name);
    if failed && (printed.contains("«error") || printed.contains("stack overflow")) {
        Outcome::Passed
    } else {
        let shown: String = printed.chars().take(200).collect();
        Outcome::Failed(format!("gives {shown}"))
    }
}

fn parse(directory: &Path, name: &str, fails: bool) -> Outcome {
    let bytes = std::fs::read(directory.join(format!("{name}.nix"))).expect("a file");
    let Ok(text) = String::from_utf8(bytes) else {
        return Outcome::Failed("not UTF-8".to_owned());
    };
    let parsed = nix_syntax::parse(&text);
    // Nix looks for undefined variables while it parses.
    let mut errors = parsed.errors;
    let empty = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(empty.path()).expect("a project"));
    errors.extend(Evaluator::run(project, Limits::default(), |evaluator| {
        nix_syntax::undefined_variables(&parsed.file, |name| {
            let symbol = evaluator.find_symbol(name);
            symbol.is_some_and(|symbol| evaluator.nix_global(symbol).is_some())
        })
    }));
    match (errors.first(), fails) {
        (None, false) | (Some(_), true) => Outcome::Passed,
        (Some(error), false) => Outcome::Failed(error.message.clone()),
        (None, true) => Outcome::Failed("parses".to_owned()),
    }
}

#[test]
fn agrees_with_nix() {
    let Some(directory) = folder("nix-language-suite", "MCP_LINT_NIX_LANG_SUITE") else {
        return;
    };
    // Some cases look at the folders above.
    let root = directory.ancestors().nth(2).unwrap_or(&directory);
    let project = Arc::new(Workspace::open(root).expect("a project"));
    let mut failures = BTreeMap::new();
    for kind in ["eval-okay", "eval-fail", "parse-okay", "parse-fail"] {
        let (mut passed, mut excluded, mut total) = (0, 0, 0);
        for name in cases(&directory, &format!("{kind}-")) {
            total += 1;
            if std::env::var_os("MCP_LINT_NIX_LANG_SUITE_VERBOSE").is_some() {
                println!("{name}");
            }
            let reason = EXCLUDED.iter().find(|(case, _)| *case == name);
            let outcome = match kind {
                "eval-okay" => eval_okay(&directory, &project, &name),
                "eval-fail" => eval_fail(&directory, &project, &name),
                _ => parse(&directory, &name, kind == "parse-fail"),
            };
            match (outcome, reason) {
                (Outcome::Passed, _) => passed += 1,
                (Outcome::Failed(_), Some((_, reason))) => {
                    excluded += 1;
                    println!("excluded {name}: {reason}");
                }
                (Outcome::Failed(how), None) => {
                    failures.insert(name, how);
                }
            }
        }
        println!("{kind}: {passed} of {total} pass, {excluded} are excluded");
    }
    for (name, how) in &failures {
        println!("{name}: {how}");
    }
    assert!(
        failures.is_empty(),
        "{} cases differ from Nix",
        failures.len()
    );
}
