//! `lib` agrees with the real one.
//!
//! `tests/lib-cases/*.cases` hold expressions with their values as real Nix and the real `lib` gave
//! them (`=> error` where they fail). They are checked without Nix. With `nix-instantiate` on the
//! machine and the path of nixpkgs' `lib` in `MCP_LINT_NIXPKGS_LIB`, the values themselves are
//! checked, too (`MCP_LINT_HOME_MANAGER` is where Home Manager lies, for `lib.hm`);
//! `MCP_LINT_UPDATE_LIB_CASES=1` fills in those that are missing.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot read its fixtures must fail"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Value, Workspace};
use test_support::{folder, program};

struct Case {
    expression: String,
    expected: String,
}

struct CaseFile {
    path: PathBuf,
    header: String,
    cases: Vec<Case>,
}

/// Reads `expression` (one line or more) and `=> value` in turn; comments stand at the top.
fn read_cases(path: &Path) -> CaseFile {
    let text = std::fs::read_to_string(path).expect("a readable case file");
    let mut file = CaseFile {
        path: path.to_owned(),
        header: String::new(),
        cases: Vec::new(),
    };
    let mut expression = String::new();
    for line in text.lines() {
        if line.starts_with('#') && file.cases.is_empty() {
            writeln!(file.header, "{line}").expect("a string takes text");
        } else if let Some(expected) = line.strip_prefix("=>") {
            let expression = std::mem::take(&mut expression).trim().to_owned();
            file.cases.push(Case {
                expression,
                expected: expected.trim().to_owned(),
            });
        } else {
            expression.push_str(line);
            expression.push('\n');
        }
    }
    assert!(
        expression.trim().is_empty(),
        "{}: a case without a value",
        path.display()
    );
    file
}

fn case_files() -> Vec<CaseFile> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lib-cases");
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .expect("the case directory")
        .map(|entry| entry.expect("a directory entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "cases")
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| read_cases(path)).collect()
}

