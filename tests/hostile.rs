//! Whatever stands in a project comes out inert: no command to the terminal, no endless line, no
//! secret.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::{FORMATS, run, stderr, stdout};

/// The other commands that show what is in a project.
const COMMANDS: [&[&str]; 9] = [
    &["inventory"],
    &["inventory", "--format", "json"],
    &["inventory", "--format", "csv"],
    &["inventory", "--format", "markdown"],
    &["inventory", "--width", "40"],
    &["inventory", "--coverage"],
    &["inventory", "--coverage", "--format", "json"],
    &["files"],
    &["files", "--format", "json"],
];

fn project(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = project.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    project
}

/// Every output of a project, standard error included.
fn outputs(project: &Path) -> Vec<String> {
    let checks = FORMATS
        .iter()
        .map(|format| run(project, &["--pedantic", "--format", format]));
    let commands = COMMANDS.iter().map(|arguments| run(project, arguments));
    checks
        .chain(commands)
        .flat_map(|output| [stdout(&output), stderr(&output)])
        .collect()
}

#[test]
fn names_and_sources_cannot_command_the_terminal() {
    let nasty = "a\u{1b}[31m\u{7}\u{9b}31m\u{202e}\u{200b}::set-output name=x::y";
    let text = format!(
        "{{\r\n  users.users.\"{nasty}\".isNormalUser = true; # \u{1b}]8;;http://x\u{7}\t\u{202e}\r\n  \
         sops.secrets.\"{nasty}\" = {{ owner = \"{nasty}x\"; mode = \"0444\"; sopsFile = ./\"b\"; }};\r\n  \
         sops.age.keyFile = \"/home/{nasty}/keys.txt\";\r\n}}\r\n"
    );
    let project = project(&[("configuration.nix", text.as_bytes())]);
    for output in outputs(project.path()) {
        for character in output.chars().filter(|character| *character != '\n') {
            assert!(!character.is_control(), "{character:?} in {output}");
            assert!(
                !"\u{202e}\u{200b}\u{9b}".contains(character),
                "{character:?} in {output}"
            );
        }
    }
}

/// What a person, a browser and a CI system get to see of it, read by a person: `tests/snapshots`.
#[test]
fn hostile_text_in_every_format() {
    let nasty = "a\u{1b}[31m\u{202e}\u{200b}<b>&amp;\\n::set-output name=x::y%0A,😀";
    let text = format!(
        "{{\r\n  users.users.alice = {{ }};\r\n  sops.secrets.\"{nasty}\" = {{ mode = \"0444\"; }}; \
         # \u{1b}]8;;http://x\u{7}\t\u{202e}</pre><script>\r\n  sops.defaultSopsFile = ./secrets.yaml;\r\n}}\r\n"
    );
    let name = "b\u{202e}\n::error::<i>,%é.nix";
    let imports = "{ imports = [ (./. + \"/b\u{202e}\\n::error::<i>,%é.nix\") ]; }";
    let project = project(&[
        (".git/HEAD", b""),
        ("configuration.nix", imports.as_bytes()),
        (name, text.as_bytes()),
    ]);
    // A document of all the values is in `tests/json.rs`.
    for format in FORMATS.into_iter().filter(|format| *format != "json") {
        let mut output = stdout(&run(
            project.path(),
            &["--quiet", "--pedantic", "--format", format],
        ));
        match format {
            // The rules are the same for every project.
            "sarif" => {
                let mut log: serde_json::Value = serde_json::from_str(&output).unwrap();
                let mut results = log["runs"][0]["results"].take();
                for result in results.as_array_mut().unwrap() {
                    result.as_object_mut().unwrap().remove("ruleIndex");
                }
                output = serde_json::to_string_pretty(&results).unwrap();
                output = output
                    .replace('\u{202e}', "<<RTL>>")
                    .replace('\u{1b}', "<<ESC>>");
            }
            // The title is the folder's name; the style and the script are ours.
            "html" => {
                let (start, end) = (output.find("<main>"), output.find("<footer>"));
                output = output.get(start.unwrap()..end.unwrap()).unwrap().to_owned();
            }
            _ => {}
        }
        insta::assert_snapshot!(format!("hostile-{format}"), output);
    }
    // The other commands; what differs from place to place is left out.
    let secret = "s\u{202e}\n<b>::error::\u{1b}[31m😀.age";
    std::fs::write(project.path().join(secret), "\u{1b}[31m<b>plain\r\n").unwrap();
    let root = project.path().canonicalize().unwrap();
    for arguments in [
        &["--format", "json"][..],
        &["inventory"],
        &["inventory", "--format", "json"],
        &["inventory", "--format", "csv"],
        &["inventory", "--format", "markdown"],
        &["inventory", "--width", "60"],
        &["inventory", "--coverage"],
        &["files"],
        &["files", "--format", "json"],
    ] {
        let output = stdout(&run(project.path(), arguments));
        let output = output.replace(root.to_str().unwrap(), "[ROOT]");
        let name = arguments.concat().replace("--", "-");
        insta::assert_snapshot!(
            format!("hostile-of-{}", name.trim_start_matches('-')),
            output
        );
    }
}

