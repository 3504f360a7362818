//! What other users of a machine, and repositories, put in the way of a check.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, Output};

use support::{json, run, stderr, stdout, write};
use test_support::{program, require};

/// A module with a finding that can be fixed, and one about a mode.
const MODULE: &str = "{ config, ... }: {
  services.postgresql.enable = true;
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.db = { mode = \"0444\"; };
}
";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "configuration.nix", MODULE);
    folder
}

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output
}

#[test]
fn a_configuration_file_of_somebody_else_is_refused() {
    let is_root = rustix::process::geteuid().is_root();
    if require(
        "root",
        is_root.then_some(()).ok_or("only root gives files away"),
    )
    .is_none()
    {
        return;
    }
    let project = project();
    write(project.path(), "mcp-lint.toml", "[lints]\nall = \"off\"\n");
    chown(project.path().join("mcp-lint.toml"), Some(1234), None).unwrap();
    let output = run(project.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let said = stderr(&output);
    assert!(
        said.contains("belongs to user 1234") && said.contains("--no-config"),
        "{said}"
    );
    let output = run(project.path(), &["check", "--no-config"]);
    assert!(
        !stderr(&output).contains("belongs to"),
        "{}",
        stderr(&output)
    );
}

/// As git refuses it: what somebody else wrote there must not decide what a flake has.
#[test]
fn a_repository_of_somebody_else_says_nothing_of_what_is_tracked() {
    let is_root = rustix::process::geteuid().is_root();
    let is_root = is_root.then_some(()).ok_or("only root gives files away");
    if require("root", is_root).is_none() || program("git").is_none() {
        return;
    }
    let fixture = support::package().join("lints/src/untracked_secret_file/fixtures/fires");
    let project = test_support::copy_of(&fixture);
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "flake.nix", "desk.nix"]);
    let cache = tempfile::tempdir().unwrap();
    std::fs::set_permissions(cache.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let cache = format!("--cache-dir={}", cache.path().display());
    let check = || run(project.path(), &["check", "--format=json", &cache]);
    let untracked = |output: &Output| stdout(output).contains("untracked-secret-file");
    let output = check();
    assert!(
        untracked(&output) && stderr(&output).is_empty(),
        "{output:?}"
    );
    for foreign in [".git", ".git/index"] {
        chown(project.path().join(foreign), Some(1234), None).unwrap();
        let output = check();
        assert!(!untracked(&output), "{}", stdout(&output));
        let note = "note: what Git tracks is not known: ";
        assert!(stderr(&output).starts_with(note), "{}", stderr(&output));
        chown(project.path().join(foreign), Some(0), None).unwrap();
        assert!(untracked(&check()));
    }
}

