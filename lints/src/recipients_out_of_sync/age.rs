//! Files that age alone encrypts, to the keys in `secrets.nix`.

use inventory::secret_files::{AgeFacts, Recipient, compare_age};
use inventory::{AgeRule, AgeRulesFile, Host, SecretFile};

use super::cause;
use super::{LINT, Use, attributes, hosts, without_other_keys};
use crate::context::uses;
use crate::one_cause::Caused;
use crate::phrases::{count, several};
use crate::recipients::{is_of_host, short};
use crate::{Diagnostic, ProjectContext, Severity};

/// Compares an age file with its rule.
pub(super) fn check(cx: &ProjectContext<'_>, file: &SecretFile, age: &AgeFacts) -> Option<Caused> {
    let repository = &cx.inventory.repository;
    let uses = uses(cx.inventory, file);
    // Encrypted to the master keys, not to those of the rule.
    if uses.iter().any(|(_, secret, _)| secret.is_rekeyed) || age.has_passphrase() {
        return None;
    }
    let (rules, rule) = repository.age_rule(&file.path.absolute)?;
    let keys = rule.public_keys.as_ref().filter(|keys| !keys.is_empty())?;
    let expected: Vec<Recipient> = keys.iter().map(|key| key.recipient.clone()).collect();
    if expected
        .iter()
        .any(|recipient| recipient.defect().is_some())
    {
        return None;
    }
    let diff = compare_age(&expected, age);
    if diff.is_empty() {
        return None;
    }
    let hosts = hosts(&uses);
    let named = |recipient: &Recipient| {
        let key = keys.iter().find(|key| key.recipient == *recipient);
        key.and_then(|key| key.name.clone())
    };
    let called = |recipient: &Recipient| {
        named(recipient).map_or_else(|| short(recipient), |name| format!("`{name}`"))
    };
    let without_others = without_other_keys(&uses);
    let is_host = |recipient: &&Recipient| {
        let alias = named(recipient);
        { without_others.iter() }
            .any(|host| is_of_host(repository, alias.as_deref(), recipient, host))
    };
    let hosts_key = diff.missing.iter().find(is_host);
    let path = &file.path.display;
    let message = if !diff.missing.is_empty() {
        let missing = several(&diff.missing, called);
        format!(
            "{path} cannot be decrypted by {missing}, which {} names for it",
            rules.path.display
        )
    } else if let Some((expected, found)) = diff.anonymous {
        format!(
            "{path} is encrypted to {}, but {} names {expected} for it",
            count(found, "age key"),
            rules.path.display
        )
    } else {
        let stale = count(diff.stale.len(), "key");
        format!(
            "{path} can still be decrypted by {stale} that {} does not name",
            rules.path.display
        )
    };
    let mut finding = cx.unless_loaded(age_diagnostic(
        file,
        rules,
        rule,
        message,
        hosts_key.is_some(),
        !diff.missing.is_empty(),
        &uses,
        &hosts,
    ));
    // The hosts use others of these files, and this one is perhaps a leftover.
    let mut secrets = { cx.inventory.hosts.iter() }.flat_map(|host| &host.secrets);
    let is_left_over = uses.is_empty()
        && !diff.missing.is_empty()
        && cx.inventory.knows_loaded_modules()
        && secrets.any(|secret| secret.manager == rules.manager);
    if is_left_over {
        finding = finding.severity(Severity::Info);
    }
    Some(Caused {
        cause: cause::of_age(&rules.path.display, &diff),
        finding,
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one finding, put together in one place"
)]
fn age_diagnostic(
    file: &SecretFile,
    rules: &AgeRulesFile,
    rule: &AgeRule,
    message: String,
    is_hosts: bool,
    is_missing: bool,
    uses: &[Use<'_>],
    hosts: &[&Host],
) -> Diagnostic {
    let mut found = Diagnostic::new(&LINT, &file.path.display, message);
    if is_hosts {
        found = found.severity(Severity::Error);
    }
    found.hosts = attributes(hosts);
    let used_at = uses.iter().find_map(|(at, ..)| *at);
    let found = match rule.at {
        Some(at) => found
            .primary(Some(at), "the rule of this file")
            .secondary(used_at, "used here"),
        None => found.primary(used_at, "used here"),
    };
    let manager = rules.manager;
    let note = match (is_hosts, is_missing) {
        (true, _) => format!(
            "at run time {} cannot decrypt it, and the secret is missing on that host",
            manager.name
        ),
        (false, true) => {
            "a rule counts when a file is encrypted: a key that was added later decrypts nothing yet".to_owned()
        }
        (false, false) => {
            "a rule counts when a file is encrypted: until then, whoever has the old keys can read it".to_owned()
        }
    };
    let directory = rules
        .path
        .display
        .rsplit_once('/')
        .map(|(directory, _)| directory);
    let command = directory.map_or_else(
        || manager.files.update.to_owned(),
        |directory| format!("cd {directory} && {}", manager.files.update),
    );
    found
        .note(note)
        .help("encrypt the files to the keys of their rules", command)
}
