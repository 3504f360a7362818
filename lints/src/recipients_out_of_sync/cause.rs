//! What puts files out of step: one key that was taken out or came late does it to many.

use inventory::secret_files::{AgeRecipientDiff, Recipient};

/// The cause of a difference from the rules in a file or option; `None` if a key that decrypts is not named. Keys that
/// cannot be told apart are compared by their number.
pub(super) fn of_age(rules: &str, diff: &AgeRecipientDiff) -> Option<String> {
    let stale = diff.stale.iter().map(|stanza| stanza.tag.as_deref());
    let stale = stale.collect::<Option<Vec<&str>>>()?;
    let named = cause(rules, &diff.missing, stale);
    (!diff.is_empty()).then(|| format!("{named}\n{:?}", diff.anonymous))
}

/// The cause of a difference from the rules in a file.
pub(super) fn of_sops(rules: &str, missing: &[Recipient], stale: &[Recipient]) -> Option<String> {
    let stale: Vec<&str> = stale
        .iter()
        .map(|recipient| recipient.id.as_str())
        .collect();
    (!(missing.is_empty() && stale.is_empty())).then(|| cause(rules, missing, stale))
}

fn cause(rules: &str, missing: &[Recipient], mut stale: Vec<&str>) -> String {
    let mut missing: Vec<&str> = missing.iter().map(|key| key.id.as_str()).collect();
    missing.sort_unstable();
    // A file that lacks a key is said to lack it, whoever else can read it.
    if !missing.is_empty() {
        stale.clear();
    }
    stale.sort_unstable();
    [rules, &missing.join(" "), &stale.join(" ")].join("\n")
}
