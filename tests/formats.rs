//! Each format is what its readers expect: checked against a schema or a reference from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};
use support::{FORMATS, json, package, run, stderr, stdout};
use test_support::{copy_of, program};

/// A copy of an example that is a repository of its own.
fn repository(example: &str) -> tempfile::TempDir {
    let project = copy_of(&package().join("examples").join(example));
    std::fs::create_dir(project.path().join(".git")).unwrap();
    project
}

/// Projects with no finding, one, several, findings with fixes, and files that cannot be read.
fn projects() -> Vec<tempfile::TempDir> {
    let mut projects: Vec<tempfile::TempDir> = [
        "nixos-sops",
        "nixos-sops-wrong",
        "agenix-wrong",
        "darwin-sops-wrong",
        "custom-files-wrong",
    ]
    .map(repository)
    .into();
    let broken = repository("nixos-sops-wrong");
    std::fs::write(broken.path().join("users.nix"), "{ a = ; }").unwrap();
    projects.push(broken);
    let odd = tempfile::tempdir().unwrap();
    let text = "{ sops.age.keyFile = \"/home/alice/k\"; sops.secrets.\"a ](b) {0}\" = { }; }";
    std::fs::write(odd.path().join("a b%é,:\u{202e}.nix"), text).unwrap();
    std::fs::write(
        odd.path().join("configuration.nix"),
        "{ imports = [ (./. + \"/a b%é,:\u{202e}.nix\") ]; }",
    )
    .unwrap();
    projects.push(odd);
    projects
}

fn report(project: &Path, format: &str) -> String {
    let output = run(project, &["--pedantic", "--format", format]);
    assert_eq!(stderr(&output), "", "{format}");
    stdout(&output)
}

fn findings(project: &Path) -> Vec<Value> {
    let document = json(&run(project, &["--pedantic", "--format", "json"]));
    document["diagnostics"].as_array().unwrap().clone()
}

#[test]
fn sarif_is_valid_and_complete() {
    let schema = package().join("tests/schemas/sarif-2.1.0-rtm.5.json");
    // The published pattern of a language has a bracket too many, which only lenient readers accept.
    let schema = std::fs::read_to_string(schema)
        .unwrap()
        .replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::draft4::new(&schema).unwrap();
    for project in projects() {
        let log: Value = serde_json::from_str(&report(project.path(), "sarif")).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&log)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), mcp_lint_lints::LINTS.len());
        let results = run["results"].as_array().unwrap();
        let found = findings(project.path());
        assert_eq!(results.len(), found.len());
        for (result, found) in results.iter().zip(&found) {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            assert_eq!(result["ruleId"], found["lint"]);
            assert!(rule["help"]["markdown"].as_str().unwrap().contains("##"));
            let fixes = |value: &Value| value["fixes"].as_array().map_or(0, Vec::len);
            assert_eq!(fixes(result), fixes(found));
            let place = &result["locations"][0]["physicalLocation"];
            if !found["primary"].is_null() {
                assert_eq!(place["region"]["startLine"], found["primary"]["line"]);
                assert_eq!(place["region"]["startColumn"], found["primary"]["column"]);
            }
            let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
            assert_eq!(related, found["secondary"].as_array().unwrap().len());
        }
        let whole = run["invocations"][0]["executionSuccessful"]
            .as_bool()
            .unwrap();
        let notes = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(whole, notes.as_array().unwrap().is_empty());
    }
}

#[test]
fn a_file_name_is_an_address_in_sarif() {
    let project = projects().pop().unwrap();
    let log = report(project.path(), "sarif");
    assert!(
        log.contains("\"uri\": \"a%20b%25%C3%A9%2C%3A%E2%80%AE.nix\""),
        "{log}"
    );
}

#[test]
fn fingerprints_survive_moved_lines() {
    let project = repository("nixos-sops-wrong");
    let names = |format: &str| -> BTreeSet<String> {
        let text = report(project.path(), format);
        let key = match format {
            "sarif" => "\"mcpLintIdentity/v1\": \"",
            _ => "\"fingerprint\": \"",
        };
        let names = text.split(key).skip(1);
        names.map(|rest| rest[..32].to_owned()).collect()
    };
    for format in ["sarif", "gitlab"] {
        let before = names(format);
        assert_eq!(before.len(), findings(project.path()).len());
        for file in ["secrets.nix", "users.nix"] {
            let path = project.path().join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, format!("# moved\n\n{text}")).unwrap();
        }
        assert_eq!(names(format), before);
    }
}

