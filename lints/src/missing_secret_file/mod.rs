//! `missing-secret-file`: the configuration names a secret file that is not in the project.

use std::collections::BTreeSet;
use std::path::Path;

use inventory::{Capability, Certainty, FileState, SecretFile, Span};

use crate::one_cause::{Caused, once};
use crate::phrases::{closest, count, list};
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "missing-secret-file",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the configuration names a secret file that is not in the project",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let missing = |file: &&SecretFile| file.state == FileState::Missing;
    let found = cx.inventory.files.iter().filter(missing);
    let found = found.filter_map(|file| {
        Some(Caused {
            finding: diagnostic(cx, file)?,
            cause: missing_directory(cx, file).map(|path| path.display().to_string()),
        })
    });
    out.extend(once(found.collect()));
}

/// The outermost directory above a missing file in which nothing is known to be: it was moved, or never added.
fn missing_directory<'a>(cx: &ProjectContext<'_>, file: &'a SecretFile) -> Option<&'a Path> {
    let files = cx.inventory.files.iter();
    let there: Vec<&Path> = files
        .filter(|file| file.state != FileState::Missing)
        .chain(&cx.inventory.repository.unnamed_files)
        .map(|file| file.path.absolute.as_path())
        .collect();
    let ids = cx.sources.ids().into_iter();
    let sources: Vec<_> = ids.filter_map(|id| cx.sources.get(id)).collect();
    let is_there = |directory: &Path| {
        there.iter().any(|path| path.starts_with(directory))
            || sources
                .iter()
                .any(|source| source.path().starts_with(directory))
    };
    let above = file.path.absolute.ancestors().skip(1);
    let above = above.take_while(|directory| directory.starts_with(&cx.inventory.root));
    above.take_while(|directory| !is_there(directory)).last()
}

fn diagnostic(cx: &ProjectContext<'_>, file: &SecretFile) -> Option<Diagnostic> {
    const SHOWN: usize = 4;
    let mut places: BTreeSet<Option<Span>> = BTreeSet::new();
    let mut secrets: BTreeSet<&str> = BTreeSet::new();
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    let mut manager = None;
    for (host, secret) in &file.used_by {
        let host = cx.inventory.hosts.get(*host)?;
        let secret = host.secrets.get(*secret)?;
        if secret.certainty == Certainty::Certain {
            places.insert(
                secret
                    .file
                    .at
                    .or_else(|| secret.declared_at.first().copied()),
            );
            secrets.insert(&secret.attribute);
            hosts.insert(host.attribute.clone());
            manager = Some(secret.manager);
        }
    }
    let name = &file.path.display;
    let message = match secrets.len() {
        0 => return None,
        1..=3 => {
            let verb = if secrets.len() == 1 { "comes" } else { "come" };
            format!(
                "{} {verb} from {name}, which is not there",
                list(secrets.iter().copied())
            )
        }
        many => format!(
            "{} come from {name}, which is not there",
            count(many, "secret")
        ),
    };
    let mut found = Diagnostic::new(&LINT, name, message);
    found.hosts = hosts;
    for at in places.iter().take(SHOWN) {
        found = match found.primary {
            None => found.primary(*at, "no such file in this project"),
            Some(_) => found.secondary(*at, "here too"),
        };
    }
    let note = if manager.is_none_or(|manager| manager.has(Capability::ChecksFiles)) {
        "evaluation fails"
    } else {
        "evaluation fails in a flake; elsewhere the secret is left out at activation"
    };
    let there = cx
        .inventory
        .files
        .iter()
        .filter(|other| other.state != FileState::Missing);
    let advice = match closest(name, there.map(|other| other.path.display.as_str())) {
        Some(other) => format!("did you mean {other}?"),
        None => {
            "create it, or correct the path; in a flake it must also be added to Git".to_owned()
        }
    };
    Some(cx.unless_loaded(found.note(note).advice(advice)))
}
