//! `key-ignored-for-whole-file-format`: a key of a file that is always installed as a whole.

use inventory::secret_files::SopsFormat;
use inventory::{ContentUse, Moment, Secret, Templates};

use crate::phrases::{count, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "key-ignored-for-whole-file-format",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a key is taken of a file that sops-nix always installs as a whole",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (index, secret) in cx.secrets() {
        let format = secret
            .format
            .known()
            .and_then(Option::as_deref)
            .and_then(SopsFormat::from_option);
        let Some(format @ (SopsFormat::Dotenv | SopsFormat::Ini)) =
            format.filter(|_| secret.has_formats())
        else {
            continue;
        };
        let key = secret
            .key
            .known()
            .and_then(Option::as_deref)
            .filter(|key| !key.is_empty());
        if let Some(key) = key.filter(|_| secret.key.is_defined()) {
            let found = diagnostic(cx, secret, key, format);
            out.push(if takes_lines(cx, index) || is_taken_apart(cx, key) {
                found.severity(Severity::Info)
            } else if takes_value(cx, index) {
                found
            } else {
                found.severity(Severity::Warning)
            });
        }
    }
}

/// Whether all that is known to read it wants lines of `NAME=value`.
fn takes_lines(cx: &HostContext<'_>, index: usize) -> bool {
    let mut readers = cx.host.readers_of(index).iter().peekable();
    readers.peek().is_some() && readers.all(|reader| reader.content == ContentUse::EnvironmentFile)
}

/// Whether somebody is known to take all of the file for the value.
fn takes_value(cx: &HostContext<'_>, index: usize) -> bool {
    let is_value = |content: ContentUse| {
        matches!(
            content,
            ContentUse::Value | ContentUse::Argument | ContentUse::PasswordHash
        )
    };
    let mut readers = cx.host.readers_of(index).iter();
    readers.any(|reader| is_value(reader.content) && reader.moment != Moment::Session)
}

/// Whether a text of the project takes the name off: `${line#KEY=}`, `startswith("KEY=")`, `^KEY=`.
fn is_taken_apart(cx: &HostContext<'_>, key: &str) -> bool {
    let assigned = format!("{key}=");
    let is_so = |text: &str| {
        text.match_indices(&assigned).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = { text.get(at + assigned.len()..) }.and_then(|text| text.chars().next());
            matches!(before, Some('#' | '^' | '/' | '"' | '\''))
                && matches!(after, Some('}' | '*' | '/' | '"' | '\'' | '.' | '('))
        })
    };
    let mut sources = cx
        .sources
        .ids()
        .into_iter()
        .filter_map(|id| cx.sources.get(id));
    sources.any(|source| is_so(source.text()))
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, key: &str, format: SopsFormat) -> Diagnostic {
    let message = format!(
        "`{}` gets the whole file, not the key {key}",
        secret.attribute
    );
    let values = cx
        .facts_of(secret)
        .map(|(_, facts)| facts.keys.leaves().count());
    let all = values.map_or_else(
        || "all its values".to_owned(),
        |values| count(values, "value"),
    );
    let template = |templates: &Templates| {
        format!(
            "{}.{}.{} = \"{key}=${{config.{}.{}}}\";",
            templates.option,
            nix_name(&format!("{}.env", secret.attribute)),
            templates.content,
            templates.placeholders,
            nix_name(&secret.attribute)
        )
    };
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            secret.key.at,
            format!(
                "{} ignores the key of a {} file",
                secret.manager.name,
                format.as_str()
            ),
        )
        .secondary(secret.file.at, "installed as a whole")
        .note(format!(
            "whatever reads it gets lines of `NAME=value` ({all}), `{key}=…` among them, and not the bare value"
        ))
        .help(
            "keep the value in a YAML file; where a program wants `NAME=value`, render a template",
            secret
                .manager
                .templates
                .as_ref()
                .map_or_else(String::new, template),
        )
}
