//! No decision hangs on the text of a message: rewording one must change nothing but words.
//!
//! Reasons, problems, ways and labels have types with variants; their text is for people. This reads
//! the tokens of all sources and fails where such a text is compared with words.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// What holds a text for people, by the name of the variable, field or method.
const TEXTS: [&str; 6] = ["message", "reason", "why", "via", "label", "external_label"];

/// What becomes such a text by `to_string` or `format!`.
const SHOWN: [&str; 6] = ["problem", "unknown", "limit", "verdict", "kind", "error"];

/// Methods that look for words in a text.
const SEARCHES: [&str; 13] = [
    "contains",
    "starts_with",
    "ends_with",
    "strip_prefix",
    "strip_suffix",
    "split_once",
    "rsplit_once",
    "find",
    "rfind",
    "matches",
    "eq",
    "ne",
    "eq_ignore_ascii_case",
];

/// What is known at a place: the variables that hold a text for people.
type Names = BTreeSet<String>;

#[test]
fn no_decision_hangs_on_the_text_of_a_message() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("lints/src")];
    for entry in std::fs::read_dir(root.join("crates")).unwrap() {
        folders.push(entry.unwrap().path().join("src"));
    }
    folders.retain(|folder| folder.is_dir());
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| sources(folder)).collect();
    assert!(files.len() > 500, "only {} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let found = decisions(&text);
        wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(
        wrong.is_empty(),
        "the text of a message decides; give what it says a variant:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_way_to_decide_by_text_is_seen() {
    let decides = [
        r#"problem.message.contains("has no value defined")"#,
        r#"reason.is_some_and(|reason| reason.starts_with("input `"))"#,
        r#"reader.via.starts_with("services.mcp ")"#,
        r#"evaluator.external_label(function).ends_with("eval-config.nix")"#,
        r#"unknown.reason.to_string().to_ascii_lowercase().contains("<nixpkgs>")"#,
        r#"problem.to_string() == "syntax error""#,
        r#"format!("{problem}").contains("limit")"#,
        r#"{ let text = unknown.reason.to_string(); text.contains("nixpkgs") }"#,
        r#"{ let label = label(x); label == "input" }"#,
        r#"{ let shown = format!("{}", why.reason); if shown.contains("x") { y } }"#,
        r#""syntax error" != problem.message"#,
        r#"matches!(problem.message.as_str(), "a" | "b")"#,
        r#"match &*why { "a" => 1, _ => 2 }"#,
        r#"["a", "b"].contains(&message.as_str())"#,
        r#"WORDS.iter().any(|word| reason.contains(word))"#,
        r#"reason.contains(WORD)"#,
        r#"secret.reason.as_ref().map(|text| text.contains("x"))"#,
        r#"if let Some("x") = message.as_deref() { y }"#,
    ];
    for source in decides {
        assert_eq!(decisions(source).len(), 1, "{source}");
    }
    let harmless = [
        r#"reason == Reason::Syntax"#,
        r#"problem.reason.is_no_definition()"#,
        r#"path.starts_with("/run")"#,
        r#"messages.push(format!("x {reason}"))"#,
        r#"{ let path = unknown.path.to_string(); path.contains("x") }"#,
        r#"match reason { Reason::Syntax => "a", _ => "b" }"#,
        r#"#[cfg(test)] mod tests { fn f() { reason.contains("x") } }"#,
        r#"message.contains('\n')"#,
    ];
    for source in harmless {
        let found = decisions(source);
        assert!(found.is_empty(), "{source}: {found:?}");
    }
}

/// The sources below a folder without those of tests.
fn sources(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let is_test = |path: &PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        stem == "tests" || stem.ends_with("_tests")
    };
    let files = test_support::files_with(folder, "rs").into_iter();
    files.filter(move |path| !is_test(path))
}

fn decisions(text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().unwrap();
    let mut found = Vec::new();
    walk(tokens, &Names::new(), &mut found);
    found
}

/// Inspects the tokens of a block, and of everything in it.
fn walk(tokens: TokenStream, outer: &Names, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut names = outer.clone();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(after) = test_module(&tokens, at) {
            at = after;
            continue;
        }
        note_variable(&tokens, at, &mut names);
        if let Some(what) = decision_at(&tokens, at, &names) {
            found.push(what);
        }
        if let TokenTree::Group(group) = &tokens[at] {
            let mut inner = names.clone();
            if is_call(&tokens, at) && is_text(receiver(&tokens, at - 2), &names) {
                inner.extend(closure_parameter(group));
            }
            walk(group.stream(), &inner, found);
        }
        at += 1;
    }
}

/// Behind `#[cfg(test)] mod … { … }`.
fn test_module(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let [
        TokenTree::Punct(hash),
        TokenTree::Group(attribute),
        rest @ ..,
    ] = tokens.get(at..)?
    else {
        return None;
    };
    let is_test = hash.as_char() == '#' && attribute.to_string().replace(' ', "") == "[cfg(test)]";
    let body = { rest.iter() }.position(|token| brace(token).is_some())?;
    let is_module = rest[..body].iter().any(|token| is(token, "mod"));
    (is_test && is_module).then_some(at + 2 + body + 1)
}

