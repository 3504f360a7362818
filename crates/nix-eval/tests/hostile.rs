//! Programs that would run for ever, or take all memory or stack: each ends soon, with a reason and
//! without a panic.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot make its project must fail"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix_eval::{Evaluator, Limits, UnknownKind, Value, Workspace};

/// No program may take longer, even unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The kind of the reason for which a program has no value, evaluated to the bottom.
fn ends(program: &str) -> Option<UnknownKind> {
    let root = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(root.path()).expect("a project"));
    let limits = Limits {
        steps: 3_000_000,
        memory: 256 << 20,
        ..Limits::default()
    };
    let start = Instant::now();
    let kind = Evaluator::run(project, limits, |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("program.nix");
        let value = evaluator.eval_text(&path, program);
        let value = value.and_then(|value| {
            let thunk = evaluator.ready(value);
            evaluator.force_deep(thunk)
        });
        value.err().map(|why| evaluator.unknown_kind(why))
    });
    assert!(
        start.elapsed() < PATIENCE,
        "{program} took {:?}",
        start.elapsed()
    );
    kind
}

macro_rules! programs {
    ($($name:ident: $expected:expr => [$($program:expr),+ $(,)?])+) => {
        $(
            #[test]
            fn $name() {
                $(assert_eq!(ends(&$program.to_string()), $expected, "{}", $program);)+
            }
        )+
    };
}

programs! {
    needing_itself_is_infinite_recursion: Some(UnknownKind::InfiniteRecursion) => [
        "let x = x; in x",
        "let s = { a = s.a; }; in s.a",
        "rec { a = b; b = a; }.a",
        "let a = builtins.length a; in a",
    ]
    deep_calls_end_at_the_stack_limit: Some(UnknownKind::Limit) => [
        "let f = x: f x; in f 1",
        "let f = x: 1 + f x; in f 1",
        "(x: x x) (x: x x)",
        "let f = n: with { a = n; }; f (a + 1); in f 0",
        "let f = n: { a = f (n + 1); }.a; in f 0",
        "let f = n: -(f (n + 1)); in f 0",
        "let f = n: builtins.head [ (f (n + 1)) ]; in f 0",
        "let f = n: (builtins.mapAttrs (k: v: f (n + 1)) { a = 1; }).a; in f 0",
        "let f = n: builtins.foldl' (a: b: f (n + 1)) 0 [ 1 ]; in f 0",
        "let f = n: (builtins.tryEval (f (n + 1))).value; in f 0",
        "let f = { n, m ? f { n = n + 1; } }: m; in f { n = 0; }",
        "let f = { __functor = self: self; }; in f 1",
        "let s = { outPath = s; }; in toString s",
        "let s = { __toString = self: self; }; in toString s",
        "let l = [ l ]; in toString l",
        "let l = [ l ]; in lib.strings.isConvertibleWithToString l",
        "let a = [ a ]; b = [ b ]; in a == b",
        "let a = { x = a; }; b = { x = b; }; in a == b",
        "let a = [ a ]; b = [ b ]; in a < b",
        "let f = s: f (s + s); in f \"aaaaaaaaaaaaaaaa\"",
    ]
    laughs_end_at_the_budget: Some(UnknownKind::Limit) => [
        "builtins.genList (x: x) 1000000000",
        "builtins.foldl' (a: b: a ++ a) [ 1 ] (builtins.genList (x: x) 100)",
        "let t = n: if n == 0 then [ ] else let s = t (n - 1); in [ s s s s s s s s ]; in builtins.toJSON (t 20)",
        "let t = n: if n == 0 then [ ] else [ (t (n - 1)) (t (n - 1)) ]; in t 40",
        "let t = n: if n == 0 then { } else { a = t (n - 1); b = t (n - 1); }; in t 30 == t 30",
        "let t = n: if n == 0 then \"a\" else let s = t (n - 1); in [ s s s s s s s s ]; in toString (t 20)",
        "let t = n: if n == 0 then \"aaaaaaaa\" else let s = t (n - 1); in s + s + s + s + s + s + s + s; in t 20",
        "builtins.foldl' (s: _: builtins.replaceStrings [ \"a\" ] [ \"aaaaaaaaaaaaaaaa\" ] s) \"a\" (builtins.genList (x: x) 20)",
        "let f = x: { a = f (x + 1); }; in f 0",
        "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: [ { key = x.key + 1; } ]; }",
        "builtins.genList (n: builtins.match \"x${toString n}{50}\" \"a\") 100000",
        "let l = [ l ]; in builtins.toXML l",
    ]
    too_deep_for_nix_is_an_error: Some(UnknownKind::Error) => [
        "let l = [ l ]; in builtins.toJSON l",
        "let s = { a = s; }; in builtins.toJSON s",
        "builtins.fromJSON (builtins.concatStringsSep \"\" (builtins.genList (x: \"[\") 200000))",
        "builtins.fromTOML (\"a=\" + builtins.concatStringsSep \"\" (builtins.genList (x: \"[\") 100000))",
    ]
    cycles_that_are_values_are_fine: None => [
        "let a = { x = a; y = [ a ]; }; in a",
        "let l = [ l ]; in builtins.deepSeq l 1",
        "let g = xs: if xs == [ ] then 0 else g (builtins.tail xs); in g (builtins.genList (x: x) 10000)",
        "builtins.length (builtins.foldl' (a: x: a ++ [ x ]) [ ] (builtins.genList (x: x) 100000))",
        "builtins.length (builtins.sort (a: b: true) (builtins.genList (x: x) 10000))",
        "builtins.match \"(a*)*b\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
    ]
}

