//! What was not inspected is reported, whatever hides it: the message, the numbers, the exit code, in every
//! format.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use serde_json::{Value, json as value};
use support::{FORMATS, json, run, stdout, write};
use tempfile::TempDir;

/// A flake of these outputs, with the inputs nixpkgs, sops-nix and `x`, which is not here.
fn flake(outputs: &str) -> TempDir {
    let project = tempfile::tempdir().unwrap();
    let text = format!(
        r#"{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.x.url = "github:example/x";
  outputs = inputs@{{ self, nixpkgs, sops-nix, flake-parts, x }}:
    let
      lib = nixpkgs.lib;
      host = module: lib.nixosSystem {{
        modules = [ sops-nix.nixosModules.sops module {{ sops.defaultSopsFile = ./s.yaml; }} ];
      }};
    in
{outputs};
}}
"#
    );
    write(project.path(), "flake.nix", &text);
    project
}

/// A host of which everything is known.
const FINE: &str = "nixosConfigurations.fine = lib.nixosSystem { modules = [ { networking.hostName = \"fine\"; } ]; };";

/// What `check` says of a project: messages with their kinds, the numbers, completeness, the exit code.
fn report(project: &TempDir) -> (Vec<(String, String)>, Value, bool, i32) {
    let output = run(project.path(), &["--format", "json"]);
    let document = json(&output);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let gaps = document["gaps"].as_array().unwrap().iter();
    let gaps = gaps.map(|gap| (text(&gap["kind"]), text(&gap["message"])));
    let summary = &document["summary"];
    (
        gaps.collect(),
        summary["configurations"].clone(),
        summary["complete"].as_bool().unwrap(),
        output.status.code().unwrap(),
    )
}

/// Checks the gaps of a flake and its exit code.
fn expect(outputs: &str, gaps: &[(&str, &str)], code: i32) {
    let (found, _, complete, exit) = report(&flake(outputs));
    let gaps: Vec<(String, String)> = { gaps.iter() }
        .map(|(kind, message)| ((*kind).to_owned(), (*message).to_owned()))
        .collect();
    assert_eq!(found, gaps, "{outputs}");
    assert_eq!(complete, gaps.is_empty(), "{outputs}");
    assert_eq!(exit, code, "{outputs}");
}

#[test]
fn a_project_that_is_seen_as_a_whole_is_complete() {
    let project = flake(&format!("{{ {FINE} }}"));
    let (gaps, numbers, complete, code) = report(&project);
    assert_eq!((gaps, complete, code), (Vec::new(), true, 0));
    assert_eq!(
        numbers,
        value!({"defined": 1, "evaluated": 1, "hollow": 0, "failed": 0})
    );
    let text = stdout(&run(project.path(), &[]));
    assert!(
        text.starts_with("no findings · 1 of 1 configuration, "),
        "{text}"
    );
}

#[test]
fn unknown_outputs_are_reported() {
    let (code, kind) = (2, "unknown-configurations");
    expect(
        "{ nixosConfigurations = x.lib.mkHosts ./hosts; }",
        &[(
            kind,
            "nothing can be said about nixosConfigurations: input `x`.lib.mkHosts … is not here",
        )],
        code,
    );
    expect(
        "x.lib.mkFlake { inherit inputs; }",
        &[(
            kind,
            "nothing can be said about the outputs of the flake: input `x`.lib.mkFlake … is not here",
        )],
        code,
    );
    expect(
        "{ darwinConfigurations = throw \"no\"; }",
        &[(
            kind,
            "nothing can be said about darwinConfigurations: evaluation error: no",
        )],
        code,
    );
    // One that is known does not make up for one of which nothing is.
    expect(
        &format!("{{ {FINE} homeConfigurations = x.homes; }}"),
        &[(
            kind,
            "nothing can be said about homeConfigurations: input `x`.homes is not here",
        )],
        code,
    );
}

#[test]
fn outputs_that_may_have_more_are_reported() {
    let kind = "more-configurations";
    expect(
        &format!("{{ {FINE} }} // x.outputs"),
        &[(
            "unknown-configurations",
            "nothing can be said about nixosConfigurations and the outputs of the flake: input `x`.outputs is not here",
        )],
        2,
    );
    expect(
        &format!("x.outputs // {{ {FINE} }}"),
        &[(
            kind,
            "there may be more configurations in the outputs of the flake: input `x`.outputs is not here",
        )],
        0,
    );
    expect(
        "{ nixosConfigurations = x.hosts // { fine = host { }; }; }",
        &[(
            kind,
            "there may be more configurations in nixosConfigurations: input `x`.hosts is not here",
        )],
        0,
    );
}

