//! Two hundred good configurations, each spoilt in one value: the spoilt one is reported, the good
//! one is not. The value goes to its option directly, through `let`, through an option of the project,
//! from another file, against another definition with `mkForce`, through a function, or below `mkIf`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use mcp_lint_lints::Severity;

const COUNT: u64 = 200;

/// One value of a configuration: what is right, what is wrong, and the lints of which one must say so.
struct Mutation {
    /// What is mutated.
    subject: &'static str,
    /// The configuration; `@` stands for the value, `USER`, `OTHER` and `SERVICE` for names.
    configuration: &'static str,
    /// The directory in which an MCP server of the user reads its token, where there is one.
    mcp: Option<&'static str>,
    good: &'static str,
    bad: &'static str,
    expected: &'static [&'static str],
}

/// What every configuration begins with.
const COMMON: &str = r#"
  users.users.USER.isNormalUser = true;
  users.users.OTHER.isNormalUser = true;
  sops.defaultSopsFile = ./secrets/secrets.yaml;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
"#;

const MUTATIONS: [Mutation; 17] = [
    Mutation {
        subject: "owner",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = @; };
"#,
        mcp: Some("/run/secrets"),
        good: "\"USER\"",
        bad: "\"root\"",
        expected: &["root-owned-secret"],
    },
    Mutation {
        subject: "owner",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = @; };
"#,
        mcp: Some("/run/secrets"),
        good: "\"USER\"",
        bad: "\"OTHER\"",
        expected: &["secret-owner-mismatch"],
    },
    Mutation {
        subject: "owner",
        configuration: r#"
  age.secrets.token = { file = ./secrets/token.age; owner = @; };
"#,
        mcp: None,
        good: "\"USER\"",
        bad: "\"USERR\"",
        expected: &["secret-owner-not-declared"],
    },
    Mutation {
        subject: "mode",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; mode = @; };
"#,
        mcp: None,
        good: "\"0400\"",
        bad: "\"0444\"",
        expected: &["world-accessible-secret-mode"],
    },
    Mutation {
        subject: "mode",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; mode = @; };
"#,
        mcp: None,
        good: "\"0400\"",
        bad: "\"u=r\"",
        expected: &["odd-or-invalid-mode"],
    },
    Mutation {
        subject: "mode",
        configuration: r#"
  age.secrets.GITHUB_TOKEN = { file = ./secrets/token.age; owner = "USER"; mode = @; };
"#,
        mcp: Some("/run/agenix"),
        good: "\"0400\"",
        bad: "\"0040\"",
        expected: &["secret-owner-mismatch", "odd-or-invalid-mode"],
    },
    Mutation {
        subject: "path",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; path = @; };
"#,
        mcp: Some("/run/mcp"),
        good: "\"/run/mcp/GITHUB_TOKEN\"",
        bad: "\"/run/other/GITHUB_TOKEN\"",
        expected: &["mcp-secrets-path-mismatch"],
    },
    Mutation {
        subject: "path",
        configuration: r#"
  age.secrets.token = { file = ./secrets/token.age; owner = "USER"; path = @; };
"#,
        mcp: None,
        good: "\"/run/agenix/token\"",
        bad: "\"/tmp/token\"",
        expected: &["secret-path-in-shared-or-persistent-dir"],
    },
    Mutation {
        subject: "name",
        configuration: r#"
  age.secrets.token = { file = ./secrets/token.age; owner = "USER"; name = @; };
"#,
        mcp: Some("/run/agenix"),
        good: "\"GITHUB_TOKEN\"",
        bad: "\"github-token\"",
        expected: &["mcp-secret-name-mismatch"],
    },
    Mutation {
        subject: "name",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; };
  home-manager.users.USER.services.mcp = { enable = true; servers.github = { enabled = true; secret = @; }; };
"#,
        mcp: None,
        good: "\"GITHUB_TOKEN\"",
        bad: "\"github_token\"",
        expected: &["mcp-secret-name-mismatch"],
    },
    Mutation {
        subject: "group",
        configuration: r#"
  users.groups.readers.members = [ "USER" ];
  users.groups.strangers = { };
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; group = @; mode = "0440"; };
"#,
        mcp: Some("/run/secrets"),
        good: "\"readers\"",
        bad: "\"strangers\"",
        expected: &["root-owned-secret"],
    },
    Mutation {
        subject: "group",
        configuration: r#"
  users.groups.readers.members = [ "USER" ];
  age.secrets.token = { file = ./secrets/token.age; owner = "USER"; group = @; mode = "0440"; };
"#,
        mcp: None,
        good: "\"readers\"",
        bad: "\"users\"",
        expected: &["broad-group-readable"],
    },
    Mutation {
        subject: "neededForUsers",
        configuration: r#"
  sops.secrets.github_token = { neededForUsers = @; };
  users.users.SERVICE = { isNormalUser = true; hashedPasswordFile = config.sops.secrets.github_token.path; };
"#,
        mcp: None,
        good: "true",
        bad: "false",
        expected: &["password-secret-not-needed-for-users"],
    },
    Mutation {
        subject: "neededForUsers",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; neededForUsers = @; };
