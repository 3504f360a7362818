//! SSH public keys: the wire form, age's tag of it, and the age recipient of an Ed25519 key.

use curve25519_dalek::edwards::CompressedEdwardsY;
use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::{Digest as _, Sha256};

use crate::bech32;

/// A public key from a line of `authorized_keys`, a `.pub` file or a recipient list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SshPublicKey {
    /// `ssh-ed25519`, `ssh-rsa`, …
    pub algorithm: String,
    /// The key as it is sent over the wire.
    pub blob: Vec<u8>,
    /// The comment after the key; empty if there is none.
    pub comment: String,
}

impl SshPublicKey {
    /// Parses `algorithm base64 comment`. The algorithm must also be the one inside the key.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut fields = line.trim().splitn(3, [' ', '\t']);
        let algorithm = fields.next()?;
        let blob = BASE64.decode(fields.next()?.as_bytes()).ok()?;
        let comment = fields.next().unwrap_or_default().trim().to_owned();
        let (inner, _) = field(&blob)?;
        (inner == algorithm.as_bytes()).then(|| Self {
            algorithm: algorithm.to_owned(),
            blob,
            comment,
        })
    }

    /// The tag that age puts into a stanza for this key: four bytes of SHA-256 of the wire
    /// form, in base64 without padding.
    #[must_use]
    pub fn tag(&self) -> String {
        short_hash(&self.blob)
    }

    /// `algorithm base64`: what makes two keys the same, whatever their comments.
    #[must_use]
    pub fn without_comment(&self) -> String {
        format!("{} {}", self.algorithm, BASE64.encode(&self.blob))
    }

    /// The X25519 recipient (`age1…`) that `ssh-to-age` derives from an Ed25519 key; sops-nix
    /// converts a host's SSH key in the same way. `None` for every other algorithm.
    #[must_use]
    pub fn to_age_recipient(&self) -> Option<String> {
        if self.algorithm != "ssh-ed25519" {
            return None;
        }
        let (_, rest) = field(&self.blob)?;
        let (key, rest) = field(rest)?;
        let key: [u8; 32] = key.try_into().ok().filter(|_| rest.is_empty())?;
        let point = CompressedEdwardsY(key).decompress()?;
        bech32::encode("age", point.to_montgomery().as_bytes())
    }
}

/// One length-prefixed field of the wire form, and what follows it.
pub(crate) fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// The first four bytes of SHA-256 in base64 without padding.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    BASE64_NOPAD.encode(digest.get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::SshPublicKey;

    /// The host key of sops-nix's test assets and what `ssh-to-age` makes of the example keys
    /// of agenix are public facts.
    const USER1: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0idNvgGiucWgup/mP78zyC23uFjYq0evcWdjGQUaBH alice@desk";
    const SYSTEM1: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJDyIr/FSz1cJdcoW69R+NrWzwGK/+3gJpqD1t8L2zE";

    #[test]
    fn tags_are_those_of_agenix_examples() {
        assert_eq!(SshPublicKey::parse(USER1).unwrap().tag(), "V3XmEA");
        assert_eq!(SshPublicKey::parse(SYSTEM1).unwrap().tag(), "KLPP8w");
    }

    #[test]
    fn a_comment_does_not_make_another_key() {
        let with = SshPublicKey::parse(USER1).unwrap();
        assert_eq!(with.comment, "alice@desk");
        assert_eq!(
            with.without_comment(),
            USER1.strip_suffix(" alice@desk").unwrap()
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for line in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIL0idNvgGiucWgup",
        ] {
            assert_eq!(SshPublicKey::parse(line), None, "{line}");
        }
    }

    #[test]
    fn an_ed25519_key_has_an_age_recipient() {
        let recipient = SshPublicKey::parse(USER1)
            .unwrap()
            .to_age_recipient()
            .unwrap();
        assert!(recipient.starts_with("age1") && recipient.len() == 62);
    }
}