#[test]
fn a_module_of_flake_parts_that_is_not_here_leaves_the_flake_open() {
    let flake = |rest: &str| {
        format!(
            "flake-parts.lib.mkFlake {{ inherit inputs; }} {{ systems = [ ]; imports = [ x.flakeModule ]; {rest} }}"
        )
    };
    expect(
        &flake(""),
        &[(
            "unknown-configurations",
            "nothing can be said about the outputs of the flake: input `x`.flakeModule is not here",
        )],
        2,
    );
    expect(
        &flake("flake.nixosConfigurations.fine = host { };"),
        &[(
            "more-configurations",
            "there may be more configurations in the outputs of the flake: input `x`.flakeModule is not here",
        )],
        0,
    );
}

#[test]
fn hollow_and_failed_configurations_are_counted_apart() {
    let project = flake(&format!(
        "{{ {FINE}
          nixosConfigurations.list = lib.nixosSystem {{ modules = x.modules; }};
          nixosConfigurations.only = lib.nixosSystem {{ modules = [ x.nixosModules.all ]; }};
          nixosConfigurations.throws = throw \"no\";
          nixosConfigurations.made = x.lib.mkHost ./desk.nix;
        }}"
    ));
    let (gaps, numbers, complete, code) = report(&project);
    let gaps: Vec<&str> = gaps.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(
        gaps,
        [
            "nixosConfigurations.made could not be evaluated: input `x`.lib.mkHost … is not here",
            "nixosConfigurations.throws could not be evaluated: evaluation error: no",
            "nothing can be said about nixosConfigurations.only: its modules are not known: input `x`.nixosModules.all is not here",
            "nothing can be said about nixosConfigurations.list: its modules are not known: input `x`.modules is not here",
        ]
    );
    assert_eq!(
        numbers,
        value!({"defined": 5, "evaluated": 1, "hollow": 2, "failed": 2})
    );
    assert_eq!((complete, code), (false, 0));
}

#[test]
fn a_configuration_that_failed_is_told_once_and_without_the_machine() {
    let project = flake(&format!(
        "{{ {FINE} nixosConfigurations.gone = import ./hosts/gone.nix; }}"
    ));
    let output = run(project.path(), &["--format", "json", "--pedantic"]);
    let document = json(&output);
    let findings = document["diagnostics"].as_array().unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    let gaps = document["gaps"].as_array().unwrap();
    let message = gaps[0]["message"].as_str().unwrap();
    assert!(
        gaps.len() == 1 && message.contains("'hosts/gone.nix'"),
        "{gaps:#?}"
    );
    for format in FORMATS {
        let text = stdout(&run(project.path(), &["--format", format]));
        let root = project.path().canonicalize().unwrap().join("hosts");
        assert!(!text.contains(&*root.to_string_lossy()), "{format}: {text}");
    }
}

#[test]
fn fixing_asks_for_what_the_run_asks_for() {
    let project = flake(&format!(
        "{{ {FINE} nixosConfigurations.a = throw \"no\"; }}"
    ));
    for arguments in [["check", "--fix"], ["check", "--diff"]] {
        let output = run(project.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let asked = [arguments[0], arguments[1], "--require-complete"];
        let output = run(project.path(), &asked);
        assert_eq!(output.status.code(), Some(2), "{asked:?}");
        let told = support::stderr(&output);
        let wanted = "nothing is fixed (--require-complete): nixosConfigurations.a could not";
        assert!(told.contains(wanted), "{told}");
    }
    let module = flake("{ nixosConfigurations.a = x.lib.host; }");
    let lock = r#"{"version": 7, "root": "root", "nodes": {"root": {"inputs": {"x": "x"}}, "x": {"locked":
        {"type": "path", "path": "/nowhere", "narHash": "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw="}}}}"#;
    write(module.path(), "flake.lock", lock);
    let output = run(module.path(), &["check", "--diff", "--require-inputs"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        support::stderr(&output)
    );
}

