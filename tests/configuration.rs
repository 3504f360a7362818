//! `mcp-lint.toml` and comments in the files decide what is reported, and say what is wrong in them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;

use support::{package, run, stderr, stdout, write};
use test_support::copy_of;

/// A project with two warnings in `configuration.nix` and one error in `hosts/web.nix`.
fn project() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    let samples = package().join("lints/tests/samples");
    let configuration = "{\n  imports = [ ./hosts/web.nix ];\n  users.users.alice.isNormalUser = true;\n  \
                         sops.defaultSopsFile = ./secrets/secrets.yaml;\n  \
                         sops.age.keyFile = \"/home/alice/.config/sops/age/keys.txt\";\n  \
                         sops.secrets.github_token.owner = \"alice\";\n}\n";
    write(project.path(), "configuration.nix", configuration);
    let host = "{\n  sops.secrets.kagi_api_key = {\n    owner = \"alice\";\n    mode = \"0444\";\n  };\n}\n";
    write(project.path(), "hosts/web.nix", host);
    let secrets = std::fs::read(samples.join("secrets.yaml")).unwrap();
    std::fs::create_dir(project.path().join("secrets")).unwrap();
    std::fs::write(project.path().join("secrets/secrets.yaml"), secrets).unwrap();
    project
}

/// The findings as `file: severity[lint]`, and the exit code.
fn found(folder: &Path, arguments: &[&str]) -> (Vec<String>, i32) {
    let mut all = vec!["check", "--format", "short"];
    all.extend(arguments);
    let output = run(folder, &all);
    let text = stdout(&output);
    let lines = text.lines().map(|line| {
        let (place, rest) = line
            .split_once(": ")
            .filter(|(place, _)| !place.contains('['))
            .unwrap_or(("-", line));
        let what = rest.split(' ').next().unwrap();
        format!("{}: {what}", place.split(':').next().unwrap())
    });
    (lines.collect(), output.status.code().unwrap())
}

const KEY: &str = "configuration.nix: warning[system-secrets-decryptable-by-user-key]";
const BOOT: &str = "configuration.nix: warning[decryption-key-unavailable-at-boot]";
const MODE: &str = "hosts/web.nix: error[world-accessible-secret-mode]";

fn expect(folder: &Path, arguments: &[&str], lines: &[&str], code: i32) {
    let (mut found, exit) = found(folder, arguments);
    let mut lines: Vec<&str> = lines.to_vec();
    found.sort();
    lines.sort_unstable();
    assert_eq!(found, lines, "{arguments:?}");
    assert_eq!(exit, code, "{arguments:?}");
}

#[test]
fn without_a_file_lints_have_their_own_levels() {
    let project = project();
    expect(project.path(), &[], &[KEY, BOOT, MODE], 1);
}

#[test]
fn levels_are_those_of_the_lint_before_its_group_before_all() {
    let project = project();
    let toml = "[lints]\nall = \"off\"\nkeys = \"error\"\nsystem-secrets-decryptable-by-user-key = \"warning\"\n";
    write(project.path(), "mcp-lint.toml", toml);
    let (lines, code) = found(project.path(), &[]);
    assert!(lines.contains(&KEY.to_owned()), "{lines:?}");
    assert!(!lines.contains(&MODE.to_owned()), "{lines:?}");
    assert!(code <= 1);
}

#[test]
fn an_override_counts_in_its_files_and_the_last_wins() {
    let project = project();
    let toml = "[[overrides]]\npaths = [\"hosts/**\"]\nlints = { access = \"off\" }\n\
                [[overrides]]\npaths = [\"hosts/web.nix\"]\nlints = { all = \"warning\" }\n";
    write(project.path(), "mcp-lint.toml", toml);
    expect(
        project.path(),
        &[],
        &[
            KEY,
            BOOT,
            "hosts/web.nix: warning[world-accessible-secret-mode]",
        ],
        0,
    );
    let toml = "[lints]\nworld-accessible-secret-mode = \"off\"\n\
                [[overrides]]\npaths = [\"hosts\"]\nlints = { world-accessible-secret-mode = \"info\" }\n";
    write(project.path(), "mcp-lint.toml", toml);
    expect(project.path(), &[], &[KEY, BOOT], 0);
    let info = "hosts/web.nix: info[world-accessible-secret-mode]";
    expect(
        project.path(),
        &["--pedantic", "--select", "access"],
        &[info],
        0,
    );
}

