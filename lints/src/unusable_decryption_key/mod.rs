//! `unusable-decryption-key`: what is named as a key is none that can decrypt.

use inventory::{Capability, KeyKind, KeySource, MasterIdentity, Rekeying};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "unusable-decryption-key",
    group: Group::Keys,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "what is named as a decryption key cannot decrypt",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for key in &cx.host.key_sources {
        let Some(path) = key.path.known() else {
            continue;
        };
        if path.ends_with(".pub") {
            out.push(public(key, path));
        } else if is_only_rsa(cx, key) {
            out.push(rsa(key, path));
        }
    }
    let rekey = cx.host.settings.rekey.iter();
    let identities = rekey.flat_map(|rekey| &rekey.master_identities);
    let mut managers = cx.managers.iter();
    if let Some(rekeying) = managers.find_map(|manager| manager.rekeying.as_ref()) {
        out.extend(identities.filter_map(|identity| master(rekeying, identity)));
    }
}

fn public(key: &KeySource, path: &str) -> Diagnostic {
    let option = key.option.option;
    let message = format!("{option} names {path}, the public half of a key");
    let note = if key.manager.has(Capability::SkipsUnreadableKeys) {
        "age refuses a file of identities with a public key in it: no secret is decrypted"
    } else {
        "nothing can be decrypted with a public key: no secret is installed"
    };
    let private = path.strip_suffix(".pub").unwrap_or(path);
    Diagnostic::new(&LINT, option, message)
        .primary(key.path.at, "a public key encrypts only")
        .note(note)
        .advice(format!(
            "name the private half, {private}, which stays on the machine"
        ))
}

/// Whether a key is an RSA key of which no age key can be made, and there is no other key.
fn is_only_rsa(cx: &HostContext<'_>, key: &KeySource) -> bool {
    let is_rsa = |key: &KeySource| {
        let name = key.path.known().and_then(|path| path.rsplit('/').next());
        let is_named = |name: &str| matches!(name, "ssh_host_rsa_key" | "id_rsa");
        key.option.kind == KeyKind::SshAsAge && name.is_some_and(is_named)
    };
    let mut others = cx.host.key_sources.iter().filter(|other| {
        other.manager == key.manager
            && other.scope == key.scope
            && !matches!(other.option.kind, KeyKind::Pgp | KeyKind::SshAsPgp)
    });
    is_rsa(key) && others.all(is_rsa)
}

fn rsa(key: &KeySource, path: &str) -> Diagnostic {
    let option = key.option.option;
    let message = format!("{option} names {path}, an RSA key, of which no age key can be made");
    Diagnostic::new(&LINT, option, message)
        .severity(Severity::Warning)
        .primary(key.path.at, "only Ed25519 keys can be converted")
        .note(format!(
            "{} leaves it out, and then there is no age key: what is encrypted to age keys cannot be decrypted",
            key.manager.name
        ))
        .help("name an Ed25519 key", key.option.example)
}

fn master(rekeying: &Rekeying, identity: &MasterIdentity) -> Option<Diagnostic> {
    let file = identity.file.known().filter(|_| identity.is_public)?;
    let name = &file.display;
    let option = format!("{}.masterIdentities", rekeying.option);
    let message = format!("{option} names {name}, which holds a public key only");
    Some(
        Diagnostic::new(&LINT, name, message)
            .primary(identity.file.at, "an identity is wanted")
            .note(format!(
                "{} decrypts with it: age refuses it with \"identity file contains non-identity data\"",
                rekeying.name
            ))
            .help(
                "name the identity, or the file that a plugin made for it; the public key goes beside it",
                format!("{option} = [ {{ identity = \"/path/to/identity\"; pubkey = \"age1…\"; }} ];"),
            ),
    )
}
