//! `recipients-out-of-sync`: a file is encrypted to other keys than its rule names.

mod age;
mod cause;
mod rekey;

use std::collections::BTreeSet;

use inventory::secret_files::{
    CreationRule, Recipient, RecipientDiff, RecipientKind, RuleMatch, SopsFacts, Span as Place,
    compare_groups,
};
use inventory::{FileState, Host, Secret, SecretFile, SopsConfigFile, Span};

use crate::context::{place_in, span_in, uses};
use crate::decryption_keys::may_decrypt_as_user;
use crate::one_cause::{Caused, once};
use crate::phrases::several;
use crate::recipients::{is_of_host, name};
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "recipients-out-of-sync",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file is encrypted to other keys than its rule names",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let unnamed = &cx.inventory.repository.unnamed_files;
    let mut found = Vec::new();
    for file in cx.inventory.files.iter().chain(unnamed) {
        let can_be_compared = !matches!(
            file.state,
            FileState::Broken
                | FileState::Missing
                | FileState::Unreadable
                | FileState::OtherEncrypted
        );
        let Some(facts) = file.facts.as_ref().filter(|_| can_be_compared) else {
            continue;
        };
        if let Some(sops) = &facts.sops {
            found.extend(of_sops(cx, file, sops));
        } else if let Some(age) = &facts.age {
            found.extend(rekey::check(cx, file, age).or_else(|| age::check(cx, file, age)));
        }
    }
    out.extend(once(found));
}

/// A use of a file: where, the secret, and its host.
type Use<'a> = (Option<Span>, &'a Secret, &'a Host);

/// The hosts of these uses.
fn hosts<'a>(uses: &[Use<'a>]) -> Vec<&'a Host> {
    let mut hosts: Vec<&Host> = uses.iter().map(|(.., host)| *host).collect();
    hosts.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    hosts.dedup_by(|a, b| a.attribute == b.attribute);
    hosts
}

/// Those of them for which no key of a user may decrypt it in place of their own.
fn without_other_keys<'a>(uses: &[Use<'a>]) -> Vec<&'a Host> {
    let own = { uses.iter() }.filter(|(_, secret, host)| !may_decrypt_as_user(host, secret));
    own.map(|(.., host)| *host).collect()
}

fn attributes(hosts: &[&Host]) -> BTreeSet<String> {
    hosts.iter().map(|host| host.attribute.clone()).collect()
}

/// sops reads the `.sops.yaml` nearest to where it is started: the file is out of step only if it is with
/// every one that can be meant.
fn of_sops(cx: &ProjectContext<'_>, file: &SecretFile, sops: &SopsFacts) -> Option<Caused> {
    let mut nearest = None;
    for (config, relative) in cx
        .inventory
        .repository
        .sops_configs_above(&file.path.absolute)
    {
        let RuleMatch::Rule(_, rule) = config.config.rule_for(&relative) else {
            continue;
        };
        // A rule with a defect has a finding of its own.
        let has_defect = rule
            .recipients()
            .any(|recipient| recipient.defect().is_some());
        if rule.recipients().next().is_none() || has_defect {
            return None;
        }
        let diff = compare_groups(&rule.groups, &sops.groups, (rule.threshold, sops.threshold));
        let diff = certain(diff);
        if diff.same_access() {
            return None;
        }
        nearest.get_or_insert((config, rule, diff));
    }
    let (config, rule, diff) = nearest?;
    Some(Caused {
        cause: cause::of_sops(&config.path.display, &diff.missing, &diff.stale),
        finding: sops_diagnostic(cx, file, sops, config, rule, &diff),
    })
}