/// What we make of an expression; `error` where it fails.
fn ours(evaluator: &mut Evaluator, expression: &str) -> String {
    let path = evaluator
        .sources
        .workspace()
        .project_root()
        .join("case.nix");
    let function = evaluator.eval_text(&path, &format!("lib: (\n{expression}\n)"));
    let lib = evaluator.lib();
    let value = function.and_then(|function| evaluator.apply(function, lib));
    let printed = Printer { deep: true }.print(evaluator, value);
    if printed.contains("«error:") {
        "error".to_owned()
    } else {
        printed
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lib-cases/project")
}

#[test]
fn agrees_with_the_recorded_values() {
    let project = Arc::new(Workspace::open(&fixtures()).expect("a project"));
    let mut wrong = String::new();
    let mut count = 0;
    for file in case_files() {
        let cases = &file.cases;
        let project = Arc::clone(&project);
        let results = Evaluator::run(project, Limits::default(), |evaluator| {
            cases
                .iter()
                .map(|case| ours(evaluator, &case.expression))
                .collect::<Vec<_>>()
        });
        for (case, result) in file.cases.iter().zip(results) {
            count += 1;
            if result != case.expected {
                writeln!(
                    wrong,
                    "{}: {}\n  expected {}\n  got      {result}",
                    file.path.file_name().unwrap_or_default().to_string_lossy(),
                    case.expression,
                    case.expected
                )
                .expect("a string takes text");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 300, "only {count} cases");
}

/// The real `lib` with what newer releases of Nix have and older ones lack.
const REAL_LIB: &str = r#"
let
  newer = {
    addDrvOutputDependencies = x: x;
    convertHash = throw "convertHash";
    flakeRefToString = throw "flakeRefToString";
    parseFlakeRef = throw "parseFlakeRef";
    readFileType = path: (builtins.readDir (dirOf path)).${baseNameOf path};
    traceVerbose = _: x: x;
    warn = _: x: x;
  };
  scope = { builtins = newer // builtins; import = builtins.scopedImport scope; };
in path: homeManager:
  let lib = builtins.scopedImport scope path; in
  if homeManager == null then lib else lib.extend (final: _: {
    hm.dag = import (homeManager + "/modules/lib/dag.nix") { lib = final; };
  })
"#;

/// What real Nix makes of an expression.
fn real(lib: &Path, home_manager: Option<&Path>, expression: &str) -> String {
    let home_manager = home_manager.unwrap_or(Path::new("null")).display();
    let lib = lib.display();
    let text = format!("(lib: (\n{expression}\n)) (({REAL_LIB}) {lib} {home_manager})");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "-E", &text])
        .current_dir(fixtures())
        .output()
        .expect("nix-instantiate");
    if !output.status.success() {
        return "error".to_owned();
    }
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn nix_gives_the_recorded_values() {
    let lib = folder("nixpkgs-lib", "MCP_LINT_NIXPKGS_LIB");
    let (Some(lib), Some(_)) = (lib, program("nix")) else {
        return;
    };
    let home_manager = folder("home-manager", "MCP_LINT_HOME_MANAGER");
    let update = std::env::var_os("MCP_LINT_UPDATE_LIB_CASES").is_some();
    let mut wrong = String::new();
    for mut file in case_files() {
        if home_manager.is_none() && file.path.ends_with("hm.cases") {
            continue;
        }
        for case in &mut file.cases {
            if update && !case.expected.is_empty() {
                continue;
            }
            let value = real(&lib, home_manager.as_deref(), &case.expression);
            if update {
                case.expected = value;
            } else if value != case.expected {
                writeln!(
                    wrong,
                    "{}\n  recorded {}\n  real     {value}",
                    case.expression, case.expected
                )
                .expect("a string takes text");
            }
        }
        if update {
            let mut text = file.header.clone();
            for case in &file.cases {
                write!(text, "\n{}\n=> {}\n", case.expression, case.expected)
                    .expect("a string takes text");
            }
            std::fs::write(&file.path, text).expect("a writable case file");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Tests of nixpkgs' own suite that are known to give something else here: descriptions of types
/// and options for manuals, overriders of functors, and that `tryEval` lets unknown values pass.
const KNOWN_DIFFERENCES: &[&str] = &[
    "testGetLicenseFromSpdxIdOrThrow",
    "testOverridePreserveFunctionMetadata",
];

/// Runs a suite of `{ expr; expected; }` sets: how many hold, and which are wrong. What is not
/// determined is neither.
fn run_suite(evaluator: &mut Evaluator, path: &Path, text: &str) -> (usize, Vec<String>) {
    let function = evaluator.eval_text(
        path,
        &format!("lib: let nativeLib = lib // {{ runTests = x: x; }}; in (\n{text}\n)"),
    );
    let lib = evaluator.lib();
    let suite = function.and_then(|function| evaluator.apply(function, lib));
    let Ok(Value::Attrs(suite)) = suite else {
        return (0, vec![Printer { deep: true }.print(evaluator, suite)]);
    };
    let (mut holds, mut wrong) = (0, Vec::new());
    for test in evaluator.entries_by_name(suite) {
        let name = evaluator.name(test.name);
        let outcome = evaluator.force(test.value).and_then(|test| {
            let result = evaluator.select_path(test, &["expr"])?;
            let expected = evaluator.select_path(test, &["expected"])?;
            evaluator.equal(result, expected)
        });
        match outcome {
            Ok(true) => holds += 1,
            Err(why) if !evaluator.is_error(why) => {}
            _ if KNOWN_DIFFERENCES
                .iter()
                .any(|known| name.starts_with(known)) => {}
            _ => wrong.push(name.to_string()),
        }
    }
    (holds, wrong)
}

#[test]
fn tests_of_nixpkgs_hold() {
    let Some(lib) = folder("nixpkgs-lib", "MCP_LINT_NIXPKGS_LIB") else {
        return;
    };
    let project = Arc::new(Workspace::open(&lib).expect("nixpkgs' lib"));
    // The suites load the real `lib`; here they get ours.
    for (file, loads, at_least) in [
        ("tests/misc.nix", "import ../default.nix", 329),
        ("path/tests/unit.nix", "import libpath", 67),
    ] {
        let text = std::fs::read_to_string(lib.join(file)).expect("a suite");
        let text = text
            .replace(loads, "nativeLib")
            .replace("{ libpath }:", "")
            .replace(
                "lib.debug.throwTestFailures {\n  inherit failures;\n}",
                "failures",
            );
        let (holds, wrong) = Evaluator::run(Arc::clone(&project), Limits::default(), |evaluator| {
            let path = evaluator.sources.workspace().project_root().join(file);
            run_suite(evaluator, &path, &text)
        });
        assert_eq!(wrong, Vec::<String>::new(), "{file}");
        assert!(holds >= at_least, "{file}: only {holds} hold");
        println!("{file}: {holds} hold");
    }
}