#[test]
fn coverage_counts_by_where_definitions_are_written() {
    let project = flake(
        "{ modules.nixos = import ./mail.nix; nixosConfigurations.a = host self.modules.nixos.mail; \
         nixosConfigurations.b = host ./off.nix; }",
    );
    let root = project.path();
    write(
        root,
        "mail.nix",
        "{ mail = { sops.secrets.mail = { }; }; web = { sops.secrets.web = { }; }; }",
    );
    let off = "{ lib, config, ... }: { options.on = lib.mkEnableOption \"it\"; \
        config = lib.mkIf config.on { sops.secrets.off = { }; }; }";
    write(root, "off.nix", off);
    write(
        root,
        "alone.nix",
        "{ config, ... }: { sops.secrets.alone = { }; }",
    );
    let output = run(root, &["inventory", "--coverage", "--format", "json"]);
    let found = json(&output);
    let of = |name: &str| found["secrets"][name].as_u64().unwrap();
    assert_eq!(of("declared"), 4, "{found:#}");
    assert_eq!((of("on_hosts"), of("switched_off")), (1, 1), "{found:#}");
    assert_eq!(
        of("found"),
        of("on_hosts") + of("switched_off") + of("not_loaded")
    );
    assert_eq!(found["modules"]["reached"], 3, "{found:#}");
    assert_eq!(found["modules"]["not_reached"], value!(["alone.nix"]));
}

#[test]
fn no_configuration_that_could_be_evaluated_fails_the_run() {
    expect(
        "{ nixosConfigurations.a = throw \"no\"; nixosConfigurations.b = throw \"no\"; }",
        &[
            (
                "failed-configuration",
                "nixosConfigurations.a could not be evaluated: evaluation error: no",
            ),
            (
                "failed-configuration",
                "nixosConfigurations.b could not be evaluated: evaluation error: no",
            ),
        ],
        2,
    );
    // One cause is one line.
    expect(
        "{ nixosConfigurations = lib.genAttrs [ \"a\" \"b\" \"c\" \"d\" \"e\" ] (name: throw \"no\"); }",
        &[(
            "failed-configuration",
            "nixosConfigurations.a, nixosConfigurations.b, nixosConfigurations.c and 2 more could not be evaluated: evaluation error: no",
        )],
        2,
    );
}

#[test]
fn sets_of_secrets_that_are_open_keep_what_is_known() {
    for (secrets, reason, known) in [
        (
            "{ foo = { }; } // x.secrets",
            "input `x`.secrets is not here",
            true,
        ),
        (
            "lib.recursiveUpdate { foo = { }; } x.secrets",
            "input `x`.secrets is not here",
            true,
        ),
        (
            "lib.mkMerge [ { foo = { }; } x.secrets ]",
            "input `x`.secrets is not here",
            true,
        ),
        (
            "{ foo = { }; ${x.name} = { }; }",
            "input `x`.name is not here",
            true,
        ),
        (
            "lib.genAttrs x.names (name: { })",
            "input `x`.names is not here",
            false,
        ),
        ("throw \"no\"", "evaluation error: no", false),
    ] {
        let project = flake(&format!(
            "{{ nixosConfigurations.a = host {{ sops.secrets = {secrets}; }}; }}"
        ));
        write(project.path(), "s.yaml", "foo: x\n");
        let (gaps, numbers, complete, _) = report(&project);
        let message = format!("nixosConfigurations.a may declare more secrets: {reason}");
        assert_eq!(gaps, [("more-secrets".to_owned(), message)], "{secrets}");
        assert_eq!(
            numbers,
            value!({"defined": 1, "evaluated": 1, "hollow": 0, "failed": 0})
        );
        assert!(!complete, "{secrets}");
        let inventory = json(&run(project.path(), &["inventory", "--format", "json"]));
        let host = &inventory["hosts"][0];
        let names: Vec<&Value> = { host["secrets"].as_array().unwrap().iter() }
            .map(|secret| &secret["attribute"])
            .collect();
        assert_eq!(names.contains(&&value!("foo")), known, "{secrets}");
        let open = host["open"][0]["reason"].as_str().unwrap();
        assert!(reason.starts_with(open), "{secrets}: {open}");
    }
}

