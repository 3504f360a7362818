//! `recipient-identity-kind-mismatch`: a file is encrypted to a kind of key that the host does not use.

use inventory::secret_files::{AgeFacts, Recipient, RecipientKind, SshPublicKey};
use inventory::{Encryption, FileState, KeyKind, KeySource, Scope, Secret, SecretFile, SecretKind};

use crate::context::{place_in, split};
use crate::decryption_keys::keys_for;
use crate::recipients::{is_of_host, name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "recipient-identity-kind-mismatch",
    group: Group::Keys,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file is encrypted to a kind of key that the host does not use",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen = Vec::new();
    for (_, secret) in cx
        .secrets()
        .filter(|(_, secret)| secret.kind == SecretKind::Secret)
    {
        let Some((file, facts)) = cx.facts_of(secret) else {
            continue;
        };
        let is_known = seen.contains(&(&file.path, &secret.scope));
        if is_known || !matches!(file.state, FileState::Encrypted | FileState::Partial) {
            continue;
        }
        seen.push((&file.path, &secret.scope));
        let found = match (secret.manager.files.encryption, &facts.age) {
            (Encryption::Age, Some(age)) => of_age(cx, secret, file, age),
            (Encryption::Sops, None) => of_sops(
                cx,
                secret,
                file,
                &facts.recipients().cloned().collect::<Vec<_>>(),
            ),
            _ => None,
        };
        out.extend(found);
    }
}

/// The keys of a secret's manager and scope, if every one of them is known.
fn keys<'a>(cx: &HostContext<'a>, secret: &'a Secret) -> Option<Vec<(&'a KeySource, &'a str)>> {
    let keys: Option<Vec<_>> = keys_for(cx.host, secret)
        .map(|key| Some((key, key.path.known()?.as_str())))
        .collect();
    keys.filter(|keys| !keys.is_empty())
}

/// The manager turns the SSH key of a host into an age key: it then fits the age recipient, not the SSH one.
fn of_sops(
    cx: &HostContext<'_>,
    secret: &Secret,
    file: &SecretFile,
    recipients: &[Recipient],
) -> Option<Diagnostic> {
    // As a user, sops finds the SSH key in the home directory by itself.
    if secret.scope != Scope::System {
        return None;
    }
    let keys = keys(cx, secret)?;
    if let Some(found) = unusable(cx, secret, file, recipients, &keys) {
        return Some(found);
    }
    let ssh_keys = keys
        .iter()
        .filter(|(key, _)| key.option.kind == KeyKind::SshAsAge);
    let (key, path) = ssh_keys.clone().next()?;
    let is_only_ssh = keys
        .iter()
        .all(|(key, _)| matches!(key.option.kind, KeyKind::SshAsAge | KeyKind::SshAsPgp));
    let is_ssh = |recipient: &&Recipient| {
        matches!(
            recipient.kind,
            RecipientKind::SshEd25519 | RecipientKind::SshRsa
        )
    };
    let wrong = if recipients.iter().all(|recipient| is_ssh(&recipient)) {
        recipients.first()?
    } else if is_only_ssh {
        hosts_own(cx, recipients)?
    } else {
        return None;
    };
    let repository = cx.repository;
    let config = repository
        .sops_configs_above(&file.path.absolute)
        .next()
        .map(|(config, _)| config);
    let called = name(repository, config, wrong);
    let message = format!(
        "{} cannot decrypt {}: it is encrypted to the SSH key {called}",
        cx.host.name, file.path.display
    );
    let (manager, files) = (secret.manager.name, &secret.manager.files);
    let at = wrong.span.and_then(|span| place_in(file, span));
    let found = Diagnostic::new(&LINT, &file.path.display, message)
        .primary(at.or(secret.file.at), "an SSH recipient")
        .secondary(key.path.at, format!("{manager} turns {path} into an age key"))
        .note(format!(
            "{manager} converts the SSH keys of a host into age keys before it decrypts; the converted key does not \
             open what is encrypted to the SSH key itself, and none of the host's secrets is installed"
        ));
    let converted = SshPublicKey::parse(&wrong.id).and_then(|key| key.to_age_recipient());
    Some(match converted {
        Some(recipient) => found.help(
            format!(
                "name the converted key in {}, then run `{} {}`",
                files.rules, files.update, file.path.display
            ),
            format!("age: {recipient}"),
        ),
        None => found.advice(
            "an RSA key cannot be converted: use the host's Ed25519 key, converted by ssh-to-age",
        ),
    })
}

