//! Only what is new, and only what touches some files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{json, package, run, stderr, stdout, write};
use test_support::{copy_of, program};

fn project() -> tempfile::TempDir {
    copy_of(&package().join("tests/guide/complete-sops"))
}

fn lints(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    let document = json(&run(folder, &all));
    let found = document["diagnostics"].as_array().unwrap().clone();
    found
        .iter()
        .map(|found| found["lint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_the_baseline_holds_is_not_reported_wherever_its_lines_move() {
    let project = project();
    let found = lints(project.path(), &[]);
    assert!(!found.is_empty());
    let output = run(project.path(), &["check", "--write-baseline", "base.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stderr(&output),
        format!("{} findings in base.json\n", found.len())
    );
    assert_eq!(stdout(&output), "");
    for entry in std::fs::read_dir(project.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "nix") {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, format!("# moved\n\n\n{text}")).unwrap();
        }
    }
    let output = run(
        project.path(),
        &["--baseline", "base.json", "--fail-on", "warning"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let summary = stdout(&output);
    assert!(summary.starts_with("no findings · "), "{summary}");
    assert!(
        summary.contains(&format!(" · {} in the baseline", found.len())),
        "{summary}"
    );
    assert!(!summary.contains("no longer found"), "{summary}");
}

#[test]
fn what_is_new_is_reported_and_what_is_gone_is_counted() {
    let project = project();
    run(project.path(), &["check", "--write-baseline", "base.json"]);
    let mut document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(project.path().join("base.json")).unwrap()).unwrap();
    let findings = document["findings"].as_array_mut().unwrap();
    let gone = findings.remove(0);
    let mut other = gone.clone();
    other["subject"] = "sops.secrets.of_last_year".into();
    findings.push(other);
    write(project.path(), "base.json", &document.to_string());
    let output = run(project.path(), &["--baseline", "base.json"]);
    let text = stdout(&output);
    assert_eq!(
        lints(project.path(), &["--baseline", "base.json"]),
        [gone["lint"].as_str().unwrap()]
    );
    assert!(
        text.contains("1 finding of the baseline no longer found"),
        "{text}"
    );
    // A lint that did not run, and a part of the hosts, say nothing about what is gone.
    for arguments in [
        ["--ignore", gone["lint"].as_str().unwrap()],
        ["--host", "hostname"],
    ] {
        let mut all = vec!["--baseline", "base.json"];
        all.extend(arguments);
        let text = stdout(&run(project.path(), &all));
        assert!(!text.contains("no longer found"), "{text}");
    }
}

#[test]
fn a_baseline_agrees_with_its_schema_and_holds_no_place() {
    let project = project();
    run(project.path(), &["check", "--write-baseline", "base.json"]);
    let text = std::fs::read_to_string(project.path().join("base.json")).unwrap();
    let path = package().join("docs/schemas/baseline.schema.json");
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(
        validator.is_valid(&serde_json::from_str(&text).unwrap()),
        "{text}"
    );
    assert!(
        !text.contains("line") && !text.contains(&*project.path().to_string_lossy()),
        "{text}"
    );
    run(project.path(), &["check", "--write-baseline", "again.json"]);
    assert_eq!(
        text,
        std::fs::read_to_string(project.path().join("again.json")).unwrap()
    );
}

#[test]
fn what_is_no_baseline_is_refused() {
    let project = project();
    for (content, why) in [
        ("", "no JSON at line 1"),
        ("[]", "is not a baseline"),
        ("{\"version\": 2, \"findings\": []}", "its version is 2"),
        (
            "{\"version\": 1, \"findings\": [{\"lint\": 1}]}",
            "other fields or types at line 1",
        ),
        (
            "{\"version\": 1, \"findings\": [], \"more\": 1}",
            "other fields or types at line 1",
        ),
    ] {
        write(project.path(), "base.json", content);
        let output = run(project.path(), &["--baseline", "base.json"]);
        assert_eq!(output.status.code(), Some(2), "{content}");
        assert!(
            stderr(&output).contains(why),
            "{content}: {}",
            stderr(&output)
        );
    }
    let output = run(project.path(), &["--baseline", "none.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no such file"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn only_findings_that_touch_the_files_are_reported() {
    let project = project();
    let all = lints(project.path(), &[]);
    let mut of_files = 0;
    for entry in std::fs::read_dir(project.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".nix") {
            of_files += usize::from(!lints(project.path(), &["--only", &name]).is_empty());
        }
    }
    assert!(of_files > 0);
    write(project.path(), "other.nix", "{ }");
    assert_eq!(lints(project.path(), &["--only", "other.nix"]), [""; 0]);
    // A name that is misspelt would hide every finding.
    let output = run(project.path(), &["--only", "other.nix", "gone.nix"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: --only: no such file or directory: gone.nix"),
        "{}",
        stderr(&output)
    );
    let summary = stdout(&run(project.path(), &["--only", "other.nix"]));
    assert!(
        summary.contains(&format!(" · {} in other files", all.len())),
        "{summary}"
    );
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let identity = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "init.defaultBranch=main",
    ];
    Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// mcp-lint with git in its path.
fn run_with_git(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .output()
        .unwrap()
}

#[test]
fn only_findings_of_files_that_changed_since_a_revision() {
    let project = project();
    let folder = project.path();
    if program("git").is_none() {
        return;
    }
    for arguments in [&["init"][..], &["add", "."], &["commit", "-m", "a"]] {
        assert!(git(folder, arguments), "{arguments:?}");
    }
    let short = |arguments: &[&str]| {
        let mut all = vec!["--format", "short"];
        all.extend(arguments);
        stdout(&run_with_git(folder, &all)).lines().count()
    };
    let all = short(&[]);
    assert!(all > 0);
    assert_eq!(short(&["--changed-since", "HEAD"]), 0);
    let output = stdout(&run_with_git(folder, &["--format", "short"]));
    let file = output.split(':').next().unwrap().to_owned();
    let text = std::fs::read_to_string(folder.join(&file)).unwrap();
    write(folder, &file, &format!("# changed\n{text}"));
    let of_file = short(&["--changed-since", "HEAD"]);
    assert!(of_file > 0 && of_file <= all);
    git(folder, &["commit", "-am", "b"]);
    assert_eq!(short(&["--changed-since", "HEAD"]), 0);
    assert_eq!(short(&["--changed-since", "HEAD~1"]), of_file);
    for revision in ["no-such-branch", "--output=pwned", "-h"] {
        let output = run_with_git(folder, &[&format!("--changed-since={revision}")]);
        assert_eq!(output.status.code(), Some(2), "{revision}");
        assert!(
            stderr(&output).contains("git knows no revision"),
            "{}",
            stderr(&output)
        );
    }
    assert!(!folder.join("pwned").exists());
}

#[test]
fn without_git_or_a_repository_it_says_so() {
    let project = project();
    let output = run(project.path(), &["--changed-since", "HEAD"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("git"), "{}", stderr(&output));
    let output = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(["--changed-since", "HEAD"])
        .current_dir(project.path())
        .env_clear()
        .env("PATH", project.path())
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("git is not installed"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("help: name the files instead"),
        "{}",
        stderr(&output)
    );
}

/// A file can be called anything: what looks like a token is in no baseline, and the finding is known again.
#[test]
fn a_token_in_the_name_of_a_file_is_not_kept() {
    let project = tempfile::tempdir().unwrap();
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let module = "{ sops.secrets.a = { sopsFile = ./a.yaml; mode = \"0444\"; }; }";
    std::fs::write(project.path().join(format!("{token}.nix")), module).unwrap();
    let imports = format!("{{ imports = [ ./{token}.nix ]; }}");
    std::fs::write(project.path().join("configuration.nix"), imports).unwrap();
    let written = run(
        project.path(),
        &["check", "--write-baseline", "baseline.json", "."],
    );
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    let text = std::fs::read_to_string(project.path().join("baseline.json")).unwrap();
    assert!(!text.contains("a1B2a1B2"), "{text}");
    let again = run(
        project.path(),
        &[
            "check",
            "--baseline",
            "baseline.json",
            "--format",
            "short",
            ".",
        ],
    );
    assert_eq!(again.status.code(), Some(0), "{}", stdout(&again));
}
