//! `private-key-in-repository`: a file of the repository holds a private key.

use inventory::secret_files::{Confidence, TokenClass};
use inventory::{PrivateKey, Repository};

use crate::phrases::count;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "private-key-in-repository",
    group: Group::Keys,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file of the repository holds a private key",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let repository = &cx.inventory.repository;
    let counts = |key: &&PrivateKey| {
        // What is not in the repository is where keys belong; a handle is useless without its hardware.
        key.confidence > Confidence::Low
            && key.tracked != Some(false)
            && key.class != TokenClass::HardwareHandle
    };
    // A secret's own file is told by `unencrypted-secret-file`.
    let is_secret_file =
        |key: &&PrivateKey| cx.inventory.files.iter().any(|file| file.path == key.path);
    let keys: Vec<&PrivateKey> = repository
        .private_keys
        .iter()
        .filter(counts)
        .filter(|key| !is_secret_file(key))
        .collect();
    for of_file in keys.chunk_by(|a, b| a.path == b.path) {
        let worst = of_file.iter().max_by_key(|key| severity(repository, key));
        out.extend(worst.map(|worst| diagnostic(repository, worst, of_file.len())));
    }
}

fn severity(repository: &Repository, key: &PrivateKey) -> Severity {
    let is_in_store = repository.is_flake || key.tracked == Some(true);
    match key.class {
        _ if key.is_fixture => Severity::Info,
        TokenClass::PrivateKey if is_in_store && key.confidence == Confidence::High => {
            Severity::Error
        }
        TokenClass::PrivateKey => Severity::Warning,
        _ => Severity::Info,
    }
}

fn diagnostic(repository: &Repository, key: &PrivateKey, keys: usize) -> Diagnostic {
    let path = &key.path.display;
    let article = if key.what.starts_with(['a', 'e', 'i', 'o', 'u', 'O', 'S']) {
        "an"
    } else {
        "a"
    };
    let is_encrypted = key.class == TokenClass::EncryptedPrivateKey;
    let what = if is_encrypted {
        format!("{article} {} with a passphrase", key.what)
    } else {
        format!("{article} {}", key.what)
    };
    let more = match keys {
        1 => String::new(),
        _ => format!(", and {} more", count(keys - 1, "key")),
    };
    let found = Diagnostic::new(&LINT, path, format!("{path} holds {what}{more}"))
        .severity(severity(repository, key))
        .primary(key.at, "the private key");
    let found = match (is_encrypted, repository.is_flake) {
        (true, _) => found.note("whoever has the repository can try passphrases at leisure"),
        (false, true) => found.note(
            "everything that Git tracks is copied to the world-readable Nix store when the flake is evaluated, and it \
             stays in the history: a private repository does not help",
        ),
        (false, false) => found.note("whoever has the repository, or an old copy of it, has the key"),
    };
    // Of a program or a configuration only the key itself can go.
    let is_code = key.path.absolute.extension().is_some_and(|it| it == "nix");
    match key.tracked {
        _ if is_code => found.advice(
            "take the key out of the file, declare a new one as a secret, and encrypt anew whatever the old one opens",
        ),
        Some(true) => found.help(
            "take it out, make a new key, and encrypt anew whatever the old one opens",
            format!("git rm --cached {path} && echo /{path} >> .gitignore"),
        ),
        _ => found.advice("keep it outside of the repository, make a new key, and encrypt anew whatever the old one opens"),
    }
}
