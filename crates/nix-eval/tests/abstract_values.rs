//! The language and its builtins on values that are not known: what is known in spite of them, and
//! nothing more than that.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot read its fixtures must fail"
)]

use std::path::Path;
use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::value::ExternalKind;
use nix_eval::{Evaluator, Limits, Workspace};

/// Names that the cases use, beside `unknown` and `pkgs`: a set that may have more attributes, an
/// attribute and an element that may be there, and a list with any number of elements before one.
const PRELUDE: &str = "unknown: pkgs:
let
  open = unknown // { a = 1; b = 2; };
  maybe = { b = 2; } // (if unknown then { a = 1; } else { });
  some = [ 1 ] ++ (if unknown then [ 2 ] else [ ]) ++ [ 3 ];
  many = unknown ++ [ 1 ];
in
";

/// Prints what an expression gives.
fn evaluate(expression: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/files");
    let project = Arc::new(Workspace::open(&root).expect("a project"));
    Evaluator::run(project, Limits::default(), |evaluator| {
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("case.nix");
        let mut value = evaluator.eval_text(&path, &format!("{PRELUDE}{expression}"));
        let why = evaluator.undetermined("?");
        let unknown = evaluator.failed(why);
        let packages = evaluator.external_root("pkgs", ExternalKind::Packages { system: None });
        let packages = evaluator.ready(packages);
        for argument in [unknown, packages] {
            value = value.and_then(|function| evaluator.apply(function, argument));
        }
        Printer { deep: true }.print(evaluator, value)
    })
}

macro_rules! cases {
    ($($name:ident: { $($expression:literal => $expected:literal,)+ })+) => {
        $(
            #[test]
            fn $name() {
                $(assert_eq!(evaluate($expression), $expected, "{}", $expression);)+
            }
        )+
    };
}