#[test]
fn secrets_below_a_condition_that_is_not_decided_are_reported() {
    let option = |name: &str| format!("an option that is not declared in this project (`{name}`)");
    let grafana = option("grafana");
    let input = "input `x` is not here".to_owned();
    let undecided = "config.services.grafana.enable";
    let one = ["sops.secrets.foo"].as_slice();
    for (module, options, reason) in [
        (
            format!("lib.mkIf {undecided} {{ sops.secrets.foo = {{ }}; }}"),
            one,
            &grafana,
        ),
        (
            format!("{{ sops.secrets = lib.optionalAttrs {undecided} {{ foo = {{ }}; }}; }}"),
            one,
            &grafana,
        ),
        (
            format!(
                "{{ sops.secrets = if {undecided} then {{ foo = {{ }}; bar = {{ }}; }} else {{ }}; }}"
            ),
            &["sops.secrets.bar", "sops.secrets.foo"],
            &grafana,
        ),
        (
            "{ sops.secrets.foo = lib.mkIf (x.enable) { }; }".to_owned(),
            one,
            &input,
        ),
        (
            format!("{{ sops.secrets.foo.mode = lib.mkIf {undecided} \"0444\"; }}"),
            &["sops.secrets.foo.mode"],
            &grafana,
        ),
        (
            format!("{{ sops.secrets.foo.mode = if {undecided} then \"0444\" else \"0400\"; }}"),
            &["sops.secrets.foo.mode"],
            &grafana,
        ),
        (
            format!("{{ sops.secrets.foo.group = if {undecided} then \"a\" else \"b\"; }}"),
            &["sops.secrets.foo.group"],
            &grafana,
        ),
    ] {
        let project = flake(&format!(
            "{{ nixosConfigurations.a = host ({{ config, ... }}: {module}); nixosConfigurations.b = host ({{ config, ... }}: {module}); }}"
        ));
        write(project.path(), "s.yaml", "foo: x\n");
        let document = json(&run(project.path(), &["--format", "json"]));
        let gaps = document["gaps"].as_array().unwrap();
        assert_eq!(document["summary"]["complete"], false, "{module}");
        let undecided: Vec<_> = { gaps.iter() }
            .filter(|gap| gap["kind"] == "undecided-secrets")
            .collect();
        assert!(!undecided.is_empty(), "{module}: {gaps:?}");
        for gap in undecided {
            assert_eq!(gap["options"], value!(options), "{module}");
            let message = gap["message"].as_str().unwrap();
            assert!(
                message.contains(reason.trim_end_matches(" is not here")),
                "{message}"
            );
            assert!(
                gap["at"]["line"].is_u64() || gap["at"]["start"].is_object(),
                "{gap}"
            );
        }
    }
}

#[test]
fn what_is_decided_or_only_not_known_is_no_condition() {
    for module in [
        "lib.mkIf true { sops.secrets.foo = { }; }",
        "lib.mkIf false { sops.secrets.foo = { }; }",
        "{ services.grafana.enable = false; sops.secrets = lib.mkIf config.services.grafana.enable { foo = { }; }; }",
        "{ sops.secrets.foo.owner = config.services.unheard.user; }",
        "{ sops.secrets.foo.mode = if config.services.grafana.enable then \"0400\" else \"0400\"; }",
    ] {
        let project = flake(&format!(
            "{{ nixosConfigurations.a = host ({{ config, ... }}: {module}); }}"
        ));
        write(project.path(), "s.yaml", "foo: x\n");
        let (gaps, _, complete, _) = report(&project);
        assert!(gaps.is_empty() && complete, "{module}: {gaps:?}");
    }
}

#[test]
fn a_text_below_a_condition_that_is_not_decided_may_have_a_reader() {
    let undecided = "config.services.grafana.enable";
    let path = "${config.sops.secrets.foo.path}";
    for script in [
        format!("lib.optionalString {undecided} \"cat {path}\""),
        format!("\"true; ${{lib.optionalString {undecided} \"cat {path}\"}}\""),
        format!("if {undecided} then \"cat {path}\" else \"true\""),
        format!("lib.mkIf {undecided} \"cat {path}\""),
    ] {
        let project = flake(&format!(
            "{{ nixosConfigurations.a = host ({{ config, ... }}: {{ sops.secrets.foo = {{ }}; systemd.services.a = {{ serviceConfig.User = \"alice\"; script = {script}; }}; }}); }}"
        ));
        write(project.path(), "s.yaml", "foo: x\n");
        let inventory = json(&run(project.path(), &["inventory", "--format", "json"]));
        let readers = inventory["hosts"][0]["readers"].as_array().unwrap();
        assert_eq!(readers.len(), 1, "{script}: {readers:?}");
        let document = json(&run(project.path(), &["--format", "json"]));
        let mut found = document["diagnostics"].as_array().unwrap().iter();
        assert!(
            found.all(|found| found["lint"] != "root-owned-secret"),
            "{script}"
        );
    }
}

