//! `secret-path-prefix-mismatch`: a path names a declared secret in another directory than it lands in.

use std::collections::BTreeMap;

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
    let readers = cx.readers_by_path();
    let mut readers = readers.filter(|it| it.secret.is_none()).peekable();
    if readers.peek().is_none() {
        return;
    }
    let made = cx.made();
    let by_name = ByName::of(cx);
    for reader in readers {
        if let Some((path, secret, lands)) = misplaced(cx, &made, &by_name, reader) {
            out.push(diagnostic(cx, reader, path, secret, lands));
        }
    }
}

/// The secrets of a host by their attributes and by the names that they land under, in their order.
pub(crate) struct ByName<'a>(BTreeMap<&'a str, Vec<&'a Secret>>);

impl<'a> ByName<'a> {
    pub(crate) fn of(cx: &HostContext<'a>) -> Self {
        let mut all: BTreeMap<&str, Vec<&Secret>> = BTreeMap::new();
        let secrets = cx.secrets().map(|(_, secret)| secret);
        for secret in secrets.filter(|secret| !secret.path_is_shell_text) {
            let attribute = secret.attribute.as_str();
            let name = secret.name.known().filter(|name| *name != attribute);
            for name in std::iter::once(attribute).chain(name.map(String::as_str)) {
                all.entry(name).or_default().push(secret);
            }
        }
        Self(all)
    }
}

/// The path that is read, and the secret of that name that lands elsewhere.
pub(crate) fn misplaced<'a>(
    cx: &HostContext<'a>,
    made: &Made<'_>,
    by_name: &ByName<'a>,
    reader: &'a Reader,
) -> Option<(&'a str, &'a Secret, &'a str)> {
    let path = reader.path.known()?.as_str();
    let (directory, _) = split(path)?;
    if !is_managed(cx, directory) || cx.may_be_mounted(path) || made.has(path) {
        return None;
    }
    let name = name_below(cx, path)?;
    let mut secrets = by_name.0.get(name)?.iter();
    secrets.find_map(|secret| {
        let lands = secret.path.known()?.as_str();
        (lands != path).then_some((path, *secret, lands))
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