#[test]
fn the_command_line_wins() {
    let project = project();
    let toml =
        "fail-on = \"never\"\n[lints]\naccess = \"off\"\nkeys = \"off\"\nactivation = \"off\"\n";
    write(project.path(), "mcp-lint.toml", toml);
    expect(project.path(), &[], &[], 0);
    expect(project.path(), &["--select", "access"], &[MODE], 0);
    expect(
        project.path(),
        &["--select", "access", "--fail-on", "error"],
        &[MODE],
        1,
    );
    expect(project.path(), &["--select", "all"], &[], 0);
    let one = [
        "--select",
        "system-secrets-decryptable-by-user-key,world-accessible-secret-mode",
    ];
    expect(
        project.path(),
        &[one[0], one[1], "--ignore", "access"],
        &[KEY],
        0,
    );
    expect(project.path(), &["--no-config"], &[KEY, BOOT, MODE], 1);
}

#[test]
fn an_excluded_file_is_silent_but_what_it_says_counts() {
    let project = project();
    write(project.path(), "mcp-lint.toml", "exclude = [\"hosts/\"]\n");
    expect(project.path(), &[], &[KEY, BOOT], 0);
    assert!(stdout(&run(project.path(), &["inventory"])).contains("kagi_api_key"));
    write(project.path(), "hosts/web.nix", "{ a = ; }\n");
    let (lines, code) = found(project.path(), &[]);
    assert!(
        lines.contains(&"hosts/web.nix: error[syntax-error]".to_owned()),
        "{lines:?}"
    );
    assert_eq!(code, 2);
}

#[test]
fn an_excluded_module_is_not_looked_at_on_its_own() {
    let project = project();
    std::fs::remove_file(project.path().join("configuration.nix")).unwrap();
    write(project.path(), "mcp-lint.toml", "exclude = [\"*.nix\"]\n");
    write(project.path(), "broken.nix", "{ a = ; }");
    let (lines, code) = found(
        project.path(),
        &["--select", "world-accessible-secret-mode,syntax-error"],
    );
    assert_eq!((lines, code), (vec![MODE.to_owned()], 1));
    write(
        project.path(),
        "mcp-lint.toml",
        "exclude = [\"**/*.nix\"]\n",
    );
    let output = run(project.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("every .nix file is excluded"),
        "{}",
        stderr(&output)
    );
    assert_eq!(found(project.path(), &["broken.nix"]).1, 2);
}

#[test]
fn the_nearest_file_counts_up_to_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    let inner = outside.path().join("repository/machines");
    std::fs::create_dir_all(inner.join("desk")).unwrap();
    let text = "{ users.users.alice.isNormalUser = true; sops.age.keyFile = \"/home/alice/k\"; sops.secrets.a = { }; }";
    write(&inner, "desk/configuration.nix", text);
    let has_findings = |folder: &Path| !found(folder, &[]).0.is_empty();
    let desk = inner.join("desk");
    let off = "[lints]\nall = \"off\"\n";
    // Not in a repository: only the directory itself.
    write(&inner, "mcp-lint.toml", off);
    assert!(has_findings(&desk));
    std::fs::create_dir(outside.path().join("repository/.git")).unwrap();
    assert!(!has_findings(&desk));
    std::fs::remove_file(inner.join("mcp-lint.toml")).unwrap();
    write(outside.path(), "mcp-lint.toml", off);
    assert!(has_findings(&desk));
    write(outside.path(), "repository/mcp-lint.toml", off);
    assert!(!has_findings(&desk));
    write(&desk, "mcp-lint.toml", "");
    assert!(has_findings(&desk));
    assert!(
        found(&desk, &["--config", "../../mcp-lint.toml"])
            .0
            .is_empty()
    );
}

