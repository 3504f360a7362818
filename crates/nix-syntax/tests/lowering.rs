//! What expressions are lowered to: each line of a snapshot is an expression, the tree that
//! [`nix_syntax::dump`] prints, and the errors.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

use std::fmt::Write as _;

use nix_syntax::dump::dump;
use nix_syntax::hir::{BindingValue, Expr};
use nix_syntax::parse;

/// The trees and errors of expressions, one a line.
fn trees(texts: &str) -> String {
    let mut out = String::new();
    for text in texts.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let text = text.replace("␤", "\n");
        let parsed = parse(&text);
        let shown = text.replace('\n', "␤");
        let _ = writeln!(out, "{shown}\n  {}", dump(&parsed.file));
        for error in parsed.errors {
            let place = &text[error.span.start as usize..error.span.end as usize];
            let _ = writeln!(
                out,
                "  error at {} {place:?}: {}",
                error.span.start, error.message
            );
        }
    }
    out
}

/// Compares with the snapshot of the calling test.
macro_rules! assert_trees {
    ($texts:expr $(,)?) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(trees($texts));
        })
    };
}

#[test]
fn variables_are_resolved() {
    assert_trees!(
        r"
        x: y: x y z
        let a = 1; b = a; in b
        let a = 1; in x: let b = a; in { inherit a b; c = x; }
        rec { a = 1; b = { a = 2; c = a; }; }
        { a = 1; b = a; }
        { a, b ? a, ... }@args: args.a b
        with a; b
        with a; with b; c
        x: with x; y: x y z
        with a; let b = 1; in b c
        with a; rec { b = c; d = b; }
        let x = 1; in let inherit x; in x
        let x = 1; in rec { inherit x; y = x; }
        x: rec { inherit (x) a; inherit (a) b; ${x} = b; }
        with w; rec { inherit x; }
        with w; { inherit x; }
        { inherit x; }
        let a = { inherit b; }; b = a; in a
        x: x: x
        map: map
        { x ? y, y ? x }: x
        x@{ y ? x }: y
        ",
    );
}

#[test]
fn operators_bind_as_in_nix() {
    assert_trees!(
        r#"
        a -> b || c && d == e < f // !g + h * i ++ j ? k
        a - b - c
        a ++ b ++ c
        a // b // c
        a -> b -> c
        -a.b - -c
        !a ? b.c."d ${e}".${f}
        a.b or c d
        f a.b or c.d or e
        a or b
        x |> f |> g
        f <| g <| x
        x |> f <| y
        a == b == c
        a < b < c
        f x: x
        [ x: x ]
        a/(b)
        1 + !a
        "#,
    );
}

#[test]
fn attribute_paths_are_expanded_and_merged() {
    assert_trees!(
        r#"
        { a.b.c = 1; a.b.d = 2; a.e = 3; f = 4; }
        { a = { b = 1; }; a.c = 2; }
        { a.c = 2; a = { b = 1; }; }
        { a = { b.c = 1; }; a = { b.d = 2; }; }
        { a = rec { b = c; }; a.c = b; }
        { a.c = b; a = rec { b = c; }; }
        { a = ({ b = 1; }); a.c = 2; }
        { "a".b = 1; ${"a"}.c = 2; a.${d}.e = 3; a.${d}.f = 4; }
        let a.b = 1; a.c = 2; in a
        x: { a = { inherit (x) y; }; a.z = 1; a = { inherit (x) w; }; }
        { a = 1; a = 2; }
        { a.b = 1; a.b = 2; }
        { a.b = 1; a = 2; }
        { a = { b.c = 1; }; a.b.c = 2; }
        { a = 1; a.b = 2; c = 3; }
        { inherit a; a = 1; }
        { inherit (b) a; inherit a; }
        { inherit ${a}; }
        let ${a} = 1; in 2
        let a.${b} = 1; in a
        let { body = a; a = 1; }
        { ${a}.b = 1; ${a}.c = 2; }
        "#,
    );
}

