//! Whether the keys on the machine can decrypt the encrypted files, by their public halves.
//!
//! Only what is certain is told: a file for which every key's public half is known, every
//! recipient is of a kind that these keys could serve or certainly cannot, and none matches.

use std::collections::BTreeMap;

use inventory::Encryption;
use secret_files::{Recipient, RecipientKind, SshPublicKey};

use super::{Details, JudgeContext, fix, shown};
use crate::checks::Check;
use crate::escape::Escaped;
use crate::expect::{Encrypted, Key, Maker, Scope, Secret};
use crate::observe::content::KeyMaterial;
use crate::observe::file::Observation;

/// Judges each encrypted file once, however many secrets come from it.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    secrets: &[Secret],
    keys: &[(&Key, &Observation)],
    open: &[(Maker, Scope)],
) {
    let mut files: BTreeMap<(Maker, &Scope, &Encrypted), Vec<&str>> = BTreeMap::new();
    for secret in secrets {
        if let Some(encrypted) = &secret.encrypted {
            let names = files.entry((secret.manager, &secret.scope, encrypted));
            names.or_default().push(&secret.name);
        }
    }
    for ((manager, scope, encrypted), mut names) in files {
        if open.contains(&(manager, scope.clone())) {
            continue;
        }
        let of_file = keys
            .iter()
            .filter(|(key, _)| key.declared && key.manager == manager && key.scope == *scope);
        let Some(held) = Held::of(manager, of_file.copied()) else {
            continue;
        };
        if encrypted.recipients.iter().any(|to| held.may_be(to)) {
            continue;
        }
        names.sort_unstable();
        names.dedup();
        not_a_recipient(context, manager, &held, encrypted, &names);
    }
}

/// The public halves of the keys that are there.
#[derive(Debug)]
struct Held<'k> {
    manager: Maker,
    first: &'k Key,
    /// As an encrypted file names them: for sops-nix SSH keys as it converts them.
    recipients: Vec<String>,
    /// One of them to encrypt to: of a key that nobody has to type a passphrase for.
    recommended: Option<String>,
}

impl<'k> Held<'k> {
    /// Nothing if there is no key, or one whose public half is not known.
    fn of(manager: Maker, keys: impl Iterator<Item = (&'k Key, &'k Observation)>) -> Option<Self> {
        let mut held: Option<Self> = None;
        for (key, seen) in keys {
            if seen.is_missing() {
                continue;
            }
            let public = seen.found().and_then(|found| found.public.as_ref())?;
            if !public.complete {
                return None;
            }
            let held = held.get_or_insert(Self {
                manager,
                first: key,
                recipients: Vec::new(),
                recommended: None,
            });
            let as_named = public.recipients.iter().filter_map(|text| {
                // Ed25519 host keys are converted for sops, which can use no other SSH key with age.
                if encryption(manager) == Some(Encryption::Sops) && text.starts_with("ssh-") {
                    return SshPublicKey::parse(text)?.to_age_recipient();
                }
                Some(text.clone())
            });
            let from = held.recipients.len();
            held.recipients.extend(as_named);
            let content = seen.found().and_then(|found| found.content.as_ref());
            let material = content.and_then(|content| content.key);
            if held.recommended.is_none() && material != Some(KeyMaterial::PassphraseProtected) {
                held.recommended = held.recipients.get(from).cloned();
            }
        }
        held
    }

    /// Whether one of the keys decrypts what is encrypted to this recipient, or it is not known.
    fn may_be(&self, recipient: &str) -> bool {
        match encryption(self.manager) {
            Some(Encryption::Age) => self.may_open_stanza(recipient),
            Some(Encryption::Sops) | None => self.may_be_named(recipient),
        }
    }

    /// sops names its recipients.
    fn may_be_named(&self, recipient: &str) -> bool {
        match Recipient::age(recipient, None).kind {
            RecipientKind::AgeX25519 => self.recipients.iter().any(|own| own == recipient),
            // These need identities of their own, and there is none among the keys.
            RecipientKind::AgePostQuantum | RecipientKind::AgeTag | RecipientKind::AgePlugin => {
                false
            }
            // PGP keys, key services, SSH keys as they are: others than the key files decide.
            _ => true,
        }
    }

