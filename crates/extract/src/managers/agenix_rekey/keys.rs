//! Whom agenix-rekey encrypts the files of `rekeyFile` to (nix/lib.nix, 8b9c179): the `pubkey` of each master
//! identity, else what stands in the identity's file, and `extraEncryptionPubkeys`.

use std::path::Path;

use nix_eval::value::Value;
use nix_eval::{Evaluator, Thunk};
use secret_files::{Recipient, RecipientKind, public_halves};

use crate::values::{Options, text};

/// The recipients that this host adds; nothing where one of them is not known.
pub(crate) fn recipients(evaluator: &mut Evaluator, options: Options) -> Option<Vec<Recipient>> {
    let identities = list(evaluator, options, "masterIdentities")?;
    let mut keys = Vec::new();
    for item in identities {
        keys.extend(of_identity(evaluator, item)?);
    }
    if options.entry(evaluator, "extraEncryptionPubkeys").is_some() {
        for item in list(evaluator, options, "extraEncryptionPubkeys")? {
            let value = evaluator.force(item).ok()?;
            keys.push(key(evaluator, value)?);
        }
    }
    let recipients = keys.iter().map(|key| Recipient::age(key.trim(), None));
    let recipients: Vec<Recipient> = recipients.collect();
    let is_known = |recipient: &Recipient| recipient.kind != RecipientKind::Unknown;
    recipients.iter().all(is_known).then_some(recipients)
}

fn list(evaluator: &mut Evaluator, options: Options, name: &str) -> Option<Vec<Thunk>> {
    let entry = options.entry(evaluator, name)?;
    let is_certain = entry.maybe.is_none();
    let items = evaluator.force_exact_list(entry.value).ok()?;
    is_certain.then_some(items)
}

/// A path to an identity, or a set of one and its public key.
fn of_identity(evaluator: &mut Evaluator, item: Thunk) -> Option<Vec<String>> {
    let mut value = evaluator.force(item).ok()?;
    if let Value::Attrs(set) = value {
        let pubkey = evaluator.symbol("pubkey");
        if let Some(entry) = evaluator.attribute(set, pubkey) {
            match evaluator.force(entry.value).ok()? {
                Value::Null => {}
                value => return Some(vec![key(evaluator, value)?]),
            }
        }
        let identity = evaluator.symbol("identity");
        value = evaluator.select_attribute(set, identity).ok()?;
    }
    let path = evaluator.coerce_to_path(value).ok()?;
    let path = evaluator.path_text(path).to_string();
    let bytes = evaluator.sources.read(Path::new(&path)).ok()?;
    in_identity_file(&bytes)
}

/// A path is read; a string is the key itself, or names a file of whoever encrypts.
fn key(evaluator: &mut Evaluator, value: Value) -> Option<String> {
    if let Value::Path(path) = value {
        let path = evaluator.path_text(path).to_string();
        return evaluator.sources.read_text(Path::new(&path)).ok();
    }
    text(evaluator, value)
        .ok()
        .filter(|text| !text.starts_with('/'))
}

/// The public keys that agenix-rekey, or rage after it, takes from a file of identities.
fn in_identity_file(bytes: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut identities = text.lines().filter(|line| line.starts_with("AGE-"));
    let only = identities.next().filter(|_| identities.next().is_none());
    let mark = match only {
        Some(line) if line.starts_with("AGE-PLUGIN-YUBIKEY-") => Some("Recipient: age1yubikey1"),
        Some(line) if line.starts_with("AGE-PLUGIN-FIDO2-HMAC-") => Some("public key: age1"),
        _ => None,
    };
    if let Some(mark) = mark {
        let keys = text.lines().filter_map(|line| {
            let at = line.find(mark)? + mark.find("age1")?;
            let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            let key = line
                .as_bytes()
                .get(at..)?
                .iter()
                .take_while(|byte| is_of_key(byte));
            Some(key.map(|byte| char::from(*byte)).collect())
        });
        let keys: Vec<String> = keys.collect();
        return (keys.len() == 1).then_some(keys);
    }
    let halves = public_halves(bytes);
    (halves.complete && !halves.recipients.is_empty()).then_some(halves.recipients)
}

#[cfg(test)]
mod tests {
    use super::in_identity_file;

    #[test]
    fn the_public_key_of_a_hardware_key_stands_in_its_file() {
        let yubikey = "#       Serial: 15302417, Slot: 1\n#    Recipient: age1yubikey1qvqx4uc6zs\n\
                       AGE-PLUGIN-YUBIKEY-1Q9ZQ9QV\n";
        let keys = in_identity_file(yubikey.as_bytes());
        assert_eq!(keys, Some(vec!["age1yubikey1qvqx4uc6zs".to_owned()]));
        let without = "AGE-PLUGIN-YUBIKEY-1Q9ZQ9QV\n";
        assert_eq!(in_identity_file(without.as_bytes()), None);
        assert_eq!(in_identity_file(b"age-encryption.org/v1\n-> scrypt"), None);
        assert_eq!(in_identity_file(b"\xff"), None);
    }
}
