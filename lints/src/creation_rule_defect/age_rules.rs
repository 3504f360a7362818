//! Rules files of agenix: keys to which age cannot encrypt, and files without a rule.

use inventory::{AgeRule, AgeRuleDefectKind, AgeRulesFile, Encryption, FileState, SecretFile};

use super::LINT;
use crate::context::uses;
use crate::{Diagnostic, ProjectContext};

/// A rule of agenix with keys to which age cannot encrypt.
pub(super) fn defect(rules: &AgeRulesFile, rule: &AgeRule) -> Option<Diagnostic> {
    let first = rule.defects.first()?;
    let path = &rules.path.display;
    let file = &rule.file.display;
    let (what, label, advice) = match &first.kind {
        AgeRuleDefectKind::NestedList => (
            "has a list in its list of keys".to_owned(),
            "a list, not a key",
            "put the lists together: `publicKeys = admins ++ [ host ];`",
        ),
        AgeRuleDefectKind::Recipient(why, text) => {
            let kind = text.split_whitespace().next().unwrap_or_default();
            let shown = if kind.starts_with("ssh-")
                || kind.starts_with("ecdsa-")
                || kind.starts_with("sk-")
            {
                format!("the key of type {kind}")
            } else {
                "a key".to_owned()
            };
            (
                format!("names {shown}, to which age cannot encrypt"),
                *why,
                "age takes `ssh-ed25519`, `ssh-rsa`, `age1…` and keys of its plugins: name another key of that person or host",
            )
        }
    };
    let found = Diagnostic::new(
        &LINT,
        format!("{path}: {file}"),
        format!("the rule for {file} {what}"),
    )
    .primary(first.at, label)
    .note(format!(
        "{} ends with an error when it edits or rekeys the file; what is encrypted stays as it was",
        rules.manager.name
    ));
    let more = rule.defects.iter().skip(1).take(2);
    Some(
        more.fold(found, |found, defect| {
            found.secondary(defect.at, "this one too")
        })
        .advice(advice),
    )
}

/// A file of agenix for which no rules file above it has a rule.
pub(super) fn without_rule(cx: &ProjectContext<'_>, file: &SecretFile) -> Option<Diagnostic> {
    file.facts.as_ref()?.age.as_ref()?;
    if file.state != FileState::Encrypted
        || cx
            .inventory
            .repository
            .age_rule(&file.path.absolute)
            .is_some()
    {
        return None;
    }
    let uses = uses(cx.inventory, file);
    let is_of_rules = uses.iter().all(|(_, secret, _)| {
        secret.manager.files.encryption == Encryption::Age && !secret.is_rekeyed
    });
    let above = |rules: &&AgeRulesFile| {
        let directory = rules.path.absolute.parent();
        directory.is_some_and(|directory| file.path.absolute.starts_with(directory))
    };
    let all = &cx.inventory.repository.age_rules;
    let rules = all.iter().find(above)?;
    // Another file of rules may be meant, or one that is not all known.
    let is_certain = all.len() == 1 && rules.is_complete;
    let rekeys = cx
        .inventory
        .hosts
        .iter()
        .any(|host| host.settings.rekey.is_some());
    if !is_of_rules || !is_certain || rekeys || uses.is_empty() {
        return None;
    }
    let (path, name) = (&file.path.display, &rules.path.display);
    let directory = rules.path.absolute.parent()?;
    let relative = file
        .path
        .absolute
        .strip_prefix(directory)
        .ok()?
        .to_string_lossy();
    let at = uses.iter().find_map(|(at, ..)| *at);
    let mut found = Diagnostic::new(&LINT, path, format!("no rule in {name} is for {path}"))
        .primary(
            at,
            format!("used here, and no rule of that file is for {relative}"),
        )
        .note(format!(
            "{} can neither edit nor rekey the file: \"There is no rule for … in …\"",
            rules.manager.name
        ));
    found.hosts = uses
        .iter()
        .map(|(.., host)| host.attribute.clone())
        .collect();
    Some(found.help(
        format!("add a rule to {name}"),
        format!("\"{relative}\".publicKeys = [ … ];"),
    ))
}
