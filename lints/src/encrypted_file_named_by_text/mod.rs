//! `encrypted-file-named-by-text`: the name of an encrypted file stays text, and the file stays behind.

use std::collections::BTreeMap;

use inventory::{Capability, FilePath, HostClass, Secret, SecretKind};

use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "encrypted-file-named-by-text",
    group: Group::Files,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an encrypted file of the project is named by text, so that it is not copied to the machine",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if cx.host.class == HostClass::HomeManager {
        return;
    }
    let mut found: BTreeMap<&FilePath, Vec<&Secret>> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        // Others check that the file is in the store.
        if secret.kind != SecretKind::Secret || secret.manager.has(Capability::ChecksFiles) {
            continue;
        }
        let file = secret.file.known().and_then(Option::as_ref);
        if let Some(file) = file.filter(|file| is_elsewhere(file)) {
            found.entry(file).or_default().push(secret);
        }
    }
    for (file, secrets) in found {
        if let Some(own) = in_project(cx, file) {
            out.extend(diagnostic(&secrets, file, &own));
        }
    }
}

/// Whether a path leads neither to the project nor to the store.
fn is_elsewhere(file: &FilePath) -> bool {
    file.display.starts_with('/') && !file.display.starts_with("/nix/")
}

/// The encrypted file of the project that is meant: it has the same name in a directory of the same name.
fn in_project(cx: &HostContext<'_>, file: &FilePath) -> Option<String> {
    let ruled = cx
        .repository
        .age_rules
        .iter()
        .flat_map(|rules| &rules.rules);
    let ruled = ruled.map(|rule| &rule.file);
    let unnamed = cx.repository.unnamed_files.iter().map(|file| &file.path);
    let named = cx.files.iter().map(|file| &file.path);
    let mut all = ruled.chain(unnamed).chain(named);
    let is_meant = |own: &&FilePath| {
        let parts: Vec<&str> = own.display.split('/').collect();
        let tail = format!("/{}", own.display);
        !own.display.starts_with('/') && parts.len() > 1 && file.display.ends_with(&tail)
    };
    all.find(is_meant).map(|own| own.display.clone())
}

fn diagnostic(secrets: &[&Secret], file: &FilePath, own: &str) -> Option<Diagnostic> {
    let first = secrets.first()?;
    let path = &file.display;
    let message = format!("{path} is named by text: {own} does not come to the machine");
    let found = Diagnostic::new(&LINT, path, message)
        .confidence(Confidence::Medium)
        .primary(
            first.file.at.or_else(|| first.declared_at.first().copied()),
            "text, not a path: nothing is copied",
        )
        .note(format!(
            "{} looks for the file on the machine where the secrets are installed; where the repository is not at that \
             place, or not yet mounted at boot, the secret is missing",
            first.manager.name
        ))
        .help(
            "name it by a path, from the file in which it stands",
            format!("{}.file = ./{own};", first.option_in_scope()),
        );
    Some(found)
}
