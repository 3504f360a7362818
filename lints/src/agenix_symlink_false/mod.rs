//! `agenix-symlink-false`: an agenix secret is written to its path instead of being linked there.

use inventory::Secret;

use crate::context::{is_below, split};
use crate::world_accessible_secret_mode::is_public;
use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "agenix-symlink-false",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "an agenix secret is written to its path instead of being linked there",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        if secret.manager.name != "agenix" || secret.symlink.known() != Some(&false) {
            continue;
        }
        let Some(path) = secret.path.known() else {
            continue;
        };
        if !secret.path.is_defined() {
            out.push(in_the_way(cx, secret, path));
        } else if !is_below(path, "/run") && !is_below(path, "/dev/shm") && !is_public(secret) {
            out.push(on_disk(secret, path));
        }
    }
}

fn at(secret: &Secret) -> Option<inventory::Span> {
    secret
        .symlink
        .at
        .or_else(|| secret.declared_at.first().copied())
}

fn in_the_way(cx: &HostContext<'_>, secret: &Secret, path: &str) -> Diagnostic {
    let directory = split(path).map_or(path, |(directory, _)| directory);
    let directory = directory.trim_end_matches('/');
    let mut others = cx.secrets().filter(|(_, other)| {
        other.manager == secret.manager
            && other.scope == secret.scope
            && other.symlink.known() != Some(&false)
    });
    let name = &secret.attribute;
    let (message, severity, then) = match others.next() {
        Some((_, other)) => (
            format!("`{name}` keeps the other secrets of this host out of {directory}"),
            Severity::Error,
            format!(
                "it is there itself, but `{}` and all the others are not: they stay in {directory}.d",
                other.attribute
            ),
        ),
        None => (
            format!("`{name}` is written where agenix puts its link"),
            Severity::Warning,
            "the file is there, and activation ends with an error".to_owned(),
        ),
    };
    let edit = secret.symlink.binding.map(|span| Edit {
        span,
        replacement: String::new(),
    });
    let title = "remove `symlink = false`".to_owned();
    Diagnostic::new(&LINT, &secret.option, message)
        .severity(severity)
        .primary(
            at(secret),
            format!("written to {path} itself, where agenix needs a link"),
        )
        .note(format!(
            "at boot agenix makes a directory {directory} for this file, and then cannot replace it by the link to its \
             secrets: {then}. A switch on a system that already has the link writes this file behind it, and then \
             removes it with the old generation"
        ))
        .advice("remove `symlink = false`, or give the secret a `path` of its own")
        .fix(edit.map(|edit| Fix {
            title,
            safe: true,
            edits: vec![edit],
        }))
}

fn on_disk(secret: &Secret, path: &str) -> Diagnostic {
    let message = format!(
        "`{}` is written to the disk in clear: {path}",
        secret.attribute
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .severity(Severity::Warning)
        .primary(at(secret), "no link: the decrypted file itself")
        .secondary(secret.path.at, "on a file system that lasts")
        .note("it stays after a reboot, in backups, and after the secret is removed from the configuration")
        .advice("let it be a link: remove `symlink = false`, if the program accepts one")
}
