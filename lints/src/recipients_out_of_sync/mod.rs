//! `recipients-out-of-sync`: a file is encrypted to other keys than its rule names.

mod rekey;

use std::collections::BTreeSet;

use inventory::secret_files::{
    AgeFacts, Recipient, RecipientDiff, RecipientKind, RuleMatch, SopsFacts, Span as Place,
    compare_age, compare_groups,
};
use inventory::{AgeRule, AgeRulesFile, FileState, Host, SecretFile, SopsConfigFile};

use crate::context::{place_in, span_in, uses};
use crate::recipients::{is_of_host, name, short};
use crate::words::{count, several};
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
            out.extend(of_sops(cx, file, sops));
        } else if let Some(age) = &facts.age {
            out.extend(rekey::check(cx, file, age).or_else(|| of_age(cx, file, age)));
        }
    }
}

/// The hosts that use a file, and their attributes.
fn hosts<'a>(cx: &ProjectContext<'a>, file: &SecretFile) -> Vec<&'a Host> {
    let mut hosts: Vec<&Host> = uses(cx.inventory, file)
        .into_iter()
        .map(|(.., host)| host)
        .collect();
    hosts.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    hosts.dedup_by(|a, b| a.attribute == b.attribute);
    hosts
}

fn attributes(hosts: &[&Host]) -> BTreeSet<String> {
    hosts.iter().map(|host| host.attribute.clone()).collect()
}

/// sops reads the `.sops.yaml` nearest to where it is started: the file is out of step only if it is with
/// every one that can be meant.
fn of_sops(cx: &ProjectContext<'_>, file: &SecretFile, sops: &SopsFacts) -> Option<Diagnostic> {
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
    Some(sops_diagnostic(cx, file, sops, config, rule.span, &diff))
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
    rule: Place,
    diff: &RecipientDiff,
) -> Diagnostic {
    let repository = &cx.inventory.repository;
    let hosts = hosts(cx, file);
    let (path, rules) = (&file.path.display, &config.path.display);
    let called = |recipient: &Recipient| name(repository, Some(config), recipient);
    let is_host = |recipient: &&Recipient| {
        let alias = config.config.alias(recipient);
        hosts
            .iter()
            .any(|host| is_of_host(repository, alias, recipient, host))
    };
    let hosts_key = diff.missing.iter().find(is_host);
    let message = match (diff.missing.as_slice(), diff.stale.as_slice()) {
        ([], []) => format!("{path} divides its keys into other groups than {rules}"),
        ([], stale) => format!(
            "{path} can still be decrypted by {}, which {rules} no longer names",
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
            let rule = span_in(config.id, Place::new(rule.start, rule.start));
            found
                .primary(at.or(metadata), "not named by the rule")
                .secondary(rule, "the rule for this file")
        }
        (None, None) => found.primary(metadata, "the groups of the file"),
    };
    let note = match (hosts_key, missing) {
        (Some(_), _) => {
            "creation rules count when a file is created: the host has no key for it, and sops-nix then installs none \
             of its secrets"
        }
        (None, Some(_)) => {
            "creation rules count when a file is created: a key that was added later decrypts nothing yet"
        }
        (None, None) => {
            "whoever has the key can read the file, and every older version in the Git history anyway"
        }
    };
    found.note(note).help(
        "encrypt the file to the keys of its rule",
        format!("sops updatekeys {path}"),
    )
}

fn of_age(cx: &ProjectContext<'_>, file: &SecretFile, age: &AgeFacts) -> Option<Diagnostic> {
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
    let hosts = hosts(cx, file);
    let named = |recipient: &Recipient| {
        let key = keys.iter().find(|key| key.recipient == *recipient);
        key.and_then(|key| key.name.clone())
    };
    let called = |recipient: &Recipient| {
        named(recipient).map_or_else(|| short(recipient), |name| format!("`{name}`"))
    };
    let is_host = |recipient: &&Recipient| {
        let alias = named(recipient);
        hosts
            .iter()
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
    Some(age_diagnostic(
        file,
        rules,
        rule,
        message,
        hosts_key.is_some(),
        !diff.missing.is_empty(),
        &uses,
        &hosts,
    ))
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
    uses: &[(Option<inventory::Span>, &inventory::Secret, &Host)],
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
    let note = match (is_hosts, is_missing) {
        (true, _) => "at run time agenix cannot decrypt it, and the secret is missing on that host",
        (false, true) => {
            "a rule counts when a file is encrypted: a key that was added later decrypts nothing yet"
        }
        (false, false) => {
            "a rule counts when a file is encrypted: until then, whoever has the old keys can read it"
        }
    };
    let directory = rules
        .path
        .display
        .rsplit_once('/')
        .map(|(directory, _)| directory);
    let command = directory.map_or_else(
        || "agenix --rekey".to_owned(),
        |directory| format!("cd {directory} && agenix --rekey"),
    );
    found
        .note(note)
        .help("encrypt the files to the keys of their rules", command)
}