/// The command, its properties and its text.
type Annotation = (String, Vec<(String, String)>, String);

/// What the runner does with a line of output, as its documentation and toolkit describe it.
fn annotation(line: &str) -> Option<Annotation> {
    let (head, data) = line.strip_prefix("::")?.split_once("::")?;
    let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescape = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |text: &str| {
        let text = unescape(text).replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let properties = properties
        .split(',')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.to_owned(), property(value)))
        .collect();
    let data = unescape(data).replace("%25", "%");
    Some((command.to_owned(), properties, data))
}

#[test]
fn github_annotations_are_one_for_each_finding_the_worst_first() {
    for project in projects() {
        let text = report(project.path(), "github");
        let parsed: Vec<_> = text.lines().map(|line| annotation(line).unwrap()).collect();
        let found = findings(project.path());
        assert_eq!(parsed.len(), found.len());
        let levels: Vec<&str> = parsed.iter().map(|(level, _, _)| level.as_str()).collect();
        let mut sorted = levels.clone();
        sorted.sort_unstable_by_key(|level| {
            ["error", "warning", "notice"]
                .iter()
                .position(|l| l == level)
        });
        assert_eq!(levels, sorted);
        for found in found {
            let lint = found["lint"].as_str().unwrap();
            let message = found["message"].as_str().unwrap();
            let line = found["primary"]["line"].to_string();
            let is_it = |(_, properties, data): &Annotation| {
                let has = |name: &str, value: &str| {
                    properties
                        .iter()
                        .any(|(known, is)| known == name && is == value)
                };
                has("title", lint)
                    && data.starts_with(message)
                    && (line == "null" || has("line", &line))
            };
            assert!(parsed.iter().any(is_it), "{lint}: {text}");
        }
    }
}

#[test]
fn gitlab_issues_have_what_gitlab_wants() {
    for project in projects() {
        let issues: Value = serde_json::from_str(&report(project.path(), "gitlab")).unwrap();
        let mut fingerprints = BTreeSet::new();
        for issue in issues.as_array().unwrap() {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(!issue[field].as_str().unwrap().is_empty(), "{issue}");
            }
            let severity = issue["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./") && !path.starts_with('/'), "{path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            assert!(
                fingerprints.insert(issue["fingerprint"].as_str().unwrap().to_owned()),
                "{issue} twice"
            );
        }
        assert_eq!(fingerprints.len(), findings(project.path()).len());
    }
}

#[test]
fn junit_is_valid() {
    let schema = package().join("tests/schemas/junit-10.xsd");
    let validator = program("xmllint");
    for project in projects() {
        let text = report(project.path(), "junit");
        let document = roxmltree::Document::parse(&text).unwrap();
        let count = |name: &str| {
            document
                .descendants()
                .filter(|node| node.has_tag_name(name))
                .count()
        };
        let root = document.root_element();
        assert_eq!(
            root.attribute("failures").unwrap(),
            count("failure").to_string()
        );
        assert_eq!(
            root.attribute("errors").unwrap(),
            count("error").to_string()
        );
        assert_eq!(
            root.attribute("tests").unwrap(),
            count("testcase").to_string()
        );
        let found = findings(project.path());
        let failed = found.iter().filter(|found| found["severity"] == "error");
        assert_eq!(count("failure"), failed.count());
        if let Some(xmllint) = validator {
            let file = project.path().join("report.xml");
            std::fs::write(&file, &text).unwrap();
            let mut xmllint = Command::new(xmllint);
            let output = xmllint
                .args(["--noout", "--nonet", "--schema"])
                .arg(&schema)
                .arg(&file);
            let output = output.output().unwrap();
            assert!(output.status.success(), "{}\n{text}", stderr(&output));
        }
    }
}

