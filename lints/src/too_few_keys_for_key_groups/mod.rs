//! `too-few-keys-for-key-groups`: a file wants keys of several groups, and the host has one.

use inventory::secret_files::{Recipient, RecipientKind, RuleMatch};
use inventory::{Encryption, FileState, KeyKind, Secret, SecretFile, SecretKind, Span};

use crate::context::{place_in, span_in};
use crate::decryption_keys::keys_for;
use crate::phrases::count;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "too-few-keys-for-key-groups",
    group: Group::Keys,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a sops file wants keys of several groups, and the host has keys of fewer",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen = Vec::new();
    for (_, secret) in cx.secrets() {
        if secret.kind != SecretKind::Secret || secret.manager.files.encryption != Encryption::Sops
        {
            continue;
        }
        let Some((file, facts)) = cx.facts_of(secret) else {
            continue;
        };
        let Some(sops) = facts.sops.as_ref() else {
            continue;
        };
        if seen.contains(&(&file.path, &secret.scope)) || file.state != FileState::Encrypted {
            continue;
        }
        seen.push((&file.path, &secret.scope));
        let Some(keys) = Keys::of(cx, secret) else {
            continue;
        };
        let rule = rule(cx, file);
        let of_rule = rule
            .as_ref()
            .filter(|rule| keys.opens(&rule.groups) < threshold(&rule.groups, rule.threshold));
        let (has, wants) = (
            keys.opens(&sops.groups),
            threshold(&sops.groups, sops.threshold),
        );
        if has < wants && sops.groups.len() > 1 {
            let at = place_in(file, sops.span);
            out.push(found(cx, secret, file, &keys, (has, wants, at), of_rule));
        } else if let Some(rule) = of_rule {
            out.push(next_time(cx, secret, file, rule));
        }
    }
}

/// How many groups must give a key; the number of groups where nothing is said.
fn threshold(groups: &[Vec<Recipient>], said: Option<usize>) -> usize {
    said.filter(|said| *said > 0).unwrap_or(groups.len())
}

/// The keys of a secret's manager and scope.
struct Keys {
    /// How many of them age can use.
    age: usize,
    /// Whether one is, or becomes, a key of PGP.
    pgp: bool,
    /// Whether a file may hold several of them.
    may_be_more: bool,
}

impl Keys {
    /// `None` where one of them is not known, or there is none.
    fn of(cx: &HostContext<'_>, secret: &Secret) -> Option<Self> {
        let mut keys = Self {
            age: 0,
            pgp: false,
            may_be_more: false,
        };
        for key in keys_for(cx.host, secret) {
            key.path.known()?;
            match key.option.kind {
                KeyKind::Age => {
                    keys.age += 1;
                    keys.may_be_more = true;
                }
                KeyKind::SshAsAge => keys.age += 1,
                KeyKind::Pgp | KeyKind::SshAsPgp => keys.pgp = true,
            }
        }
        let is_any = keys.age > 0 || keys.pgp;
        is_any.then_some(keys)
    }

    /// How many groups they open at most.
    fn opens(&self, groups: &[Vec<Recipient>]) -> usize {
        let is_of_age = |group: &&Vec<Recipient>| group.iter().any(|it| it.kind.is_age());
        let of_age = groups.iter().filter(is_of_age).count();
        // One key opens several groups that all name it.
        let all = groups.iter().flatten().filter(|it| it.kind.is_age());
        let names = |recipient: &Recipient| {
            let key = recipient.key();
            let has = |group: &&Vec<Recipient>| group.iter().any(|it| it.key() == key);
            groups.iter().filter(has).count()
        };
        let best = all.map(names).max().unwrap_or(0);
        let by_age = match self.age {
            0 => 0,
            1 => best,
            _ => of_age,
        };
        let is_otherwise = |group: &&Vec<Recipient>| {
            !is_of_age(group)
                && group
                    .iter()
                    .any(|it| it.kind != RecipientKind::Pgp || self.pgp)
        };
        let mixed = |group: &&Vec<Recipient>| {
            is_of_age(group)
                && group
                    .iter()
                    .any(|it| !it.kind.is_age() && (it.kind != RecipientKind::Pgp || self.pgp))
        };
        let others = groups.iter().filter(is_otherwise).count();
        let both = groups.iter().filter(mixed).count();
        (by_age + both).min(of_age) + others
    }
}

