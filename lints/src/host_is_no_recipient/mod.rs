//! `host-is-no-recipient`: a host uses a file that is encrypted to everybody but it.

use std::cell::LazyCell;

use inventory::secret_files::{AgeFacts, Recipient, RuleMatch, SopsFacts, SshPublicKey};
use inventory::{
    Encryption, FileState, HostClass, NamedRecipient, Scope, Secret, SecretFile, SecretKind,
};

use crate::decryption_keys::decrypts_with_host_key;
use crate::recipients::{is_named_as, names_host};
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "host-is-no-recipient",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a host uses a file that is encrypted to others, and its own key is known",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if !matches!(cx.host.class, HostClass::Nixos | HostClass::Darwin) || cx.host.container.is_some()
    {
        return;
    }
    let keys = LazyCell::new(|| Keys::of(cx));
    let mut seen = Vec::new();
    for (_, secret) in cx.secrets() {
        let is_own = secret.kind == SecretKind::Secret && secret.scope == Scope::System;
        let Some((file, facts)) = cx.facts_of(secret).filter(|_| is_own && !secret.is_rekeyed)
        else {
            continue;
        };
        if seen.contains(&&file.path) || file.state != FileState::Encrypted {
            continue;
        }
        seen.push(&file.path);
        if !decrypts_with_host_key(cx.host, secret) {
            continue;
        }
        let own = match (secret.manager.files.encryption, &facts.sops, &facts.age) {
            (Encryption::Sops, Some(sops), _) => of_sops(cx, &keys, file, sops),
            (Encryption::Age, _, Some(age)) => of_age(cx, &keys, file, age),
            _ => None,
        };
        if let Some(own) = own {
            out.push(diagnostic(cx, secret, file, &own.name));
        }
    }
}

/// A key of the repository that has a name.
struct NamedKey {
    name: String,
    recipient: Recipient,
    /// The forms that it has in files.
    forms: Vec<String>,
}

/// What is known of keys, the same for all files of a host.
struct Keys {
    named: Vec<NamedKey>,
    /// The host's own key, by its place in `named`; `None` if it is not known.
    own: Option<usize>,
}

impl Keys {
    fn of(cx: &HostContext<'_>) -> Self {
        let key = |(name, recipient): (String, Recipient)| NamedKey {
            forms: forms(&recipient),
            name,
            recipient,
        };
        let named: Vec<NamedKey> = named_keys(cx).into_iter().map(key).collect();
        let own = own_key(cx, &named);
        Self { named, own }
    }

    fn own(&self) -> Option<&NamedKey> {
        self.named.get(self.own?)
    }
}

/// Every key of the repository that has a name.
fn named_keys(cx: &HostContext<'_>) -> Vec<(String, Recipient)> {
    let repository = cx.repository;
    let mut all: Vec<(String, Recipient)> = Vec::new();
    for file in &repository.public_keys {
        let key = Recipient::age(&file.key.without_comment(), None);
        all.push((file.path.display.clone(), key));
    }
    let of_rules = repository
        .age_rules
        .iter()
        .flat_map(|rules| &rules.named_keys);
    let named = |key: &NamedRecipient| Some((key.name.clone()?, key.recipient.clone()));
    all.extend(of_rules.filter_map(named));
    for config in &repository.sops_configs {
        let rules = config.config.rules.iter().flatten();
        for recipient in rules.flat_map(|rule| rule.recipients()) {
            if let Some(alias) = config.config.alias(recipient) {
                all.push((alias.to_owned(), recipient.clone()));
            }
        }
    }
    all
}

/// The forms that a key has in files: an SSH key, and the age key that is made of it.
fn forms(recipient: &Recipient) -> Vec<String> {
    let converted = SshPublicKey::parse(&recipient.id).and_then(|key| key.to_age_recipient());
    let mut forms = vec![recipient.key()];
    forms.extend(converted);
    forms
}

/// The key that has the name of this host and nothing else, by its place; `None` if several different ones have it.
fn own_key(cx: &HostContext<'_>, named: &[NamedKey]) -> Option<usize> {
    let mut of_host =
        { named.iter().enumerate() }.filter(|(_, key)| is_named_as(&key.name, &cx.host.name));
    let (place, first) = of_host.next()?;
    let is_same = |other: &NamedKey| other.forms.iter().any(|form| first.forms.contains(form));
    of_host.all(|(_, other)| is_same(other)).then_some(place)
}

/// The host's own key, if a sops file is for others alone, who all have names.
fn of_sops<'a>(
    cx: &HostContext<'_>,
    keys: &'a Keys,
    file: &SecretFile,
    sops: &SopsFacts,
) -> Option<&'a NamedKey> {
    let own = keys.own()?;
    let shown = &own.forms;
    // Named by a rule, and not yet encrypted to: the file is out of step with the rule.
    let mut configs = cx.repository.sops_configs_above(&file.path.absolute);
    let is_ruled = configs.any(
        |(config, relative)| match config.config.rule_for(&relative) {
            RuleMatch::Rule(_, rule) => rule.recipients().any(|it| shown.contains(&it.key())),
            _ => false,
        },
    );
    if is_ruled {
        return None;
    }
    let recipients: Vec<&Recipient> = sops.groups.iter().flatten().collect();
    let is_other = |recipient: &&Recipient| {
        let key = recipient.key();
        let mut names = { keys.named.iter() }
            .filter(|named| named.forms.contains(&key))
            .peekable();
        let has_name = names.peek().is_some();
        let is_of_host = |named: &NamedKey| names_host(&named.name, &cx.host.name);
        has_name && !names.any(is_of_host) && !shown.contains(&key)
    };
    let are_others = !recipients.is_empty() && recipients.iter().all(is_other);
    are_others.then_some(own)
}

/// The host's own key, if the header of an age file shows that it is not for it and the rule names others.
fn of_age<'a>(
    cx: &HostContext<'_>,
    keys: &'a Keys,
    file: &SecretFile,
    age: &AgeFacts,
) -> Option<&'a NamedKey> {
    let (_, rule) = cx.repository.age_rule(&file.path.absolute)?;
    let public_keys = rule.public_keys.as_ref()?;
    let own = keys.own()?;
    let is_other = |key: &NamedRecipient| {
        let name = key.name.as_deref();
        let is_named = name.is_some_and(|name| !names_host(name, &cx.host.name));
        is_named && !own.forms.contains(&key.recipient.key())
    };
    let are_others = !public_keys.is_empty() && public_keys.iter().all(is_other);
    // Anonymous stanzas may be for anybody.
    let mut stanzas = age.recipients();
    let is_for_others = stanzas.all(|stanza| stanza.is_for(&own.recipient) == Some(false));
    (are_others && is_for_others).then_some(own)
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, file: &SecretFile, name: &str) -> Diagnostic {
    let path = &file.path.display;
    let host = &cx.host.name;
    let message = format!("{host} uses {path}, which is encrypted to others only");
    let at = secret
        .file
        .at
        .or_else(|| secret.declared_at.first().copied());
    let rule = cx.repository.age_rule(&file.path.absolute);
    let files = &secret.manager.files;
    Diagnostic::new(&LINT, path, message)
        .confidence(Confidence::Medium)
        .primary(at, format!("the key `{name}` is not among its recipients"))
        .secondary(rule.and_then(|(_, rule)| rule.at), "encrypted by this rule")
        .note("the secret is not installed on this host: it has no key that decrypts the file")
        .advice(format!(
            "name `{name}` in the rule of {} for it, then run `{}`",
            files.rules, files.update
        ))
}
