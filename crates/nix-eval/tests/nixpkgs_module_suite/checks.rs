//! The checks of `modules.sh`, as data.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a check expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// JSON that the pattern matches.
    Output,
    /// An error.
    Error,
    /// A file that evaluates to the end.
    Expression,
}

/// A check.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its line in `modules.sh`.
    pub(crate) line: u32,
    pub(crate) expected: Expected,
    /// Whether a warning ends the evaluation.
    pub(crate) abort_on_warning: bool,
    /// The pattern that the output or the message matches.
    pub(crate) pattern: String,
    /// What is evaluated: `config.enable`, or the file of an expression.
    pub(crate) attribute: String,
    /// The modules, as Nix expressions in the folder of the test modules.
    pub(crate) modules: Vec<String>,
}

/// Functions of `modules.sh` that are replaced by ones that only say what they were called with.
const REPLACED: [&str; 3] = ["checkConfigOutput", "checkConfigError", "checkExpression"];

/// Defines the replacements, in one line, so that the script's lines keep their numbers.
const PREAMBLE: &str = r#"
record() { printf '%s\0' "$1" "${BASH_LINENO[1]}" "${ABORT_ON_WARN-0}" "$(($# - 1))" "${@:2}"; };
checkConfigOutput() { record output "$@"; };
checkConfigError() { record error "$@"; };
checkExpression() { record expression "$@"; };
"#;

/// Lets `bash` read the script, which knows best how its words are quoted.
pub(crate) fn read(tests: &Path) -> Vec<Check> {
    let script = std::fs::read_to_string(tests.join("modules.sh")).expect("modules.sh");
    let mut script = script.replace("${BASH_SOURCE[0]}", "$1");
    for function in REPLACED {
        let definition = format!("\n{function}() {{");
        assert!(
            script.contains(&definition),
            "modules.sh defines {function}"
        );
        script = script.replace(&definition, &format!("\nreplaced_{function}() {{"));
    }
    let (script, _) = script
        .split_once("\ncat <<EOF")
        .expect("a summary at the end");
    let script = format!("{} {script}\n", PREAMBLE.replace('\n', " "));
    let mut bash = Command::new("bash")
        .args(["-s", "--"])
        .arg(tests.join("modules.sh"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    let mut stdin = bash.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = bash.wait_with_output().expect("bash ends");
    writer
        .join()
        .expect("no panic")
        .expect("bash reads the script");
    assert!(output.status.success(), "bash fails on modules.sh");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    parse(text.split_terminator('\0').map(str::to_owned))
}

fn parse(mut words: impl Iterator<Item = String>) -> Vec<Check> {
    let mut checks = Vec::new();
    while let Some(kind) = words.next() {
        let mut next = || words.next().expect("a whole record");
        let line = next().parse().expect("a line number");
        let abort_on_warning = next() == "1";
        let count: usize = next().parse().expect("a count");
        let mut arguments: Vec<String> = (0..count).map(|_| next()).collect();
        let expected = match kind.as_str() {
            "output" => Expected::Output,
            "error" => Expected::Error,
            _ => Expected::Expression,
        };
        let pattern = match expected {
            Expected::Expression => String::new(),
            Expected::Output | Expected::Error => arguments.remove(0),
        };
        let attribute = arguments.remove(0);
        checks.push(Check {
            line,
            expected,
            abort_on_warning,
            pattern,
            attribute,
            modules: arguments,
        });
    }
    checks
}
