//! `secret-path-prefix-mismatch`: a path names a declared secret in another directory than it lands in.

use inventory::{Reader, Scope, Secret};

use crate::context::{Made, split};
use crate::edits::{is_of_a_home, path_expression, path_of_declaration};
use crate::managed::{is_managed, name_below};
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-path-prefix-mismatch",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a path names a declared secret in another directory than it lands in",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let made = cx.made();
    for reader in cx
        .readers_by_path()
        .filter(|reader| reader.secret.is_none())
    {
        if let Some((path, secret, lands)) = misplaced(cx, &made, reader) {
            out.push(diagnostic(cx, reader, path, secret, lands));
        }
    }
}

/// The path that is read, and the secret of that name that lands elsewhere.
pub(crate) fn misplaced<'a>(
    cx: &HostContext<'a>,
    made: &Made<'_>,
    reader: &'a Reader,
) -> Option<(&'a str, &'a Secret, &'a str)> {
    let path = reader.path.known()?.as_str();
    let (directory, _) = split(path)?;
    if !is_managed(cx, directory) || cx.may_be_mounted(path) || made.has(path) {
        return None;
    }
    let name = name_below(cx, path)?;
    let mut secrets = cx
        .secrets()
        .map(|(_, secret)| secret)
        .filter(|secret| !secret.path_is_shell_text);
    secrets.find_map(|secret| {
        let lands = secret.path.known()?.as_str();
        let is_named_so =
            secret.attribute == name || secret.name.known().is_some_and(|known| known == name);
        (is_named_so && lands != path).then_some((path, secret, lands))
    })
}

fn diagnostic(
    cx: &HostContext<'_>,
    reader: &Reader,
    path: &str,
    secret: &Secret,
    lands: &str,
) -> Diagnostic {
    let message = format!(
        "{path} is read, but `{}` lands at {lands}",
        secret.attribute
    );
    let owner = match &secret.scope {
        Scope::System if is_of_a_home(cx, reader) => "osConfig",
        Scope::System => "config",
        Scope::User(_) => "the Home Manager configuration: config",
    };
    let expression = path_expression(cx, reader, secret)
        .unwrap_or_else(|| format!("{owner}.{}.path", secret.option));
    let edit = path_of_declaration(cx, reader, path, secret);
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(reader.at, format!("read here: {}", reader.via))
        .secondary(
            secret.declared_at.first().copied(),
            format!("lands at {lands}"),
        )
        .note("at run time there is no such file; many programs go on without it and say nothing")
        .help("take the path from the declaration", expression)
        .fix(edit.map(|edit| Fix {
            title: "take the path from the declaration".to_owned(),
            safe: true,
            edits: vec![edit],
        }))
}