/// A rule of `.sops.yaml` with several groups.
struct Rule {
    groups: Vec<Vec<Recipient>>,
    threshold: Option<usize>,
    path: String,
    at: Option<Span>,
}

/// The rule for a file that has several groups.
fn rule(cx: &HostContext<'_>, file: &SecretFile) -> Option<Rule> {
    let mut configs = cx.repository.sops_configs_above(&file.path.absolute);
    let (config, rule) =
        configs.find_map(
            |(config, relative)| match config.config.rule_for(&relative) {
                RuleMatch::Rule(_, rule) => Some((config, rule)),
                _ => None,
            },
        )?;
    let second = rule.groups.get(1)?.first();
    Some(Rule {
        groups: rule.groups.clone(),
        threshold: rule.threshold,
        path: config.path.display.clone(),
        at: second.and_then(|second| span_in(config.id, second.span?)),
    })
}

const ONE_GROUP: &str =
    "write all keys of the rule into one group: one dash before `age` and `pgp` together";

fn found(
    cx: &HostContext<'_>,
    secret: &Secret,
    file: &SecretFile,
    keys: &Keys,
    (has, wants, at): (usize, usize, Option<Span>),
    rule: Option<&Rule>,
) -> Diagnostic {
    let path = &file.path.display;
    let message = format!(
        "{} cannot decrypt {path}: it wants keys of {}, and this host has {}",
        cx.host.name,
        count(wants, "key group"),
        match has {
            0 => "none of them".to_owned(),
            one => format!("those of {one}"),
        }
    );
    let used = secret
        .file
        .at
        .or_else(|| secret.declared_at.first().copied());
    let (severity, confidence) = if keys.may_be_more {
        (Severity::Warning, Confidence::Medium)
    } else {
        (Severity::Error, Confidence::High)
    };
    let found = Diagnostic::new(&LINT, path, message)
        .severity(severity)
        .confidence(confidence)
        .primary(at.or(used), "split between the groups below")
        .secondary(rule.and_then(|rule| rule.at), "a group of its own, by this rule")
        .note(
            "each group holds one part of the key of the file, and all parts are needed unless `shamir_threshold` says \
             otherwise; who has keys of one group alone decrypts nothing",
        );
    match rule {
        Some(_) => found.advice(format!(
            "{ONE_GROUP}; then somebody with keys of all groups runs `{} {path}`",
            secret.manager.files.update
        )),
        None => found.advice(format!(
            "somebody with keys of all groups runs `{} {path}`",
            secret.manager.files.update
        )),
    }
}

/// The file is not split yet, and will be once it is encrypted by its rule.
fn next_time(cx: &HostContext<'_>, secret: &Secret, file: &SecretFile, rule: &Rule) -> Diagnostic {
    let path = &file.path.display;
    let message = format!(
        "by its rule in {} {path} is encrypted to {}, and {} has keys of one",
        rule.path,
        count(rule.groups.len(), "key group"),
        cx.host.name
    );
    Diagnostic::new(&LINT, path, message)
        .severity(Severity::Warning)
        .confidence(Confidence::Medium)
        .primary(rule.at, "a group of its own")
        .secondary(secret.file.at, "decrypted by this host")
        .note(format!(
            "the file is not split yet: as soon as `{}` runs, a key of each group is needed, and this host is locked out",
            secret.manager.files.update
        ))
        .advice(ONE_GROUP)
}
