//! `missing-secret-file`: the configuration names a secret file that is not in the project.

use std::collections::BTreeSet;

use inventory::{Capability, Certainty, FileState, SecretFile, Span};

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
    for file in cx
        .inventory
        .files
        .iter()
        .filter(|file| file.state == FileState::Missing)
    {
        out.extend(diagnostic(cx, file));
    }
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
