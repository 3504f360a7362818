//! `--memory-limit` and `--step-limit` hold for the whole program, in a process with a bound on its
//! address space; and what `eval` writes, however much it is.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;

use support::{run, stderr, stdout, write};

#[cfg(target_os = "linux")]
mod memory {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;

    /// MiB that the evaluations may take.
    const LIMIT: usize = 256;

    /// MiB that the process may take.
    const PEAK: usize = LIMIT / 10 * 13;

    /// MiB of address space: stacks, and the room in which tables grow, are mostly never written to.
    const ADDRESS_SPACE: usize = 3 << 10;

    /// Runs the program under hard limits; its output, whether it ended by itself, and the most MiB
    /// that it took.
    fn measured(directory: &Path, arguments: &[&str]) -> (String, bool, usize) {
        let limits = format!("ulimit -v {} -t 300; exec \"$@\"", ADDRESS_SPACE << 10);
        let mut child = Command::new("sh")
            .args(["-c", &limits, "sh", env!("CARGO_BIN_EXE_mcp-lint")])
            .args(arguments)
            .args(["--memory-limit", &LIMIT.to_string()])
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        let mut output = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            output.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let code = loop {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kibibytes =
                line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
            peak = peak.max(kibibytes.unwrap_or(0));
            match child.try_wait().unwrap() {
                Some(code) => break code,
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        (reader.join().unwrap(), code.code().is_some(), peak >> 10)
    }

    #[test]
    fn evaluations_stay_within_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let programs: &[(&[&str], &str)] = &[
            (&["--json", "--strict"], "let x = { a = x; b = x; }; in x"),
            (
                &["--json"],
                "builtins.genList (x: { name = toString x; value = [ x x ]; }) 3000000",
            ),
            (
                &["--json"],
                "let f = n: if n == 0 then [ ] else let y = f (n - 1); in [ y y ]; in f 60",
            ),
            (
                &["--json"],
                "lib.replicate 100000 (lib.fixedWidthString 10000 \"0\" \"1\")",
            ),
            (
                &["--strict"],
                "lib.replicate 100000 (lib.fixedWidthString 10000 \"0\" \"1\")",
            ),
            (
                &[],
                "lib.generators.toPretty { } (let x = { a = x; }; in x)",
            ),
            (&[], "lib.generators.toGitINI (let x = { a = x; }; in x)"),
            (&[], "let f = n: 1 + f (n + 1); in f 0"),
            (
                &[],
                "builtins.sort (a: b: a < b) (builtins.genList (x: 0 - x) 3000000)",
            ),
            (
                &[],
                "builtins.foldl' (a: _: lib.escapeShellArg a) \"'\" (builtins.genList (x: x) 200)",
            ),
            (
                &[],
                "builtins.foldl' (a: _: builtins.toJSON a) \"'\\\"\" (builtins.genList (x: x) 200)",
            ),
        ];
        for (options, program) in programs {
            let arguments = [&["eval"], *options, &["-E", program]].concat();
            let (text, ended, peak) = measured(folder.path(), &arguments);
            assert!(ended && !text.is_empty(), "{program}: {} bytes", text.len());
            assert!(peak <= PEAK, "{program}: {peak} MiB");
            if options.contains(&"--json") {
                let _: serde_json::Value = serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{program}: {error}"));
            }
        }
    }

    /// A project of one host with sops-nix and this module.
    fn project_of(module: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let flake = format!(
            "{{ outputs = {{ nixpkgs, sops-nix, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem {{ \
             modules = [ sops-nix.nixosModules.sops ({module}) ]; }}; }}; }}"
        );
        write(folder.path(), "flake.nix", &flake);
        folder
    }

    /// Asserts that the program ends by itself, within the limit, and says that it was reached.
    fn stays_within(folder: &Path, case: &str) {
        for command in [
            ["check", "--no-cache", "--format", "json"].as_slice(),
            &["inventory", "--format", "json"],
        ] {
            let (text, ended, peak) = measured(folder, command);
            assert!(ended, "{case}: {}", text.len());
            let _: serde_json::Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert!(peak <= PEAK, "{case}: {command:?}: {peak} MiB");
        }
    }

    /// Definitions, facts and findings are in no table of values.
    #[test]
    fn modules_and_what_is_found_in_them_stay_within_the_limit() {
        let named = |option: &str, count: usize, value: &str| {
            format!(
                "{{ lib, config, ... }}: {{ sops.secrets.a.sopsFile = ./a.yaml; {option} = lib.genAttrs \
                 (lib.genList (i: \"s${{toString i}}\") {count}) (n: {value}); }}"
            )
        };
        let secrets = "{ sopsFile = ./a.yaml; }";
        let cases = [
            named("sops.templates", 20000, "{ content = n; }"),
            named("users.users", 20000, "{ isNormalUser = true; }"),
            named(
                "containers",
                5000,
                "{ config.sops.secrets.a.sopsFile = ./a.yaml; }",
            ),
            format!(
                "{{ lib, ... }}: {{ sops.secrets = lib.genAttrs (lib.genList (i: \"{}${{toString i}}\") 20000) (n: \
                 {secrets}); }}",
                "n".repeat(1000)
            ),
            "{ lib, ... }: { environment.etc = lib.foldl (a: _: lib.mkMerge [ a a ]) { a.text = \"x\"; } \
             (lib.range 1 21); }"
                .to_owned(),
            format!(
                "{{ lib, ... }}: {{ sops.secrets = lib.mkMerge (lib.genList (i: lib.mkIf (i != 3) {{ \
                 \"s${{toString i}}\" = {secrets}; }}) 20000); }}"
            ),
            format!(
                "{{ lib, config, ... }}: let names = lib.genList (i: \"s${{toString i}}\") 250; all = \
                 lib.concatMapStringsSep \" \" (n: config.sops.secrets.${{n}}.path) names; in {{ sops.secrets = \
                 lib.genAttrs names (n: {secrets}); systemd.services = lib.genAttrs names (n: {{ serviceConfig.User = \
                 \"u${{n}}\"; script = \"cat ${{all}}\"; }}); }}"
            ),
        ];
        for case in cases {
            stays_within(project_of(&case).path(), &case);
        }
    }

    /// The rules of agenix are evaluated, too, and a list that all of them share is one of each in the facts.
    #[test]
    fn rules_and_large_files_stay_within_the_limit() {
        let folder = project_of("{ imports = [ ./a.nix ]; }");
        write(
            folder.path(),
            "secrets.nix",
            "let k = builtins.genList (i: \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${toString (i + 1000000)}\") 2000; in \
             builtins.listToAttrs (builtins.genList (i: { name = \"f${toString i}.age\"; value.publicKeys = k; }) 2000)",
        );
        stays_within(folder.path(), "rules");
        // A tree is much larger than its text, and other files may be parsed ahead.
        let dense = format!("{{ x = [ {} ]; }}", "1 ".repeat(1 << 20));
        let names = (0..4).map(|number| format!("./{number}.nix "));
        write(
            folder.path(),
            "a.nix",
            &format!("{{ imports = [ {}]; }}", names.collect::<String>()),
        );
        for number in 0..4 {
            write(folder.path(), &format!("{number}.nix"), &dense);
        }
        stays_within(folder.path(), "files");
    }

    /// What one finding says does not grow with the number of findings.
    #[test]
    fn many_readers_of_a_secret_take_no_square_of_memory() {
        let folder = project_of(
            "{ lib, config, ... }: { sops.secrets.a.sopsFile = ./missing.yaml; systemd.services = lib.genAttrs \
             (lib.genList (i: \"s${toString i}\") 3000) (n: { serviceConfig.User = \"u${n}\"; \
             script = \"cat ${config.sops.secrets.a.path}\"; }); }",
        );
        let (text, ended, peak) =
            measured(folder.path(), &["check", "--no-cache", "--format", "json"]);
        assert!(ended, "{text}");
        assert!(text.contains("root-owned-secret"), "{text}");
        assert!(peak <= PEAK, "{peak} MiB");
    }

    /// Its name repeats itself: to make an automaton of it must not take the square of its length.
    #[test]
    fn a_name_of_a_megabyte_is_no_work() {
        let folder = project_of(
            "{ lib, ... }: { sops.secrets.${lib.foldl (a: _: a + a) \"ab\" (lib.range 1 19)} = { }; }",
        );
        let (text, ended, peak) =
            measured(folder.path(), &["check", "--no-cache", "--format", "json"]);
        assert!(ended, "{}", text.len());
        assert!(text.contains("no-decryption-key"), "{}", text.len());
        assert!(peak <= PEAK, "{peak} MiB");
    }

    /// To compare two names takes the product of their lengths.
    #[test]
    fn names_of_a_megabyte_are_like_none() {
        let folder = project_of(
            "{ lib, ... }: let long = c: lib.foldl (a: _: a + a) c (lib.range 1 20); in { sops.secrets.x = { \
             sopsFile = ./missing.yaml; owner = long \"u\"; }; users.users.${long \"v\"}.isNormalUser = true; }",
        );
        let arguments = ["check", "--no-cache", "--format", "json"];
        let (text, ended, peak) = measured(folder.path(), &arguments);
        assert!(ended && text.contains("missing.yaml"), "{}", text.len());
        assert!(peak <= PEAK, "{peak} MiB");
    }

    #[test]
    fn hosts_stay_within_the_limit_together() {
        let folder = tempfile::tempdir().unwrap();
        let host = |body: &str| {
            format!(
                "nixpkgs.lib.nixosSystem {{ modules = [ sops-nix.nixosModules.sops ({body}) ]; }}"
            )
        };
        let greedy = "{ lib, ... }: { networking.hostName = toString (builtins.length (builtins.sort (a: b: a < b) \
            (builtins.genList (x: 0 - x) 3000000))); sops.secrets.${toString (lib.length (lib.cartesianProduct { \
            a = lib.range 1 300; b = lib.range 1 300; c = lib.range 1 300; }))} = { }; }";
        let good = "{ sops.secrets.token.sopsFile = ./missing.yaml; }";
        let hosts: String = (0..8)
            .map(|number| format!("h{number} = {}; ", host(greedy)))
            .chain([format!("good = {}; ", host(good))])
            .collect();
        write(
            folder.path(),
            "flake.nix",
            &format!(
                "{{ outputs = {{ nixpkgs, sops-nix, ... }}: {{ nixosConfigurations = {{ {hosts} }}; }}; }}"
            ),
        );
        let arguments = ["check", "--no-cache", "--format", "json", "--threads", "4"];
        let (text, ended, peak) = measured(folder.path(), &arguments);
        assert!(ended, "{text}");
        assert!(peak <= PEAK, "{peak} MiB");
        // What the others took is not lost on this one.
        assert!(text.contains("missing.yaml"), "{text}");
    }
}

fn evaluated(arguments: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &[&["eval"], arguments].concat());
    (stdout(&output), stderr(&output))
}