#[test]
fn a_flake_that_is_no_file_is_told() {
    for kind in ["directory", "dangling", "pipe"] {
        let project = project();
        let flake = project.path().join("flake.nix");
        match kind {
            "directory" => std::fs::create_dir(&flake).unwrap(),
            "dangling" => symlink("nowhere.nix", &flake).unwrap(),
            _ => {
                let Some(mkfifo) = program("mkfifo") else {
                    continue;
                };
                assert!(Command::new(mkfifo).arg(&flake).status().unwrap().success());
            }
        }
        let output = run(project.path(), &["check", "--no-cache"]);
        assert_eq!(output.status.code(), Some(2), "{kind}: {}", stdout(&output));
        assert!(
            stderr(&output).contains("flake.nix"),
            "{kind}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_baseline_notices_what_got_worse() {
    let project = project();
    write(
        project.path(),
        "configuration.nix",
        &MODULE.replace("0444", "0440"),
    );
    let count = |folder: &Path| {
        let output = run(
            folder,
            &[
                "check",
                "--pedantic",
                "--baseline",
                "base.json",
                "--format",
                "json",
                "--no-cache",
            ],
        );
        json(&output)["diagnostics"].as_array().unwrap().len()
    };
    write(project.path(), "configuration.nix", MODULE);
    run(
        project.path(),
        &["check", "--pedantic", "--write-baseline", "base.json"],
    );
    assert_eq!(count(project.path()), 0);
    write(
        project.path(),
        "configuration.nix",
        &MODULE.replace("0444", "0666"),
    );
    assert!(count(project.path()) > 0);
    // Better is not worse.
    write(
        project.path(),
        "configuration.nix",
        &MODULE.replace("0444", "0404"),
    );
    assert_eq!(count(project.path()), 0);
}

#[test]
fn what_a_fix_would_lose_is_not_fixed_and_that_fails() {
    let project = tempfile::tempdir().unwrap();
    let sample = std::fs::read(support::package().join("lints/tests/samples/secret.age")).unwrap();
    std::fs::write(project.path().join("token.age"), sample).unwrap();
    let text = "{
  users.users.alice.isNormalUser = true;
  services.openssh.enable = true;
  systemd.services.job = { serviceConfig.User = \"alice\"; script = \"cat /run/agenix/token\"; };
  age.secrets.token = { file = ./token.age; owner = \"alice\"; mode = \"0444\"; };
}
";
    let file = project.path().join("configuration.nix");
    let fix = |folder: &Path| {
        run(
            folder,
            &[
                "check",
                "--fix=unsafe",
                "--pedantic",
                "--fail-on",
                "never",
                "--no-cache",
            ],
        )
    };
    write(project.path(), "configuration.nix", text);
    let output = fix(project.path());
    assert!(
        stderr(&output).starts_with("Fixed "),
        "nothing to fix: {}",
        stderr(&output)
    );
    write(project.path(), "configuration.nix", text);
    std::fs::hard_link(&file, project.path().join("second-name")).unwrap();
    let output = fix(project.path());
    assert!(
        stderr(&output).contains("hard links"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    std::fs::remove_file(project.path().join("second-name")).unwrap();
    if let Some(setfacl) = program("acl") {
        let set = Command::new(setfacl)
            .args(["-m", "u:1:r"])
            .arg(&file)
            .status();
        if set.is_ok_and(|status| status.success()) {
            let output = fix(project.path());
            assert!(
                stderr(&output).contains("access control list"),
                "{}",
                stderr(&output)
            );
            assert_eq!(output.status.code(), Some(1));
        }
    }
}

#[test]
fn no_filter_of_the_repository_is_run() {
    if program("git").is_none() {
        return;
    }
    let project = project();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "."]);
    git(project.path(), &["commit", "-qm", "a"]);
    let ran = project.path().join("ran");
    let filter = format!("touch {}; cat", ran.display());
    git(project.path(), &["config", "filter.evil.clean", &filter]);
    // Wherever an attribute can be.
    write(project.path(), ".gitattributes", "*.nix filter=evil\n");
    write(
        project.path(),
        ".git/info/attributes",
        "*.nix filter=evil\n",
    );
    write(project.path(), ".git/my-attributes", "*.nix filter=evil\n");
    let attributes = project.path().join(".git/my-attributes");
    git(
        project.path(),
        &[
            "config",
            "core.attributesFile",
            attributes.to_str().unwrap(),
        ],
    );
    // The same size at another time: git must look at the content.
    write(
        project.path(),
        "configuration.nix",
        &MODULE.replace("0444", "0440"),
    );
    let output = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args([
            "check",
            "--changed-since",
            "HEAD",
            "--format",
            "json",
            "--no-cache",
        ])
        .current_dir(project.path())
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!ran.exists(), "the filter was run");
    assert!(
        stdout(&output).contains("configuration.nix"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn nothing_is_fetched_for_a_repository_that_lacks_objects() {
    if program("git").is_none() {
        return;
    }
    let project = project();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "."]);
    git(project.path(), &["commit", "-qm", "a"]);
    let ran = project.path().join("ran");
    let program = format!("touch {}; git-upload-pack", ran.display());
    let here = project.path().to_str().unwrap();
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", here),
        ("remote.origin.uploadpack", &program),
    ] {
        git(project.path(), &["config", key, value]);
    }
    let unknown = "1234567890123456789012345678901234567890";
    let output = run(
        project.path(),
        &["check", "--no-cache", "--changed-since", unknown],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("git knows no revision"),
        "{}",
        stderr(&output)
    );
    assert!(!ran.exists(), "the program of the remote was run");
    let output = run(
        project.path(),
        &["check", "--no-cache", "--changed-since", "HEAD"],
    );
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn a_repository_with_longer_names_of_objects_is_asked_as_well() {
    if program("git").is_none() {
        return;
    }
    let project = project();
    git(project.path(), &["init", "-q", "--object-format=sha256"]);
    git(project.path(), &["add", "."]);
    git(project.path(), &["commit", "-qm", "a"]);
    let check = |project: &Path| {
        let since = [
            "check",
            "--no-cache",
            "--format",
            "json",
            "--changed-since",
            "HEAD",
        ];
        let output = run(project, &since);
        assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
        stdout(&output)
    };
    assert!(!check(project.path()).contains("world-accessible"));
    write(
        project.path(),
        "configuration.nix",
        &format!("# changed\n{MODULE}"),
    );
    assert!(check(project.path()).contains("world-accessible"));
}

#[test]
fn a_configuration_that_is_a_link_out_of_the_project_is_not_read() {
    let project = project();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "password Corr3ctHorseBattery9\n").unwrap();
    let link = project.path().join("mcp-lint.toml");
    std::os::unix::fs::symlink(secret.path(), &link).unwrap();
    let output = run(project.path(), &["check", "--no-cache"]);
    let text = stdout(&output) + &stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("symbolic link out of the project") && !text.contains("Corr3ct"),
        "{text}"
    );
    // A baseline that is no baseline shows no word of itself.
    std::fs::remove_file(&link).unwrap();
    write(project.path(), "mcp-lint.toml", "baseline = \"b.json\"\n");
    std::fs::write(
        secret.path(),
        "{\"Corr3ctHorseBattery9\": \"Corr3ctHorseBattery9\"}",
    )
    .unwrap();
    std::os::unix::fs::symlink(secret.path(), project.path().join("b.json")).unwrap();
    let output = run(project.path(), &["check", "--no-cache"]);
    let text = stdout(&output) + &stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("is not a baseline") && !text.contains("Corr3ct"),
        "{text}"
    );
}