cases! {
    unknown_is_neither_equal_nor_different: {
        "unknown == 1" => "«unknown: ?»",
        "unknown != 1" => "«unknown: ?»",
        "[ 1 unknown ] == [ 1 2 ]" => "«unknown: ?»",
        "[ 1 unknown ] == [ 2 2 ]" => "false",
        "[ 1 unknown ] == [ 1 ]" => "false",
        "{ a = unknown; b = 1; } == { a = 1; b = 2; }" => "false",
        "open == { a = 1; b = 2; }" => "«unknown: ?»",
        "open == { a = 1; }" => "false",
        "open == { a = 1; b = 3; }" => "false",
        "pkgs.hello == pkgs.hello" => "true",
        "pkgs.hello == pkgs.git" => "«unknown: pkgs.hello»",
        "\"${pkgs.hello}/a\" == \"${pkgs.hello}/b\"" => "false",
        "\"${pkgs.hello}/a\" == \"${pkgs.hello}/a\"" => "true",
    }
    conditions_join_their_branches: {
        "if unknown then 1 else 1" => "1",
        "if unknown then 1 else 2" => "«unknown: ?»",
        "if unknown then 1 else throw \"no\"" => "1",
        "if unknown then throw \"a\" else throw \"b\"" => "«unknown: ?»",
        "if unknown then { a = 1; } else { a = 1; }" => "{ a = 1; }",
        "if unknown then { a = 1; } else { b = 2; }" => "{ «maybe» a = 1; «maybe» b = 2; }",
        "if unknown then { a = 1; c = 3; } else { a = 2; c = 3; }" => "{ a = «unknown: ?»; c = 3; }",
        "some" => "[ 1 «maybe» 2 3 ]",
        "assert unknown; 1" => "1",
    }
    strings_compare_by_what_they_begin_with: {
        "\"a${unknown}\" < \"b\"" => "true",
        "\"b\" < \"a${unknown}\"" => "false",
        "\"a${unknown}\" < \"ab\"" => "«unknown: ?»",
        "\"${unknown}\" < \"b\"" => "«unknown: ?»",
        "builtins.lessThan builtins.nixVersion \"1.12\"" => "false",
        "builtins.compareVersions builtins.nixVersion \"1.12\"" => "1",
        "builtins.compareVersions builtins.nixVersion \"3\"" => "-1",
        "builtins.compareVersions builtins.nixVersion \"2\"" => "«unknown: `builtins.nixVersion`»",
        "builtins.compareVersions builtins.nixVersion \"2.4\"" => "«unknown: `builtins.nixVersion`»",
        "builtins.compareVersions \"1${unknown}\" \"2\"" => "«unknown: ?»",
        "builtins.compareVersions \"1.2\" \"1\"" => "1",
    }
    logic_is_decided_by_one_side: {
        "unknown && false" => "false",
        "false && unknown" => "false",
        "unknown && true" => "«unknown: ?»",
        "unknown || true" => "true",
        "unknown || false" => "«unknown: ?»",
        "unknown -> true" => "true",
        "unknown -> false" => "«unknown: ?»",
        "false -> unknown" => "true",
        "!unknown" => "«unknown: ?»",
    }
    updates_keep_what_is_sure: {
        "open" => "{ a = 1; b = 2; «unknown: ?» … }",
        "(open // { c = 3; }).c" => "3",
        "({ a = 5; } // unknown).a" => "«unknown: ?»",
        "({ a = 5; c = 6; } // open).a" => "1",
        "({ a = 5; c = 6; } // open).c" => "«unknown: ?»",
        "({ a = 1; } // maybe).a" => "1",
        "({ a = 5; } // maybe).a" => "«unknown: ?»",
        "maybe // { a = 7; }" => "{ a = 7; b = 2; }",
        "{ ${unknown} = 1; a = 2; }" => "{ a = 2; «unknown: ?» … }",
    }
    attributes_that_may_be_there: {
        "open ? a" => "true",
        "open ? z" => "«unknown: ?»",
        "maybe ? a" => "«unknown: ?»",
        "maybe ? z" => "false",
        "open.z or 1" => "«unknown: ? (`z`)»",
        "maybe.b or 1" => "2",
        "builtins.hasAttr \"a\" open" => "true",
        "builtins.hasAttr \"z\" maybe" => "false",
        "builtins.attrNames maybe" => "[ «maybe» \"a\" \"b\" ]",
        "builtins.attrNames open" => "[ «unknown: ?» … \"a\" \"b\" «unknown: ?» … ]",
        "builtins.head (builtins.attrNames open)" => "«unknown: ?»",
        "builtins.attrValues maybe" => "[ «maybe» 1 2 ]",
        "builtins.mapAttrs (n: v: v + 1) open" => "{ a = 2; b = 3; «unknown: ?» … }",
        "removeAttrs open [ \"a\" ]" => "{ b = 2; «unknown: ?» … }",
        "removeAttrs { a = 1; b = 2; } unknown" => "«unknown: ?»",
        "removeAttrs { a = 1; b = 2; } (if unknown then [ \"a\" ] else [ ])" => "{ «maybe» a = 1; b = 2; }",
        "builtins.intersectAttrs open { a = 5; z = 6; }" => "{ a = 5; «maybe» z = 6; }",
        "builtins.intersectAttrs { a = 0; } maybe" => "{ «maybe» a = 1; }",
        "builtins.catAttrs \"a\" [ maybe { a = 3; } ]" => "[ «maybe» 1 3 ]",
        "({ a, b ? 7 }: b) maybe" => "2",
        "({ z ? 7, ... }: z) { a = 1; }" => "7",
        "({ z ? 7, ... }: z) open" => "«unknown: ?»",
    }
    lists_with_uncertain_elements: {
        "map (x: x * 2) some" => "[ 2 «maybe» 4 6 ]",
        "builtins.length some" => "«unknown: ?»",
        "builtins.length [ unknown unknown ]" => "2",
        "builtins.elem 3 some" => "true",
        "builtins.elem 2 some" => "«unknown: ?»",
        "builtins.elem 9 some" => "false",
        "builtins.elem 9 many" => "«unknown: ?»",
        "builtins.elem 1 many" => "true",
        "builtins.elemAt some 0" => "1",
        "builtins.elemAt some 1" => "«unknown: ?»",
        "builtins.head many" => "«unknown: ?»",
        "builtins.tail some" => "[ «maybe» 2 3 ]",
        "builtins.filter (x: x > 1) some" => "[ «maybe» 2 3 ]",
        "builtins.filter (x: unknown) [ 1 2 ]" => "[ «maybe» 1 «maybe» 2 ]",
        "builtins.any (x: x == 3) some" => "true",
        "builtins.any (x: x == 2) some" => "«unknown: ?»",
        "builtins.all (x: x > 0) some" => "true",
        "builtins.all (x: x > 1) some" => "false",
        "builtins.all (x: x != 2) some" => "«unknown: ?»",
        "(builtins.partition (x: x > 1) some).right" => "[ «maybe» 2 3 ]",
        "builtins.concatLists [ [ 1 ] unknown [ 2 ] ]" => "[ 1 «unknown: ?» … 2 ]",
        "builtins.concatMap (x: [ x x ]) some" => "[ 1 1 «maybe» 2 «maybe» 2 3 3 ]",
        "builtins.foldl' (a: b: a + b) 0 some" => "«unknown: ?»",
        "builtins.foldl' (a: b: b) 0 some" => "3",
        "builtins.foldl' (a: b: a // b) { } (unknown ++ [ { x = 1; } ])" => "{ x = 1; «unknown: ?» … }",
        "builtins.sort builtins.lessThan [ 3 unknown 1 ]" => "[ «unknown: ?» … 3 «unknown: ?» 1 «unknown: ?» … ]",
        "builtins.groupBy (x: if x == 3 then unknown else \"g\") [ 1 3 ]" => "{ g = [ 1 «maybe» 3 ]; «unknown: ?» … }",
    }
    the_first_of_a_name_wins_if_it_is_there: {
        "builtins.listToAttrs [ { name = \"a\"; value = 1; } { name = unknown; value = 2; } ]" => "{ a = 1; «unknown: ?» … }",
        "builtins.listToAttrs [ { name = unknown; value = 2; } { name = \"a\"; value = 1; } ]" => "{ a = «unknown: ?»; «unknown: ?» … }",
        "builtins.listToAttrs (map (n: { name = \"k${toString n}\"; value = n; }) some)" => "{ k1 = 1; «maybe» k2 = 2; k3 = 3; }",
        "(builtins.listToAttrs ((if unknown then [ { name = \"a\"; value = 1; } ] else [ ]) ++ [ { name = \"a\"; value = 1; } ])).a" => "1",
        "builtins.zipAttrsWith (n: v: v) [ maybe { a = 5; } ]" => "{ a = [ «maybe» 1 5 ]; b = [ 2 ]; }",
    }
    strings_with_holes: {
        "\"a${unknown}b\"" => "\"a${«unknown: ?»}b\"",
        "builtins.isString \"a${unknown}b\"" => "true",
        "builtins.stringLength \"a${unknown}\"" => "«unknown: ?»",
        "builtins.substring 0 2 \"abc${unknown}\"" => "\"ab\"",
        "builtins.substring 1 (-1) \"abc${unknown}\"" => "\"bc${«unknown: ?»}\"",
        "builtins.substring 0 0 \"${unknown}\"" => "\"\"",
        "builtins.substring 2 9 \"abc${unknown}\"" => "\"c${«unknown: ?»}\"",
        "builtins.replaceStrings [ \"/\" ] [ \"-\" ] \"a/b${unknown}c/d\"" => "\"a-b${«unknown: ?»}c-d\"",
        "builtins.replaceStrings [ \"ab\" ] [ \"x\" ] \"ab-a${unknown}b-ab\"" => "\"x-${«unknown: ?»}\"",
        "builtins.concatStringsSep \",\" [ \"a\" unknown \"b\" ]" => "\"a,${«unknown: ?»},b\"",
        "builtins.concatStringsSep \",\" ([ \"a\" ] ++ unknown ++ [ \"b\" ])" => "\"a${«unknown: ?»},b\"",
        "builtins.concatStringsSep \",\" (unknown ++ [ \"b\" ])" => "\"${«unknown: ?»}b\"",
        "baseNameOf \"${pkgs.hello}/bin/hello\"" => "\"hello\"",
        "builtins.isString (dirOf \"${pkgs.hello}/bin/hello\")" => "true",
        "builtins.toJSON { a = unknown; b = 1; }" => "\"{\\\"a\\\":${«unknown: ?»},\\\"b\\\":1}\"",
        "builtins.hashString \"sha256\" \"a${unknown}\"" => "\"${«unknown: ?»}\"",
        "builtins.match \"a.*\" \"a${unknown}\"" => "«unknown: ?»",
        "toString [ 1 unknown 2 ]" => "\"1 ${«unknown: ?»} 2\"",
    }
    errors_stay_errors: {
        "unknown + (throw \"x\")" => "«unknown: ?»",
        "builtins.seq unknown 1" => "1",
        "builtins.deepSeq [ unknown ] 1" => "1",
        "builtins.deepSeq [ unknown (throw \"x\") ] 1" => "«error: x»",
        "builtins.tryEval unknown" => "{ success = «unknown: ?»; value = «unknown: ?»; }",
        "throw \"a ${unknown} b\"" => "«error: a ‹?› b»",
        "builtins.length 1" => "«error: value is an integer while a list was expected»",
    }
    the_machine_is_not_known: {
        "builtins.getEnv \"HOME\"" => "\"\"",
        "builtins.currentSystem" => "«unknown: `builtins.currentSystem`»",
        "builtins ? currentSystem" => "«unknown: `builtins.currentSystem`»",
        "builtins.isString (builtins.readFile \"/etc/hostname\")" => "true",
        "builtins.readFile ../../../../../../../../../../../../../../../../../../../../../../../../etc/hostname == \"\"" => "«unknown: `/etc/hostname` is outside this project»",
        "builtins.pathExists /etc" => "«unknown: `/etc` is outside this project»",
    }
}

#[test]
fn a_recursion_that_only_an_undecided_condition_ends_is_given_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/files");
    let project = Arc::new(Workspace::open(&root).expect("a project"));
    Evaluator::run(project, Limits::default(), |evaluator| {
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("case.nix");
        let text = "unknown: let f = x: if x == 1 then x else f (x + 1); in f unknown";
        let function = evaluator.eval_text(&path, text);
        let why = evaluator.undetermined("?");
        let unknown = evaluator.failed(why);
        let value = function.and_then(|function| evaluator.apply(function, unknown));
        assert_eq!(value, Err(why));
        let steps = evaluator.steps();
        assert!(steps < 10_000, "{steps} steps: as deep as the stack is");
    });
}