/// Recipients of kinds for which the host has no key at all: of plugins, or of PGP.
fn unusable(
    cx: &HostContext<'_>,
    secret: &Secret,
    file: &SecretFile,
    recipients: &[Recipient],
    keys: &[(&KeySource, &str)],
) -> Option<Diagnostic> {
    // A file of identities may hold one for a plugin.
    let is_only_ssh = keys
        .iter()
        .all(|(key, _)| matches!(key.option.kind, KeyKind::SshAsAge | KeyKind::SshAsPgp));
    let has_pgp = keys
        .iter()
        .any(|(key, _)| matches!(key.option.kind, KeyKind::Pgp | KeyKind::SshAsPgp));
    let settings = cx.host.sops.iter();
    let mut settings =
        settings.filter(|it| it.manager == secret.manager && it.scope == secret.scope);
    let may_have_pgp = has_pgp || settings.any(|it| it.has_gnupg.known() != Some(&false));
    let is_unusable = |recipient: &Recipient| match recipient.kind {
        RecipientKind::AgePlugin | RecipientKind::AgeTag => is_only_ssh,
        RecipientKind::Pgp => !may_have_pgp,
        _ => false,
    };
    let first = recipients.first()?;
    let is_plugin = |recipient: &Recipient| {
        matches!(
            recipient.kind,
            RecipientKind::AgePlugin | RecipientKind::AgeTag
        )
    };
    // With an age plugin beside PGP keys that the host may have, it is not decided.
    if !recipients.iter().all(is_unusable) {
        return None;
    }
    let what = match (
        recipients.iter().all(is_plugin),
        recipients.iter().any(is_plugin),
    ) {
        (true, _) => "keys of age plugins (hardware) only",
        (false, true) => "keys of age plugins and of PGP only",
        (false, false) => "PGP keys only",
    };
    let message = format!(
        "{} cannot decrypt {}: it is encrypted to {what}",
        cx.host.name, file.path.display
    );
    let (key, path) = keys.first()?;
    let (manager, files) = (secret.manager.name, &secret.manager.files);
    let at = first.span.and_then(|span| place_in(file, span));
    Some(
        Diagnostic::new(&LINT, &file.path.display, message)
            .primary(at.or(secret.file.at), "no key of this host")
            .secondary(key.path.at, format!("{manager} decrypts with {path}"))
            .note("a machine has no finger for a hardware key and no key ring of a person: none of its secrets is installed")
            .advice(format!(
                "name the key of the host in {} beside the others (ssh-to-age makes one of its SSH key), then run `{} {}`",
                files.rules, files.update, file.path.display
            )),
    )
}

/// The SSH recipient of this host, where no other recipient can be this host's.
fn hosts_own<'a>(cx: &HostContext<'_>, recipients: &'a [Recipient]) -> Option<&'a Recipient> {
    let repository = cx.repository;
    let alias = |recipient: &Recipient| {
        let mut configs = repository.sops_configs.iter();
        configs.find_map(|config| config.config.alias(recipient))
    };
    let is_hosts =
        |recipient: &&Recipient| is_of_host(repository, alias(recipient), recipient, cx.host);
    let mut of_host = recipients.iter().filter(is_hosts);
    let only = of_host.next().filter(|_| of_host.next().is_none())?;
    // Every other recipient must be known to be somebody else.
    let is_named = |recipient: &&Recipient| alias(recipient).is_some();
    let others_are_named = recipients.iter().all(|recipient| is_named(&recipient));
    let is_ed25519 = only.kind == RecipientKind::SshEd25519;
    let converted = SshPublicKey::parse(&only.id).and_then(|key| key.to_age_recipient());
    let is_there = converted
        .is_some_and(|converted| recipients.iter().any(|recipient| recipient.id == converted));
    (is_ed25519 && others_are_named && !is_there).then_some(only)
}

/// age opens with an SSH key only what was encrypted to that SSH key, not to an age key made of it.
fn of_age(
    cx: &HostContext<'_>,
    secret: &Secret,
    file: &SecretFile,
    age: &AgeFacts,
) -> Option<Diagnostic> {
    let is_rekeyed = secret.is_rekeyed;
    let keys = keys(cx, secret)?;
    let all_ssh = keys.iter().all(|(_, path)| is_ssh_key(path));
    let mut stanzas = age.recipients().peekable();
    let some = stanzas.peek().is_some();
    let not_ssh = stanzas.all(|stanza| !stanza.kind.starts_with("ssh-") && stanza.kind != "scrypt");
    if is_rekeyed || !all_ssh || !some || !not_ssh {
        return None;
    }
    let only_age = age.recipients().all(|stanza| stanza.kind == "X25519");
    let what = if only_age {
        "age keys only"
    } else {
        "keys of age and its plugins only"
    };
    let (key, path) = keys.first()?;
    let message = format!(
        "{} cannot decrypt {}: it is encrypted to {what}",
        cx.host.name, file.path.display
    );
    let repository = cx.repository;
    let rule = repository.age_rule(&file.path.absolute);
    let named = rule.and_then(|(_, rule)| rule.public_keys.as_ref());
    let converted = named.and_then(|keys| {
        keys.iter()
            .find_map(|key| repository.public_key_of(&key.recipient))
    });
    let at = secret
        .file
        .at
        .or_else(|| secret.declared_at.first().copied());
    let found = Diagnostic::new(&LINT, &file.path.display, message)
        .primary(at, "no SSH key among its recipients")
        .secondary(key.path.at, format!("{} decrypts with {path}", secret.manager.name))
        .secondary(
            rule.and_then(|(_, rule)| rule.at),
            if named.is_some_and(|keys| keys.is_empty()) {
                "its rule names no key at all"
            } else {
                "encrypted by this rule"
            },
        )
        .note("age opens with an SSH key only what was encrypted to that SSH key; an `age1…` key that ssh-to-age made of it is another key");
    let files = &secret.manager.files;
    let directory = rule
        .and_then(|(rules, _)| rules.path.display.rsplit_once('/'))
        .map(|(directory, _)| directory);
    let command = directory.map_or_else(
        || files.update.to_owned(),
        |directory| format!("cd {directory} && {}", files.update),
    );
    let text = match converted {
        Some(file) => format!(
            "name the key in {} as it is (`ssh-ed25519 …`), then encrypt again",
            file.path.display
        ),
        None => format!(
            "name the host's `ssh-ed25519 …` key in {}, then encrypt again",
            files.rules
        ),
    };
    Some(found.help(text, command))
}

/// By the names that SSH gives its keys.
fn is_ssh_key(path: &str) -> bool {
    let name = split(path).map_or(path, |(_, name)| name);
    name.starts_with("ssh_host_") || matches!(name, "id_ed25519" | "id_rsa" | "id_ecdsa")
}