#[test]
fn a_bound_that_ends_an_evaluation_fails_the_run() {
    let endless = "let f = n: f (n + 1); in f 0";
    let outputs = format!(
        "{{ nixosConfigurations.a = host {{ sops.secrets = {{ foo = {{ }}; }} // ({endless}); }}; }}"
    );
    let project = flake(&outputs);
    let (gaps, _, complete, code) = report(&project);
    let [(kind, message)] = gaps.as_slice() else {
        panic!("{gaps:?}");
    };
    assert_eq!(kind, "limit");
    assert!(
        message.starts_with("the evaluation of nixosConfigurations.a was cut short: "),
        "{message}"
    );
    assert_eq!((complete, code), (false, 2));
}

#[test]
fn modules_that_throw_are_reported() {
    let kind = "missing-modules";
    expect(
        "{ nixosConfigurations.a = host { imports = [ (throw \"no\") ]; }; }",
        &[(
            kind,
            "a module of nixosConfigurations.a could not be loaded: evaluation error: no",
        )],
        0,
    );
    expect(
        "{ nixosConfigurations.a = host (throw \"no\"); }",
        &[(
            kind,
            "a module of nixosConfigurations.a could not be loaded: evaluation error: no",
        )],
        0,
    );
    expect(
        "{ nixosConfigurations.a = host { imports = [ { key = throw \"no\"; config = { }; } ]; }; }",
        &[(
            kind,
            "a module of nixosConfigurations.a could not be loaded: evaluation error: no",
        )],
        0,
    );
}

#[test]
fn modules_of_the_project_that_a_function_of_an_input_lists_are_reported() {
    let host = |modules: &str| {
        let modules = format!("[ {{ networking.hostName = \"a\"; }} ] ++ {modules}");
        format!("{{ nixosConfigurations.a = lib.nixosSystem {{ modules = {modules}; }}; }}")
    };
    let message = "a module of nixosConfigurations.a could not be loaded: input `x`.lib.modulesIn … is not here";
    let gap = [("missing-modules", message)];
    expect(&host("x.lib.modulesIn ./modules"), &gap, 0);
    expect(
        &host("[ { imports = x.lib.modulesIn ./modules; } ]"),
        &gap,
        0,
    );
    // Those of the input itself, and one module that it makes.
    expect(&host("builtins.attrValues x.nixosModules"), &[], 0);
    expect(&host("[ (x.lib.makeModule { }) ]"), &[], 0);
}

#[test]
fn sources_that_a_fetcher_brings_are_not_here() {
    let fetched = "(builtins.fetchTarball \"https://example.org/x.tar.gz\")";
    expect(
        &format!("{{ nixosConfigurations.a = host {{ imports = [ (import {fetched}) ]; }}; }}"),
        &[],
        0,
    );
    expect(
        "{ nixosConfigurations.a = host { imports = [ (builtins.getFlake \"github:a/b\").nixosModules.c ]; }; }",
        &[],
        0,
    );
    expect(
        &format!("{{ nixosConfigurations.a = (import {fetched} {{ }}).a; }}"),
        &[(
            "failed-configuration",
            "nixosConfigurations.a could not be evaluated: builtins.fetchTarball ….default.nix ….a, which is not here",
        )],
        2,
    );
}

#[test]
fn configurations_of_other_kinds_are_reported() {
    let not =
        "was not evaluated: mcp-lint evaluates NixOS, nix-darwin, Home Manager and system-manager";
    for output in ["nixOnDroidConfigurations", "nixosTests"] {
        let message = format!("{output} {not}");
        let gap = [("not-evaluated", message.as_str())];
        expect(
            &format!("{{ {FINE} {output}.a = x.lib.make {{ }}; }}"),
            &gap,
            0,
        );
        expect(&format!("{{ {output}.a = x.lib.make {{ }}; }}"), &gap, 2);
        expect(&format!("{{ {FINE} {output} = {{ }}; }}"), &[], 0);
    }
}

