//! Files that are encrypted to the master keys of all hosts, and again for each host.

use inventory::SecretFile;
use inventory::secret_files::{AgeFacts, Recipient, compare_age};

use super::cause;
use super::{LINT, attributes, hosts};
use crate::context::uses;
use crate::one_cause::Caused;
use crate::phrases::{count, several};
use crate::recipients::name;
use crate::{Diagnostic, ProjectContext};

/// Compares a `rekeyFile` with the keys that the hosts together say.
pub(super) fn check(cx: &ProjectContext<'_>, file: &SecretFile, age: &AgeFacts) -> Option<Caused> {
    let uses = uses(cx.inventory, file);
    let (_, first, _) = uses.first()?;
    let rekeying = first.manager.rekeying.as_ref()?;
    let rule = rekeying.option;
    let is_rekeyed = !uses.is_empty() && uses.iter().all(|(_, secret, _)| secret.is_rekeyed);
    if !is_rekeyed || age.has_passphrase() {
        return None;
    }
    let mut expected: Vec<Recipient> = Vec::new();
    for rekey in cx
        .inventory
        .hosts
        .iter()
        .filter_map(|host| host.settings.rekey.as_ref())
    {
        expected.extend(rekey.encrypted_to.as_ref()?.iter().cloned());
    }
    expected.sort();
    expected.dedup_by_key(|recipient| recipient.key());
    if expected.is_empty()
        || expected
            .iter()
            .any(|recipient| recipient.defect().is_some())
    {
        return None;
    }
    let diff = compare_age(&expected, age);
    // A host that is not looked at may add keys.
    let is_complete = !cx.inventory.is_partial
        && cx
            .inventory
            .hosts
            .iter()
            .all(|host| host.settings.rekey.is_some());
    let path = &file.path.display;
    let called = |recipient: &Recipient| name(&cx.inventory.repository, None, recipient);
    let message = match (diff.missing.as_slice(), diff.stale.len(), diff.anonymous) {
        ([], 0, Some((expected, found))) if is_complete || found < expected => {
            format!(
                "{path} is encrypted to {}, but {rule} names {expected}",
                count(found, "age key")
            )
        }
        ([], 0, _) => return None,
        ([], stale, _) if is_complete => {
            format!(
                "{path} can still be decrypted by {} that {rule} does not name",
                count(stale, "key")
            )
        }
        ([], ..) => return None,
        (missing, ..) => {
            format!(
                "{path} cannot be decrypted by {}, which {rule} names",
                several(missing, called)
            )
        }
    };
    let hosts = hosts(&uses);
    let mut found = Diagnostic::new(&LINT, path, message)
        .primary(
            uses.iter().find_map(|(at, ..)| *at),
            "the file is named here",
        )
        .note(format!(
            "{} encrypts a file to the {} of all hosts when it is \
             edited: those that were added or taken out later do not count yet",
            rekeying.name, rekeying.master_keys
        ))
        .help("encrypt the files to the present keys", rekeying.update);
    found.hosts = attributes(&hosts);
    Some(Caused {
        cause: cause::of_age(rule, &diff),
        finding: cx.unless_loaded(found),
    })
}
