//! Modules of which not everything is known: conditions, priorities, imports, options that no file
//! of the project declares.

#![allow(
    clippy::expect_used,
    reason = "a test may end where its own modules do not evaluate"
)]

use std::sync::Arc;

use nix_eval::modules::ModuleArguments;
use nix_eval::print::Printer;
use nix_eval::value::{Location, Value};
use nix_eval::{Evaluator, Limits, Workspace};

/// The options that the tests of declared options define.
const OPTIONS: &str = r#"
  { lib, ... }: {
    options = with lib; {
      text = mkOption { type = types.str; default = "default"; };
      plain = mkOption { type = types.str; };
      nullable = mkOption { type = types.nullOr types.str; };
      items = mkOption { type = types.listOf types.str; default = [ ]; };
      log = mkOption { type = types.lines; };
      any = mkOption { type = types.attrsOf types.str; default = { }; };
      users = mkOption {
        default = { };
        type = types.attrsOf (types.submodule {
          options.shell = mkOption { type = types.str; default = "sh"; };
          options.groups = mkOption { type = types.listOf types.str; default = [ ]; };
        });
      };
    };
  }
"#;

/// The value of an expression over `config` and `options`, with `unknown` in scope.
fn evaluate(modules: &str, open: bool, expression: &str) -> String {
    let directory = tempfile::tempdir().expect("a folder");
    let project = Arc::new(Workspace::open(directory.path()).expect("a project"));
    Evaluator::run(project, Limits::default(), |evaluator| {
        let why = evaluator.undetermined("a test");
        let unknown = evaluator.failed(why);
        evaluator.set_global("unknown", unknown);
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("modules.nix");
        let modules = evaluator
            .eval_text(&path, &format!("[ {modules} ]"))
            .expect("modules");
        let modules = evaluator.ready(modules);
        let modules = evaluator
            .force_exact_list(modules)
            .expect("a list of modules");
        let special_arguments = match evaluator.eval_text(&path, "{ }") {
            Ok(Value::Attrs(set)) => set,
            other => unreachable!("an empty set is {other:?}"),
        };
        let configuration = evaluator.configuration(ModuleArguments {
            modules: modules.into_iter().map(|module| (module, None)).collect(),
            special_arguments,
            prefix: Location::from([]),
            class: None,
            open: open.then_some(why),
            file: "modules.nix".into(),
            check: !open,
        });
        evaluator.set_global("config", configuration.config);
        evaluator.set_global("options", configuration.options);
        let value = evaluator.eval_text(&path, expression);
        Printer { deep: true }.print(evaluator, value)
    })
}

/// In a closed world with [`OPTIONS`].
fn closed(module: &str, expression: &str) -> String {
    let lib = "{ lib, ... }: with lib;";
    evaluate(&format!("({OPTIONS}) ({lib} {module})"), false, expression)
}

/// In an open world without declarations.
fn open(module: &str, expression: &str) -> String {
    evaluate(
        &format!("({{ lib, ... }}: with lib; {module})"),
        true,
        expression,
    )
}

const UNKNOWN: &str = "«unknown: a test»";

