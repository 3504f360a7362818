//! Texts that would overflow the stack of rnix or take it minutes.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

use std::time::{Duration, Instant};

use nix_syntax::hir::Expr;
use nix_syntax::{Limits, parse, parse_with};

/// Parses a text on this thread, which has the usual 2 MiB of stack, and looks at the time.
fn parses_soon(name: &str, text: &str) -> nix_syntax::Parsed {
    let start = Instant::now();
    let parsed = parse(text);
    let time = start.elapsed();
    println!("{name}: {time:?}, {:?}", parsed.errors.first());
    assert!(time < Duration::from_secs(60), "{name} took {time:?}");
    parsed
}

/// Asserts that a text is refused with one error at a place in it.
fn is_refused(name: &str, text: &str) {
    let parsed = parses_soon(name, text);
    let [error] = parsed.errors.as_slice() else {
        panic!("{name}: {} errors", parsed.errors.len());
    };
    assert!(
        error.span.start < error.span.end && error.span.end as usize <= text.len(),
        "{name}"
    );
    assert_eq!(parsed.file.exprs, [Expr::Error], "{name}");
}

const MANY: usize = 100_000;

#[test]
fn deep_brackets_are_refused() {
    for opener in [
        "(",
        "[",
        "{a=",
        "\"${",
        "''${",
        "./a${",
        "{ ${",
        "f (",
        "[ [ ",
        "{ x }: (",
        "let a = [",
    ] {
        is_refused(opener, &opener.repeat(MANY));
    }
    is_refused(
        "lists",
        &format!("{}{}", "[".repeat(MANY), "]".repeat(MANY)),
    );
    is_refused(
        "parentheses",
        &format!("{}1{}", "(".repeat(MANY), ")".repeat(MANY)),
    );
}

#[test]
fn long_chains_are_refused() {
    for link in [
        "-",
        "!",
        "a ++ ",
        "a + ",
        "a // ",
        "a -> ",
        "a |> ",
        "a <| ",
        "f ",
        "a . ",
        "a or ",
        "a.b or ",
        "a: ",
        "{}: ",
        "a ? b ",
        "a == ",
        "a && ",
        "rec ",
        "a @ ",
        "\"x\" ",
        "[] ",
        "(a) ",
        "inherit a ",
        "a + , ",
        "a + ; ",
        "a + then ",
        "- then ",
    ] {
        is_refused(link, &link.repeat(MANY));
    }
    is_refused("a.a.a", &"a.".repeat(MANY));
    is_refused("<<<", &"<".repeat(MANY));
}

#[test]
fn nested_words_end_in_an_error() {
    for link in [
        "let a = 1; in ",
        "with a; ",
        "assert a; ",
        "if a then b else ",
        "if a then ",
    ] {
        let parsed = parses_soon(link, &format!("{}1", link.repeat(MANY)));
        assert!(!parsed.errors.is_empty(), "{link}");
    }
}

#[test]
fn lists_that_are_none_cost_little() {
    for element in [
        "x ", "(1) ", "\"x\" ", "( ) ", "{ ) ", "a . ", "[ ] x ", "a.b ",
    ] {
        for start in [
            "{ [ { a = 1; } ",
            "[ ( ) ",
            "f [ (if a then b) [ (else 1) ] ",
            "[ a: ",
        ] {
            let parsed = parses_soon(element, &format!("{start}{}", element.repeat(MANY)));
            assert!(!parsed.errors.is_empty());
        }
        let many_lists = format!("{{ [ {{ a = 1; }} {} ; ", element.repeat(400)).repeat(400);
        assert!(!parses_soon(element, &many_lists).errors.is_empty());
    }
}

#[test]
fn many_long_chains_cost_little() {
    let chain = format!("{};", "f ".repeat(490));
    parses_soon("calls", &chain.repeat(3_000_000 / chain.len()));
}

#[test]
fn many_errors_cost_little() {
    for text in [
        "[ ; ",
        "{ = ",
        "} ",
        ") ",
        "; = . @ ",
        "${ ${ } ",
        "a = 1; a = 2; ",
        "\u{a0}",
    ] {
        let parsed = parses_soon(text, &text.repeat(1_000_000 / text.len()));
        assert!(!parsed.errors.is_empty());
    }
    let duplicates = format!("{{ {} }}", "a = 1; ".repeat(200_000));
    let parsed = parses_soon("duplicates", &duplicates);
    assert!(parsed.errors.len() <= 100);
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let parsed = parses_soon("50 MB", &"a".repeat(50_000_000));
    assert_eq!(parsed.errors.len(), 1);
    let limits = Limits {
        size: 10,
        ..Limits::default()
    };
    assert_eq!(parse_with("12345678901", &limits).errors.len(), 1);
    assert_eq!(parse_with("1234567890", &limits).errors.len(), 0);
}

#[test]
fn what_is_large_but_flat_is_parsed() {
    let list = format!("[ {} ]", "a ".repeat(MANY));
    let parsed = parses_soon("list", &list);
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.file.children.len(), MANY);

    let bindings: String = (0..MANY)
        .map(|number| format!("a{number} = {number};\n"))
        .collect();
    let parsed = parses_soon("set", &format!("{{ {bindings} }}"));
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.file.bindings.len(), MANY);

    for text in [
        format!("\"{}\"", "x".repeat(4_000_000)),
        format!("# {}\n1", "x".repeat(4_000_000)),
        format!("\"{}\"", "${a}b".repeat(MANY)),
        format!("''{}''", "${a}\n  b".repeat(MANY)),
        format!(
            "{{ {} ... }}: 1",
            (0..MANY)
                .map(|number| format!("a{number}, "))
                .collect::<String>()
        ),
        format!(
            "{{ inherit {}; }}",
            (0..4000)
                .map(|number| format!("a{number} "))
                .collect::<String>()
        ),
    ] {
        let name: String = text.chars().take(10).collect();
        assert_eq!(parses_soon(&name, &text).errors, []);
    }
}

#[test]
fn what_is_just_inside_the_limits_is_parsed() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [
        ("(", ")"),
        ("[ ", " ]"),
        ("{ a = ", "; }"),
        ("f (", ")"),
        ("\"${", "}\""),
    ] {
        let depth = if open.starts_with('"') { 250 } else { 500 };
        let parsed = parses_soon(open, &nested(open, close, depth));
        assert_eq!(parsed.errors, [], "{open}");
    }
    for link in ["a ++ ", "a + ", "f ", "- ", "a // ", "a && "] {
        let parsed = parses_soon(link, &format!("{}a", link.repeat(250)));
        assert_eq!(parsed.errors, [], "{link}");
    }
    // As high as a tree can get.
    let high = nested(&format!("{}(", "a ++ ".repeat(8)), ")", 500);
    assert_eq!(parses_soon("high", &high).errors, []);
}

/// What is not given to a thread with a large stack of its own.
#[test]
fn what_is_not_deep_needs_little_stack() {
    let brackets = format!("{}1{}", "(f [ { a = x: ".repeat(10), "; } ])".repeat(10));
    let chain = format!("{}a", "a ++ ".repeat(95));
    let calls = "f ".repeat(190);
    let words = format!("{}1", "let a = 1; in with a; ".repeat(20));
    for text in [brackets, chain, calls, words] {
        let thread = std::thread::Builder::new().stack_size(384 << 10);
        let errors = thread
            .spawn(move || parse(&text).errors)
            .unwrap()
            .join()
            .unwrap();
        assert_eq!(errors, []);
    }
}