#[test]
fn a_hook_is_not_written_where_a_repository_has_no_business() {
    if program("git").is_none() {
        return;
    }
    let (project, elsewhere) = (project(), tempfile::tempdir().unwrap());
    git(project.path(), &["init", "-q"]);
    let hooks = elsewhere.path().join("made");
    git(
        project.path(),
        &["config", "core.hooksPath", hooks.to_str().unwrap()],
    );
    let output = run(project.path(), &["init", "--hook=git"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("leads out of the repository"),
        "{}",
        stderr(&output)
    );
    assert!(!hooks.exists() && !project.path().join("mcp-lint.toml").exists());
    let link = project.path().join("mcp-lint.toml");
    std::os::unix::fs::symlink("configuration.nix", &link).unwrap();
    let output = run(project.path(), &["init", "--force"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let kept = std::fs::read_to_string(project.path().join("configuration.nix")).unwrap();
    assert_eq!(kept, MODULE);
}

#[test]
fn what_is_wrong_with_an_argument_does_not_show_a_token() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let project = project();
    let output = run(project.path(), &["check", "--format", &token]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--format") && !stderr(&output).contains("a1B2"));
}

#[test]
fn the_hook_is_where_git_looks_for_it() {
    if program("git").is_none() {
        return;
    }
    let project = project();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["config", "core.hooksPath", "my-hooks"]);
    let output = run(project.path(), &["init", "--hook=git"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let hook = project.path().join("my-hooks/pre-commit");
    assert!(hook.metadata().unwrap().permissions().mode() & 0o100 != 0);
}

#[test]
fn names_that_begin_with_a_dash_are_names() {
    let project = project();
    write(project.path(), "--fix.nix", "{ }");
    let output = run(
        project.path(),
        &[
            "check",
            "--no-cache",
            "--only-named",
            "--",
            "--fix.nix",
            "configuration.nix",
        ],
    );
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
    let hooks = std::fs::read_to_string(support::package().join(".pre-commit-hooks.yaml")).unwrap();
    assert!(hooks.contains("args: [--only-named, --]"), "{hooks}");
}

#[test]
fn unfinished_files_of_killed_runs_are_removed() {
    let project = project();
    let old = project.path().join(".mcp-lint-a1b2c3A1B2C3.unfinished");
    let fresh = project.path().join(".mcp-lint-d4e5f6D4E5F6.unfinished");
    std::fs::write(&old, "x").unwrap();
    std::fs::write(&fresh, "x").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
    let file = std::fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(long_ago).unwrap();
    run(
        project.path(),
        &["check", "--output", "json=report.json", "--no-cache"],
    );
    assert!(!old.exists() && fresh.exists());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let project = project();
    let script = "\"$0\" check -vv --no-cache | head -c 10; \"$0\" lints | head -n 1";
    let output = Command::new("/bin/sh")
        .args(["-c", script])
        .arg(env!("CARGO_BIN_EXE_mcp-lint"))
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(
        !stderr(&output).contains("cannot write"),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

/// A project may have a link where somebody who checks it writes a report.
#[test]
fn no_report_is_written_through_a_link_out_of_the_project() {
    let folder = project();
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    std::fs::write(&victim, "kept").unwrap();
    symlink(&victim, folder.path().join("report.json")).unwrap();
    symlink(outside.path(), folder.path().join("reports")).unwrap();
    let absolute = format!("json={}", folder.path().join("report.json").display());
    for arguments in [
        &["check", "--no-cache", "--output", "json=report.json"][..],
        &["check", "--no-cache", "--output", "json=./report.json"],
        &["check", "--no-cache", "--output", &absolute],
        &["check", "--no-cache", "--output", "json=reports/new.json"],
        &["check", "--no-cache", "--write-baseline", "report.json"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(
            stderr(&output).contains("symbolic link"),
            "{arguments:?}: {output:?}"
        );
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "kept");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    }
    // A link that stays below is followed, and one that leads nowhere is replaced.
    write(folder.path(), "kept/report.json", "old");
    symlink("kept/report.json", folder.path().join("link.json")).unwrap();
    symlink(outside.path().join("none"), folder.path().join("new.json")).unwrap();
    for name in ["link.json", "new.json"] {
        let output = run(
            folder.path(),
            &["check", "--no-cache", "--output", &format!("json={name}")],
        );
        assert_ne!(output.status.code(), Some(2), "{output:?}");
    }
    assert_ne!(
        std::fs::read_to_string(folder.path().join("kept/report.json")).unwrap(),
        "old"
    );
    assert!(folder.path().join("new.json").is_file());
    assert!(!outside.path().join("none").exists());
}
