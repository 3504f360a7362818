//! `lib` on values that are not known: what is known in spite of them.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot read its fixtures must fail"
)]

use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::value::ExternalKind;
use nix_eval::{Evaluator, Limits, Workspace};

/// Prints what an expression over `lib`, `unknown` and `pkgs` (a package set that is not on disk)
/// gives.
fn evaluate(expression: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lib-cases/project");
    let project = Arc::new(Workspace::open(&root).expect("a project"));
    Evaluator::run(project, Limits::default(), |evaluator| {
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("case.nix");
        let prelude = "lib: unknown: pkgs:\nlet maybe = lib.optional unknown; in\n";
        let mut value = evaluator.eval_text(&path, &format!("{prelude}{expression}"));
        let why = evaluator.undetermined("?");
        let unknown = evaluator.failed(why);
        let packages = ExternalKind::Packages {
            system: Some("x86_64-linux".into()),
        };
        let packages = evaluator.external_root("pkgs", packages);
        let packages = evaluator.ready(packages);
        for argument in [evaluator.lib(), unknown, packages] {
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
    unknown_names_of_lib_are_undetermined: {
        "lib.someNewFunction" => "«unknown: an attribute of nixpkgs' `lib` that is not built in (`someNewFunction`)»",
        "lib.strings.someNewFunction 1" => "«unknown: an attribute of nixpkgs' `lib` that is not built in (`someNewFunction`)»",
        "lib.hm.types.x" => "«unknown: an attribute of nixpkgs' `lib` that is not built in (`types`)»",
        "lib ? someNewFunction" => "«unknown: an attribute of nixpkgs' `lib` that is not built in»",
        "lib ? toUpper" => "true",
        "lib.trivial.release" => "«external: lib.release»",
        "lib.versionAtLeast lib.version \"23.11\"" => "«unknown: lib.version»",
        "lib.licenses.mit" => "«external: lib.licenses.mit»",
        "with lib; with pkgs; hello" => "«external: pkgs.hello»",
    }
    extended_lib_keeps_its_functions: {
        "(lib.extend (final: prev: { mine = x: prev.toUpper x; })).mine \"a\"" => "\"A\"",
        "(lib.extend (final: prev: { mine = 1; })).toUpper \"a\"" => "\"A\"",
        "(lib.extend (final: prev: unknown)).toUpper \"a\"" => "\"A\"",
        "((lib.extend (final: prev: { a = 1; })).extend (_: _: pkgs.x)).toUpper \"a\"" => "\"A\"",
        "((lib.extend (final: prev: { a = 1; })).extend (_: _: pkgs.x)).y" => "«unknown: an attribute of nixpkgs' `lib` that is not built in (`y`)»",
        "(pkgs.x // lib // pkgs.y).toUpper \"a\"" => "\"A\"",
        "({ a = 1; } // unknown // lib // unknown).toUpper \"a\"" => "\"A\"",
        "(lib // { toUpper = 1; }).toUpper" => "1",
        "(lib // { types = lib.types // unknown; }).types.str.name" => "\"str\"",
    }
    undecided_conditions: {
        "lib.optional unknown 1" => "[ «maybe» 1 ]",
        "lib.optionals unknown [ 1 2 ]" => "[ «maybe» 1 «maybe» 2 ]",
        "lib.optionals true unknown" => "«unknown: ?»",
        "lib.optionals unknown unknown" => "[ «unknown: ?» … ]",
        "lib.optionalAttrs unknown { a = 1; }" => "{ «maybe» a = 1; }",
        "{ b = 1; } // lib.optionalAttrs unknown { a = 1; }" => "{ «maybe» a = 1; b = 1; }",
        "{ a = 0; } // lib.optionalAttrs unknown { a = 1; }" => "{ a = «unknown: ?»; }",
        "(lib.optionalAttrs unknown (throw \"x\"))" => "{ }",
        "lib.optionalString unknown \"x\"" => "\"${«unknown: ?»}\"",
        "lib.optionalString unknown \"\"" => "\"\"",
        "\"a${lib.optionalString unknown \"x\"}b\"" => "\"a${«unknown: ?»}b\"",
        "lib.boolToString unknown" => "\"${«unknown: ?»}\"",
        "lib.or unknown true" => "true",
        "lib.and unknown false" => "false",
        "lib.and unknown true" => "«unknown: ?»",
        "lib.throwIf unknown \"x\" 1" => "1",
        "lib.assertMsg unknown \"x\"" => "true",
        "lib.mkIf unknown 1 ? condition" => "true",
    }
    open_sets_stay_open: {
        "lib.mapAttrs (n: v: v) unknown" => "«unknown: ?»",
        "lib.filterAttrs (n: v: n != \"a\") (unknown // { a = 1; b = 2; })" => "{ b = 2; «unknown: ?» … }",
        "lib.filterAttrs (n: v: unknown) { a = 1; }" => "{ «maybe» a = 1; }",
        "lib.mapAttrs' (n: v: lib.nameValuePair \"x-${n}\" v) (unknown // { a = 1; })" => "{ x-a = 1; «unknown: ?» … }",
        "lib.mapAttrs' (n: v: lib.nameValuePair unknown v) { a = 1; }" => "{ «unknown: ?» … }",
        "lib.concatMapAttrs (n: v: { \"x-${n}\" = v; }) (unknown // { a = 1; })" => "{ x-a = 1; «unknown: ?» … }",
        "lib.mapAttrsToList (n: v: n) (unknown // { a = 1; })" => "[ \"a\" «unknown: ?» … ]",
        "lib.mapAttrsToList (n: v: n) (lib.optionalAttrs unknown { a = 1; })" => "[ «maybe» \"a\" ]",
        "lib.attrsToList (unknown // { a = 1; })" => "[ { name = \"a\"; value = 1; } «unknown: ?» … ]",
        "lib.genAttrs [ \"a\" unknown \"b\" ] (n: n)" => "{ a = \"a\"; b = \"b\"; «unknown: ?» … }",
        "lib.genAttrs (maybe \"a\") (n: n)" => "{ «maybe» a = \"a\"; }",
        "lib.genAttrs (maybe \"a\" ++ [ \"a\" ]) (n: n)" => "{ a = \"a\"; }",
        "lib.genAttrs [ \"${unknown}-x\" ] (n: n)" => "{ «unknown: ?» … }",
        "lib.genAttrs unknown (n: n)" => "«unknown: ?»",
        "lib.recursiveUpdate { a.b = 1; } (unknown // { a.c = 2; })" => "{ a = { b = 1; c = 2; }; «unknown: ?» … }",
        "lib.recursiveUpdate unknown { a.c = 2; }" => "{ a = { c = 2; «unknown: ?» … }; «unknown: ?» … }",
        "lib.recursiveUpdate { a = unknown; } { a.c = 2; }" => "{ a = { c = 2; «unknown: ?» … }; }",
        "lib.recursiveUpdate { a.b = 1; } (lib.optionalAttrs unknown { a.c = 2; })" => "{ a = { b = 1; «maybe» c = 2; }; }",
        "lib.recursiveUpdate { a = 1; } unknown" => "{ a = «unknown: ?»; «unknown: ?» … }",
        "lib.mergeAttrsList [ { a = 1; } unknown { b = 2; } ]" => "{ a = «unknown: ?»; b = 2; «unknown: ?» … }",
        "lib.mergeAttrsList ([ { a = 1; } ] ++ maybe { b = 2; })" => "{ a = 1; «maybe» b = 2; }",
        "lib.mapAttrsRecursive (p: v: lib.concatStringsSep \".\" p) { a.b = 1; c = unknown; }" => "{ a = { b = \"a.b\"; }; c = «unknown: ?»; }",
        "lib.collect lib.isString { a = \"x\"; b = unknown; c.d = \"y\"; }" => "[ \"x\" «unknown: ?» … \"y\" ]",
        "lib.attrByPath [ \"a\" \"b\" ] 5 { a = unknown; }" => "«unknown: ?»",
        "lib.attrByPath [ \"a\" ] 5 (lib.optionalAttrs unknown { a = 1; })" => "«unknown: ?»",
        "lib.attrByPath [ \"hello\" \"version\" ] 5 pkgs" => "«external: pkgs.hello.version»",
        "lib.hasAttrByPath [ \"hello\" ] pkgs" => "«unknown: pkgs»",
        "lib.zipAttrs [ { a = 1; } (lib.optionalAttrs unknown { a = 2; }) ]" => "{ a = [ 1 «maybe» 2 ]; }",
    }
    uncertain_lists: {
        "lib.last ([ unknown ] ++ [ 1 ])" => "1",
        "lib.last (unknown ++ [ 1 ])" => "1",
        "lib.last ([ 1 ] ++ maybe 2)" => "«unknown: ?»",
        "lib.init (unknown ++ [ 1 ])" => "[ «unknown: ?» … ]",
        "lib.take 1 ([ 1 ] ++ unknown)" => "[ 1 ]",
        "lib.take 2 ([ 1 ] ++ maybe 2 ++ [ 3 ])" => "[ 1 «maybe» 2 «maybe» 3 ]",
        "lib.drop 1 ([ 1 ] ++ maybe 2 ++ [ 3 ])" => "[ «maybe» 2 3 ]",
        "lib.reverseList ([ 1 ] ++ maybe 2)" => "[ «maybe» 2 1 ]",
        "lib.unique ([ \"a\" ] ++ maybe \"a\" ++ [ \"b\" ])" => "[ \"a\" \"b\" ]",
        "lib.unique (maybe \"a\" ++ [ \"a\" ])" => "[ «maybe» \"a\" «maybe» \"a\" ]",
        "lib.unique (unknown ++ [ \"a\" ])" => "[ «unknown: ?» … \"a\" «unknown: ?» … ]",
        "lib.flatten [ 1 [ unknown ] pkgs.hello [ (maybe 2) ] ]" => "[ 1 «unknown: ?» … «external: pkgs.hello» «maybe» 2 ]",
        "lib.remove 1 [ 1 unknown 2 ]" => "[ «maybe» «unknown: ?» 2 ]",
        "lib.subtractLists [ 1 ] ([ 1 2 ] ++ unknown)" => "[ 2 «unknown: ?» … ]",
        "lib.subtractLists unknown [ 1 ]" => "[ «maybe» 1 ]",
        "lib.findFirst (x: x > 1) 0 [ 1 2 unknown ]" => "2",
        "lib.findFirst (x: x > 1) 0 [ unknown 2 ]" => "«unknown: ?»",
        "lib.count (x: x == 1) ([ 1 ] ++ maybe 1)" => "«unknown: ?»",
        "lib.count (x: x == 1) ([ 1 ] ++ maybe 2)" => "1",
        "lib.imap0 (i: v: i) (maybe \"a\" ++ [ \"b\" ])" => "[ «maybe» 0 «unknown: ?» ]",
        "lib.foldl' (a: b: a + b) 0 (maybe 1)" => "«unknown: ?»",
        "lib.zipLists [ 1 2 ] ([ \"a\" ] ++ unknown)" => "[ { fst = 1; snd = \"a\"; } «unknown: ?» … ]",
        "lib.elem 1 ([ 1 ] ++ unknown)" => "true",
        "lib.concatMap (x: [ x ]) (unknown ++ [ 1 ])" => "[ «unknown: ?» … 1 ]",
    }
    strings_with_holes: {
        "lib.hasPrefix \"/run\" \"/run/${unknown}\"" => "true",
        "lib.hasPrefix \"/etc\" \"/run/${unknown}\"" => "false",
        "lib.hasPrefix \"/run/secrets\" \"/run/${unknown}\"" => "«unknown: ?»",
        "lib.hasPrefix \"/nix/store\" \"${./data.json}\"" => "true",
        "lib.hasSuffix \".age\" \"${unknown}.age\"" => "true",
        "lib.hasSuffix \".yaml\" \"${unknown}.age\"" => "false",
        "lib.hasSuffix \".nix\" ./a/b.nix" => "true",
        "lib.hasSuffix \".nix\" ./README.md" => "false",
        "lib.hasSuffix \"-b/c\" \"${./a/b}/c\"" => "true",
        "lib.hasSuffix \"0-b.nix\" ./a/b.nix" => "«unknown: the store path of `a/b.nix`»",
        "lib.hasSuffix \".nix\" ./." => "«unknown: the store path of `.`»",
        "lib.hasInfix \"b.n\" ./a/b.nix" => "true",
        "lib.hasInfix \"/_\" ./a/_b.nix" => "false",
        "lib.hasInfix \"x3\" ./a/b.nix" => "«unknown: the store path of `a/b.nix`»",
        "lib.hasInfix \"secret\" \"a-secret-${unknown}\"" => "true",
        "lib.hasInfix \"secret\" \"a-${unknown}\"" => "«unknown: ?»",
        "lib.removePrefix \"/run/\" \"/run/${unknown}\"" => "\"${«unknown: ?»}\"",
        "lib.removePrefix \"/etc/\" \"/run/${unknown}\"" => "\"/run/${«unknown: ?»}\"",
        "lib.removeSuffix \".age\" \"x-${unknown}.age\"" => "\"x-${«unknown: ?»}\"",
        "lib.removeSuffix \".age\" \"x-${unknown}\"" => "\"${«unknown: ?»}\"",
        "lib.splitString \"/\" \"a/b-${unknown}/c\"" => "[ \"a\" «unknown: ?» … \"c\" ]",
        "lib.last (lib.splitString \"/\" \"${unknown}/c\")" => "\"c\"",
        "lib.splitString \", \" \"a, ${unknown}\"" => "[ «unknown: ?» … ]",
        "lib.toUpper \"a-${unknown}-b\"" => "\"A-${«unknown: ?»}-B\"",
        "lib.concatStringsSep \",\" [ \"a\" unknown \"b\" ]" => "\"a,${«unknown: ?»},b\"",
        "lib.concatStringsSep \",\" (maybe \"a\" ++ [ \"b\" ] ++ maybe \"c\" ++ [ \"d\" ])" => "\"${«unknown: ?»}b${«unknown: ?»},d\"",
        "lib.concatMapStringsSep \",\" (x: \"<${x}>\") [ \"a\" unknown ]" => "\"<a>,<${«unknown: ?»}>\"",
        "lib.concatStrings [ \"a\" pkgs.hello ]" => "\"a${«unknown: pkgs.hello»}\"",
        "lib.escapeShellArg \"${pkgs.hello}/bin/x\"" => "\"${«unknown: pkgs.hello»}/bin/x\"",
        "lib.escapeShellArg \"${pkgs.hello}/bin/x y\"" => "\"'${«unknown: pkgs.hello»}/bin/x y'\"",
        "lib.escapeShellArgs [ \"a b\" pkgs.hello ]" => "\"'a b' ${«unknown: pkgs.hello»}\"",
        "lib.trim \" ${unknown} \"" => "\"${«unknown: ?»}\"",
        "lib.toInt \"1${unknown}\"" => "«unknown: ?»",
        "lib.fixedWidthString 5 \"0\" unknown" => "«unknown: ?»",
        "lib.stringToCharacters \"a${unknown}b\"" => "[ \"a\" «unknown: ?» … \"b\" ]",
    }
    programs_of_packages: {
        "lib.getExe pkgs.hello" => "\"${«unknown: pkgs.hello»}/bin/${«unknown: pkgs.hello.meta.mainProgram»}\"",
        "lib.getExe' pkgs.coreutils \"cat\"" => "\"${«unknown: pkgs.coreutils»}/bin/cat\"",
        "lib.getExe (pkgs.writeShellScriptBin \"run\" \"true\")" => "\"${«unknown: pkgs.writeShellScriptBin … …»}/bin/run\"",
        "lib.getExe (pkgs.writeShellApplication { name = \"run\"; text = \"\"; })" => "\"${«unknown: pkgs.writeShellApplication …»}/bin/run\"",
        "lib.makeBinPath [ pkgs.git pkgs.jq ]" => "\"${«unknown: pkgs.git»}/bin:${«unknown: pkgs.jq»}/bin\"",
        "lib.hiPrio pkgs.git" => "«external: pkgs.git»",
        "lib.getName pkgs.git" => "«external: pkgs.git.pname»",
        "lib.getLib pkgs.systemd" => "«external: pkgs.systemd»",
        "lib.meta.availableOn { system = \"x86_64-linux\"; } pkgs.git" => "«unknown: pkgs.git»",
        "(lib.callPackageWith pkgs ({ git, fast ? true }: { inherit git fast; }) { }).git" => "«external: pkgs.git»",
        "(lib.callPackageWith pkgs ({ git, fast ? true }: { inherit git fast; }) { }).fast" => "«unknown: pkgs»",
    }
    texts_with_holes: {
        "lib.generators.toKeyValue { } { a = 1; b = unknown; }" => "\"a=1\\nb=${«unknown: ?»}\\n\"",
        "lib.generators.toINI { } { s = { a = unknown; }; }" => "\"[s]\\na=${«unknown: ?»}\\n\"",
        "lib.generators.toINI { } { s = lib.optionalAttrs unknown { a = 1; }; }" => "\"[s]\\n${«unknown: ?»}\"",
        "lib.generators.toGitINI { user.name = unknown; }" => "\"[user]\\n\\tname = ${«unknown: ?»}\\n\"",
        "lib.generators.toLua { multiline = false; } { a = unknown; }" => "\"{ [\\\"a\\\"] = ${«unknown: ?»} }\"",
        "lib.generators.toPretty { multiline = false; } { a = unknown; }" => "\"{ a = ${«unknown: ?»}; }\"",
        "lib.cli.toGNUCommandLine { } { a = 1; b = unknown; c = \"x${unknown}\"; }" => "[ \"-a\" \"1\" «unknown: ?» … \"-c\" \"x${«unknown: ?»}\" ]",
        "lib.toShellVars { a = unknown; b = \"x\"; }" => "\"a=${«unknown: ?»}\\nb=x\"",
        "lib.cleanSource ./hosts + \"/alpha\"" => "\"${«unknown: the store path of `hosts`»}/alpha\"",
    }
}
