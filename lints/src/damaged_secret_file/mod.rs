//! `damaged-secret-file`: an encrypted file that the manager cannot decrypt.

use inventory::secret_files::{Code, Problem, Weight};
use inventory::{Capability, FileState, SecretFile, Span};

use crate::context::place_in;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "damaged-secret-file",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an encrypted file is damaged, and no key can decrypt it",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let unnamed = &cx.inventory.repository.unnamed_files;
    let files = cx.inventory.files.iter().chain(unnamed);
    for file in files {
        let is_broken = file.state == FileState::Broken;
        let problems = file.facts.iter().flat_map(|facts| &facts.problems);
        let broken: Vec<&Problem> = problems
            .filter(|problem| match problem.code {
                // The values are encrypted, and lost.
                Code::NoDataKey => true,
                code => is_broken && code.weight() == Weight::Broken,
            })
            .collect();
        let is_other_format = broken
            .iter()
            .any(|problem| problem.code == Code::WrongFormat);
        if let Some(first) = broken.first().filter(|_| !is_other_format) {
            let found = diagnostic(cx, file, first, &broken);
            out.push(if file.used_by.is_empty() {
                found.severity(Severity::Warning)
            } else {
                found
            });
        }
    }
}

fn diagnostic(
    cx: &ProjectContext<'_>,
    file: &SecretFile,
    first: &Problem,
    broken: &[&Problem],
) -> Diagnostic {
    const SHOWN: usize = 3;
    let used = file.used_by.iter().filter_map(|(host, secret)| {
        let host = cx.inventory.hosts.get(*host)?;
        let secret = host.secrets.get(*secret)?;
        let at = secret
            .file
            .at
            .or_else(|| secret.declared_at.first().copied());
        Some((at, secret.manager, host.attribute.clone()))
    });
    let mut uses: Vec<_> = used.collect();
    uses.sort_by(|a, b| (a.0, a.1.name, &a.2).cmp(&(b.0, b.1.name, &b.2)));
    let manager = uses.first().map(|(_, manager, _)| *manager);
    let message = format!(
        "{} cannot be decrypted: {}",
        file.path.display, first.message
    );
    let mut found = Diagnostic::new(&LINT, &file.path.display, message);
    found.hosts = uses.iter().map(|(_, _, host)| host.clone()).collect();
    for problem in broken.iter().take(SHOWN) {
        let at = place_in(file, problem.span);
        found = match found.primary {
            None => found.primary(at, problem.message.clone()),
            Some(_) => found.secondary(at, problem.message.clone()),
        };
    }
    let mut places: Vec<Span> = uses.iter().filter_map(|(at, _, _)| *at).collect();
    places.dedup();
    for at in places.into_iter().take(SHOWN) {
        found = match found.primary {
            None => found.primary(Some(at), "named here"),
            Some(_) => found.secondary(Some(at), "named here"),
        };
    }
    let note = match manager {
        None => "no secret of a configuration names it; whoever needs it later has to decrypt it"
            .to_owned(),
        Some(manager) if manager.has(Capability::InstallsAllOrNone) => format!(
            "at run time one file that {} cannot decrypt keeps all secrets of the host from being installed",
            manager.files.encryption.tool()
        ),
        Some(manager) => format!(
            "at run time {} refuses the file, and the secret is missing",
            manager.files.encryption.tool()
        ),
    };
    let found = found
        .note(note)
        .advice("take the file from the last commit in which it was whole, or write it anew");
    match manager {
        Some(_) => cx.unless_loaded(found),
        None => found,
    }
}