"#,
        mcp: None,
        good: "false",
        bad: "true",
        expected: &["needed-for-users-owner-ignored"],
    },
    Mutation {
        subject: "user",
        configuration: r#"
  users.users.SERVICE = { isSystemUser = true; group = "SERVICE"; };
  users.groups.SERVICE = { };
  sops.secrets.github_token = { owner = "SERVICE"; };
  systemd.services.app.serviceConfig = {
    Type = "oneshot";
    User = @;
    ExecStart = "/run/current-system/sw/bin/app --token-file ${config.sops.secrets.github_token.path}";
  };
"#,
        mcp: None,
        good: "\"SERVICE\"",
        bad: "\"OTHER\"",
        expected: &["secret-owner-mismatch"],
    },
    Mutation {
        subject: "secretsPath",
        configuration: r#"
  sops.secrets.GITHUB_TOKEN = { key = "github_token"; owner = "USER"; };
  home-manager.users.USER.services.mcp = { enable = true; secretsPath = @; servers.github.enabled = true; };
"#,
        mcp: None,
        good: "\"/run/secrets\"",
        bad: "\"/run/agenix\"",
        expected: &["mcp-secrets-path-mismatch"],
    },
    Mutation {
        subject: "secretsPath",
        configuration: r#"
  age.secrets.GITHUB_TOKEN = { file = ./secrets/token.age; owner = "USER"; };
  home-manager.users.USER.services.mcp = { enable = true; secretsPath = @; servers.github.enabled = true; };
"#,
        mcp: None,
        good: "\"/run/agenix\"",
        bad: "\"/run/secrets\"",
        expected: &["mcp-secrets-path-mismatch"],
    },
];

/// How a value gets to its option.
#[derive(Debug, Clone, Copy)]
enum Way {
    Direct,
    Let,
    OwnOption,
    OtherFile,
    Force,
    Function,
    Condition,
}

const WAYS: [Way; 7] = [
    Way::Direct,
    Way::Let,
    Way::OwnOption,
    Way::OtherFile,
    Way::Force,
    Way::Function,
    Way::Condition,
];

/// The files of a project in which `value` gets to its option; `other` is the one that `mkForce`
/// overrides.
fn project(mutation: &Mutation, way: Way, value: &str, other: &str) -> Vec<(&'static str, String)> {
    let expression = match way {
        Way::Direct | Way::Condition => value.to_owned(),
        Way::Let => "chosen".to_owned(),
        Way::OwnOption => "config.my.chosen".to_owned(),
        Way::OtherFile => "(import ./values.nix).chosen".to_owned(),
        Way::Force => format!("lib.mkMerge [ {other} (lib.mkForce {value}) ]"),
        Way::Function => format!("(lib.findFirst (x: x != null) null [ null {value} ])"),
    };
    let bindings = match way {
        Way::Let => format!("let\n  chosen = {value};\nin\n"),
        _ => String::new(),
    };
    let option = match way {
        Way::OwnOption => {
            "  options.my.chosen = lib.mkOption { type = lib.types.raw; };\n".to_owned()
        }
        Way::Condition => "  options.my.enable = lib.mkEnableOption \"all of it\";\n".to_owned(),
        _ => String::new(),
    };
    let chosen = match way {
        Way::OwnOption => format!("  my.chosen = {value};\n"),
        _ => String::new(),
    };
    let server = mutation.mcp.map_or_else(String::new, |directory| {
        format!(
            "  home-manager.users.USER.services.mcp = {{ enable = true; secretsPath = \"{directory}\"; \
             servers.github.enabled = true; }};\n"
        )
    });
    let body = mutation.configuration.replace('@', &expression) + &server;
    let body = match way {
        // All of it below a condition that holds.
        Way::Condition => format!(
            "lib.mkMerge [ {{ my.enable = true; }} (lib.mkIf config.my.enable {{\n{COMMON}{body}  }}) ]"
        ),
        _ => format!("{{\n{chosen}{COMMON}{body}  }}"),
    };
    let configuration =
        format!("{{ config, lib, ... }}:\n{bindings}{{\n{option}  config = {body};\n}}\n");
    let mut files = vec![("configuration.nix", configuration)];
    if matches!(way, Way::OtherFile) {
        files.push(("values.nix", format!("{{ chosen = {value}; }}\n")));
    }
    files
}

