//! `empty-secret`: a secret without content.

use inventory::{ContentUse, FileState, Secret, SecretFile, SecretKind, Span};

use crate::context::place_in;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};
use inventory::secret_files::{Lookup, name_words};

pub(crate) static LINT: Lint = Lint {
    name: "empty-secret",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret has no content: what was encrypted is empty",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (index, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.kind == SecretKind::Secret)
    {
        let Some((file, facts)) = cx.facts_of(secret) else {
            continue;
        };
        if !matches!(file.state, FileState::Encrypted | FileState::Partial) {
            continue;
        }
        match cx.lookup(secret) {
            Some((_, file, Lookup::Found(entry) | Lookup::NotAString(entry)))
                if entry.value.is_empty() =>
            {
                let at = place_in(file, entry.key_span);
                out.push(diagnostic(cx, index, secret, file, at, true));
            }
            None if facts.plaintext_length == Some(0) => {
                out.push(diagnostic(cx, index, secret, file, None, false));
            }
            _ => {}
        }
    }
}

fn diagnostic(
    cx: &HostContext<'_>,
    index: usize,
    secret: &Secret,
    file: &SecretFile,
    in_file: Option<Span>,
    is_value: bool,
) -> Diagnostic {
    let name = &file.path.display;
    let message = format!("`{}` is empty", secret.attribute);
    let declared = secret.declared_at.first().copied();
    let found = Diagnostic::new(&LINT, &secret.option, message);
    let found = match in_file {
        Some(_) => found
            .primary(in_file, "no value")
            .secondary(declared, "taken here"),
        None if is_value => found.primary(declared, format!("no value in {name}")),
        None => found.primary(declared, format!("{name} holds 0 bytes of plaintext")),
    };
    let command = format!("{} {name}", secret.manager.files.edit);
    let names = [
        Some(secret.attribute.as_str()),
        secret.key.known().and_then(Option::as_deref),
    ];
    let may_be_meant = names.into_iter().flatten().any(may_be_empty);
    let readers = cx.host.readers_of(index);
    let is_read = !readers.is_empty();
    // A configuration goes on where a file that it includes says nothing.
    let is_included =
        is_read && { readers.iter() }.all(|reader| reader.content == ContentUse::Included);
    found
        .severity(match (may_be_meant || is_included, is_read) {
            (true, _) => Severity::Info,
            (false, false) => Severity::Warning,
            (false, true) => Severity::Error,
        })
        .note("an empty file is installed: whatever reads it finds it, and gets nothing")
        .help("give it a value", command)
}

/// Whether a name is that of something that may be empty on purpose: a list, an environment.
fn may_be_empty(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "allow",
        "allowlist",
        "blacklist",
        "deny",
        "denylist",
        "env",
        "environment",
        "extra",
        "list",
        "whitelist",
    ];
    let words = name_words(name);
    { words.last() }.is_some_and(|last| WORDS.contains(&last.as_str()))
}