/// `let text = … .reason.to_string();` makes `text` one of the names.
fn note_variable(tokens: &[TokenTree], at: usize, names: &mut Names) {
    let [
        keyword,
        TokenTree::Ident(name),
        TokenTree::Punct(equals),
        value @ ..,
    ] = tokens.get(at..).unwrap_or_default()
    else {
        return;
    };
    if !is(keyword, "let") || equals.as_char() != '=' {
        return;
    }
    let end = { value.iter() }.position(|token| is_punct(token, ';'));
    let value = &value[..end.unwrap_or(value.len())];
    if is_text(value, names) && value.iter().all(|token| brace(token).is_none()) {
        names.insert(name.to_string());
    }
}

/// The single parameter of a closure that is a call's argument: `(|text| …)`.
fn closure_parameter(arguments: &Group) -> Option<String> {
    let tokens: Vec<TokenTree> = arguments.stream().into_iter().collect();
    match tokens.as_slice() {
        [open, TokenTree::Ident(name), close, ..]
            if is_punct(open, '|') && is_punct(close, '|') =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn decision_at(tokens: &[TokenTree], at: usize, names: &Names) -> Option<String> {
    match &tokens[at] {
        TokenTree::Group(group) if is_call(tokens, at) => {
            let TokenTree::Ident(method) = &tokens[at - 1] else {
                return None;
            };
            let receiver = receiver(tokens, at - 2);
            let arguments: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_search = SEARCHES.contains(&method.to_string().as_str());
            let holds_text = is_text(receiver, names) && has_words(&arguments);
            let has_text = has_words(receiver) && is_text(&arguments, names);
            (is_search && (holds_text || has_text))
                .then(|| format!("{}.{method}({})", shown(receiver), shown(&arguments)))
        }
        TokenTree::Punct(first) if matches!(first.as_char(), '=' | '!') => {
            let is_comparison = is_punct(tokens.get(at + 1)?, '=')
                && first.spacing() == proc_macro2::Spacing::Joint;
            let (left, right) = (receiver(tokens, at), operand(tokens, at + 2));
            let decides = (is_text(left, names) && is_literal_alone(right))
                || (is_literal_alone(left) && is_text(right, names));
            (is_comparison && decides).then(|| format!("{} == {}", shown(left), shown(right)))
        }
        // `matches!(text, "a" | "b")`
        TokenTree::Group(group) if at >= 2 && is(&tokens[at - 2], "matches") => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma = { inner.iter() }.position(|token| is_punct(token, ','))?;
            let (subject, pattern) = inner.split_at(comma);
            let guard = { pattern.iter() }.position(|token| is(token, "if"));
            let pattern = &pattern[..guard.unwrap_or(pattern.len())];
            (is_text(subject, names) && has_literal(pattern)).then(|| shown(&inner))
        }
        // `match text { "a" => … }`
        keyword if is(keyword, "match") => {
            let body = { tokens[at..].iter() }.position(|token| brace(token).is_some())?;
            let subject = &tokens[at + 1..at + body];
            let arms = brace(&tokens[at + body])?;
            (is_text(subject, names) && has_literal_pattern(arms))
                .then(|| format!("match {}", shown(subject)))
        }
        // `if let Some("a") = text`
        keyword if is(keyword, "let") => {
            let equals = { tokens[at..].iter() }.position(|token| is_punct(token, '='))?;
            let pattern = &tokens[at + 1..at + equals];
            let value = operand(tokens, at + equals + 1);
            (has_literal(pattern) && is_text(value, names))
                .then(|| format!("let {} = {}", shown(pattern), shown(value)))
        }
        _ => None,
    }
}

/// Whether a group is the arguments of a method: `.method(…)`.
fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    let TokenTree::Group(group) = &tokens[at] else {
        return false;
    };
    group.delimiter() == Delimiter::Parenthesis
        && at >= 2
        && matches!(tokens[at - 1], TokenTree::Ident(_))
        && is_punct(&tokens[at - 2], '.')
}

/// The operand that ends before a token: names, calls and indices with `.`, `::`, `?` and `!`.
fn receiver(tokens: &[TokenTree], end: usize) -> &[TokenTree] {
    let is_part = |token: &TokenTree| match token {
        TokenTree::Ident(name) => !is_keyword(name),
        TokenTree::Punct(punct) => ".:?!&*".contains(punct.as_char()),
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
        TokenTree::Literal(_) => true,
    };
    let start = { tokens[..end].iter() }.rposition(|token| !is_part(token));
    &tokens[start.map_or(0, |start| start + 1)..end]
}

/// The operand that begins at a token.
fn operand(tokens: &[TokenTree], start: usize) -> &[TokenTree] {
    let rest = tokens.get(start..).unwrap_or_default();
    let is_part = |token: &TokenTree| match token {
        TokenTree::Ident(name) => !is_keyword(name),
        TokenTree::Punct(punct) => ".:?&*".contains(punct.as_char()),
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
        TokenTree::Literal(_) => true,
    };
    let end = { rest.iter() }.position(|token| !is_part(token));
    &rest[..end.unwrap_or(rest.len())]
}

