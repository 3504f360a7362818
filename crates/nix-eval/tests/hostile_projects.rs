//! Projects that would keep an evaluation busy for ever: files that import each other, options that
//! need themselves, files too large, more hosts than time.

#![allow(
    clippy::expect_used,
    reason = "a test may end where its own files cannot be written"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix_eval::print::Printer;
use nix_eval::value::UnknownKind;
use nix_eval::{Evaluator, Limits, Workspace};

/// How long any of them may take: a debug build on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// The value of `program` in a project of these files, and why there is none.
fn evaluate(files: &[(&str, &str)], program: &str) -> (String, Option<UnknownKind>) {
    let root = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(root.path().join(name), text).expect("a file");
    }
    let start = Instant::now();
    let result = evaluate_in(root.path(), program);
    assert!(start.elapsed() < PATIENCE, "{program}");
    result
}

fn evaluate_in(root: &Path, program: &str) -> (String, Option<UnknownKind>) {
    let project = Arc::new(Workspace::open(root).expect("a project"));
    let limits = Limits {
        steps: 3_000_000,
        memory: 256 << 20,
        ..Limits::default()
    };
    Evaluator::run(project, limits, |evaluator| {
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
            evaluator.force_deep(thunk).map(|_| value)
        });
        let kind = value.err().map(|why| evaluator.unknown_kind(why));
        (Printer { deep: true }.print(evaluator, value), kind)
    })
}

#[test]
fn a_file_that_imports_itself_is_infinite_recursion() {
    let (_, kind) = evaluate(&[("a.nix", "import ./a.nix")], "import ./a.nix");
    assert_eq!(kind, Some(UnknownKind::InfiniteRecursion));
}

#[test]
fn files_that_import_each_other_are_infinite_recursion() {
    let files = [("a.nix", "import ./b.nix"), ("b.nix", "import ./a.nix")];
    let (_, kind) = evaluate(&files, "import ./a.nix");
    assert_eq!(kind, Some(UnknownKind::InfiniteRecursion));
}

#[test]
fn files_that_call_each_other_end_at_a_limit() {
    let files = [
        ("a.nix", "n: (import ./b.nix) (n + 1)"),
        ("b.nix", "n: 1 + (import ./a.nix) n"),
    ];
    let (_, kind) = evaluate(&files, "import ./a.nix 0");
    assert_eq!(kind, Some(UnknownKind::Limit));
}

#[test]
fn modules_that_import_each_other_count_once() {
    let files = [
        ("a.nix", "{ imports = [ ./b.nix ]; x = [ 1 ]; }"),
        ("b.nix", "{ imports = [ ./a.nix ./b.nix ]; x = [ 2 ]; }"),
    ];
    let program = "(lib.evalModules { modules = [ ./a.nix { \
         options.x = lib.mkOption { type = lib.types.listOf lib.types.int; }; } ]; }).config.x";
    let (value, _) = evaluate(&files, program);
    assert!(value == "[ 1 2 ]" || value == "[ 2 1 ]", "{value}");
}

#[test]
fn modules_that_import_new_ones_for_ever_are_an_error() {
    let program = "let m = n: { imports = [ (m (n + 1)) ]; }; in \
         (lib.evalModules { modules = [ (m 0) ]; }).config";
    let (_, kind) = evaluate(&[], program);
    assert!(
        matches!(kind, Some(UnknownKind::Error | UnknownKind::Limit)),
        "{kind:?}"
    );
}

#[test]
fn imports_that_need_the_configuration_are_infinite_recursion() {
    let program = "(lib.evalModules { modules = [ ({ config, ... }: { \
         imports = [ config.x ]; options.x = lib.mkOption { }; }) ]; }).config.x";
    let (_, kind) = evaluate(&[], program);
    assert_eq!(kind, Some(UnknownKind::InfiniteRecursion));
}

#[test]
fn options_that_need_themselves_are_infinite_recursion() {
    for module in [
        "{ config, ... }: { options.x = lib.mkOption { }; config.x = config.x; }",
        "{ config, ... }: { options.x = lib.mkOption { default = config.x; }; }",
        "{ config, ... }: { options.x = lib.mkOption { }; config = lib.mkIf config.x { x = true; }; }",
        "{ config, ... }: { options = { x = lib.mkOption { }; y = lib.mkOption { }; }; \
         config = { x = config.y; y = config.x; }; }",
        "{ options, ... }: { options.x = lib.mkOption { default = options.x.value; }; }",
    ] {
        let program = format!("(lib.evalModules {{ modules = [ ({module}) ]; }}).config.x");
        let (value, kind) = evaluate(&[], &program);
        assert_eq!(
            kind,
            Some(UnknownKind::InfiniteRecursion),
            "{module}: {value}"
        );
    }
}

#[test]
fn submodules_in_submodules_for_ever_end_at_a_limit() {
    let program = "let t = lib.types.submodule { options.x = lib.mkOption { type = t; default = { }; }; }; in \
         (lib.evalModules { modules = [ { options.x = lib.mkOption { type = t; default = { }; }; } ]; }).config";
    let (_, kind) = evaluate(&[], program);
    assert_eq!(kind, Some(UnknownKind::Limit));
}

