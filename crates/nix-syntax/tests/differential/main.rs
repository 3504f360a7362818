//! Against real Nix: what `nix-instantiate --parse` accepts is accepted, and means the same.
//!
//! Nix prints the expression as it understood it. That text is parsed here, too, and both trees
//! are brought to the form that Nix prints: `a < b` is a call of `__lessThan`, a string with
//! interpolation is a sum. Where there is no `nix-instantiate` the tests pass and say so.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

mod canonical;
mod cases;
mod generate;

use std::process::{Command, Output};
use std::sync::Once;

use canonical::canonical;

/// What Nix makes of an expression: the text it prints, or its message.
fn nix(text: &str) -> Result<String, String> {
    // The first call makes its state; two at once would read what the other has half written.
    static STATE: Once = Once::new();
    STATE.call_once(|| {
        parse("1").unwrap();
    });
    let output = parse(text).unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

fn parse(text: &str) -> std::io::Result<Output> {
    Command::new("nix-instantiate")
        .args(["--parse", "-E", text])
        .env(
            "NIX_STATE_DIR",
            std::env::temp_dir().join("nix-syntax-state"),
        )
        .env(
            "NIX_STORE_DIR",
            std::env::temp_dir().join("nix-syntax-store"),
        )
        // What `~` is, so that both print it alike.
        .env("HOME", "/~")
        .current_dir(directory())
        .output()
}

/// Where Nix runs, so that it prints relative paths as paths below it: deep enough that `../..` is
/// not the root, which it prints as `/`.
fn directory() -> std::path::PathBuf {
    std::env::temp_dir()
        .canonicalize()
        .unwrap()
        .join("nix-syntax-differential/a/b/c/d/e/f/g/h")
}

fn has_nix() -> bool {
    let found = test_support::program("nix").is_some();
    if found {
        std::fs::create_dir_all(directory()).unwrap();
    }
    found
}

fn is_global(name: &str) -> bool {
    const GLOBAL: &[&str] = &[
        "builtins",
        "scopedImport",
        "fromTOML",
        "true",
        "false",
        "null",
        "map",
        "toString",
        "import",
        "throw",
        "abort",
        "removeAttrs",
        "isNull",
        "baseNameOf",
        "dirOf",
        "derivation",
        "fetchTarball",
        "placeholder",
    ];
    GLOBAL.contains(&name) || name.starts_with("__")
}

/// What this crate makes of an expression, in the form of [`canonical`].
fn ours(text: &str) -> Result<String, String> {
    let parsed = nix_syntax::parse(text);
    let undefined = nix_syntax::undefined_variables(&parsed.file, is_global);
    match parsed.errors.iter().chain(&undefined).next() {
        Some(error) => Err(error.message.clone()),
        None => Ok(canonical(&parsed.file)),
    }
}

/// How both differ, if they do.
fn difference(text: &str) -> Option<String> {
    match (ours(text), nix(text)) {
        (Err(_), Err(_)) => None,
        // Nix merges sets in sets only since 2.9 or so: `{ a = { b.c = 1; }; a = { b.d = 2; }; }`.
        (Ok(_), Err(theirs)) if theirs.contains("already defined at") => None,
        (Ok(_), Err(theirs)) => Some(format!("Nix refuses\n{text}\n{theirs}")),
        (Err(ours), Ok(theirs)) => Some(format!("Nix accepts\n{text}\nas {theirs}\nbut: {ours}")),
        (Ok(ours), Ok(printed)) => match self::ours(&printed) {
            Ok(theirs) if theirs == ours => None,
            Ok(theirs) => Some(format!(
                "another meaning\n{text}\nours: {ours}\nNix:  {theirs}"
            )),
            // Nix prints some things as it would not read them.
            Err(_) => None,
        },
    }
}

fn assert_same(texts: &[&str]) {
    let share = texts.len().div_ceil(4).max(1);
    let differences: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = texts
            .chunks(share)
            .map(|texts| {
                let work = || -> Vec<String> {
                    texts.iter().filter_map(|text| difference(text)).collect()
                };
                scope.spawn(work)
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let (number, of) = (differences.len(), texts.len());
    assert!(
        differences.is_empty(),
        "{number} of {of}\n{}",
        differences.join("\n---\n")
    );
}

#[test]
fn written_cases_mean_the_same() {
    if has_nix() {
        let lines = cases::CASES.lines().filter(|line| !line.is_empty());
        let texts: Vec<&str> = lines.chain(cases::LONG_CASES.iter().copied()).collect();
        assert_same(&texts);
    }
}

/// `NIX_SYNTAX_CASES=10000 NIX_SYNTAX_SEED=7 cargo test -p nix-syntax --test differential`
#[test]
fn generated_cases_mean_the_same() {
    if !has_nix() {
        return;
    }
    let number = |name: &str, default| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    };
    let (cases, seed) = (
        number("NIX_SYNTAX_CASES", 150),
        number("NIX_SYNTAX_SEED", 1),
    );
    println!("{cases} cases, seed {seed}");
    let mut random = generate::Random(seed);
    let texts: Vec<String> = (0..cases)
        .map(|_| generate::expression(&mut random))
        .collect();
    assert_same(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Every `.nix` file below a directory:
/// `NIX_SYNTAX_CORPUS=… cargo test -p nix-syntax --test differential`
#[test]
fn files_of_a_corpus_mean_the_same() {
    let Some(directory) = test_support::folder("nix-corpus", "NIX_SYNTAX_CORPUS") else {
        return;
    };
    if !has_nix() {
        return;
    }
    let files = test_support::files_with(&directory, "nix");
    // A link may lead nowhere.
    let texts = { files.iter() }.filter_map(|file| std::fs::read_to_string(file).ok());
    let texts: Vec<String> = texts.collect();
    println!("{} files", texts.len());
    assert_same(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

/// The language suite of the Nix repository, which is not part of this one:
/// `NIX_LANGUAGE_SUITE=…/tests/functional/lang cargo test -p nix-syntax --test differential`
#[test]
fn the_language_suite_of_nix_parses_or_fails_as_it_says() {
    let Some(directory) = test_support::folder("nix-language-suite", "NIX_LANGUAGE_SUITE") else {
        return;
    };
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut counts = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "nix"))
    {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8(std::fs::read(path).unwrap());
        let ours = text
            .map_err(|error| error.to_string())
            .and_then(|text| ours(&text));
        let kind = ["parse-okay", "parse-fail", "eval-okay", "eval-fail"]
            .into_iter()
            .find(|kind| name.starts_with(kind));
        let Some(kind) = kind else { continue };
        let is_right = match kind {
            "parse-fail" => ours.is_err(),
            // What Nix prints is the canonical form already, if paths are taken as they are.
            "parse-okay" => {
                let expected = std::fs::read_to_string(path.with_extension("exp"));
                ours.is_ok() && expected.is_ok_and(|text| self::ours(text.trim()) == ours)
            }
            "eval-okay" => ours.is_ok(),
            _ => true,
        };
        *counts.entry(kind).or_insert(0) += 1;
        if !is_right {
            wrong.push(format!("{name}: {ours:?}"));
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
