//! `--fix` and `--diff`: the finding goes away, everything else stays, and nothing is ever broken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{json, package, projects, run, stderr, stdout, write};
use test_support::{copy_of, files};

fn texts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    files(folder).into_iter().map(read).collect()
}

/// Findings of the analysis itself: what does not parse or evaluate.
fn holes(folder: &Path) -> usize {
    let document = json(&run(
        folder,
        &["check", "--no-config", "--pedantic", "--format", "json"],
    ));
    let found = document["diagnostics"].as_array().unwrap().clone();
    let is_hole = |lint: &str| {
        matches!(
            lint,
            "syntax-error" | "evaluation-problem" | "unreadable-file"
        )
    };
    found
        .iter()
        .filter(|found| is_hole(found["lint"].as_str().unwrap()))
        .count()
}

#[test]
fn a_second_run_finds_nothing_to_fix_and_nothing_is_broken() {
    let mut fixed = 0;
    for folder in projects() {
        for mode in ["--fix", "--fix=unsafe"] {
            let project = copy_of(&folder);
            let before = texts(project.path());
            let first = run(project.path(), &[mode, "--pedantic"]);
            let said = stderr(&first);
            assert!(!said.contains("note: "), "{}: {said}", folder.display());
            let after = texts(project.path());
            assert_eq!(
                before.keys().collect::<Vec<_>>(),
                after.keys().collect::<Vec<_>>()
            );
            assert_eq!(
                said.starts_with("Fixed "),
                before != after,
                "{}: {said}",
                folder.display()
            );
            if before == after {
                assert_eq!(said, "Nothing to fix\n", "{}", folder.display());
                continue;
            }
            fixed += 1;
            let second = run(project.path(), &[mode, "--pedantic"]);
            assert_eq!(
                stderr(&second),
                "Nothing to fix\n",
                "{} {mode}",
                folder.display()
            );
            assert_eq!(after, texts(project.path()), "{}", folder.display());
            let untouched = copy_of(&folder);
            assert!(
                holes(project.path()) <= holes(untouched.path()),
                "{}",
                folder.display()
            );
            for (path, text) in &after {
                // Secret files are never changed.
                if path.extension().is_none_or(|extension| extension != "nix") {
                    assert_eq!(Some(text), before.get(path), "{}", path.display());
                }
            }
        }
    }
    assert!(fixed >= 20, "{fixed}");
}

/// A project with a safe and an unsafe fix in one file.
fn project() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    let text = "# Secrets of the desk.\n{\n  users.users.alice.isNormalUser = true;\n  services.openssh.enable = true;\n  systemd.services.job = { serviceConfig.User = \"alice\"; script = \"cat /run/agenix/token\"; };\n\n  age.secrets = {\n    \
                # read by the shell\n    token = { file = ./token.age; owner = \"alice\"; mode = \"0444\"; }; # keep\n    \
                other = {\n      file = ./token.age;\n      symlink = false; # was needed once\n    };\n  };\n}\n";
    write(project.path(), "configuration.nix", text);
    let sample = std::fs::read(package().join("lints/tests/samples/secret.age")).unwrap();
    std::fs::write(project.path().join("token.age"), sample).unwrap();
    project
}

fn text(project: &tempfile::TempDir) -> String {
    std::fs::read_to_string(project.path().join("configuration.nix")).unwrap()
}

