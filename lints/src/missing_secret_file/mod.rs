//! `missing-secret-file`: the configuration names a secret file that is not in the project.

use std::collections::BTreeMap;

use inventory::{FileState, SecretFile, Span};

use crate::words::{closest, count};
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

/// The secrets that name a file at one place: their names and hosts.
#[derive(Default)]
struct Use<'a> {
    secrets: Vec<&'a str>,
    hosts: Vec<&'a str>,
    manager: &'static str,
}

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    for file in cx.inventory.files.iter().filter(|file| file.state == FileState::Missing) {
        let mut places: BTreeMap<Option<Span>, Use<'_>> = BTreeMap::new();
        for (host, secret) in &file.used_by {
            let Some(host) = cx.inventory.hosts.get(*host) else { continue };
            let Some(secret) = host.secrets.get(*secret) else { continue };
            if secret.certainty != inventory::Certainty::Certain {
                continue;
            }
            let at = secret.file.at.or_else(|| secret.declared_at.first().copied());
            let place = places.entry(at).or_default();
            place.secrets.push(&secret.attribute);
            place.hosts.push(&host.attribute);
            place.manager = secret.manager.name;
        }
        out.extend(places.into_iter().map(|(at, place)| diagnostic(cx, file, at, place)));
    }
}

fn diagnostic(cx: &ProjectContext<'_>, file: &SecretFile, at: Option<Span>, mut place: Use<'_>) -> Diagnostic {
    let name = &file.path.display;
    place.secrets.sort_unstable();
    place.secrets.dedup();
    let whose = match place.secrets.as_slice() {
        [one] => format!("`{one}` comes from {name}, which is not there"),
        many => format!("{} come from {name}, which is not there", count(many.len(), "secret")),
    };
    let mut found = Diagnostic::new(&LINT, name, whose).primary(at, "no such file in this project");
    found.hosts = place.hosts.iter().map(|host| (*host).to_owned()).collect();
    let note = match place.manager {
        "agenix" => "evaluation fails in a flake; elsewhere the secret is left out at activation",
        _ => "evaluation fails",
    };
    let there = cx.inventory.files.iter().filter(|other| other.state != FileState::Missing);
    let advice = match closest(name, there.map(|other| other.path.display.as_str())) {
        Some(other) => format!("did you mean {other}?"),
        None => "create it, or correct the path; in a flake it must also be added to Git".to_owned(),
    };
    found.note(note).advice(advice)
}