#[test]
fn the_home_directory_is_the_end_of_the_search() {
    let outside = tempfile::tempdir().unwrap();
    let home = outside.path().join("home");
    write(
        &home,
        "nixos/configuration.nix",
        "{ sops.age.keyFile = \"/home/alice/k\"; sops.secrets.a = { }; }",
    );
    std::fs::create_dir(outside.path().join(".git")).unwrap();
    write(outside.path(), "mcp-lint.toml", "wrong");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .current_dir(home.join("nixos"))
        .env_clear()
        .env("HOME", &home)
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "");
}

#[test]
fn readers_and_directories_that_the_file_tells_count() {
    let project = project();
    let text = "{ config, ... }:\n{\n  users.users.alice.isNormalUser = true;\n  \
                sops.defaultSopsFile = ./secrets/secrets.yaml;\n  sops.secrets.github_token.owner = \"alice\";\n  \
                services.foo.a.tokenFile = config.sops.secrets.github_token.path;\n}\n";
    write(project.path(), "configuration.nix", text);
    write(project.path(), "hosts/web.nix", "{ }");
    expect(project.path(), &[], &[], 0);
    write(
        project.path(),
        "mcp-lint.toml",
        "[[reader]]\noption = \"services.foo.*.tokenFile\"\nuser = \"foo\"\n",
    );
    expect(
        project.path(),
        &[],
        &["configuration.nix: error[secret-owner-mismatch]"],
        1,
    );
    assert!(stdout(&run(project.path(), &["inventory"])).contains("services.foo.a.tokenFile"));
    write(
        project.path(),
        "mcp-lint.toml",
        "[[reader]]\noption = \"services.foo.*.tokenFile\"\nuser = \"alice\"\n",
    );
    expect(project.path(), &[], &[], 0);
}

/// What mcp-lint says on standard error of a configuration file, with exit code 2.
/// A path that is written out in a script counts as much as one that an option holds.
#[test]
fn directories_that_the_file_tells_count_in_texts() {
    let folder = project();
    let text = "{\n  users.users.alice.isNormalUser = true;\n  \
                sops.defaultSopsFile = ./secrets/secrets.yaml;\n  sops.secrets.github_token.owner = \"alice\";\n  \
                systemd.services.mirror = {\n    serviceConfig.User = \"alice\";\n    \
                script = \"mirror --token-file /run/vault/token\";\n  };\n}\n";
    write(folder.path(), "configuration.nix", text);
    write(folder.path(), "hosts/web.nix", "{ }");
    expect(folder.path(), &[], &[], 0);
    write(
        folder.path(),
        "mcp-lint.toml",
        "managed-directories = [\"/run/vault\"]\n",
    );
    let (lines, _) = found(folder.path(), &[]);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("undeclared-secret-path")),
        "{lines:?}"
    );
}

