//! Go patterns must accept, refuse and match what Go's `regexp` does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use secret_files::{GoRegex, GoRegexError};

/// The texts that the columns of `results.tsv` stand for.
const SUBJECTS: [&str; 46] = [
    "secrets/prod.yaml",
    "secrets/foo.yaml",
    "a_b",
    "a-b",
    "a\"b",
    "a<b",
    "a>b",
    "a b",
    "a.b",
    "A",
    "a",
    "b",
    "[",
    "&",
    "~",
    "z",
    "5",
    "é",
    "É",
    "aa",
    "aaa",
    "*",
    "\\",
    "\n",
    "a\nb",
    "]",
    "-",
    ".",
    "B",
    "",
    "+",
    "Q",
    "h",
    "\u{b}",
    "#",
    "ab",
    "a{",
    "a{b}",
    "{",
    "}",
    "x",
    "E",
    "日",
    "K",
    "ж",
    "s",
];

#[test]
fn the_recorded_table_of_107_patterns() {
    let table = include_str!("fixtures/go_regex/results.tsv");
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (pattern, expected) = line.split_once('\t').unwrap();
        let actual = match GoRegex::new(pattern) {
            Ok(regex) => SUBJECTS
                .iter()
                .map(|text| if regex.is_match(text) { '1' } else { '0' })
                .collect(),
            Err(_) => "ERR".to_owned(),
        };
        if actual != expected {
            wrong.push(format!("{pattern}\n  Go   {expected}\n  ours {actual}"));
        }
    }
    assert_eq!(table.lines().count(), 107);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 2500 random patterns over 48 texts, run through Go 1.19's `regexp` once.
#[test]
fn recorded_random_patterns() {
    let subjects = subjects();
    assert_eq!(subjects.len(), 48);
    let table = include_str!("fixtures/go_regex/recorded.tsv");
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (pattern, expected) = line.rsplit_once('\t').unwrap();
        let actual = match GoRegex::new(pattern) {
            Ok(regex) => {
                let bits = subjects
                    .iter()
                    .enumerate()
                    .filter(|(_, text)| regex.is_match(text));
                format!(
                    "{:x}",
                    bits.fold(0_u64, |bits, (index, _)| bits | 1 << index)
                )
            }
            Err(_) => "ERR".to_owned(),
        };
        if actual != expected {
            wrong.push(format!("{pattern}   Go {expected}, ours {actual}"));
        }
    }
    assert_eq!(table.lines().count(), 2500);
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The texts are stored as JSON strings; the only escapes in them are these.
fn subjects() -> Vec<String> {
    let json = include_str!("fixtures/go_regex/recorded_subjects.json").trim();
    let inner = json
        .strip_prefix("[\"")
        .and_then(|rest| rest.strip_suffix("\"]"))
        .unwrap();
    inner.split("\", \"").map(unescape).collect()
}

fn unescape(text: &str) -> String {
    let mut output = String::new();
    let mut chars = text.chars();
    while let Some(next) = chars.next() {
        if next != '\\' {
            output.push(next);
            continue;
        }
        output.push(match chars.next().unwrap() {
            'n' => '\n',
            't' => '\t',
            'f' => '\u{c}',
            'u' => {
                let digits: String = chars.by_ref().take(4).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
            }
            other => panic!("an escape that the file does not use: {other}"),
        });
    }
    output
}

#[test]
fn an_absurd_pattern_is_refused_quickly() {
    assert_eq!(
        GoRegex::new(&"(a{1000}".repeat(3)),
        Err(GoRegexError::Invalid("a group is not closed"))
    );
    assert!(GoRegex::new(&"(".repeat(100_000)).is_err());
    assert_eq!(
        GoRegex::new(r"\pL{1000}\pL{1000}\pL{1000}"),
        Err(GoRegexError::TooLarge)
    );
    let deep = format!("{}a{}", "(".repeat(900), ")".repeat(900));
    assert!(GoRegex::new(&deep).unwrap().is_match("a"));
}