    /// age's stanzas name SSH keys by a tag and others not at all: `ssh-ed25519 V3XmEA`, `X25519`.
    fn may_open_stanza(&self, stanza: &str) -> bool {
        let (kind, tag) = stanza.split_once(' ').unwrap_or((stanza, ""));
        let is_own_tag = |own: &String| {
            own.starts_with(kind) && SshPublicKey::parse(own).is_some_and(|key| key.tag() == tag)
        };
        match kind {
            "ssh-ed25519" | "ssh-rsa" => self.recipients.iter().any(is_own_tag),
            "X25519" => self.recipients.iter().any(|own| own.starts_with("age1")),
            // A passphrase, which nobody types; post-quantum and tagged keys, as above.
            "scrypt" | "mlkem768x25519" | "piv-p256" | "p256tag" | "mlkem768p256tag" => false,
            _ => true,
        }
    }
}

fn encryption(maker: Maker) -> Option<Encryption> {
    maker.map(|manager| manager.files.encryption)
}

fn not_a_recipient(
    context: &mut JudgeContext<'_>,
    manager: Maker,
    held: &Held<'_>,
    encrypted: &Encrypted,
    names: &[&str],
) {
    let Some(first) = names.first() else {
        return;
    };
    let more = match names.len() - 1 {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let path = &held.first.path;
    let file = Escaped::text(&encrypted.file);
    let message = format!(
        "{} cannot decrypt {file}: no key of this machine is among its recipients, so `{}`{more} will be missing or old",
        shown(path),
        Escaped::text(first),
    );
    let word = fix::shell_word(encrypted.file.as_ref());
    let help = held.recommended.as_ref().and_then(|own| {
        let files = &manager?.files;
        let (rules, update) = (files.rules, files.update);
        match files.encryption {
            Encryption::Sops => Some(format!("add {own} to {rules}, then: {update} {}", word?)),
            Encryption::Age => Some(format!(
                "add \"{own}\" to the publicKeys of {file} in {rules}, then: {update}"
            )),
        }
    });
    let details = Details {
        secret: Some(first),
        help,
        ..Details::default()
    };
    context.add(Check::KeyNotARecipient, path, message, details);
}

#[cfg(test)]
mod tests {
    use super::Held;
    use crate::expect::{Key, Scope};

    const OWN: &str = "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy";
    const OTHER: &str = "age1j0uwsf69gcydmgzfxsvg8ryyrxz2s4fw8mz9pdv8vlamkzreu3cqu4u5r3";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0idNvgGiucWgup/mP78zyC23uFjYq0evcWdjGQUaBH";

    fn may_be(manager: &str, own: &[&str], recipient: &str) -> bool {
        let manager = extract::MANAGERS
            .iter()
            .copied()
            .find(|it| it.name == manager);
        assert!(manager.is_some());
        let key = Key {
            manager,
            scope: Scope::System,
            path: "/k".into(),
            declared: true,
        };
        let held = Held {
            manager,
            first: &key,
            recommended: None,
            recipients: own.iter().map(|text| (*text).to_owned()).collect(),
        };
        held.may_be(recipient)
    }

    #[test]
    fn sops_recipients_are_named() {
        assert!(may_be("sops-nix", &[OWN], OWN));
        assert!(!may_be("sops-nix", &[OWN], OTHER));
        assert!(!may_be("sops-nix", &[OWN], "age1yubikey1qvqx4uc6qkfsqqq"));
        for undecided in [
            "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4",
            "arn:aws:kms:eu-west-1:123456789012:key/x",
            SSH,
            "",
        ] {
            assert!(may_be("sops-nix", &[OWN], undecided), "{undecided}");
        }
    }

    #[test]
    fn age_stanzas_name_ssh_keys_by_tag_and_others_not_at_all() {
        assert!(may_be("agenix", &[SSH], "ssh-ed25519 V3XmEA"));
        assert!(!may_be("agenix", &[SSH], "ssh-ed25519 KLPP8w"));
        assert!(!may_be("agenix", &[SSH], "ssh-rsa V3XmEA"));
        assert!(!may_be("agenix", &[SSH], "X25519"));
        assert!(may_be("agenix", &[OWN], "X25519"), "it may be for another");
        assert!(!may_be("agenix", &[OWN, SSH], "scrypt"));
        assert!(
            may_be("agenix", &[OWN], "fido2-hmac"),
            "a kind not known here"
        );
    }
}