#[test]
fn a_scalar_under_an_unknown_condition_may_be_its_default() {
    assert_eq!(
        closed(r#"{ text = mkIf unknown "a"; }"#, "config.text"),
        UNKNOWN
    );
    // Either way the same.
    assert_eq!(
        closed(r#"{ text = mkIf unknown "default"; }"#, "config.text"),
        "\"default\""
    );
    // Without a default there is no other value to speak of.
    assert_eq!(
        closed(r#"{ plain = mkIf unknown "a"; }"#, "config.plain"),
        "\"a\""
    );
    // A certain definition of the same priority must be equal to it.
    let both = r#"{ plain = mkMerge [ "a" (mkIf unknown "a") ]; }"#;
    assert_eq!(closed(both, "config.plain"), "\"a\"");
    assert_eq!(
        closed(r#"{ nullable = mkIf unknown "a"; }"#, "config.nullable"),
        UNKNOWN
    );
}

#[test]
fn a_condition_that_is_decided_is_none() {
    assert_eq!(
        closed(r#"{ text = mkIf (false && unknown) "a"; }"#, "config.text"),
        "\"default\""
    );
    assert_eq!(
        closed(r#"{ text = mkIf (true || unknown) "a"; }"#, "config.text"),
        "\"a\""
    );
}

#[test]
fn elements_of_a_list_say_that_they_may_be_missing() {
    let module = r#"{ items = mkMerge [ [ "a" ] (mkIf unknown [ "b" ]) ]; }"#;
    assert_eq!(closed(module, "config.items"), r#"[ "a" «maybe» "b" ]"#);
    assert_eq!(closed(module, r#"builtins.elem "a" config.items"#), "true");
    assert_eq!(
        closed(r#"{ items = mkIf unknown [ "b" ]; }"#, "config.items"),
        r#"[ «maybe» "b" ]"#
    );
}

#[test]
fn attributes_say_that_they_may_be_missing() {
    let module = r#"{ any = mkMerge [ { a = "1"; } (mkIf unknown { b = "2"; }) ]; }"#;
    assert_eq!(
        closed(module, "config.any"),
        r#"{ a = "1"; «maybe» b = "2"; }"#
    );
    let inside = r#"{ any.a = "1"; any.b = mkIf unknown "2"; }"#;
    assert_eq!(
        closed(inside, "config.any"),
        r#"{ a = "1"; «maybe» b = "2"; }"#
    );
    // Certain once is certain.
    let both = r#"{ any = mkMerge [ { a = "1"; } (mkIf unknown { a = "1"; }) ]; }"#;
    assert_eq!(closed(both, "config.any"), r#"{ a = "1"; }"#);
}

#[test]
fn a_submodule_under_an_unknown_condition_may_be_missing() {
    let module = r#"{ users.a = mkIf unknown { shell = "zsh"; }; }"#;
    assert_eq!(closed(module, "config.users ? a"), UNKNOWN);
    // What holds inside it, should it be there, is not known to: its shell may be the default.
    let extended =
        r#"{ users.a = mkMerge [ { groups = [ "x" ]; } (mkIf unknown { shell = "zsh"; }) ]; }"#;
    assert_eq!(closed(extended, "config.users.a.shell"), UNKNOWN);
    assert_eq!(closed(extended, "config.users.a.groups"), r#"[ "x" ]"#);
}

#[test]
fn what_alone_puts_an_attribute_there_holds_for_it() {
    let only = r#"{ users.a = mkIf unknown { shell = "zsh"; }; }"#;
    let shown = r#"{ «maybe» a = { groups = [ ]; shell = "zsh"; }; }"#;
    assert_eq!(closed(only, "config.users"), shown);
    // Each of two may be there without the other.
    let two = r#"{ users.a = mkMerge [ (mkIf unknown { shell = "zsh"; }) (mkIf unknown { groups = [ ]; }) ]; }"#;
    let shown = format!("{{ «maybe» a = {{ groups = [ ]; shell = {UNKNOWN}; }}; }}");
    assert_eq!(closed(two, "config.users"), shown);
}

#[test]
fn a_submodule_that_is_not_known_may_define_every_option() {
    let module = "{ users.a = unknown; }";
    assert_eq!(closed(module, "config.users.a.shell"), UNKNOWN);
    // It may force another shell.
    let both = r#"{ users.a = mkMerge [ { shell = "zsh"; } unknown ]; }"#;
    assert_eq!(closed(both, "config.users.a.shell"), UNKNOWN);
    let forced = r#"{ users.a = mkMerge [ { shell = mkForce "zsh"; } unknown ]; }"#;
    assert_eq!(closed(forced, "config.users.a.shell"), UNKNOWN);
}

#[test]
fn lines_keep_what_is_certain() {
    let module = r#"{ log = mkMerge [ "a" (mkIf unknown "b") "c" ]; }"#;
    assert_eq!(
        closed(module, "config.log"),
        r#""a${«unknown: a test»}\nc""#
    );
}

#[test]
fn force_under_an_unknown_condition_may_win() {
    let module = r#"{ text = mkMerge [ "a" (mkIf unknown (mkForce "b")) ]; }"#;
    assert_eq!(closed(module, "config.text"), UNKNOWN);
    let same = r#"{ text = mkMerge [ "a" (mkIf unknown (mkForce "a")) ]; }"#;
    assert_eq!(closed(same, "config.text"), "\"a\"");
    // A weaker one never does.
    let weaker = r#"{ text = mkMerge [ "a" (mkIf unknown (mkDefault "b")) ]; }"#;
    assert_eq!(closed(weaker, "config.text"), "\"a\"");
}

#[test]
fn several_rivals_are_no_conflict() {
    let module = r#"{ text = mkMerge [
      (mkIf unknown (mkForce "b")) (mkIf unknown (mkOverride 10 "c")) "a"
    ]; }"#;
    assert_eq!(closed(module, "config.text"), UNKNOWN);
}

#[test]
fn an_unknown_priority_may_win_or_lose() {
    let module = r#"{ text = mkMerge [ "a" (mkOverride unknown "b") ]; }"#;
    assert_eq!(closed(module, "config.text"), UNKNOWN);
    let same = r#"{ text = mkMerge [ "a" (mkOverride unknown "a") ]; }"#;
    assert_eq!(closed(same, "config.text"), "\"a\"");
    assert_eq!(
        closed(r#"{ plain = mkOverride unknown "b"; }"#, "config.plain"),
        "\"b\""
    );
}

#[test]
fn imports_that_are_not_known_open_the_configuration() {
    let module = r#"{ imports = [ unknown ]; config.plain = "a"; }"#;
    assert_eq!(closed(module, "config.plain"), "\"a\"");
    assert_eq!(closed(module, "options ? other"), UNKNOWN);
    let maybe = r#"{ imports = lib.optional unknown { text = "b"; }; config.plain = "a"; }"#;
    assert_eq!(closed(maybe, "config.text"), UNKNOWN);
    assert_eq!(closed(maybe, "config.plain"), "\"a\"");
}

#[test]
fn an_option_of_a_module_that_may_be_missing_may_be_missing() {
    let module =
        "{ imports = lib.optional unknown { options.extra = mkOption { default = 1; }; }; }";
    assert_eq!(closed(module, "options ? extra"), UNKNOWN);
    assert_eq!(closed(module, "config.extra"), "1");
}

#[test]
fn undeclared_sets_merge_by_name_and_stay_open() {
    let module = r#"{ config = mkMerge [ { a.b = 1; } { a.c = 2; } ]; }"#;
    assert_eq!(open(module, "config.a.b + config.a.c"), "3");
    assert!(
        open(module, "config.a.d").starts_with("«unknown"),
        "it may be set elsewhere"
    );
    assert!(
        open(module, "config.other").starts_with("«unknown"),
        "it may be set elsewhere"
    );
}

#[test]
fn undeclared_lists_join() {
    let module = r#"{ config = mkMerge [ { a = [ 1 ]; } { a = mkBefore [ 2 ]; } ]; }"#;
    assert_eq!(open(module, "config.a"), "[ 2 1 ]");
}

#[test]
fn undeclared_scalars_must_agree() {
    let same = r#"{ config = mkMerge [ { a = "x"; } { a = "x"; } ]; }"#;
    assert_eq!(open(same, "config.a"), "\"x\"");
    // Perhaps lines, perhaps an error: the type says which.
    let different = r#"{ config = mkMerge [ { a = "x"; } { a = "y"; } ]; }"#;
    assert!(open(different, "config.a").starts_with("«unknown"));
    let forced = r#"{ config = mkMerge [ { a = "x"; } { a = mkForce "y"; } ]; }"#;
    assert_eq!(open(forced, "config.a"), "\"y\"");
}

#[test]
fn an_undeclared_set_of_better_priority_may_drop_the_others() {
    let shown = |modules: &str, expression: &str| {
        open(
            &format!("{{ config = mkMerge [ {modules} ]; }}"),
            expression,
        )
    };
    let forced = "{ s.a = mkForce { x = 1; }; } { s.a.y = 2; s.b = 3; }";
    assert_eq!(shown(forced, "config.s.a.x"), "1");
    assert!(shown(forced, "config.s.a.y").starts_with("«unknown"));
    assert_eq!(shown(forced, "config.s.b"), "3");
    let default = "{ s.a = mkDefault { x = 1; y = 3; }; } { s.a.y = 2; }";
    assert!(shown(default, "config.s.a.x").starts_with("«unknown"));
    assert_eq!(shown(default, "config.s.a.y"), "2");
    // Alone it drops nothing; further out it is given to each option.
    assert_eq!(shown("{ s.a = mkForce { x = 1; }; }", "config.s.a.x"), "1");
    let outside = "(mkForce { s.a.x = 1; }) { s.a.y = 2; }";
    assert_eq!(shown(outside, "config.s.a.y"), "2");
    assert_eq!(
        shown("(mkDefault { s.a.x = 1; }) { s.a.y = 2; }", "config.s.a.x"),
        "1"
    );
}

#[test]
fn an_undeclared_option_under_a_condition_has_an_unknown_default() {
    assert_eq!(open("{ a = mkIf unknown 1; }", "config.a"), UNKNOWN);
    assert!(open("{ a = mkIf false 1; }", "config.a").starts_with("«unknown"));
    assert_eq!(open("{ a = mkIf true 1; }", "config.a"), "1");
}

#[test]
fn one_broken_definition_does_not_hide_the_others_of_an_open_world() {
    let module = r#"{ config = mkMerge [ { a = 1; } (throw "broken") ]; }"#;
    assert_eq!(open(module, "config.a"), "1");
}

#[test]
fn a_closed_configuration_fails_as_in_nix() {
    assert!(closed("{ missing = 1; }", "config.plain").contains("was accessed but has no value"));
    let nested = "(lib.evalModules { modules = [ { missing = 1; } ]; }).config";
    let shown = closed(
        &format!("{{ options.r = mkOption {{ default = {nested}; }}; }}"),
        "config.r",
    );
    assert!(
        shown.contains("The option `missing' does not exist"),
        "{shown}"
    );
}

#[test]
fn messages_never_show_a_value() {
    let long = "hunter2".repeat(50);
    for (module, option) in [
        (format!("{{ items = \"{long}\"; }}"), "items"),
        (
            format!("{{ plain = mkMerge [ \"{long}\" \"b\" ]; }}"),
            "plain",
        ),
        (
            format!("{{ users.a.{long} = 1; }}").replace(&long, "x"),
            "users.a",
        ),
    ] {
        let shown = closed(&module, &format!("config.{option}"));
        assert!(shown.starts_with("«error"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
