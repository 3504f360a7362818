//! Programs that would take all memory, each in a process of its own with a bound on its address space:
//! none may die there, nor take much more than its limit.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    reason = "a test that cannot start itself must fail"
)]

use std::process::Command;
use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Workspace};

/// Bytes that a program may take.
const MEMORY: usize = 128 << 20;

/// Bytes that the process may take at its peak: 1.3 times as many.
const PEAK: usize = MEMORY / 10 * 13;

/// Bytes of address space of the process: the stack, and the room in which tables grow, which is never
/// written to.
const ADDRESS_SPACE: usize = 1 << 30;

/// Seconds of processor time: for a debug build on a slow machine. Without the limits these programs
/// take minutes.
const SECONDS: u32 = 60;

/// The variable that has the program for the process.
const PROGRAM: &str = "NIX_EVAL_MEMORY_PROGRAM";

/// What a program gives in a process of its own, and the most bytes that the process took.
fn run(program: &str) -> (String, usize) {
    let this = std::env::current_exe().expect("this test");
    let limits = format!(
        "ulimit -v {} -t {SECONDS}; exec \"$@\"",
        ADDRESS_SPACE >> 10
    );
    let output = Command::new("sh")
        .args(["-c", &limits, "sh"])
        .arg(this)
        .args(["--ignored", "--exact", "--nocapture", "a_process"])
        .env(PROGRAM, program)
        .env("RUST_TEST_THREADS", "1")
        .output()
        .expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.split(name).nth(1));
        line.map(str::to_owned)
    };
    let error = String::from_utf8_lossy(&output.stderr);
    let value = field("value: ");
    let peak = field("peak: ").and_then(|peak| peak.parse().ok());
    assert!(
        output.status.success() && value.is_some(),
        "{program}\n{}\n{text}\n{error}",
        output.status
    );
    (value.unwrap_or_default(), peak.expect("a peak"))
}

/// The most bytes that this process took.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    kibibytes.unwrap_or(usize::MAX >> 10) << 10
}

#[test]
#[ignore = "the process that the others start"]
fn a_process() {
    let Ok(program) = std::env::var(PROGRAM) else {
        return;
    };
    let root = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(root.path()).expect("a project"));
    let limits = Limits {
        steps: 20_000_000,
        ..Limits::within(MEMORY)
    };
    let value = Evaluator::run(project, limits, |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let path = evaluator.sources.workspace().project_root();
        let value = evaluator.eval_text(&path.join("program.nix"), &program);
        let mut text = Printer { deep: true }.print(evaluator, value);
        if let Some(why) = evaluator.limit_reached() {
            text = format!("limit: {}", evaluator.unknown_data(why).reason);
        }
        text.chars().take(200).collect::<String>()
    });
    println!("value: {value}");
    println!("peak: {}", peak());
}

macro_rules! programs {
    ($($name:ident: $program:expr => $expected:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let program: &str = $program;
                let expected: &str = $expected;
                let (value, peak) = run(program);
                assert!(value.contains(expected), "{program}\n{value}");
                assert!(peak <= PEAK, "{program}\n{} MiB: {value}", peak >> 20);
            }
        )+
    };
}