#[test]
fn literals_have_their_values() {
    assert_trees!(
        r#"
        [ 1 007 9223372036854775807 1.5 .5 1. 1.e3 2.5E-3 0.0 ]
        [ 9223372036854775808 1.0e400 1.0e-400 ]
        0.
        [ "a\n\${b}" "$" "$$" "$${a}" "a${b}c" "${a}" ]
        [ ''a'' ''␤  a␤    b${c}␤  '' '''''' ''''$ ''\n'' ]
        [ ./a ../b/c.d a/b /a ~/a ./a/${b}c/d /${a} ./a${b}//c ]
        [ <a> <a/b.c> ]
        <a//b>
        [ http://a.b/c?d=e x:y ]
        ./a/
        ./a ${b}
        __curPos
        "#,
    );
}

#[test]
fn what_does_not_parse_leaves_the_rest() {
    assert_trees!(
        r"
        { a = ; b = 2; }
        { a = 1 b = 2; c = 3; }
        { a = [ 1 ; 2 ]; b = 3; }
        { a = (1; b = 2; }
        if a then else b
        with ; a
        let a = 1; in
        { a, b, a }: a b
        { a }@a: a
        { a ? }: a
        f ) x
        a b
        é
        (a
        ",
    );
}

/// The text of each binding's name, path and whole.
#[test]
fn bindings_have_their_places() {
    let text = "{ a.b.c = 1; inherit x; inherit (y) \"z\"; a.d = 2; }";
    let file = parse(text).file;
    let at = |span: nix_syntax::source::TextSpan| &text[span.start as usize..span.end as usize];
    let places: Vec<String> = file
        .bindings
        .iter()
        .map(|binding| {
            let [name, path, whole] = [binding.name_span, binding.path_span, binding.span].map(at);
            let value = match binding.value {
                BindingValue::Expr(id) => at(file.spans[id.0 as usize]).to_owned(),
                BindingValue::From(source) => format!("source {source}"),
            };
            format!("{name} | {path} | {whole} | {value}")
        })
        .collect();
    insta::assert_snapshot!(places.join("\n"), @r#"
    c | a.b.c | a.b.c = 1; | 1
    b | a.b | a.b.c = 1; | c = 1;
    d | a.d | a.d = 2; | 2
    a | a | a.b.c = 1; | b.c = 1;
    x | x | x | x
    "z" | "z" | "z" | source 0
    "#);
}

#[test]
fn parentheses_are_outside_the_span() {
    let text = "f ( /* c */ a b ) ";
    let file = parse(text).file;
    let Expr::Apply { argument, .. } = file.exprs[file.root.0 as usize] else {
        unreachable!("a call")
    };
    let span = file.spans[argument.0 as usize];
    assert_eq!(&text[span.start as usize..span.end as usize], "a b");
}

#[test]
fn comments_for_this_program_are_found() {
    let text = "# mcp-lint: ignore[a]\r{ /* b mcp-lint: x */ a = \"# mcp-lint: no\"; } # other";
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    let comments: Vec<&str> = parsed
        .file
        .directives
        .iter()
        .map(|span| &text[span.start as usize..span.end as usize])
        .collect();
    assert_eq!(comments, ["# mcp-lint: ignore[a]", "/* b mcp-lint: x */"]);
}

#[test]
fn a_long_list_keeps_its_elements_in_order() {
    let elements: Vec<String> = (0..2000)
        .map(|number| match number % 5 {
            0 => format!("a.b{number}"),
            1 => format!("(f {number})"),
            2 => format!("\"s{number}${{x}}\""),
            3 => format!("./p{number}"),
            _ => format!("{{ v = a/(b); n = {number}; }}.n or {number}"),
        })
        .collect();
    let text = format!("x: [ {} ]", elements.join(" # c\n"));
    let parsed = parse(&text);
    assert_eq!(parsed.errors, []);
    let file = &parsed.file;
    assert_eq!(file.children.len(), 2000);
    for (number, (element, id)) in elements.iter().zip(&file.children).enumerate() {
        let span = file.spans[id.0 as usize];
        let text = &text[span.start as usize..span.end as usize];
        let inside = element.trim_start_matches('(').trim_end_matches(')');
        assert_eq!(text, inside, "element {number}");
    }
    // Variables are resolved there, too.
    let is_global = |expr: &&Expr| matches!(expr, Expr::Local { depth: 0, slot: 0 });
    assert_eq!(file.exprs.iter().filter(is_global).count(), 400);
}