/// What cannot be decided in time is not known; it is no error of the program.
#[test]
fn an_explosive_pattern_is_undetermined() {
    let text = "a".repeat(100);
    let program = format!("builtins.match \"(a|aa)*\" \"{text}\"");
    assert_eq!(ends(&program), Some(UnknownKind::Undetermined));
}

/// The functions of a set and of the sets in it, each as an expression.
fn functions(evaluator: &mut Evaluator, set: &str, found: &mut Vec<String>) {
    let path = evaluator.sources.workspace().project_root().join("a.nix");
    let Ok(Value::Attrs(id)) = evaluator.eval_text(&path, set) else {
        return;
    };
    for entry in evaluator.entries_by_name(id) {
        let name = format!("{set}.{}", evaluator.name(entry.name));
        match evaluator.force(entry.value) {
            Ok(Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_)) => found.push(name),
            // `lib` and `builtins` are in themselves.
            Ok(Value::Attrs(_)) if name.matches('.').count() < 3 && !name.ends_with("lib") => {
                functions(evaluator, &name, found);
            }
            _ => {}
        }
    }
}

/// A function that recurses over a value without a step has no end but that of the stack, which no
/// test survives. Each gets what contains itself in every place.
#[test]
fn no_function_follows_what_contains_itself_without_end() {
    const CALLS: [&str; 7] = [
        "f s",
        "f l",
        "f { } s",
        "f (x: x) s",
        "f (x: x) l",
        "f s s",
        "f (x: y: true) s l",
    ];
    let root = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(root.path()).expect("a project"));
    let limits = Limits {
        steps: 100_000,
        memory: 64 << 20,
        ..Limits::default()
    };
    let mut all = Vec::new();
    Evaluator::run(Arc::clone(&project), Limits::default(), |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        functions(evaluator, "builtins", &mut all);
        functions(evaluator, "lib", &mut all);
    });
    all.retain(|name| !name.starts_with("builtins.builtins"));
    assert!(all.len() > 400, "{}", all.len());
    for function in all {
        for call in CALLS {
            let program = format!(
                "let s = {{ a = s; }}; l = [ l ]; f = {function}; in builtins.deepSeq s (builtins.deepSeq l ({call}))"
            );
            Evaluator::run(Arc::clone(&project), limits, |evaluator| {
                let lib = evaluator.lib();
                evaluator.set_global("lib", lib);
                let path = evaluator.sources.workspace().project_root().join("a.nix");
                if let Ok(value) = evaluator.eval_text(&path, &program) {
                    let thunk = evaluator.ready(value);
                    // What it is does not matter here.
                    let _ = evaluator.force_deep(thunk);
                }
            });
        }
    }
}
