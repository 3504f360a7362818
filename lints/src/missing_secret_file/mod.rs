//! `missing-secret-file`: the configuration names a secret file that is not in the project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
    let mut found = cx.inventory.files.iter().filter(missing).peekable();
    if found.peek().is_none() {
        return;
    }
    let there = directories(cx);
    let found = found.filter_map(|file| {
        let directory = missing_directory(cx, file, &there);
        Some(Caused {
            finding: diagnostic(cx, file)?,
            cause: directory.map(|path| path.display().to_string()),
        })
    });
    out.extend(once(found.collect()));
}

/// Every path at which something is known to be, and the directories above.
fn directories(cx: &ProjectContext<'_>) -> BTreeSet<PathBuf> {
    let files = cx.inventory.files.iter();
    let files = files.filter(|file| file.state != FileState::Missing);
    let files = files.chain(&cx.inventory.repository.unnamed_files);
    let ids = cx.sources.ids().into_iter();
    let sources = ids.filter_map(|id| Some(cx.sources.get(id)?.path().to_owned()));
    let mut there = BTreeSet::new();
    for path in files.map(|file| file.path.absolute.clone()).chain(sources) {
        let new = path.ancestors().take_while(|path| !there.contains(*path));
        let new: Vec<PathBuf> = new.map(Path::to_owned).collect();
        there.extend(new);
    }
    there
}

/// The outermost directory above a missing file in which nothing is known to be: it was moved, or never added.
fn missing_directory<'a>(
    cx: &ProjectContext<'_>,
    file: &'a SecretFile,
    there: &BTreeSet<PathBuf>,
) -> Option<&'a Path> {
    let above = file.path.absolute.ancestors().skip(1);
    let above = above.take_while(|directory| directory.starts_with(&cx.inventory.root));
    above
        .take_while(|directory| !there.contains(*directory))
        .last()
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