fn is_keyword(name: &Ident) -> bool {
    matches!(
        name.to_string().as_str(),
        "if" | "match" | "let" | "return" | "in" | "else" | "while"
    )
}

/// Whether an operand gives a text for people: its last name is one, or what it begins with is put
/// into words.
fn is_text(operand: &[TokenTree], names: &Names) -> bool {
    let is_one = |name: &Ident| {
        let name = name.to_string();
        TEXTS.contains(&name.as_str()) || names.contains(&name)
    };
    let own: Vec<&Ident> = { operand.iter() }
        .filter_map(|token| match token {
            TokenTree::Ident(name) => Some(name),
            _ => None,
        })
        .collect();
    // Names behind the text that leave it a text.
    const THROUGH: [&str; 15] = [
        "to_string",
        "as_str",
        "as_ref",
        "as_deref",
        "clone",
        "trim",
        "unwrap_or_default",
        "to_ascii_lowercase",
        "to_lowercase",
        "lines",
        "next",
        "err",
        "map",
        "iter",
        "value",
    ];
    let mut rest = own.iter().rev();
    let is_through = |name: &&&Ident| THROUGH.contains(&name.to_string().as_str());
    let is_last = rest
        .by_ref()
        .find(|name| !is_through(name))
        .is_some_and(|name| is_one(name));
    let is_put_into_words = own.iter().any(|name| *name == "to_string")
        && own.iter().any(|name| {
            is_one(name) || (SHOWN.contains(&name.to_string().as_str()) && own.len() == 2)
        })
        && is_last_or_shown(&own, is_one);
    let is_formatted = matches!(operand, [name, bang, TokenTree::Group(group), ..]
        if is(name, "format") && is_punct(bang, '!') && mentions(group, names));
    is_last || is_put_into_words || is_formatted
}

/// Whether what `to_string` puts into words is such a text, or something that is shown as one.
fn is_last_or_shown(own: &[&Ident], is_one: impl Fn(&Ident) -> bool) -> bool {
    let Some(at) = own.iter().position(|name| *name == "to_string") else {
        return false;
    };
    let before = at.checked_sub(1).map(|before| own[before]);
    before.is_some_and(|name| is_one(name) || SHOWN.contains(&name.to_string().as_str()))
}

/// Whether the arguments of `format!` hold a text for people, as a name or within the braces.
fn mentions(arguments: &Group, names: &Names) -> bool {
    let text = arguments.to_string();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    // What is only one of several parts is no longer that text.
    let is_whole = arguments.stream().into_iter().next().is_some_and(|first| {
        let first = first.to_string();
        first.starts_with("\"{") && first.ends_with("}\"")
    });
    is_whole
        && words
            .into_iter()
            .any(|word| TEXTS.contains(&word) || SHOWN.contains(&word) || names.contains(word))
}

/// Whether tokens have a literal text, a constant, or the variable of a list of words.
fn has_words(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Literal(literal) => is_string(&literal.to_string()),
        TokenTree::Ident(name) => {
            let name = name.to_string();
            name == "word" || (name.len() > 1 && !name.chars().any(char::is_lowercase))
        }
        TokenTree::Group(group) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            has_words(&inner)
        }
        TokenTree::Punct(_) => false,
    })
}

fn has_literal(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Literal(literal) => is_string(&literal.to_string()),
        TokenTree::Group(group) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            has_literal(&inner)
        }
        _ => false,
    })
}

fn is_literal_alone(tokens: &[TokenTree]) -> bool {
    let mut rest = tokens
        .iter()
        .filter(|token| !is_punct(token, '&') && !is_punct(token, '*'));
    let is_first = rest.next().is_some_and(|token| {
        matches!(token, TokenTree::Literal(_)) && is_string(&token.to_string())
    });
    is_first && rest.next().is_none()
}

/// Whether a pattern of a `match` is a literal text.
fn has_literal_pattern(arms: &Group) -> bool {
    let tokens: Vec<TokenTree> = arms.stream().into_iter().collect();
    let is_arrow = |at: usize| {
        is_punct(&tokens[at], '=') && tokens.get(at + 1).is_some_and(|next| is_punct(next, '>'))
    };
    let mut is_pattern = true;
    for (at, token) in tokens.iter().enumerate() {
        if is_arrow(at) || is(token, "if") {
            is_pattern = false;
        } else if is_punct(token, ',') || brace(token).is_some() {
            is_pattern = true;
        } else if is_pattern && has_literal(std::slice::from_ref(token)) {
            return true;
        }
    }
    false
}

fn is_string(literal: &str) -> bool {
    literal.starts_with(['"', 'r']) && literal.ends_with(['"', '#'])
}

fn is(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn brace(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

fn shown(tokens: &[TokenTree]) -> String {
    let text: TokenStream = tokens.iter().cloned().collect();
    text.to_string()
}
