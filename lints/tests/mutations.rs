//! Correct projects report nothing; whatever is broken in one of them is reported by the right lint.
//!
//! The projects are made from a seed: sops files of all five formats and age files, flakes and single
//! configurations, rules in all their forms. Ciphertext is random bytes in the right shape, which is all
//! that can be seen without a key.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test that meets what it does not expect has to fail"
)]

#[path = "mutations/project.rs"]
mod project;
#[path = "mutations/random.rs"]
mod random;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use project::{Kind, Project};
use random::Random;

/// A change to a project: the file, its new content, and the lint that must report it.
struct Mutation {
    what: String,
    file: String,
    content: Vec<u8>,
    lint: &'static str,
}

/// What the lints find in a project, as `severity[lint] message`.
fn findings(files: &BTreeMap<String, Vec<u8>>) -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let found = support::found(folder.path(), folder.path());
    let text = |(mark, diagnostic): (support::Mark, mcp_lint_lints::Diagnostic)| {
        (
            diagnostic.lint.name,
            format!("{mark} {}", diagnostic.message),
        )
    };
    found.into_iter().map(text).collect()
}

#[test]
fn correct_projects_report_nothing_and_every_mutation_is_reported() {
    const PROJECTS: u64 = 30;
    let mut mutations = 0;
    let mut by_lint: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for seed in 0..PROJECTS {
        let mut random = Random::new(seed);
        let project = Project::new(seed, &mut random);
        let clean = findings(&project.files);
        assert!(
            clean.is_empty(),
            "project {seed} ({:?}) is correct, but: {clean:#?}",
            project.kind
        );
        for mutation in mutated(&project, &mut random) {
            let mut files = project.files.clone();
            files.insert(mutation.file.clone(), mutation.content);
            let found = findings(&files);
            mutations += 1;
            *by_lint.entry(mutation.lint).or_default() += 1;
            if !found.iter().any(|(lint, _)| *lint == mutation.lint) {
                failures.push(format!(
                    "project {seed} ({:?}), {}: no {} in {found:?}",
                    project.kind, mutation.what, mutation.lint
                ));
            }
        }
    }
    println!("{mutations} mutations of {PROJECTS} projects: {by_lint:?}");
    assert!(
        failures.is_empty(),
        "{} of {mutations}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(mutations >= 500, "only {mutations} mutations");
}

fn mutated(project: &Project, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    mutations.extend(decrypted(project, random));
    mutations.push(recipient_dropped(project, random));
    mutations.extend(truncated(project));
    mutations.extend(key_renamed(project, random));
    mutations.extend(regex_broken(project));
    mutations.extend(pasted(project, random));
    mutations
}

fn text(project: &Project, file: &str) -> String {
    String::from_utf8(project.files[file].clone()).unwrap()
}

/// A value in clear; an age file is one value.
fn decrypted(project: &Project, random: &mut Random) -> Vec<Mutation> {
    let file = project.secret_file.clone();
    let mutation = |what: &str, content: Vec<u8>| Mutation {
        what: format!("a value decrypted: {what}"),
        file: file.clone(),
        content,
        lint: "unencrypted-secret-file",
    };
    if project.kind.is_age() {
        return vec![mutation(
            "the whole file",
            b"correct horse 9 battery\n".to_vec(),
        )];
    }
    let whole = text(project, &project.secret_file);
    // The metadata has an encrypted value of its own.
    let metadata = project.metadata_at;
    let starts: Vec<usize> = whole[..metadata]
        .match_indices("ENC[")
        .map(|(at, _)| at)
        .collect();
    let picked: Vec<usize> = (0..2).map(|_| starts[random.below(starts.len())]).collect();
    picked
        .into_iter()
        .map(|start| {
            let end = start + whole[start..].find(']').unwrap() + 1;
            let content = format!("{}correct-horse-9{}", &whole[..start], &whole[end..]);
            mutation(&format!("at byte {start}"), content.into_bytes())
        })
        .collect()
}

fn recipient_dropped(project: &Project, random: &mut Random) -> Mutation {
    let dropped = random.below(project.recipients);
    Mutation {
        what: format!("recipient {dropped} dropped"),
        file: project.secret_file.clone(),
        content: project.without_recipient(dropped),
        lint: "recipients-out-of-sync",
    }
}

/// Cut at every 64th byte, as long as that takes something away that the structure shows: what follows the
/// MAC is the version, and an age file does not tell its length.
fn truncated(project: &Project) -> Vec<Mutation> {
    let whole = &project.files[&project.secret_file];
    let cuts = (64..project.visible).step_by(64);
    cuts.map(|cut| Mutation {
        what: format!("cut at byte {cut} of {}", whole.len()),
        file: project.secret_file.clone(),
        content: whole[..cut].to_vec(),
        lint: "damaged-secret-file",
    })
    .collect()
}

/// The key that the configuration names has another name in the file.
fn key_renamed(project: &Project, random: &mut Random) -> Option<Mutation> {
    let key = project.key.as_ref()?;
    let whole = text(project, &project.secret_file);
    let at = whole.find(key.as_str()).unwrap() + random.below(key.len());
    let letter = if whole[at..].starts_with('q') {
        'z'
    } else {
        'q'
    };
    let content = format!("{}{letter}{}", &whole[..at], &whole[at + 1..]);
    Some(Mutation {
        what: format!("key `{key}` renamed"),
        file: project.secret_file.clone(),
        content: content.into_bytes(),
        lint: "sops-key-missing",
    })
}

/// Patterns that Go refuses.
fn regex_broken(project: &Project) -> Vec<Mutation> {
    if project.kind.is_age() {
        return Vec::new();
    }
    let whole = text(project, ".sops.yaml");
    let (before, rest) = whole.split_once("path_regex: ").unwrap();
    let broken = ["(", "(?!x)", "[a-", "x**"];
    broken
        .iter()
        .map(|pattern| Mutation {
            what: format!("regex broken by {pattern}"),
            file: ".sops.yaml".to_owned(),
            content: format!(
                "{before}path_regex: '{pattern}'{}",
                &rest[rest.find('\n').unwrap()..]
            )
            .into_bytes(),
            lint: "creation-rule-defect",
        })
        .collect()
}

/// A token in the Nix file, a private key beside it.
fn pasted(project: &Project, random: &mut Random) -> Vec<Mutation> {
    let token = random::github_token(random);
    let nix = text(project, &project.nix_file);
    let value = random.letters(36);
    let at = nix.rfind('}').unwrap();
    let in_environment = format!(
        "{}  systemd.services.app.environment.API_TOKEN = \"{value}\";\n{}",
        &nix[..at],
        &nix[at..]
    );
    vec![
        Mutation {
            what: "a token pasted in a comment".to_owned(),
            file: project.nix_file.clone(),
            content: format!("# export GITHUB_TOKEN={token}\n{nix}").into_bytes(),
            lint: "literal-credential-in-nix",
        },
        Mutation {
            what: "a token pasted into a unit".to_owned(),
            file: project.nix_file.clone(),
            content: in_environment.into_bytes(),
            lint: "literal-credential-in-nix",
        },
        Mutation {
            what: "a private key pasted".to_owned(),
            file: "hosts/key.txt".to_owned(),
            content: private_key().into_bytes(),
            lint: "private-key-in-repository",
        },
    ]
}

fn private_key() -> String {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = fixture.join("src/private_key_in_repository/fixtures/fires/secrets/keys.txt");
    std::fs::read_to_string(fixture).unwrap()
}

#[test]
fn the_generator_makes_every_kind_of_project() {
    let kinds: std::collections::BTreeSet<Kind> = (0..30)
        .map(|seed| Project::new(seed, &mut Random::new(seed)).kind)
        .collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "{kinds:?}");
}