#[test]
fn a_flake_without_configurations_is_complete() {
    let project =
        flake("{ packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.hello; }");
    let (gaps, numbers, complete, code) = report(&project);
    assert_eq!((gaps, complete, code), (Vec::new(), true, 0));
    assert_eq!(numbers["defined"], 0);
    let text = stdout(&run(project.path(), &[]));
    assert!(
        text.starts_with("no findings · no configuration, "),
        "{text}"
    );
}

#[test]
fn a_module_alone_is_no_host() {
    let project = tempfile::tempdir().unwrap();
    write(
        project.path(),
        "configuration.nix",
        "{ networking.hostName = \"desk\"; }",
    );
    let document = json(&run(project.path(), &["--format", "json"]));
    assert_eq!(document["summary"]["hosts"], 0);
    assert_eq!(document["summary"]["modules_alone"], 1);
    assert_eq!(document["summary"]["configurations"]["evaluated"], 0);
    assert_eq!(document["summary"]["complete"], true);
    let inventory = json(&run(project.path(), &["inventory", "--format", "json"]));
    assert_eq!(inventory["hosts"], value!([]));
    assert_eq!(inventory["modules"][0]["class"], "module");
    let coverage = json(&run(
        project.path(),
        &["inventory", "--coverage", "--format", "json"],
    ));
    assert_eq!(coverage["hosts"]["evaluated"], 0);
}

#[test]
fn the_user_decides_what_an_incomplete_run_is_worth() {
    let project = flake(&format!(
        "{{ {FINE} nixosConfigurations.a = throw \"no\"; }}"
    ));
    let code = |arguments: &[&str]| run(project.path(), arguments).status.code().unwrap();
    assert_eq!(code(&[]), 0);
    for command in ["check", "inventory", "files"] {
        assert_eq!(code(&[command]), 0, "{command}");
        assert_eq!(code(&[command, "--require-complete"]), 2, "{command}");
    }
    let value = ["eval", "-A", "nixosConfigurations.a"];
    assert_eq!(code(&[&value[..], &["--require-complete"]].concat()), 2);
    assert_eq!(code(&["eval", "-E", "x: x", "--require-complete"]), 0);
    assert_eq!(code(&["eval", "-E", "{ a = 1; }", "--require-complete"]), 0);
    write(project.path(), "mcp-lint.toml", "incomplete = \"error\"\n");
    assert_eq!(code(&[]), 2);
    let blind = flake("{ nixosConfigurations = x.hosts; }");
    assert_eq!(run(blind.path(), &[]).status.code(), Some(2));
    write(blind.path(), "mcp-lint.toml", "incomplete = \"warning\"\n");
    assert_eq!(run(blind.path(), &[]).status.code(), Some(0));
    assert_eq!(
        json(&run(blind.path(), &["--format", "json"]))["summary"]["complete"],
        false
    );
}

#[test]
fn every_format_reports_what_was_not_inspected() {
    for (outputs, level) in [
        (
            format!("{{ {FINE} nixosConfigurations.a = x.lib.mkHost {{ }}; }}"),
            "warning",
        ),
        (
            "{ nixosConfigurations.a = x.lib.mkHost { }; }".to_owned(),
            "error",
        ),
    ] {
        let project = flake(&outputs);
        for format in FORMATS {
            let text = stdout(&run(project.path(), &["--format", format]));
            let words = "nixosConfigurations.a could not be evaluated: input";
            assert!(text.contains(words), "{format}: {text}");
            let levelled = match format {
                "short" => "incomplete[failed-configuration]".to_owned(),
                "jsonl" | "sarif" | "checkstyle" => level.to_owned(),
                "github" => format!("::{level} title=failed-configuration,file=flake.nix,"),
                "gitlab" => (if level == "error" {
                    "critical"
                } else {
                    "major"
                })
                .to_owned(),
                "junit" => (if level == "error" {
                    "<error "
                } else {
                    "<skipped "
                })
                .to_owned(),
                "html" => "<ul class=\"gaps\">".to_owned(),
                _ => String::new(),
            };
            assert!(text.contains(&levelled), "{format}: {text}");
            let clean = [
                "✓ No findings",
                "\"executionSuccessful\": true",
                "\"complete\": true",
            ];
            assert!(
                !clean.iter().any(|clean| text.contains(clean)),
                "{format}: {text}"
            );
        }
        let human = stdout(&run(project.path(), &[]));
        assert!(human.contains(" configuration"), "{human}");
        assert!(human.contains("--input x=PATH"), "{human}");
        let quiet = stdout(&run(project.path(), &["--quiet"]));
        let is_said = quiet.contains("could not be evaluated");
        assert_eq!(is_said, level == "error", "{quiet}");
    }
}