#[test]
fn steps_are_as_many_as_were_asked_for() {
    let program = "let f = n: if n == 0 then 0 else f (n - 1); in f 100000";
    let (text, _) = evaluated(&["-E", program, "--step-limit", "1000"]);
    assert!(text.contains("1000 steps"), "{text}");
    assert_eq!(evaluated(&["-E", program]).0.trim(), "0");
}

#[test]
fn the_file_of_a_project_says_nothing_of_limits() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "mcp-lint.toml", "memory-limit = 1\n");
    write(folder.path(), "flake.nix", "{ outputs = _: { }; }");
    let output = run(folder.path(), &["check", "--no-cache"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("memory-limit"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn json_is_json_whatever_is_in_a_text() {
    let texts = [
        "a\u{fe0f}b",
        "\u{202e}",
        "\u{1b}[31m",
        "\u{e0041}",
        "tab\tend\n",
        "\u{7f}",
        "\"\\",
    ];
    for text in texts {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        let program = format!("{{ \"{escaped}\" = [ \"{escaped}\" ]; }}");
        let (output, _) = evaluated(&["--json", "-E", &program]);
        let value: serde_json::Value = serde_json::from_str(&output)
            .unwrap_or_else(|error| panic!("{text:?}: {error}\n{output}"));
        assert_eq!(value[text][0], text);
        let inert = |character: char| character == '\n' || !character.is_control();
        assert!(output.chars().all(inert), "{output:?}");
        assert!(
            !output.contains(['\u{202e}', '\u{fe0f}', '\u{e0041}']),
            "{output:?}"
        );
    }
}

#[test]
fn json_of_a_derivation_is_its_path() {
    let program = "{ a = { type = \"derivation\"; outPath = \"/nix/store/x\"; all = [ (throw \"no\") ]; }; \
        b = { __toString = self: \"t${self.x}\"; x = \"y\"; }; c = let d = { outPath = d.p; p = \"q\"; self = d; }; in d; }";
    let (output, _) = evaluated(&["--json", "--strict", "-E", program]);
    let value: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        value,
        serde_json::json!({ "a": "/nix/store/x", "b": "ty", "c": "q" })
    );
}

#[test]
fn what_is_traced_is_no_part_of_the_value() {
    let program = "builtins.trace \"seen\" (builtins.warn \"careful\" { a = 1; })";
    let (output, errors) = evaluated(&["--json", "-E", program]);
    let value: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(value, serde_json::json!({ "a": 1 }));
    assert!(
        errors.contains("trace: seen") && errors.contains("careful"),
        "{errors}"
    );
}