#[test]
fn modules_that_extend_themselves_for_ever_end_at_a_limit() {
    // Each level has one module more than the one around it.
    let program = "(lib.evalModules { modules = [ ({ extendModules, ... }: { \
         options.x = lib.mkOption { default = { }; \
         inherit (extendModules { modules = [ { x = lib.mkOverride 0 { }; } ]; }) type; }; }) ]; \
         }).config";
    let (value, kind) = evaluate(&[], program);
    assert_eq!(kind, Some(UnknownKind::Limit), "{value}");
}

#[test]
fn sets_of_sets_that_laugh_end_at_a_limit() {
    let mut program = "let a0 = { x = 1; y = 2; };".to_owned();
    for level in 1..40 {
        let below = level - 1;
        program += &format!(" a{level} = {{ x = a{below} // {{ }}; y = a{below} // {{ }}; }};");
    }
    // To look at a set once is enough, however often it is met.
    let (value, _) = evaluate(&[], &format!("{program} in builtins.deepSeq a39 true"));
    assert_eq!(value, "true");
    let (_, kind) = evaluate(
        &[],
        &format!("{program} in builtins.stringLength (builtins.toJSON a39)"),
    );
    assert_eq!(kind, Some(UnknownKind::Limit));
}

#[test]
fn a_large_file_is_refused_and_the_rest_goes_on() {
    let large = format!("[ {} ]", "1 ".repeat(25_000_000));
    let files = [("large.nix", large.as_str()), ("small.nix", "1")];
    let (value, _) = evaluate(
        &files,
        "{ a = import ./large.nix; b = import ./small.nix; }.b",
    );
    assert_eq!(value, "1");
    let (_, kind) = evaluate(&files, "import ./large.nix");
    assert_eq!(kind, Some(UnknownKind::Error));
}

#[test]
fn many_endless_hosts_end_as_soon_as_two() {
    let root = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(root.path()).expect("a project"));
    let limits = Limits {
        steps: 400_000,
        ..Limits::default()
    };
    Evaluator::run(project, limits, |evaluator| {
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("program.nix");
        let endless = "let f = n: if n == 0 then [ ] else [ (f (n - 1)) (f (n - 1)) ]; in f 40";
        for host in 0..1000 {
            let text = format!("{endless} ++ [ {host} ]");
            let value = evaluator.eval_text(&path, &text);
            let value = value.and_then(|value| {
                let thunk = evaluator.ready(value);
                evaluator.force_deep(thunk)
            });
            assert!(value.is_err(), "{host}");
            evaluator.reset_limits();
        }
        assert!(evaluator.steps() < 1_000_000, "{}", evaluator.steps());
        assert_eq!(evaluator.limits_reached().len(), 1000);
    });
}

/// What becomes of an option of this type (`t` is the type itself) with this definition.
fn option_of_type(kind: &str, definition: &str) -> Option<UnknownKind> {
    let program = format!(
        "let t = with lib.types; {kind}; configuration = lib.evalModules {{ modules = [ {{ \
           options.x = lib.mkOption {{ type = t; }}; config.x = {definition}; }} ]; }}; in \
         [ configuration.config.x configuration.options.x.type.description \
           (configuration.options.x.type.getSubOptions [ ]) ]"
    );
    evaluate(&[], &program).1
}

#[test]
fn types_that_contain_themselves_are_an_error() {
    let kinds = [
        "nullOr t",
        "attrsOf t",
        "lazyAttrsOf t",
        "listOf t",
        "nonEmptyListOf t",
        "either t t",
        "oneOf [ t int t ]",
        "functionTo t",
        "uniq t",
        "unique { message = \"\"; } t",
        "coercedTo int (x: x) t",
        "coercedTo t (x: x) int",
        "addCheck t (x: true)",
        "passwdEntry t",
        "submodule { freeformType = t; }",
        "attrsOf (submodule { freeformType = t; })",
        "attrTag { a = lib.mkOption { type = t; }; }",
        "(nullOr t) // { check = t.check; }",
        "mkOptionType { name = \"x\"; check = t.check; merge = t.merge; }",
        "nullOr (either (listOf t) (attrsOf t))",
        "let f = n: nullOr (f (n + 1)); in f 0",
        "let f = n: either (f (n + 1)) (f (n + 2)); in f 0",
        "let f = n: attrsOf (f (n + 1)); in f 0",
        "let f = n: functionTo (coercedTo (f (n + 1)) (x: x) (f (n + 2))); in f 0",
    ];
    for kind in kinds {
        for definition in ["{ a = { }; }", "1"] {
            let why = option_of_type(kind, definition);
            assert!(why.is_some(), "{kind} with {definition}");
        }
    }
}

#[test]
fn types_that_contain_themselves_by_name_only_are_fine() {
    let json = "let inner = nullOr (oneOf [ bool int str (listOf inner) (attrsOf inner) ]) \
                // { description = \"JSON value\"; }; in inner";
    assert_eq!(option_of_type(json, "{ a = [ { b = [ 1 ]; } ]; }"), None);
}

#[test]
fn deep_types_that_end_are_described() {
    let deep = "let f = n: if n == 0 then int else nullOr (f (n - 1)); in f 1000";
    assert_eq!(option_of_type(deep, "1"), None);
}
