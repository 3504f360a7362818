//! `sops-key-missing`: a secret takes a key that its sops file does not have.

use inventory::secret_files::{FileFacts, Lookup};
use inventory::{Secret, SecretFile};

use crate::phrases::nix_string;
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
        let Some((key, file, found)) = cx.lookup(secret) else {
            continue;
        };
        let missing = match found {
            Lookup::Missing { candidates, .. } => Missing::No(candidates),
            Lookup::NotAMapping { path, .. } => Missing::Below(path),
            Lookup::Unreachable(_) => Missing::Slash,
            _ => continue,
        };
        out.push(diagnostic(cx, secret, key, file, missing));
    }
}

/// Why there is nothing at the key.
enum Missing {
    /// There is no such key; these may be meant.
    No(Vec<String>),
    /// What is before the last `/` has nothing below it.
    Below(String),
    /// The key exists, but has a `/` in its name.
    Slash,
}

fn diagnostic(
    cx: &HostContext<'_>,
    secret: &Secret,
    key: &str,
    file: &SecretFile,
    missing: Missing,
) -> Diagnostic {
    let name = &file.path.display;
    let message = match &missing {
        Missing::Slash => {
            format!(
                "`{}` takes the key {key} of {name}, which sops-nix cannot reach",
                secret.attribute
            )
        }
        _ => format!(
            "{name} has no key {key}, which `{}` takes",
            secret.attribute
        ),
    };
    let (at, text) = match secret.key.at {
        Some(at) => (Some(at), "taken from the file"),
        None => (
            secret.declared_at.first().copied(),
            "no `key` given: the name of the secret is the key",
        ),
    };
    let keys = cx
        .facts_of(secret)
        .map(|(_, facts)| keys(facts))
        .unwrap_or_default();
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, text)
        .secondary(secret.file.at, format!("the file has {keys}"))
        .note("the build fails; without `validateSopsFiles`, activation does, and no secret is installed");
    match missing {
        Missing::Slash => found.advice("a `/` goes one level down: rename the key in the file"),
        Missing::Below(path) => {
            found.advice(format!("{path} is a value: there is nothing below it"))
        }
        Missing::No(candidates) => match candidates.first() {
            Some(meant) => found.help(
                format!("did you mean {meant}?"),
                format!("{}.key = {};", secret.option, nix_string(meant)),
            ),
            None => found.help("add the key", format!("sops edit {name}")),
        },
    }
}

/// The first few keys of a file.
fn keys(facts: &FileFacts) -> String {
    const SHOWN: usize = 5;
    let mut paths: Vec<String> = facts
        .keys
        .leaves()
        .take(SHOWN + 1)
        .map(|(id, _)| facts.keys.path_text(id))
        .collect();
    if paths.len() > SHOWN {
        paths.truncate(SHOWN);
        paths.push("…".to_owned());
    }
    paths.join(", ")
}