#[test]
fn junit_fails_where_the_run_does() {
    let project = tempfile::tempdir().unwrap();
    let text = r#"{ config, ... }: {
      sops.secrets.token.sopsFile = ./secrets.yaml;
      services.ledger = { enable = true; settings.MAIL_PASSWORD = config.sops.secrets.token.path; };
    }"#;
    support::write(project.path(), "configuration.nix", text);
    let failures = |arguments: &[&str]| {
        let all = [
            &[
                "--format",
                "junit",
                "--select",
                "secret-path-instead-of-value",
            ],
            arguments,
        ]
        .concat();
        let output = support::run(project.path(), &all);
        let text = support::stdout(&output);
        assert!(text.contains("secret-path-instead-of-value"), "{text}");
        let fails = text.contains("<failure");
        assert_eq!(fails, text.contains("failures=\"1\""), "{text}");
        assert_eq!(fails, output.status.code() == Some(1), "{text}");
        (fails, text.contains("<system-out>warning: "))
    };
    assert_eq!(failures(&[]), (false, true));
    assert_eq!(failures(&["--fail-on", "warning"]), (true, false));
    assert_eq!(failures(&["--fail-on", "never"]), (false, true));
}

#[test]
fn checkstyle_has_every_finding_at_its_place() {
    for project in projects() {
        let text = report(project.path(), "checkstyle");
        let document = roxmltree::Document::parse(&text).unwrap();
        let errors = document
            .descendants()
            .filter(|node| node.has_tag_name("error"));
        let listed: Vec<_> = errors.collect();
        let found = findings(project.path());
        assert_eq!(listed.len(), found.len());
        for found in found.iter().filter(|found| !found["primary"].is_null()) {
            let source = format!("mcp-lint.{}", found["lint"].as_str().unwrap());
            let line = found["primary"]["line"].to_string();
            let is_it = |node: &&roxmltree::Node<'_, '_>| {
                node.attribute("source") == Some(&source)
                    && node.attribute("line") == Some(&line)
                    && node.attribute("severity") == found["severity"].as_str()
            };
            assert!(
                listed.iter().any(|node| is_it(&node)),
                "{source}:{line}\n{text}"
            );
        }
    }
}

#[test]
fn lines_of_json_are_the_findings_of_the_document() {
    for project in projects() {
        let lines = report(project.path(), "jsonl");
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, findings(project.path()));
    }
}