fn complaint(content: impl AsRef<[u8]>) -> String {
    let project = project();
    std::fs::write(project.path().join("mcp-lint.toml"), content).unwrap();
    let output = run(project.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

#[test]
fn what_is_wrong_is_shown_at_its_place_with_what_may_be_meant() {
    let text = "fail_on = \"error\"\npedantic = \"yes\"\nexclude = [\"/etc\", \"a[\", 7]\n\
                managed-directories = [\"run/secrets\"]\n\n[lints]\nroot-owned-secrt = \"warning\"\n\
                mcp = \"wrning\"\n\n[[overrides]]\nlints = {}\n";
    insta::assert_snapshot!("configuration-wrong", complaint(text));
}

#[test]
fn hostile_files_end_with_a_message() {
    assert!(complaint(b"\xff\xfe").contains("it is not UTF-8 (byte 0)"));
    assert!(complaint(vec![b'#'; 10 << 20]).contains("it is larger than 1 MiB"));
    assert!(complaint("a = \n".repeat(5000)).contains("this is not TOML"));
    assert!(complaint("[".repeat(500_000)).contains("this is not TOML"));
    assert!(complaint(format!("exclude = {}", "[".repeat(100_000))).contains("this is not TOML"));
    let many = "x = 1\n".repeat(2).replace('x', "\"\u{1b}[31m\u{202e}\"");
    for text in [
        many.as_str(),
        "\"\u{1b}]8;;http://x\u{7}\" = 1\n",
        "[lints]\n\"\\u001b[31m\" = \"off\"\n",
    ] {
        let said = complaint(text);
        let is_inert = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(said.chars().all(is_inert), "{said:?}");
    }
    let glob = format!("exclude = [\"{}\"]", "{a,".repeat(10_000));
    assert!(complaint(glob).contains(" not a glob"));
}

#[test]
fn a_directory_of_that_name_is_told() {
    let project = project();
    std::fs::create_dir(project.path().join("mcp-lint.toml")).unwrap();
    let output = run(project.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("mcp-lint.toml: it is a directory"),
        "{}",
        stderr(&output)
    );
    expect(project.path(), &["--no-config"], &[KEY, BOOT, MODE], 1);
    let output = run(project.path(), &["--config", "none.toml"]);
    assert!(
        stderr(&output).contains("cannot read none.toml: no such file"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_comment_ignores_by_name_and_is_counted() {
    let project = project();
    let path = project.path().join("hosts/web.nix");
    let text = std::fs::read_to_string(&path).unwrap();
    let commented = text.replace(
        "  sops.secrets",
        "  # mcp-lint: ignore[world-accessible-secret-mode] printed on the wall\n  sops.secrets",
    );
    std::fs::write(&path, &commented).unwrap();
    expect(project.path(), &[], &[KEY, BOOT], 0);
    let summary = stdout(&run(project.path(), &[]));
    assert!(summary.contains(" · 1 ignored by a comment"), "{summary}");
    // Another lint at the same place is not ignored, nor is the same lint elsewhere.
    std::fs::write(
        &path,
        commented.replace("world-accessible-secret-mode", "root-owned-secret"),
    )
    .unwrap();
    assert!(found(project.path(), &[]).0.contains(&MODE.to_owned()));
    std::fs::write(
        &path,
        format!("{commented}\n").replace("{\n  #", "{\n  a.b = 1; #"),
    )
    .unwrap();
    assert!(found(project.path(), &[]).0.contains(&MODE.to_owned()));
}

/// What the file switches off is counted, however it does so; what the command line leaves out is not.
#[test]
fn what_the_file_switches_off_is_counted() {
    let project = project();
    let counted = |toml: &str, arguments: &[&str]| {
        write(project.path(), "mcp-lint.toml", toml);
        let all = [&["--format", "json"], arguments].concat();
        let number = support::json(&run(project.path(), &all))["summary"]["switched_off"].clone();
        let summary = stdout(&run(project.path(), arguments));
        let shown = summary.contains(&format!(" · {number} switched off in the configuration"));
        assert_eq!(shown, number != 0, "{summary}");
        number.as_u64().unwrap()
    };
    assert_eq!(counted("", &[]), 0);
    assert_eq!(
        counted("[lints]\nworld-accessible-secret-mode = \"off\"\n", &[]),
        1
    );
    assert_eq!(counted("[lints]\nall = \"off\"\n", &[]), 3);
    assert_eq!(counted("exclude = [\"hosts\"]\n", &[]), 1);
    let in_files = "[[overrides]]\npaths = [\"hosts/**\"]\nlints = { all = \"off\" }\n";
    assert_eq!(counted(in_files, &[]), 1);
    // A level that is only lower hides nothing, and a finding is counted once.
    assert_eq!(counted("[lints]\nall = \"warning\"\n", &[]), 0);
    let both = format!("exclude = [\"hosts\"]\n{in_files}");
    assert_eq!(counted(&both, &[]), 1);
    let off = "[lints]\nall = \"off\"\n";
    assert_eq!(
        counted(off, &["--ignore", "world-accessible-secret-mode"]),
        2
    );
    assert_eq!(
        counted(off, &["--select", "world-accessible-secret-mode"]),
        0
    );
}

#[test]
fn a_comment_in_a_secret_file_counts() {
    let project = copy_of(&package().join("tests/guide/unencrypted"));
    let (name, finding) = (
        "secrets/secrets.yaml",
        "secrets/secrets.yaml: error[unencrypted-secret-file]",
    );
    assert!(found(project.path(), &[]).0.contains(&finding.to_owned()));
    let path = project.path().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let comment = "# mcp-lint: ignore-file[unencrypted-secret-file] a sample without a secret";
    std::fs::write(&path, format!("{comment}\n{text}")).unwrap();
    assert!(!found(project.path(), &[]).0.contains(&finding.to_owned()));
}