/// The lints that warn or call an error, and what they say.
fn reported(files: &[(&str, String)]) -> BTreeSet<(&'static str, String)> {
    let project = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::create_dir(project.path().join("secrets")).unwrap();
    for (sample, name) in [
        ("secrets.yaml", "secrets.yaml"),
        ("secret.age", "token.age"),
    ] {
        std::fs::copy(
            samples.join(sample),
            project.path().join("secrets").join(name),
        )
        .unwrap();
    }
    for (name, text) in files {
        std::fs::write(project.path().join(name), text).unwrap();
    }
    let first = files.first().unwrap().0;
    support::found(project.path(), &project.path().join(first))
        .into_iter()
        .map(|(_, diagnostic)| diagnostic)
        .filter(|diagnostic| diagnostic.severity >= Severity::Warning)
        .map(|diagnostic| (diagnostic.lint.name, diagnostic.message))
        .collect()
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

const PEOPLE: [&str; 6] = ["alice", "youruser", "maria", "dev", "j.doe", "admin-1"];
const SERVICES: [&str; 4] = ["runner", "notes", "my-app", "sync"];

#[test]
fn every_spoilt_value_is_reported_and_no_good_one() {
    let mut wrong = String::new();
    let mut subjects = BTreeSet::new();
    for seed in 0..COUNT {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mutation = &MUTATIONS[usize::try_from(seed).unwrap() % MUTATIONS.len()];
        let way = WAYS[usize::try_from(seed).unwrap() / MUTATIONS.len() % WAYS.len()];
        let user = random.next(PEOPLE.len());
        let other = (user + 1 + random.next(PEOPLE.len() - 1)) % PEOPLE.len();
        let service = SERVICES[random.next(SERVICES.len())];
        let name = |text: &str| {
            let quoted = |name: &str| match name.contains('.') {
                true => format!("\"{name}\""),
                false => name.to_owned(),
            };
            text.replace("\"USERR\"", &format!("\"{}r\"", PEOPLE[user]))
                .replace("\"USER\"", &format!("\"{}\"", PEOPLE[user]))
                .replace("\"OTHER\"", &format!("\"{}\"", PEOPLE[other]))
                .replace("USER", &quoted(PEOPLE[user]))
                .replace("OTHER", &quoted(PEOPLE[other]))
                .replace("SERVICE", service)
        };
        let files = |value: &str, other: &str| -> Vec<(&'static str, String)> {
            project(mutation, way, value, other)
                .into_iter()
                .map(|(path, text)| (path, name(&text)))
                .collect()
        };
        subjects.insert(mutation.subject);
        let good = files(mutation.good, mutation.bad);
        let found = reported(&good);
        if !found.is_empty() {
            wrong += &format!(
                "seed {seed}, {} {way:?}: the good one is reported: {found:?}\n{}\n",
                mutation.subject, good[0].1
            );
        }
        let bad = files(mutation.bad, mutation.good);
        let found = reported(&bad);
        if !found
            .iter()
            .any(|(lint, _)| mutation.expected.contains(lint))
        {
            wrong += &format!(
                "seed {seed}, {} {way:?}: none of {:?}, but {found:?}\n{}\n",
                mutation.subject, mutation.expected, bad[0].1
            );
        }
    }
    assert_eq!(subjects.len(), 8, "{subjects:?}");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Changes in the guide's own complete setup: text, replacement, the lint that must say so.
const GUIDE: [(&str, &str, &str); 5] = [
    (
        "owner = \"youruser\";",
        "owner = \"root\";",
        "root-owned-secret",
    ),
    (
        "mode = \"0400\";",
        "mode = \"0444\";",
        "world-accessible-secret-mode",
    ),
    (
        "secretsPath = \"/run/secrets-for-users\";",
        "secretsPath = \"/run/agenix\";",
        "mcp-secrets-path-mismatch",
    ),
    (
        "/run/secrets-for-users/GITHUB_TOKEN",
        "/run/secrets-for-users/github_token",
        "mcp-secret-name-mismatch",
    ),
    (
        "mode = \"0400\";",
        "neededForUsers = true;",
        "needed-for-users-owner-ignored",
    ),
];

#[test]
fn every_spoilt_guide_is_reported() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guide/complete-sops");
    let text = std::fs::read_to_string(guide.join("flake.nix")).unwrap();
    let original = reported(&[("flake.nix", text.clone())]);
    for (from, to, expected) in GUIDE {
        assert!(text.contains(from), "{from}");
        assert!(
            original.iter().all(|(lint, _)| *lint != expected),
            "{expected} in the original"
        );
        let found = reported(&[("flake.nix", text.replacen(from, to, 1))]);
        assert!(
            found.iter().any(|(lint, _)| *lint == expected),
            "{to}: no {expected}, but {found:?}"
        );
    }
}