#[test]
fn the_page_needs_nothing_else_and_runs_its_own_script_only() {
    for project in projects() {
        let page = report(project.path(), "html");
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        assert!(page.contains("default-src 'none'"), "{page}");
        for forbidden in ["<img", "<link", "@import", "url(", "src=", "javascript:"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        // Nothing that a repository brings can be one of these.
        for element in ["script", "style"] {
            let tag = format!("<{element}>");
            assert_eq!(page.matches(&format!("<{element}")).count(), 1, "{element}");
            let text = page.split(&tag).nth(1).unwrap();
            let text = text.split(&format!("</{element}>")).next().unwrap();
            let hash = data_encoding::BASE64.encode(&Sha256::digest(text));
            let policy = format!("{element}-src 'sha256-{hash}'");
            assert!(page.contains(&policy), "{policy} is not in {page}");
        }
        let articles = page.matches("<article ").count();
        assert_eq!(articles, findings(project.path()).len());
    }
    let page = report(repository("nixos-sops-wrong").path(), "html");
    assert!(
        page.contains("class=\"box no\"") && page.contains("class=\"box yes\""),
        "{page}"
    );
}

/// As many secrets as the largest public projects have.
#[test]
fn the_page_of_many_secrets_is_small() {
    let project = tempfile::tempdir().unwrap();
    let names = (0..700).map(|number| {
        format!(
            "  sops.secrets.\"services/backup-{number}/password\" = {{ owner = \"u{number}\"; }};\n  \
             systemd.services.backup-{number}.serviceConfig = {{ User = \"u{number}\"; \
             ExecStart = \"/bin/backup ${{config.sops.secrets.\"services/backup-{number}/password\".path}}\"; }};\n"
        )
    });
    let text = format!(
        "{{ config, ... }}: {{\n  sops.defaultSopsFile = ./secrets.yaml;\n{}}}\n",
        names.collect::<String>()
    );
    std::fs::write(project.path().join("configuration.nix"), text).unwrap();
    let page = stdout(&run(project.path(), &["--format", "html", "--no-cache"]));
    assert_eq!(page.matches("<template>").count(), 700);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn the_page_is_drawn_by_a_browser() {
    let Some(browser) = program("chromium") else {
        return;
    };
    let project = repository("nixos-sops-wrong");
    let page = project.path().join("report.html");
    let shot = project.path().join("report.png");
    std::fs::write(&page, report(project.path(), "html")).unwrap();
    let chromium = |arguments: &[String]| {
        let output = Command::new(browser)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .arg(format!(
                "--user-data-dir={}",
                project.path().join("profile").display()
            ))
            .args(arguments)
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        output
    };
    let document = stdout(&chromium(&["--dump-dom".to_owned()]));
    assert_eq!(
        document.matches("<article ").count(),
        findings(project.path()).len()
    );
    // The script runs: it counts the rows, and shows the search.
    let rows = document.matches("<template>").count();
    assert!(
        document.contains(&format!(">{rows} of {rows}</output>")),
        "{document}"
    );
    assert!(!document.contains("id=\"controls\" hidden"), "{document}");
    chromium(&[
        "--window-size=1100,2000".to_owned(),
        format!("--screenshot={}", shot.display()),
    ]);
    let picture = std::fs::read(&shot).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    // An empty page of this size is a few kilobytes.
    assert!(picture.len() > 50_000, "{} bytes", picture.len());
}

#[test]
fn reports_go_to_several_places_at_once() {
    let project = repository("agenix-wrong");
    std::fs::write(project.path().join("old.xml"), "old").unwrap();
    let arguments = [
        "--format",
        "short",
        "--output",
        "sarif=mcp-lint.sarif",
        "--output=junit=old.xml",
        "--output",
        "human=report.txt",
    ];
    let output = run(project.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        stdout(&run(project.path(), &["--format", "short"]))
    );
    let read = |name: &str| std::fs::read_to_string(project.path().join(name)).unwrap();
    assert_eq!(
        read("mcp-lint.sarif"),
        stdout(&run(project.path(), &["--format", "sarif"]))
    );
    assert_eq!(
        read("old.xml"),
        stdout(&run(project.path(), &["--format", "junit"]))
    );
    assert!(
        read("report.txt").contains("error["),
        "{}",
        read("report.txt")
    );
    let leftovers = std::fs::read_dir(project.path()).unwrap();
    let leftovers = leftovers.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".mcp-lint")
    });
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn standard_output_takes_one_format() {
    let project = repository("agenix-wrong");
    let short = stdout(&run(project.path(), &["--format", "short"]));
    assert_eq!(
        stdout(&run(project.path(), &["--output", "short=-"])),
        short
    );
    let output = run(project.path(), &["--format", "json", "--output", "short=-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("standard output takes one format"));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let project = repository("nixos-sops");
    let output = run(
        project.path(),
        &["--output", "sarif=no/such/folder/a.sarif"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot write no/such/folder/a.sarif"));
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    for (example, code) in [("nixos-sops", 0), ("agenix-wrong", 1)] {
        let project = repository(example);
        for format in FORMATS {
            let output = run(project.path(), &["--format", format]);
            assert_eq!(output.status.code(), Some(code), "{example} {format}");
        }
    }
}

#[test]
fn colour_is_for_terminals_and_for_whoever_asks() {
    let project = repository("agenix-wrong");
    let plain = run(project.path(), &[]);
    assert!(!stdout(&plain).contains('\u{1b}'));
    let with = |variable: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-lint"));
        command.current_dir(project.path()).env_clear();
        stdout(&command.env(variable, "1").output().unwrap())
    };
    assert!(with("CLICOLOR_FORCE").contains("\u{1b}[1m"));
    assert!(!with("NO_COLOR").contains('\u{1b}'));
    // A link needs colour and a terminal that follows it.
    assert!(!with("FORCE_HYPERLINK").contains("\u{1b}]8"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-lint"));
    command.current_dir(project.path()).env_clear();
    let linked = command.env("FORCE_HYPERLINK", "1").arg("--color=always");
    let linked = stdout(&linked.output().unwrap());
    assert!(linked.contains("\u{1b}]8;;https://"), "{linked}");
    assert!(linked.contains(
        "docs/src/lints/root-owned-secret.md\u{1b}\\root-owned-secret\u{1b}]8;;\u{1b}\\"
    ));
}
