//! What people expect of a command line: see `docs/src/compared.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{json, package, run, stderr, stdout, write};

/// Two secrets of root's that postgres reads; the mode of one lets everybody read it.
const CONFIGURATION: &str = r#"{ config, ... }: {
  users.users.postgres = { isSystemUser = true; group = "postgres"; };
  users.groups.postgres = { };
  sops.defaultSopsFile = ./secrets.yaml;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  sops.secrets.github_token = { };
  sops.secrets.db_password.mode = "0444";
  systemd.services.db.serviceConfig = {
    User = "postgres";
    ExecStart = "/bin/db ${config.sops.secrets.github_token.path}";
  };
}
"#;

fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    write(&path, "configuration.nix", CONFIGURATION);
    let secrets = package().join("examples/nixos-sops/secrets/secrets.yaml");
    std::fs::copy(secrets, path.join("secrets.yaml")).unwrap();
    (folder, path)
}

fn lints(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let all = ["--format", "json", "--fail-on", "never"];
    let document = json(&run(folder, &[arguments, &all].concat()));
    let found = document["diagnostics"].as_array().unwrap().iter();
    found
        .map(|found| found["lint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_lint_is_explained_in_any_case_and_a_group_lists_its_lints() {
    let (_folder, path) = project();
    let page = stdout(&run(&path, &["explain", "Root-Owned-Secret"]));
    assert!(page.starts_with("# root-owned-secret\n"), "{page}");
    for name in ["access", "ACCESS", "A", "a"] {
        let list = stdout(&run(&path, &["explain", name]));
        assert!(list.contains("access (A)\n"), "{name}: {list}");
        assert!(list.contains("root-owned-secret "), "{name}: {list}");
        assert!(!list.contains("sops-key-missing"), "{name}: {list}");
    }
    let output = run(&path, &["explain", "Root-Owned"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean root-owned-secret?"),
        "{}",
        stderr(&output)
    );
}

/// The page about gaps has a row for each kind; `explain` knows what stands there.
#[test]
fn a_kind_of_gap_is_explained_as_its_page_says() {
    let (_folder, path) = project();
    let page = std::fs::read_to_string(package().join("docs/src/coverage.md")).unwrap();
    let rows = page
        .split_once("| kind | meaning |\n|---|---|\n")
        .unwrap()
        .1;
    let rows: Vec<(&str, &str)> = { rows.lines().take_while(|line| line.starts_with('|')) }
        .map(|line| {
            let (kind, meaning) = line
                .strip_prefix("| `")
                .unwrap()
                .split_once("` | ")
                .unwrap();
            (kind, meaning.strip_suffix(" |").unwrap())
        })
        .collect();
    assert!(rows.len() >= 8, "{rows:?}");
    for (kind, meaning) in rows {
        let output = run(&path, &["explain", &kind.to_uppercase(), "--width", "300"]);
        let text = stdout(&output);
        assert!(
            text.starts_with(&format!("# {kind}\n")),
            "{kind}: {}",
            stderr(&output)
        );
        // Text is never wider than can be read, whatever the width.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(meaning), "{kind}: {text}");
        assert!(text.contains("The exit code "), "{kind}: {text}");
    }
}

#[test]
fn a_path_that_is_nearly_a_command_names_it() {
    let (_folder, path) = project();
    for (written, meant) in [
        ("inventroy", "inventory"),
        ("chekc", "check"),
        ("explian", "explain"),
    ] {
        let output = run(&path, &[written]);
        assert_eq!(output.status.code(), Some(2));
        let error = stderr(&output);
        assert!(
            error.contains(&format!("did you mean the command {meant}")),
            "{error}"
        );
    }
    for path_that_is_not in ["hosts/desk.nix", "./inventroy", "zzzzzz"] {
        let error = stderr(&run(&path, &[path_that_is_not]));
        assert!(!error.contains("did you mean"), "{error}");
    }
}

#[test]
fn findings_are_counted() {
    let (_folder, path) = project();
    let text = stdout(&run(&path, &["--statistics"]));
    assert!(text.contains("1  error    "), "{text}");
    assert!(
        text.contains("root-owned-secret") && text.contains("world-accessible-secret-mode"),
        "{text}"
    );
    assert!(!text.contains("configuration.nix"), "{text}");
    let text = stdout(&run(
        &package().join("examples/nixos-sops-wrong"),
        &["--statistics", "--no-cache"],
    ));
    assert!(
        text.contains("[*]  password-secret-not-needed-for-users"),
        "{text}"
    );
    assert!(text.contains("[*] 1 fixable with --fix"), "{text}");
    assert_eq!(
        lints(&path, &["--select", "ROOT-OWNED-SECRET"]),
        ["root-owned-secret"]
    );
    let output = run(&path, &["--statistics", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_can_be_fixed_is_marked_and_counted() {
    let (_folder, path) = project();
    let text = stdout(&run(&path, &[]));
    let document = json(&run(&path, &["--format", "json"]));
    let of = |is_safe: bool| {
        let found = document["diagnostics"].as_array().unwrap().iter();
        let fixes = found.map(|found| found["fixes"].as_array().unwrap());
        fixes
            .filter(|fixes| {
                !fixes.is_empty() && fixes.iter().any(|fix| fix["safe"] == true) == is_safe
            })
            .count()
    };
    let (safe, more) = (of(true), of(false));
    assert!(safe + more > 0, "{document:#}");
    assert_eq!(text.matches("]: [*] ").count(), safe, "{text}");
    if safe > 0 {
        assert!(
            text.contains(&format!("[*] {safe} fixable with --fix")),
            "{text}"
        );
    }
    let diff = stderr(&run(&path, &["--diff"]));
    if more > 0 {
        let more = format!("{more} more with --fix=unsafe");
        assert!(text.contains(&more), "{text}");
        assert!(diff.contains(&more), "{diff}");
    }
    let all = stderr(&run(&path, &["--diff", "--fix=unsafe"]));
    assert!(!all.contains("more with"), "{all}");
}

#[test]
fn less_sure_findings_can_be_left_out() {
    for project in support::projects() {
        let document = json(&run(
            &project,
            &["--format", "json", "--fail-on", "never", "--no-cache", "."],
        ));
        let found = document["diagnostics"].as_array().unwrap();
        let sure = found
            .iter()
            .filter(|found| found["confidence"] == "high")
            .count();
        if sure == found.len() {
            continue;
        }
        assert_eq!(
            lints(&project, &["--min-confidence", "high", "--no-cache", "."]).len(),
            sure
        );
        assert_eq!(
            lints(&project, &["--min-confidence", "low", "--no-cache", "."]).len(),
            found.len()
        );
        return;
    }
    panic!("no project of the tests has a finding that is less sure");
}

#[test]
fn a_baseline_of_the_configuration_counts_and_may_only_shrink() {
    let (_folder, path) = project();
    write(&path, "mcp-lint.toml", "baseline = \"known.json\"\n");
    let output = run(&path, &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("this makes it: mcp-lint check --write-baseline known.json"),
        "{}",
        stderr(&output)
    );
    assert!(
        run(&path, &["check", "--write-baseline", "known.json"])
            .status
            .success()
    );
    assert!(run(&path, &["check"]).status.success());
    assert_eq!(lints(&path, &["check"]), [""; 0]);
    // Written anew, it holds the same.
    let before = std::fs::read(path.join("known.json")).unwrap();
    assert!(
        run(&path, &["check", "--write-baseline", "known.json"])
            .status
            .success()
    );
    assert_eq!(std::fs::read(path.join("known.json")).unwrap(), before);
    write(
        &path,
        "configuration.nix",
        &CONFIGURATION.replace(".mode = \"0444\"", ".owner = \"postgres\""),
    );
    let output = run(&path, &["check"]);
    assert!(output.status.success());
    assert!(
        stderr(&output)
            .contains("note: no longer found: world-accessible-secret-mode in configuration.nix, "),
        "{}",
        stderr(&output)
    );
    // Told from what an earlier run kept as well.
    assert_eq!(stderr(&run(&path, &["check"])), stderr(&output));
    assert_eq!(stderr(&run(&path, &["check", "--quiet"])), "");
    assert_eq!(
        stderr(&run(&path, &["check", "--quiet", "--fail-on-stale"])),
        stderr(&output)
    );
    assert_eq!(
        run(&path, &["check", "--fail-on-stale"]).status.code(),
        Some(1)
    );
    write(
        &path,
        "mcp-lint.toml",
        "baseline = \"./known.json\"\nstale-baseline = \"error\"\n",
    );
    assert_eq!(run(&path, &["check"]).status.code(), Some(1));
    write(&path, "mcp-lint.toml", "baseline = \"../known.json\"\n");
    assert!(stderr(&run(&path, &["check"])).contains("not a file of this project"));
}

#[test]
fn findings_are_ignored_by_comments_with_a_reason() {
    let (_folder, path) = project();
    let before = lints(&path, &[]);
    assert!(before.len() >= 2, "{before:?}");
    let diff = stdout(&run(&path, &["--add-ignore=on purpose", "--diff"]));
    assert!(
        diff.contains("+  # mcp-lint: ignore[world-accessible-secret-mode] on purpose\n"),
        "{diff}"
    );
    let text = || std::fs::read_to_string(path.join("configuration.nix")).unwrap();
    assert_eq!(text(), CONFIGURATION);
    let output = run(&path, &["--add-ignore=on purpose"]);
    assert!(
        stderr(&output).contains(&format!("Ignored {} findings in 1 file", before.len())),
        "{}",
        stderr(&output)
    );
    assert_eq!(lints(&path, &[]), [""; 0]);
    // Nothing but lines that are comments came.
    let added = text();
    let rest: Vec<&str> = added
        .lines()
        .filter(|line| !line.contains("# mcp-lint: ignore["))
        .collect();
    assert_eq!(rest, CONFIGURATION.lines().collect::<Vec<_>>());
    assert!(stderr(&run(&path, &["--add-ignore=on purpose"])).contains("Nothing to ignore"));
    for reason in ["--add-ignore=", "--add-ignore= ", "--add-ignore=a\nb"] {
        assert_eq!(run(&path, &[reason]).status.code(), Some(2), "{reason}");
    }
}

#[test]
fn no_comment_is_written_into_a_text() {
    let (_folder, path) = project();
    let script = CONFIGURATION.replace(
        "ExecStart = \"/bin/db ${config.sops.secrets.github_token.path}\"",
        "ExecStart = ''\n      /bin/db \\\n        ${config.sops.secrets.github_token.path}\n    ''",
    );
    write(&path, "configuration.nix", &script);
    run(&path, &["--add-ignore=on purpose"]);
    let text = std::fs::read_to_string(path.join("configuration.nix")).unwrap();
    let (_, inside) = text.split_once("''").unwrap();
    let (inside, _) = inside.split_once("''").unwrap();
    assert!(!inside.contains("mcp-lint"), "{text}");
}

#[test]
fn a_summary_in_markdown_is_no_markup_of_the_project() {
    let (_folder, path) = project();
    let odd = CONFIGURATION.replace("github_token", "\"a|b<i>`c`[x](y)\"");
    write(&path, "configuration.nix", &odd);
    let text = stdout(&run(&path, &["--format", "markdown"]));
    assert!(text.starts_with("## ✗ mcp-lint: "), "{text}");
    assert!(text.contains("| configuration.nix:7 |"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    for row in rows.iter().skip(1) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
        assert!(!row.contains("<i>") && !row.contains("`c`"), "{row}");
    }
}

#[test]
fn a_hook_keeps_the_configuration() {
    let (_folder, path) = project();
    write(&path, "mcp-lint.toml", "pedantic = true\n");
    let output = run(&path, &["init", "--hook=pre-commit"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("kept ./mcp-lint.toml"),
        "{}",
        stdout(&output)
    );
    let text = std::fs::read_to_string(path.join("mcp-lint.toml")).unwrap();
    assert_eq!(text, "pedantic = true\n");
    assert!(path.join(".pre-commit-config.yaml").is_file());
    assert_eq!(run(&path, &["init"]).status.code(), Some(2));
}

#[test]
fn shells_complete_the_names_of_lints() {
    let (_folder, path) = project();
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let script = stdout(&run(&path, &["completions", shell]));
        assert!(script.len() > 1000, "{shell}");
        // Elvish and PowerShell complete no values.
        if !["elvish", "powershell"].contains(&shell) {
            assert!(script.contains("root-owned-secret"), "{shell}");
        }
    }
}

/// What bash itself offers, by the function that the script gives it.
#[test]
fn bash_completes_what_follows_a_command() {
    let Some(_) = test_support::program("bash") else {
        return;
    };
    let (_folder, path) = project();
    let script = stdout(&run(&path, &["completions", "bash"]));
    write(&path, "completions.bash", &script);
    let offered = |words: &str| {
        let ask = format!(
            "source ./completions.bash; COMP_WORDS=(mcp-lint {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _mcp__lint mcp-lint \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[*]}}\""
        );
        let mut bash = std::process::Command::new("bash");
        let output = bash.args(["-c", &ask]).current_dir(&path).output().unwrap();
        stdout(&output).trim().to_owned()
    };
    for (words, wanted) in [
        ("--sel", "--select"),
        ("inventory --se", "--secret"),
        ("check --min", "--min-confidence"),
        ("explain root-owned-s", "root-owned-secret"),
        ("completions ba", "bash"),
        ("inputs fe", "fetch"),
        ("help inv", "inventory"),
    ] {
        assert_eq!(offered(words), wanted, "{words}");
    }
}

#[test]
fn a_reader_that_reads_nothing_is_told() {
    let (_folder, path) = project();
    let more = CONFIGURATION.replace(
        "  systemd",
        "  services.foo.tokenFile = config.sops.secrets.github_token.path;\n  systemd",
    );
    write(&path, "configuration.nix", &more);
    let told = |option: &str| {
        write(
            &path,
            "mcp-lint.toml",
            &format!("[[reader]]\noption = \"{option}\"\nuser = \"foo\"\n"),
        );
        stderr(&run(&path, &["check"])).contains("[[reader]]")
    };
    assert!(!told("services.foo.tokenFile"));
    assert!(!told("services.*.tokenFile"));
    assert!(told("services.foo.tokenFlie"));
    // From the cache as well.
    assert!(stderr(&run(&path, &["check"])).contains("services.foo.tokenFlie"));
    assert!(!stderr(&run(&path, &["check", "--quiet"])).contains("[[reader]]"));
}

#[test]
fn phases_have_their_times_and_a_report_of_a_defect_has_no_name() {
    let (_folder, path) = project();
    let error = stderr(&run(
        &path,
        &["-v", "--no-cache", "--debug-bundle", "bundle.json"],
    ));
    for phase in ["evaluation: ", "lints: ", "output: "] {
        assert!(error.contains(phase), "{error}");
    }
    assert!(
        run(&path, &["--quiet", "--debug-bundle", "bundle.json"])
            .stdout
            .len()
            > 10
    );
    let text = std::fs::read_to_string(path.join("bundle.json")).unwrap();
    for name in [
        "github_token",
        "db_password",
        "postgres",
        "configuration.nix",
        path.to_str().unwrap(),
    ] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let bundle: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["secrets"], 2);
    assert!(bundle["findings"]["root-owned-secret"].as_u64().unwrap() > 0);
    assert!(bundle["version"].is_string() && bundle["milliseconds"].is_array());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (_folder, path) = project();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(["inventory", "--format", "json"])
        .current_dir(&path)
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn a_change_is_checked_while_it_watches() {
    let (_folder, path) = project();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(["--watch", "--format", "short"])
        .current_dir(&path)
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let round = || {
        let (mut seen, start) = (Vec::new(), Instant::now());
        while start.elapsed() < Duration::from_secs(120) {
            let Ok(line) = lines.recv_timeout(Duration::from_secs(120)) else {
                break;
            };
            if line.starts_with("watching") {
                return seen.join("\n");
            }
            seen.push(line);
        }
        panic!("nothing after {seen:?}");
    };
    let first = round();
    assert!(first.contains("world-accessible-secret-mode"), "{first}");
    write(
        &path,
        "configuration.nix",
        &CONFIGURATION.replace(".mode = \"0444\"", " = { }"),
    );
    let second = round();
    assert!(
        !second.contains("world-accessible-secret-mode") && second.contains("root-owned-secret"),
        "{second}"
    );
    // A mistake does not end it.
    write(&path, "mcp-lint.toml", "nosuch = 1\n");
    // The file is there before its text is: one more round may come between.
    let is_told = || round().contains("there is no key `nosuch`");
    assert!(is_told() || is_told());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn every_release_has_its_changes() {
    let changes = std::fs::read_to_string(package().join("CHANGELOG.md")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let has = |heading: &str| changes.lines().any(|line| line.starts_with(heading));
    assert!(
        has(&format!("## {version}")) || has("## Unreleased"),
        "{version}"
    );
}

#[test]
fn options_may_stand_before_the_command() {
    let (_folder, path) = project();
    // A directory of the command's name is a path only where it is written as one.
    std::fs::create_dir(path.join("lints")).unwrap();
    for (before, after) in [
        (
            &["--width", "70", "inventory"][..],
            &["inventory", "--width", "70"][..],
        ),
        (&["-q", "inventory"], &["inventory", "-q"]),
        (
            &["--color=never", "-v", "lints"],
            &["lints", "--color=never", "-v"],
        ),
        (
            &["--host", "configuration", "inventory"],
            &["inventory", "--host", "configuration"],
        ),
    ] {
        let (one, other) = (run(&path, before), run(&path, after));
        assert_eq!(stdout(&one), stdout(&other), "{before:?}");
        assert_eq!(one.status, other.status, "{before:?}: {}", stderr(&one));
        assert!(
            !stdout(&one).is_empty() || one.status.code() == Some(2),
            "{before:?}"
        );
    }
    // The value of an option is no command.
    let output = run(&path, &["--select", "files", "configuration.nix"]);
    assert!(stdout(&output).contains("lints ran"), "{}", stdout(&output));
    let output = run(&path, &["--", "inventory"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn who_selects_some_lints_is_told_how_many_ran() {
    let (_folder, path) = project();
    assert!(!stdout(&run(&path, &[])).contains("lints ran"));
    let text = stdout(&run(&path, &["--select", "mcp"]));
    let ran = text
        .trim_end()
        .split(" · ")
        .find(|part| part.ends_with("lints ran"));
    let numbers: Vec<usize> = { ran.unwrap_or_else(|| panic!("{text}")).split(' ') }
        .filter_map(|word| word.parse().ok())
        .collect();
    assert!(
        matches!(numbers[..], [ran, all] if 0 < ran && ran < all),
        "{text}"
    );
    assert!(stdout(&run(&path, &["--ignore", "access"])).contains("lints ran"));
}

#[test]
fn a_gap_looks_like_no_lint() {
    let folder = tempfile::tempdir().unwrap();
    let flake = r#"{
      inputs.site.url = "github:example/site";
      outputs = { self, nixpkgs, site }: {
        nixosConfigurations.desk = nixpkgs.lib.nixosSystem { modules = [ site.nixosModules.all ]; };
      };
    }"#;
    write(folder.path(), "flake.nix", flake);
    let text = stdout(&run(folder.path(), &["--format", "short"]));
    assert!(text.contains("incomplete[hollow-configuration]"), "{text}");
    let people = stdout(&run(folder.path(), &[]));
    assert!(
        people.contains("mcp-lint explain hollow-configuration"),
        "{people}"
    );
    let output = run(folder.path(), &["--select", "missing-modules"]);
    assert!(
        stderr(&output).contains("is no lint"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_reason_that_is_missing_is_asked_for() {
    let (_folder, path) = project();
    let output = run(&path, &["--add-ignore"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("wants a reason"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_list_of_lints_has_no_column_of_letters() {
    let (_folder, path) = project();
    for width in ["40", "60", "70", "120"] {
        let list = stdout(&run(&path, &["lints", "--width", width]));
        let has = |word: &str| list.split_whitespace().any(|part| part == word);
        assert!(
            has("warning") && has("error") && has("safe"),
            "{width}: {list}"
        );
        assert!(
            !list.lines().any(|line| line.trim().chars().count() == 1),
            "{width}: {list}"
        );
    }
}