#[test]
fn a_broken_file_that_no_configuration_loads_is_a_note_and_the_run_incomplete() {
    let project = flake(&format!("{{ {FINE} }}"));
    let template = "{ networking.hostName = @name@; sops.secrets.token = { }; }\n";
    write(project.path(), "templates/host.nix", template);
    let (gaps, _, complete, code) = report(&project);
    assert_eq!((gaps, complete, code), (Vec::new(), false, 0));
    let text = stdout(&run(project.path(), &[]));
    assert!(
        text.starts_with("no findings in what was seen · 1 of 1 configuration, "),
        "{text}"
    );
    for format in FORMATS {
        let code = |arguments: &[&str]| run(project.path(), arguments).status.code();
        assert_eq!(code(&["--format", format]), Some(0), "{format}");
        let complete = ["--format", format, "--require-complete"];
        assert_eq!(code(&complete), Some(2), "{format}");
    }
    let found = json(&run(project.path(), &["--format", "json", "--pedantic"]));
    let found = &found["diagnostics"][0];
    assert_eq!(found["lint"], "syntax-error");
    assert_eq!(found["severity"], "info");
    let note = found["note"].as_str().unwrap();
    assert!(
        note.starts_with("no configuration loads this file; "),
        "{note}"
    );
    // What a configuration that was not seen may load is an error.
    let outputs = format!("{{ {FINE} darwinConfigurations = x.hosts; }}");
    let project = flake(&outputs);
    write(project.path(), "templates/host.nix", template);
    let found = json(&run(project.path(), &["--format", "json"]));
    assert_eq!(found["diagnostics"][0]["severity"], "error");
}

#[test]
fn a_file_without_a_flake_of_which_nothing_is_known_is_reported() {
    let project = tempfile::tempdir().unwrap();
    write(
        project.path(),
        "default.nix",
        "builtins.getAttr builtins.currentSystem { x86_64-linux = { }; }\n",
    );
    let (gaps, _, complete, code) = report(&project);
    let whole = (
        "unknown-configurations".to_owned(),
        "nothing can be said about default.nix: `builtins.currentSystem`".to_owned(),
    );
    assert!(gaps.contains(&whole), "{gaps:?}");
    assert_eq!((complete, code), (false, 2));
    // A function that takes anything is no configuration, nor is a package set.
    let packages = "import <nixpkgs> { overlays = [ (final: prev: { a = 1; }) ]; }\n";
    for text in ["module: { imports = [ module ]; }\n", packages] {
        write(project.path(), "default.nix", text);
        let (gaps, ..) = report(&project);
        let is_whole = |gap: &(String, String)| gap.0 == whole.0;
        assert!(!gaps.iter().any(is_whole), "{text}: {gaps:?}");
    }
}

/// A directory that is neither a flake nor a repository may be anything: what is not searched is told.
#[test]
fn directories_that_are_too_deep_to_be_searched_are_reported() {
    let project = tempfile::tempdir().unwrap();
    let module = "{ networking.hostName = \"desk\"; }";
    std::fs::write(project.path().join("configuration.nix"), module).unwrap();
    std::fs::create_dir_all(project.path().join("a/b/c")).unwrap();
    let (gaps, _, complete, code) = report(&project);
    assert_eq!((gaps, complete, code), (Vec::new(), true, 0));
    std::fs::create_dir_all(project.path().join("a/b/c/d")).unwrap();
    let (gaps, _, complete, code) = report(&project);
    let message = "the search for keys and tokens is not whole: this is neither a flake nor a Git repository, \
                   and there are directories more than 4 levels deep: the others were not searched";
    let expected = ("not-searched".to_owned(), message.to_owned());
    assert_eq!((gaps, complete, code), (vec![expected], false, 0));
}