#[test]
fn safe_fixes_come_without_asking_and_unsafe_ones_when_asked_for() {
    let project = project();
    let before = text(&project);
    run(project.path(), &["--fix", "--pedantic"]);
    let safe = text(&project);
    run(project.path(), &["--fix=unsafe", "--pedantic"]);
    let all = text(&project);
    assert!(!all.contains("\"0444\""), "{all}");
    for comment in ["# Secrets of the desk.", "# read by the shell", "# keep"] {
        assert!(
            safe.contains(comment) && all.contains(comment),
            "{comment}: {all}"
        );
    }
    assert_ne!(before, all);
    let output = run(project.path(), &["--fix=dangerous"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_option_added_to_an_empty_set_is_set_apart_from_its_braces() {
    let project = tempfile::tempdir().unwrap();
    let text = "{ config, ... }:\n{\n  sops.defaultSopsFile = ./secrets.yaml;\n  sops.secrets.login = {};\n  \
                users.users.alice = {\n    isNormalUser = true;\n    \
                hashedPasswordFile = config.sops.secrets.login.path;\n  };\n}\n";
    write(project.path(), "configuration.nix", text);
    run(project.path(), &["--fix"]);
    let fixed = std::fs::read_to_string(project.path().join("configuration.nix")).unwrap();
    let wanted = text.replace("login = {};", "login = { neededForUsers = true; };");
    assert_eq!(fixed, wanted);
}

#[test]
fn a_path_in_a_script_is_taken_from_the_declaration_by_interpolation() {
    let project = tempfile::tempdir().unwrap();
    let text = "{ config, ... }:\n{\n  age.secrets.token.file = ./token.age;\n  systemd.services.pull = {\n    \
                script = ''\n      curl -K /run/agenix/token https://example.org # keep\n    '';\n    \
                serviceConfig.EnvironmentFile = \"/run/agenix/token\";\n  };\n}\n";
    write(project.path(), "configuration.nix", text);
    let sample = std::fs::read(package().join("lints/tests/samples/secret.age")).unwrap();
    std::fs::write(project.path().join("token.age"), sample).unwrap();
    run(project.path(), &["--fix", "--pedantic"]);
    let fixed = self::text(&project);
    assert!(
        fixed.contains("curl -K ${config.age.secrets.token.path} https://example.org # keep"),
        "{fixed}"
    );
    assert!(
        fixed.contains("EnvironmentFile = config.age.secrets.token.path;"),
        "{fixed}"
    );
}

#[test]
fn no_fix_takes_a_secret_from_a_host_that_does_not_declare_another() {
    let project = tempfile::tempdir().unwrap();
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.agenix.url = "github:ryantm/agenix";
  outputs = { nixpkgs, agenix, ... }:
    let
      host = name: nixpkgs.lib.nixosSystem {
        modules = [
          agenix.nixosModules.default
          ./shared.nix
          { age.secrets.${name} = { file = ./token.age; owner = "app"; }; services.openssh.enable = true; }
        ];
      };
    in
    { nixosConfigurations = { one = host "one"; two = host "two"; }; };
}
"#;
    let shared = r#"{ config, ... }:
{
  users.users.app = { isSystemUser = true; group = "app"; };
  users.groups.app = { };
  environment.etc."app.json".text = builtins.toJSON {
    one = "/run/agenix/one";
    two = "/run/agenix/two";
  };
  systemd.services.app.serviceConfig = { User = "app"; ExecStart = "/bin/app /etc/app.json"; };
}
"#;
    write(project.path(), "flake.nix", flake);
    write(project.path(), "shared.nix", shared);
    let sample = std::fs::read(package().join("lints/tests/samples/secret.age")).unwrap();
    std::fs::write(project.path().join("token.age"), sample).unwrap();
    // Nor is one offered, which an editor would make without an evaluation.
    let report = json(&run(project.path(), &["--pedantic", "--format", "json"]));
    let found = report["diagnostics"].as_array().unwrap().iter();
    let paths: Vec<_> = found.filter(|found| found["group"] == "paths").collect();
    assert!(!paths.is_empty(), "{report}");
    for found in paths {
        assert_eq!(found["fixes"], serde_json::json!([]), "{found}");
    }
    run(project.path(), &["--fix", "--pedantic"]);
    let left = std::fs::read_to_string(project.path().join("shared.nix")).unwrap();
    assert_eq!(left, shared);
}

#[test]
fn what_is_not_reported_is_not_fixed() {
    for arguments in [
        ["--select", "files"].as_slice(),
        &["--ignore", "access,paths"],
        &["--only", "other.nix"],
    ] {
        let project = project();
        let before = text(&project);
        let mut all = vec!["--fix=unsafe", "--pedantic"];
        all.extend(arguments);
        let output = run(project.path(), &all);
        assert_eq!(text(&project), before, "{arguments:?}: {}", stderr(&output));
    }
    let project = project();
    run(
        project.path(),
        &["check", "--pedantic", "--write-baseline", "b.json"],
    );
    let before = text(&project);
    run(
        project.path(),
        &["--fix=unsafe", "--pedantic", "--baseline", "b.json"],
    );
    assert_eq!(text(&project), before);
}

#[test]
fn the_summary_says_what_was_fixed() {
    let project = project();
    let output = run(project.path(), &["--fix=unsafe"]);
    insta::assert_snapshot!("fixing-summary", stderr(&output));
    assert!(stdout(&output).contains(" · "), "{}", stdout(&output));
    assert_eq!(stderr(&run(project.path(), &["--fix=unsafe", "-q"])), "");
}

#[test]
fn line_ends_and_permissions_stay() {
    let project = project();
    let path = project.path().join("configuration.nix");
    std::fs::write(&path, text(&project).replace('\n', "\r\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    let output = run(project.path(), &["--fix=unsafe", "--pedantic"]);
    assert!(stderr(&output).starts_with("Fixed "), "{}", stderr(&output));
    let after = text(&project);
    assert_eq!(
        after.matches('\n').count(),
        after.matches("\r\n").count(),
        "{after:?}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o640
        );
    }
    let names: Vec<_> = std::fs::read_dir(project.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one_and_leads_nowhere_else() {
    let project = project();
    let path = project.path().join("configuration.nix");
    std::fs::create_dir(project.path().join("real")).unwrap();
    std::fs::rename(&path, project.path().join("real/desk.nix")).unwrap();
    let text = std::fs::read_to_string(project.path().join("real/desk.nix")).unwrap();
    write(
        project.path(),
        "real/desk.nix",
        &text.replace("./token", "../token"),
    );
    write(
        project.path(),
        "configuration.nix",
        "{ imports = [ ./linked.nix ]; }\n",
    );
    std::os::unix::fs::symlink("real/desk.nix", project.path().join("linked.nix")).unwrap();
    let output = run(project.path(), &["--fix=unsafe", "--pedantic"]);
    if stderr(&output).starts_with("Fixed ") {
        let real = std::fs::read_to_string(project.path().join("real/desk.nix")).unwrap();
        assert!(!real.contains("0444"), "{real}");
    }
    assert!(
        project
            .path()
            .join("linked.nix")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    // A file outside the project is not even looked at.
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "desk.nix", &text);
    std::fs::remove_file(project.path().join("linked.nix")).unwrap();
    std::os::unix::fs::symlink(
        outside.path().join("desk.nix"),
        project.path().join("linked.nix"),
    )
    .unwrap();
    run(project.path(), &["--fix=unsafe", "--pedantic"]);
    assert_eq!(
        std::fs::read_to_string(outside.path().join("desk.nix")).unwrap(),
        text
    );
}

#[test]
fn a_file_that_does_not_parse_is_left_alone() {
    let project = project();
    let broken = text(&project).replace("users.users", "a = ; users.users");
    write(project.path(), "configuration.nix", &broken);
    let output = run(project.path(), &["--fix=unsafe", "--pedantic"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&project), broken);
}

/// Lines around a change may hold what `check` covers: no diff shows more of it.
#[test]
fn a_diff_shows_no_credential_of_the_lines_around() {
    let project = project();
    let secret = |number: usize| format!("qX7vLp2mZr9TkW4s{number}uBn3");
    let around = format!(
        "  users.users.eve.initialPassword = \"{}\";\n  users.users.eve.initialHashedPassword = \"{}\";\n  \
         environment.etc.\"a.conf\".text = \"password = {}\";\n  \
         systemd.services.a.script = \"a --password {}\";\n  age.secrets",
        secret(1),
        secret(2),
        secret(3),
        secret(4)
    );
    let before = text(&project).replacen("\n  age.secrets", &around, 1);
    write(project.path(), "configuration.nix", &before);
    for arguments in [
        ["--fix=unsafe", "--diff", "--pedantic"],
        ["--add-ignore=known", "--diff", "--pedantic"],
    ] {
        let output = run(project.path(), &arguments);
        let (shown, said) = (stdout(&output), stderr(&output));
        let lines = ["initialPassword = \"*", "password = *", "--password *"];
        assert!(
            lines.iter().any(|line| shown.contains(line)),
            "{shown}{said}"
        );
        for number in 1..=4 {
            let secret = secret(number);
            for at in 0..secret.len() - 8 {
                let piece = secret.get(at..at + 8).unwrap();
                assert!(
                    !shown.contains(piece) && !said.contains(piece),
                    "{arguments:?}: {shown}{said}"
                );
            }
        }
        assert!(
            said.contains("holds credentials, which are covered") && !said.contains("is exact"),
            "{said}"
        );
        assert_eq!(text(&project), before);
    }
}

#[test]
fn a_diff_changes_nothing_and_can_be_applied() {
    let fixed = project();
    run(fixed.path(), &["--fix=unsafe", "--pedantic", "-q"]);
    let project = project();
    let before = text(&project);
    let output = run(project.path(), &["--fix=unsafe", "--diff", "--pedantic"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&project), before);
    let diff = stdout(&output);
    assert!(
        diff.starts_with("--- a/configuration.nix\n+++ b/configuration.nix\n@@ "),
        "{diff}"
    );
    assert!(
        stderr(&output).contains("\nWould fix ") && stderr(&output).contains("is exact"),
        "{}",
        stderr(&output)
    );
    for (program, arguments) in [
        ("git", ["apply", "-"].as_slice()),
        ("patch", &["-p1", "-s"]),
    ] {
        write(project.path(), "configuration.nix", &before);
        if test_support::program(program).is_none() {
            continue;
        }
        let child = Command::new(program)
            .args(arguments)
            .current_dir(project.path())
            .env("GIT_CEILING_DIRECTORIES", project.path().parent().unwrap())
            .stdin(Stdio::piped())
            .spawn();
        let mut child = child.unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{program}: {diff}");
        assert_eq!(text(&project), text(&fixed), "{program}");
    }
    let output = run(project.path(), &["--fix=unsafe", "--diff", "--pedantic"]);
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(0), "")
    );
    assert_eq!(stderr(&output), "Nothing to fix\n");
}

/// A small generator of the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// Whatever white space, comments and line ends stand in a configuration, its fixes parse, and a
/// second run has none.
#[test]
fn fixes_never_break_a_configuration_however_it_is_laid_out() {
    let folders: Vec<PathBuf> = projects()
        .into_iter()
        .filter(|folder| {
            folder.to_string_lossy().contains("fires") || folder.to_string_lossy().contains("guide")
        })
        .collect();
    let mut numbers = Numbers(20_261_123);
    let mut changed = 0;
    for _ in 0..60 {
        let folder = &folders[numbers.below(folders.len())];
        let project = copy_of(folder);
        for (path, text) in texts(project.path()) {
            if path.extension().is_some_and(|extension| extension == "nix") {
                // Some fixtures are not UTF-8 on purpose.
                let Ok(text) = String::from_utf8(text) else {
                    continue;
                };
                std::fs::write(&path, laid_out_anew(&text, &mut numbers)).unwrap();
            }
        }
        if holes(project.path()) > 0 {
            continue;
        }
        let first = run(project.path(), &["--fix=unsafe", "--pedantic", "-q"]);
        changed += usize::from(first.status.code().is_some());
        assert_eq!(
            holes(project.path()),
            0,
            "{}: {}",
            folder.display(),
            stderr(&first)
        );
        let second = run(project.path(), &["--fix=unsafe", "--pedantic"]);
        assert_eq!(stderr(&second), "Nothing to fix\n", "{}", folder.display());
    }
    assert!(changed > 30, "{changed}");
}

/// The same tokens, with other white space and more comments.
fn laid_out_anew(text: &str, numbers: &mut Numbers) -> String {
    let mut out = String::new();
    let mut in_string = false;
    for line in text.lines() {
        // Strings of several lines stay as they are.
        let opens = line.matches("''").count() % 2 == 1;
        if in_string || opens || line.contains('#') {
            in_string ^= opens;
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let mut quoted = false;
        for c in line.chars() {
            quoted ^= c == '"';
            out.push(c);
            if !quoted && matches!(c, '{' | ';') {
                match numbers.below(12) {
                    0 => out.push_str(" /* a { comment; */ "),
                    1 => out.push_str(" # to the end; of { the line\n"),
                    2 => out.push_str("\n\n\t"),
                    3 => out.push_str("  \t "),
                    _ => {}
                }
            }
        }
        out.push_str(if numbers.below(4) == 0 { "\r\n" } else { "\n" });
    }
    out
}

/// One line sets the mode of several secrets, and who reads one of them needs it.
#[test]
fn a_mode_that_several_secrets_share_is_not_changed_for_one() {
    let project = tempfile::tempdir().unwrap();
    let module = "{ lib, config, ... }: {
      sops.secrets = lib.genAttrs [ \"db\" \"web\" ] (_: { mode = \"0440\"; group = \"readers\"; });
      users.groups.readers = { };
      systemd.services.a.serviceConfig = { User = \"root\"; EnvironmentFile = config.sops.secrets.db.path; };
      systemd.services.b = {
        script = \"cat ${config.sops.secrets.web.path}\";
        serviceConfig = { User = \"bob\"; Group = \"readers\"; };
      };
    }";
    write(project.path(), "shared.nix", module);
    write(
        project.path(),
        "flake.nix",
        "{ outputs = { nixpkgs, sops-nix, ... }: { nixosConfigurations.h = nixpkgs.lib.nixosSystem {
          modules = [ sops-nix.nixosModules.sops ./shared.nix ]; }; }; }",
    );
    let output = run(project.path(), &["--pedantic", "--format", "short"]);
    let found = stdout(&output);
    assert!(found.contains("mode-not-owner-only"), "{found}");
    run(project.path(), &["--pedantic", "--fix=unsafe"]);
    let after = std::fs::read_to_string(project.path().join("shared.nix")).unwrap();
    assert!(after.contains("mode = \"0440\""), "{after}");
}
