//! `secret-generation-path-written-out`: a path that the next switch removes.

use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-generation-path-written-out",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a path names one generation of the secrets, which the next switch removes",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    for found in &cx.inventory.repository.generation_paths {
        let manager = found.manager;
        let path = &found.path;
        let severity = if found.is_fixture {
            Severity::Info
        } else {
            Severity::Error
        };
        let message = format!("{path} is there for one generation of the secrets only");
        let diagnostic = Diagnostic::new(&LINT, path, message)
            .severity(severity)
            .primary(Some(found.at), "the number changes with every switch")
            .note(format!(
                "{} installs secrets in a new directory whenever they change, and removes old ones; {} always leads to \
                 the current one",
                manager.name, manager.directory
            ))
            .help(
                "take the path from the declaration",
                format!("config.{}.<name>.path", manager.secrets),
            );
        out.push(cx.unless_in_unloaded_file(diagnostic));
    }
}
