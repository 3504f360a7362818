//! `sops-key-missing`: a secret takes a key that its sops file does not have.

use inventory::secret_files::{FileFacts, KeyName, SopsFormat};
use inventory::{FileState, Secret, SecretFile, SecretKind};

use crate::words::{closest, nix_string};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "sops-key-missing",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret takes a key that its sops file does not have",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let Some((key, file, facts)) = keyed(cx, secret) else { continue };
        let is_readable = matches!(file.state, FileState::Encrypted | FileState::Partial);
        if is_readable && find(facts, key).is_none() {
            out.push(diagnostic(secret, key, file, facts));
        }
    }
}

/// The key, the file and its structure, for a secret that is one value of a YAML or JSON file.
pub(crate) fn keyed<'a>(
    cx: &HostContext<'a>,
    secret: &'a Secret,
) -> Option<(&'a str, &'a SecretFile, &'a FileFacts)> {
    let key = secret.key.known()?.as_deref().filter(|key| !key.is_empty())?;
    let format = secret.format.known()?.as_deref().and_then(SopsFormat::from_option)?;
    let (file, facts) = cx.facts_of(secret)?;
    let of_sops = secret.manager.name == "sops-nix" && secret.kind == SecretKind::Secret;
    let has_keys = matches!(format, SopsFormat::Yaml | SopsFormat::Json) && !facts.keys.is_empty();
    let is_tree = matches!(facts.format.sops(), Some(SopsFormat::Yaml | SopsFormat::Json));
    (of_sops && has_keys && is_tree).then_some((key, file, facts))
}

/// What sops-nix finds at `db/password`: every `/` goes one level down.
pub(crate) fn find<'a>(facts: &'a FileFacts, key: &str) -> Option<&'a inventory::secret_files::KeyFacts> {
    let mut found = None;
    let mut parent = None;
    for part in key.split('/') {
        let children = facts.keys.children(parent);
        let is_part = |name: &KeyName| matches!(name, KeyName::Key(name) if name == part);
        let (id, entry) = children.into_iter().find(|(_, entry)| entry.document == 0 && is_part(&entry.name))?;
        parent = Some(id);
        found = Some(entry);
    }
    found
}

fn diagnostic(secret: &Secret, key: &str, file: &SecretFile, facts: &FileFacts) -> Diagnostic {
    let name = &file.path.display;
    let message = format!("`{}` takes the key {key} of {name}, which is not there", secret.attribute);
    let (at, text) = match secret.key.at {
        Some(at) => (Some(at), "no such key in the file"),
        None => (secret.declared_at.first().copied(), "no `key` given: the name of the secret is the key"),
    };
    let paths: Vec<String> = facts.keys.leaves().map(|(id, _)| facts.keys.path_text(id)).collect();
    let last = key.rsplit('/').next().unwrap_or(key);
    let nested = || paths.iter().map(String::as_str).find(|path| path.rsplit('/').next() == Some(last));
    let meant = nested().or_else(|| closest(key, paths.iter().map(String::as_str)));
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, text)
        .secondary(secret.file.at, format!("the file: it has {}", keys(&paths)))
        .note("the build fails; without `validateSopsFiles`, activation does, and no secret is installed");
    let is_slash_in_a_name = paths.iter().any(|path| path == key);
    match meant {
        _ if is_slash_in_a_name => found.advice(
            "the file has a key with a `/` in its name, which sops-nix takes for two levels: rename it in the file",
        ),
        Some(meant) => {
            found.help(format!("did you mean {meant}?"), format!("{}.key = {};", secret.option, nix_string(meant)))
        }
        None => found.help("add the key", format!("sops edit {name}")),
    }
}

/// The first few keys of a file.
fn keys(paths: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<&str> = paths.iter().take(SHOWN).map(String::as_str).collect();
    if paths.len() > SHOWN {
        shown.push("…");
    }
    shown.join(", ")
}