programs! {
    a_fold_of_updates:
        "builtins.length (builtins.attrNames (builtins.foldl' (a: b: a // { \"${toString b}\" = b; }) { } \
         (builtins.genList (x: x) 20000)))" => "20000";
    a_lazy_fold_of_updates:
        "builtins.length (builtins.attrNames (lib.foldl (a: b: a // { \"${toString b}\" = b; }) { } \
         (builtins.genList (x: x) 5000)))" => "5000";
    updates_that_nest_too_deeply:
        "builtins.length (builtins.attrNames (lib.foldr (a: b: { \"${toString a}\" = a; } // b) { } \
         (builtins.genList (x: x) 200000)))" => "stack overflow";
    a_fold_of_updates_from_the_right:
        "builtins.length (builtins.attrNames (lib.foldr (a: b: { \"${toString a}\" = a; } // b) { } \
         (builtins.genList (x: x) 5000)))" => "5000";
    a_fold_of_updates_that_is_read:
        "builtins.foldl' (a: b: builtins.seq (builtins.attrNames a) (a // { \"${toString b}\" = b; })) \
         { } (builtins.genList (x: x) 20000) == 1" => "limit: ";
    a_fold_of_recursive_updates:
        "builtins.length (builtins.attrNames (lib.foldl lib.recursiveUpdate { } \
         (map (b: { \"${toString b}\" = { x = b; }; }) (builtins.genList (x: x) 5000))))" => "5000";
    many_updates_of_one_set:
        "let s = lib.genAttrs (map toString (lib.range 1 20000)) (x: x); in builtins.foldl' \
         (a: b: a + (s // { x = b; }).x) 0 (lib.range 1 20000)" => "200010000";
    a_fold_of_removals:
        "let s = lib.genAttrs (map toString (lib.range 1 20000)) (x: x); in builtins.length \
         (builtins.attrNames (builtins.foldl' (a: b: removeAttrs a [ (toString b) ]) s (lib.range 1 20000)))"
        => "limit: ";
    a_product:
        "builtins.length (lib.cartesianProduct { a = lib.range 1 300; b = lib.range 1 300; c = lib.range 1 300; })"
        => "limit: ";
    a_small_product:
        "lib.cartesianProduct { a = [ 1 2 ]; b = [ ]; } ++ lib.cartesianProduct { } \
         ++ lib.cartesianProduct { a = [ 1 2 ]; b = [ 3 4 ]; }"
        => "[ { } { a = 1; b = 3; } { a = 1; b = 4; } { a = 2; b = 3; } { a = 2; b = 4; } ]";
    pretty_text_of_a_set_in_itself:
        "let x = { a = x; b = x; }; in builtins.stringLength (lib.generators.toPretty { } x)" => "limit: ";
    pretty_text_of_a_deep_set:
        "let x = { a = x; }; in builtins.stringLength (lib.generators.toPretty { } x)" => "limit: ";
    replacements_in_replacements:
        "let f = n: s: if n == 0 then s else f (n - 1) (builtins.replaceStrings [ \"a\" ] \
         [ \"aaaaaaaaaa\" ] s); in builtins.stringLength (f 9 \"a\")" => "limit: ";
    replacements_everywhere:
        "let f = n: s: if n == 0 then s else f (n - 1) (builtins.replaceStrings [ \"\" ] \
         [ \"aaaaaaaaaa\" ] s); in builtins.stringLength (f 12 \"a\")" => "limit: ";
    paths_in_a_loop:
        "builtins.foldl' (a: b: a + \"/x${toString b}\") /x (builtins.genList (x: x) 20000) == /x" => "limit: ";
    contexts_in_a_loop:
        "builtins.foldl' (a: b: a + \"${builtins.toFile \"x${toString b}\" \"y\"}\") \"\" \
         (lib.range 1 20000) == \"\"" => "limit: ";
    pairs: "builtins.length (builtins.attrNames (builtins.listToAttrs \
         (builtins.genList (x: { name = toString x; value = x; }) 3000000)))" => "limit: ";
    sorting: "builtins.length (builtins.sort (a: b: a < b) (builtins.genList (x: 0 - x) 3000000))" => "limit: ";
    groups: "builtins.length (builtins.attrNames (builtins.groupBy toString (lib.range 1 3000000)))" => "limit: ";
    names_of_many_sets:
        "builtins.length (builtins.attrNames (builtins.zipAttrsWith (n: v: v) (lib.replicate 30000 \
         (lib.genAttrs (map toString (lib.range 1 3000)) (x: x)))))" => "limit: ";
    lists_of_lists:
        "builtins.length (builtins.concatMap (x: builtins.genList (y: y) 10000) (builtins.genList (x: x) 10000))"
        => "limit: ";
    a_long_list_over_and_over:
        "let l = builtins.foldl' (a: b: a ++ a) [ 1 ] (lib.range 1 24); in \
         builtins.length (lib.reverseList (builtins.filter (x: true) l))" => "limit: ";
    flattening_without_end: "let f = n: [ (f (n + 1)) (f (n + 1)) ]; in builtins.length (lib.flatten (f 0))"
        => "limit: ";
    collecting_without_end:
        "let f = n: { a = f (n + 1); b = n; }; in builtins.length (lib.collect builtins.isInt (f 0))" => "";
    a_closure_without_end:
        "builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; \
         operator = x: [ { key = x.key + 1; } { key = x.key + 2; } ]; })" => "limit: ";
    wide_strings: "builtins.stringLength (lib.fixedWidthString 100000000 \"0\" \"1\")" => "limit: ";
    characters: "builtins.length (lib.stringToCharacters (lib.fixedWidthString 30000000 \"0\" \"1\"))" => "limit: ";
    pieces_of_strings:
        "let s = lib.fixedWidthString 1000000 \"0\" \"1\"; in builtins.length (builtins.filter (x: x == \"\") \
         (map (i: builtins.substring i 900000 s) (lib.range 1 20000)))" => "limit: ";
    splitting: "builtins.length (builtins.split \"\" (lib.fixedWidthString 30000000 \"0\" \"1\"))" => "limit: ";
    text_of_shared_lists:
        "let f = n: if n == 0 then [ ] else let y = f (n - 1); in [ y y ]; in \
         builtins.stringLength (builtins.toXML (f 27))" => "limit: ";
    json_of_shared_lists:
        "let f = n: if n == 0 then [ ] else let y = f (n - 1); in [ y y ]; in \
         builtins.stringLength (builtins.toJSON (f 27))" => "limit: ";
    printing_shared_lists_in_traces:
        "let f = n: if n == 0 then [ ] else let y = f (n - 1); in builtins.seq y [ y y ]; in \
         builtins.foldl' (a: b: builtins.trace (f 20) a) 0 (lib.range 1 100000)" => "";
    throwing_long_texts:
        "let s = lib.fixedWidthString 100000 \"0\" \"1\"; in builtins.length (builtins.filter \
         (i: (builtins.tryEval (throw (s + toString i))).success) (lib.range 1 100000))" => "limit: ";
    joins_of_undecided_lists:
        "builtins.length (builtins.foldl' (a: b: if builtins.currentTime == b then a ++ [ b ] else a) \
         [ ] (lib.range 1 60))" => "";
    unknown_pieces_of_strings:
        "let s = builtins.foldl' (a: b: a + a) \"${toString builtins.currentTime}x\" (lib.range 1 40); in \
         s == \"\"" => "limit: ";
    deep_calls: "let f = n: 1 + f (n + 1); in f 0" => "stack overflow";
    deep_values: "let x = { a = x; }; in builtins.toJSON x" => "stack overflow";
    partial_applications:
        "builtins.length (map (i: builtins.replaceStrings [ \"a\" ]) (lib.range 1 3000000))" => "limit: ";
    long_names:
        "let s = lib.fixedWidthString 100000 \"0\" \"1\"; in builtins.attrNames (builtins.listToAttrs \
         (map (i: { name = s + toString i; value = i; }) (lib.range 1 10000)))" => "limit: ";
    merges_that_contain_themselves:
        "let m = lib.mkMerge [ m m ]; in (lib.evalModules { modules = [ { options.x = lib.mkOption { }; \
         config = m; } ]; }).config.x" => "limit: ";
    conditions_that_contain_themselves:
        "let m = lib.mkIf true m; in (lib.evalModules { modules = [ { options.x = lib.mkOption { }; \
         config.x = m; } ]; }).config.x" => "limit: ";
    types_that_contain_others_twice:
        "let f = n: if n == 0 then lib.types.int else let t = f (n - 1); in lib.types.either t t; in \
         builtins.stringLength (f 40).description" => "limit: ";
    many_submodules:
        "(lib.evalModules { modules = [ { options.x = lib.mkOption { type = with lib.types; attrsOf \
         (submodule { options.a = lib.mkOption { default = 1; }; options.b = lib.mkOption { default = 2; }; }); }; \
         config.x = lib.genAttrs (map toString (lib.range 1 300000)) (n: { a = 3; }); } ]; }).config.x" => "limit: ";
    many_definitions:
        "(lib.evalModules { modules = [ { options.x = lib.mkOption { type = with lib.types; listOf int; }; } ] \
         ++ map (n: { x = [ n ]; }) (lib.range 1 15000); }).config.x" => "";
    many_conditions:
        "(lib.evalModules { modules = [ { options.x = lib.mkOption { }; config.x = builtins.foldl' \
         (a: b: lib.mkIf true a) 1 (lib.range 1 1000000); } ]; }).config.x" => "";
    many_conditions_around_a_set:
        "(lib.evalModules { modules = [ { options.x = lib.mkOption { }; config = builtins.foldl' \
         (a: b: lib.mkIf true a) { x = 1; } (lib.range 1 1000000); } ]; }).config.x" => "";
    patterns_that_contain_themselves:
        "let x = { a = x; }; y = { a = y; }; in lib.matchAttrs x y" => "stack overflow";
    toml: "builtins.length (builtins.attrNames (builtins.fromTOML (lib.concatMapStrings \
         (n: \"a${toString n}=1\\n\") (lib.range 1 300000))))" => "";
}
