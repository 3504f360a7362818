//! Copies of a secret that everybody can read.

use inventory::{FileCopy, Secret};

use super::public::{is_made_of_what_is_public, is_public, is_read_as_public};
use super::{LINT, is_said_to_be_harmless};
use crate::{Diagnostic, HostContext, Severity};

/// The finding of a copy that everybody can read, at the place that makes it.
pub(super) fn copied(
    cx: &HostContext<'_>,
    index: usize,
    secret: &Secret,
    copy: &FileCopy,
) -> Diagnostic {
    let FileCopy { to, by, .. } = copy;
    let mode = copy.mode.unwrap_or_default();
    let at = copy.at.or_else(|| secret.declared_at.first().copied());
    let is_said = at.is_some_and(|at| is_said_to_be_harmless(cx, at));
    let is_harmless = is_said
        || is_public(secret)
        || is_read_as_public(cx, index)
        || is_made_of_what_is_public(cx, secret);
    let is_proven = secret.is_secret == Some(true) && !is_harmless;
    let message = format!(
        "every user of the machine can read a copy of `{}`: {to}, mode {mode:04o}",
        secret.attribute
    );
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at,
            format!("copies it to {to}: the last digit of {mode:04o} is for everybody"),
        )
        .severity(if is_proven {
            Severity::Error
        } else {
            Severity::Info
        })
        .note(if is_said {
            "a comment there says that it is not sensitive".to_owned()
        } else {
            format!(
                "the mode of `{}` itself is no wall for what {by} makes of it",
                secret.option
            )
        });
    found.advice(
        "give the copy mode 0400 and the owner who reads it, or leave it out and let the reader open the secret's own path",
    )
}
