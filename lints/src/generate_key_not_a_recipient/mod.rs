//! `generate-key-not-a-recipient`: sops-nix generates a key that no file is encrypted to.

use inventory::{KeyKind, KeySource, Scope, SopsSettings};

use crate::decryption_keys::keys_of;
use crate::recipients::names_host;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "generate-key-not-a-recipient",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "sops-nix generates a key that no file is encrypted to",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for settings in &cx.host.sops {
        if settings.generate_key.known() == Some(&true) {
            out.extend(diagnostic(cx, settings));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, settings: &SopsSettings) -> Option<Diagnostic> {
    let keys = || keys_of(cx.host, settings.manager, &settings.scope);
    let ssh: Vec<&KeySource> = keys()
        .filter(|key| key.option.kind == KeyKind::SshAsAge)
        .collect();
    let file = keys().find(|key| key.option.kind == KeyKind::Age)?;
    let path = file.path.known()?;
    // What is not known may be the key that decrypts.
    let has_gnupg = *settings.has_gnupg.known()?;
    if ssh.iter().any(|key| key.path.known().is_none()) {
        return None;
    }
    let is_only = ssh.is_empty() && !has_gnupg;
    // The key that was made is among the recipients, and is called after the host.
    let is_known = cx.repository.sops_configs.iter().any(|config| {
        let rules = config.config.rules.iter().flatten();
        let mut recipients = rules.flat_map(|rule| rule.recipients());
        recipients.any(|recipient| {
            let alias = config.config.alias(recipient);
            recipient.kind.is_age() && alias.is_some_and(|alias| names_host(alias, &cx.host.name))
        })
    });
    if is_only && is_known {
        return None;
    }
    let option = format!("{}.age.generateKey", settings.option);
    let message = if is_only {
        format!(
            "{option} makes a new key at {path} where there is none, and no secret is encrypted to it"
        )
    } else {
        format!("{option} makes a key at {path} that decrypts nothing")
    };
    let found = Diagnostic::new(&LINT, &option, message)
        .confidence(Confidence::Medium)
        .severity(if is_only {
            Severity::Warning
        } else {
            Severity::Info
        })
        .primary(
            settings.generate_key.at,
            "a random key, not made from the SSH key of the host",
        )
        .secondary(file.path.at, "written here");
    let found = if is_only {
        found.note(
            "a machine that is installed anew gets a key that nobody has encrypted to: activation succeeds in making \
             it, and then decrypts none of the secrets",
        )
    } else {
        found.note("the SSH key of the host decrypts; the generated key is in no file's list of recipients")
    };
    // The SSH key of the host is root's: the user cannot read it.
    let is_users = matches!(settings.scope, Scope::User(_));
    Some(if is_only && is_users {
        found.advice("let the key be one that exists before: put it there yourself")
    } else if is_only {
        found.help(
            "let the key be one that exists before: put it there yourself, or use the SSH key of the host",
            format!("{}.age.sshKeyPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ];", settings.option),
        )
    } else {
        found.advice(format!(
            "drop {option}, unless its public key is added to .sops.yaml"
        ))
    })
}