/// Without what may be the same key, written in another way.
fn certain(mut diff: RecipientDiff) -> RecipientDiff {
    let is_written_out =
        |recipient: &Recipient| recipient.kind.is_age() || recipient.kind == RecipientKind::Pgp;
    diff.missing.retain(is_written_out);
    diff.stale.retain(is_written_out);
    let same = |a: &Recipient, b: &Recipient| {
        let (a_id, b_id) = (a.id.to_ascii_uppercase(), b.id.to_ascii_uppercase());
        a.kind == RecipientKind::Pgp
            && b.kind == RecipientKind::Pgp
            && (a_id.ends_with(&b_id) || b_id.ends_with(&a_id))
    };
    let missing = diff.missing.clone();
    let stale = diff.stale.clone();
    diff.missing
        .retain(|recipient| !stale.iter().any(|other| same(recipient, other)));
    diff.stale
        .retain(|recipient| !missing.iter().any(|other| same(recipient, other)));
    diff
}

fn sops_diagnostic(
    cx: &ProjectContext<'_>,
    file: &SecretFile,
    sops: &SopsFacts,
    config: &SopsConfigFile,
    rule: &CreationRule,
    diff: &RecipientDiff,
) -> Diagnostic {
    let repository = &cx.inventory.repository;
    let uses = uses(cx.inventory, file);
    let hosts = hosts(&uses);
    let (path, rules) = (&file.path.display, &config.path.display);
    let called = |recipient: &Recipient| name(repository, Some(config), recipient);
    let without_others = without_other_keys(&uses);
    let is_host = |recipient: &&Recipient| {
        let alias = config.config.alias(recipient);
        { without_others.iter() }.any(|host| is_of_host(repository, alias, recipient, host))
    };
    let hosts_key = diff.missing.iter().find(is_host);
    let message = match (diff.missing.as_slice(), diff.stale.as_slice()) {
        ([], []) => format!("{path} divides its keys into other groups than {rules}"),
        ([], stale) => format!(
            "{path} can still be decrypted by {}, which its rule in {rules} does not name",
            several(stale, called)
        ),
        (missing, _) => format!(
            "{path} cannot be decrypted by {}, which {rules} names for it",
            several(missing, called)
        ),
    };
    let mut found = Diagnostic::new(&LINT, path, message);
    if hosts_key.is_some() {
        found = found.severity(Severity::Error);
    }
    found.hosts = attributes(&hosts);
    let missing = hosts_key.or(diff.missing.first());
    let metadata = place_in(file, sops.span);
    let found = match (missing, diff.stale.first()) {
        (Some(missing), _) => {
            let at = missing.span.and_then(|span| span_in(config.id, span));
            found
                .primary(at.or(metadata), "named here")
                .secondary(metadata, "not among the keys of the file")
        }
        (None, Some(stale)) => {
            let at = stale.span.and_then(|span| place_in(file, span));
            let rule = span_in(config.id, Place::new(rule.span.start, rule.span.start));
            found
                .primary(at.or(metadata), "not named by the rule")
                .secondary(rule, "the rule for this file")
        }
        (None, None) => found.primary(metadata, "the groups of the file"),
    };
    let manager = uses.first().map(|(_, secret, _)| secret.manager);
    let note = match (hosts_key, missing) {
        (Some(_), _) => {
            let manager = manager.map_or("sops", |manager| manager.name);
            format!(
                "creation rules count when a file is created: the host has no key for it, and {manager} then installs \
                 none of its secrets"
            )
        }
        (None, Some(_)) => {
            "creation rules count when a file is created: a key that was added later decrypts nothing yet".to_owned()
        }
        (None, None) => {
            "whoever has the key can read the file, and every older version in the Git history anyway".to_owned()
        }
    };
    let found = found.note(note);
    if rule.groups.len() > 1 && rule.groups.len() != sops.groups.len() {
        // Each group has a part of the key: to follow the rule may take the file from whoever reads it now.
        let needed = rule.threshold.filter(|threshold| *threshold > 0);
        let needed = needed.unwrap_or(rule.groups.len()).min(rule.groups.len());
        return cx.unless_loaded(found.advice(format!(
            "the rule has {} key groups, of which {needed} are needed to decrypt: if that is not meant, let `age` and \
             `pgp` be in one element of `key_groups` (a `-` before each begins a group), and only then run `sops \
             updatekeys {path}`",
            rule.groups.len(),
        )));
    }
    cx.unless_loaded(found.help(
        "encrypt the file to the keys of its rule",
        format!("sops updatekeys {path}"),
    ))
}
