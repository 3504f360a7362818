//! `trailing-newline-suspected`: a credential is one byte longer than all of its kind.

use inventory::secret_files::{Lookup, trailing_newline_suspected};
use inventory::{FileState, Secret, SecretKind};

use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "trailing-newline-suspected",
    group: Group::Files,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a credential is one byte longer than all of its kind",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.kind == SecretKind::Secret)
    {
        let Some(length) = length(cx, secret) else {
            continue;
        };
        let key = secret
            .key
            .known()
            .and_then(Option::as_deref)
            .unwrap_or_default();
        let kind = [secret.attribute.as_str(), key]
            .into_iter()
            .find_map(|name| trailing_newline_suspected(name, length));
        if let Some(kind) = kind {
            let message = format!("`{}` probably ends with a newline", secret.attribute);
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(
                        secret.declared_at.first().copied(),
                        format!("{length} bytes: {kind} have one less"),
                    )
                    .confidence(Confidence::Low)
                    .note("the shell takes it off in `$(cat …)`; programs that read the file themselves may not")
                    .advice("write the value without a newline: `printf %s`, or `key: value` instead of `key: |`"),
            );
        }
    }
}

/// The length of the plaintext in bytes.
fn length(cx: &HostContext<'_>, secret: &Secret) -> Option<usize> {
    let (file, facts) = cx.facts_of(secret)?;
    if file.state != FileState::Encrypted {
        return None;
    }
    match cx.lookup(secret) {
        Some((_, _, Lookup::Found(entry))) => entry.value.plaintext_length(),
        Some(_) => None,
        None => facts.plaintext_length,
    }
}
