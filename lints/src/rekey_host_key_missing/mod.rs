//! `rekey-host-key-missing`: agenix-rekey does not know for which key to encrypt the secrets of a host.

use inventory::{HostClass, HostKey};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekey-host-key-missing",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "agenix-rekey does not know for which key to encrypt the secrets of a host",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let Some(rekey) = &cx.host.settings.rekey else {
        return;
    };
    // A module on its own may be given the key by the host that imports it.
    let is_excerpt = cx.host.class == HostClass::Module && !rekey.host_key.is_defined();
    if rekey.rekeyed.is_empty() || rekey.host_key.known() != Some(&HostKey::Missing) || is_excerpt {
        return;
    }
    let first = rekey
        .rekeyed
        .first()
        .and_then(|index| cx.host.secrets.get(*index));
    let declared = first.and_then(|secret| secret.declared_at.first().copied());
    let message = "no rekeyed secret can be decrypted: the public key of the host is not set";
    let (at, label) = match rekey.host_key.at {
        Some(at) => (Some(at), "the placeholder that agenix-rekey starts with"),
        None => (
            declared,
            "no `age.rekey.hostPubkey`: encrypted for a key that nobody has",
        ),
    };
    out.push(
        Diagnostic::new(&LINT, "age.rekey.hostPubkey", message)
            .primary(at, label)
            .note("agenix-rekey uses a dummy key until the host has one: activation fails to decrypt every secret, by design")
            .help(
                "take it from the machine: `ssh-keyscan -t ed25519 HOST`, then rekey",
                "age.rekey.hostPubkey = \"ssh-ed25519 AAAA…\";",
            ),
    );
}