#[test]
fn no_value_of_a_secret_file_is_ever_printed() {
    let marker = "zQ7MarkerOfASecret";
    let yaml = format!(
        "github_token: {marker}\n# {marker}\nlist:\n  - {marker}\nmulti: |\n  {marker}\n  {marker}\n"
    );
    let text = "{\n  users.users.alice.isNormalUser = true;\n  sops.defaultSopsFile = ./secrets/a.yaml;\n  \
                sops.age.keyFile = \"/var/lib/k\";\n  sops.secrets.github_token.owner = \"alice\";\n  \
                sops.secrets.dotenv = { sopsFile = ./secrets/b.env; format = \"dotenv\"; };\n  \
                age.secrets.x.file = ./secrets/c.age;\n}\n";
    let dotenv = format!("GITHUB_TOKEN={marker}\nexport OTHER='{marker}'\n");
    let project = project(&[
        ("configuration.nix", text.as_bytes()),
        ("secrets/a.yaml", yaml.as_bytes()),
        ("secrets/b.env", dotenv.as_bytes()),
        ("secrets/c.age", format!("{marker}\n{marker}").as_bytes()),
    ]);
    for output in outputs(project.path()) {
        assert!(!output.contains(marker), "{output}");
    }
    let found = stdout(&run(project.path(), &[]));
    assert_eq!(
        found.matches("error[unencrypted-secret-file]").count(),
        3,
        "{found}"
    );
}

#[test]
fn a_line_of_a_megabyte_is_cut() {
    let padding = "x".repeat(500_000);
    let text = format!(
        "{{ /* {padding} */ sops.age.keyFile = \"/home/alice/k\"; sops.secrets.a = {{ }}; /* {padding} */ }}"
    );
    let project = project(&[("configuration.nix", text.as_bytes())]);
    for format in FORMATS {
        let mut output = stdout(&run(project.path(), &["--format", format]));
        // The rules are long, and the same for every project.
        if format == "sarif" {
            let log: serde_json::Value = serde_json::from_str(&output).unwrap();
            output = log["runs"][0]["results"].to_string();
        }
        assert!(
            output.contains("system-secrets-decryptable-by-user-key"),
            "{output}"
        );
        assert!(output.len() < 20_000, "{format}: {} bytes", output.len());
    }
}

#[test]
fn absurd_input_ends_with_a_message_and_a_code() {
    let cases = [
        (
            "parentheses",
            format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        ),
        (
            "lists",
            format!("{}1{}", "[ ".repeat(100_000), " ]".repeat(100_000)),
        ),
        (
            "sets",
            format!("{}1{}", "{ a = ".repeat(100_000), "; }".repeat(100_000)),
        ),
        ("minus", format!("{}1", "-".repeat(100_000))),
        ("selects", format!("a{}", ".a".repeat(100_000))),
        ("recursion", "let f = x: f (x + 1); in f 0".to_owned()),
        ("itself", "let x = x; in x".to_owned()),
        (
            "imports itself",
            "{ imports = [ ./configuration.nix ]; a = import ./configuration.nix; }".to_owned(),
        ),
        ("unterminated", "{ a = \"".to_owned()),
        ("nothing", String::new()),
    ];
    for (name, text) in cases {
        let project = project(&[("configuration.nix", text.as_bytes())]);
        let started = Instant::now();
        let output = run(project.path(), &[]);
        assert!(
            output
                .status
                .code()
                .is_some_and(|code| (0..=2).contains(&code)),
            "{name}: {output:?}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{name} took {:?}",
            started.elapsed()
        );
        assert!(
            !stderr(&output).contains("panicked"),
            "{name}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_file_with_an_odd_name_is_named_inertly() {
    let project = project(&[
        (
            "configuration.nix",
            b"{ imports = [ (./. + \"/a\\nb.nix\") ]; }",
        ),
        (
            "a\nb.nix",
            b"{ sops.age.keyFile = \"/home/alice/k\"; sops.secrets.a = { }; }",
        ),
    ]);
    let output = stdout(&run(project.path(), &["--format", "short"]));
    assert!(output.contains("a\\nb.nix:1:"), "{output}");
}

#[test]
fn a_closed_pipe_ends_the_output_quietly() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
        .args(["lints"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(stderr(&output), "");
    assert!(output.status.code().is_some());
}
