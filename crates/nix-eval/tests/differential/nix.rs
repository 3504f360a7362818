//! Real Nix, many expressions in one process: `nix repl` reads them from a pipe and goes on after
//! an error.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Outcome;

/// What a value begins with.
pub(crate) const MARK: &str = "@value ";

/// What both evaluate: the value as XML, which tells types apart and needs no store.
pub(crate) fn wrap(expression: &str) -> String {
    format!("\"{MARK}\" + builtins.toXML ({expression})")
}

/// What Nix says of each expression; nothing where there is no Nix.
pub(crate) fn evaluate(directory: &Path, expressions: &[String]) -> Option<Vec<Outcome>> {
    test_support::program("nix")?;
    let mut outcomes = Vec::with_capacity(expressions.len());
    // What kills Nix, such as a stack overflow, must not cost the answers of all that follow.
    while outcomes.len() < expressions.len() {
        let rest = expressions.get(outcomes.len()..)?;
        let answers = session(directory, rest);
        if answers.len() < rest.len() {
            outcomes.extend(answers);
            outcomes.push(Outcome::Fails("Nix was killed".to_owned()));
        } else {
            outcomes.extend(answers);
        }
    }
    Some(outcomes)
}

/// One session: the outcomes up to the one that ended it, without that one.
fn session(directory: &Path, expressions: &[String]) -> Vec<Outcome> {
    let mut input = String::new();
    for (index, expression) in expressions.iter().enumerate() {
        assert!(!expression.contains(['\n', '\t']), "one line: {expression}");
        input.push_str(&format!("\"@begin {index}\"\n"));
        input.push_str(&format!("{}\n", wrap(expression)));
    }
    input.push_str("\"@end\"\n");
    let store = tempfile::tempdir().expect("a folder for the store");
    let mut child = Command::new("nix")
        .args([
            "--extra-experimental-features",
            "nix-command flakes",
            "repl",
        ])
        .current_dir(directory)
        .env(
            "NIX_REMOTE",
            format!("local?root={}", store.path().display()),
        )
        .env("NIX_PATH", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("nix repl starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || {
        // A session that was killed closes the pipe.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("nix repl ends");
    writer.join().expect("the input was written");
    let text = String::from_utf8_lossy(&output.stdout);
    parse(&text, expressions.len())
}

fn parse(text: &str, count: usize) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = vec![Outcome::Fails(String::new()); count];
    let mut current = None;
    for line in text.lines() {
        let Some(string) = printed_string(line) else {
            continue;
        };
        if let Some(index) = string.strip_prefix("@begin ") {
            current = index.parse::<usize>().ok();
        } else if string == "@end" {
            return outcomes;
        } else if let (Some(value), Some(index)) = (string.strip_prefix(MARK), current) {
            outcomes[index] = Outcome::Value(value.to_owned());
        }
    }
    // The session was killed in the middle of the expression that began last.
    outcomes.truncate(current.unwrap_or(0));
    outcomes
}

/// The string that a line of output is, between colour codes.
fn printed_string(line: &str) -> Option<String> {
    let line = line.trim_end().strip_prefix("\u{1b}[35;1m").unwrap_or(line);
    let line = line.strip_suffix("\u{1b}[0m").unwrap_or(line);
    let inner = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            c => text.push(c),
        }
    }
    Some(text)
}
