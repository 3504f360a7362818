//! The public halves of a file of private keys: for which recipients it can decrypt.
//!
//! Nothing private leaves these functions. Working copies of private keys are wiped, except what
//! the compiler keeps in registers and on the stack while it computes.

use curve25519_dalek::montgomery::MontgomeryPoint;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::bech32;
use crate::ssh::{SshPublicKey, field};
use crate::{Recipient, RecipientKind};

/// Whom a file of private keys can decrypt for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicHalves {
    /// The recipients, sorted: `age1…`, `ssh-ed25519 AAAA…`, `ssh-rsa AAAA…`, without comments.
    pub recipients: Vec<String>,
    /// Whether these are all: `false` if the file holds a key whose public half cannot be
    /// computed here (a plugin's, a post-quantum one, PGP, PEM other than OpenSSH's).
    pub complete: bool,
}

/// The public halves of the keys in a file: age identities, or one OpenSSH private key. The
/// public half of the latter is in clear in the file, whether it has a passphrase or not.
#[must_use]
pub fn public_halves(file: &[u8]) -> PublicHalves {
    let start = file.trim_ascii_start();
    if start.starts_with(b"-----BEGIN ") {
        let key = openssh_public_key(start).map(|key| Recipient::age(&key, None));
        // age encrypts to no other kind of SSH key: one of them decrypts nothing.
        let is_other = |key: &Recipient| key.kind == RecipientKind::Unknown;
        let is_whole = |key: &Recipient| is_other(key) || key.defect().is_none();
        let key = key.filter(is_whole);
        return PublicHalves {
            complete: key.is_some(),
            recipients: key
                .filter(|key| !is_other(key))
                .map(|key| key.id)
                .into_iter()
                .collect(),
        };
    }
    let mut halves = PublicHalves {
        recipients: Vec::new(),
        complete: true,
    };
    let mut identities = 0_usize;
    for line in file.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        identities += 1;
        let recipient = std::str::from_utf8(line).ok().and_then(age_recipient);
        halves.complete &= recipient.is_some();
        halves.recipients.extend(recipient);
    }
    halves.complete &= identities > 0;
    halves.recipients.sort();
    halves.recipients.dedup();
    halves
}

/// `age1…` of an `AGE-SECRET-KEY-1…`.
fn age_recipient(identity: &str) -> Option<String> {
    let secret = bech32::decode_secret(identity, "age-secret-key-")?;
    let public = MontgomeryPoint::mul_base_clamped(*secret);
    bech32::encode("age", public.as_bytes())
}

const OPENSSH_START: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";
/// As many characters of base64 as the public half of an RSA key of 8192 bits needs.
const OPENSSH_PREFIX: usize = 2048;

/// `ssh-ed25519 AAAA…` of an OpenSSH private key.
fn openssh_public_key(pem: &[u8]) -> Option<String> {
    let body = pem.strip_prefix(OPENSSH_START)?;
    let mut text = Zeroizing::new(Vec::with_capacity(OPENSSH_PREFIX));
    text.extend(
        body.iter()
            .take_while(|byte| **byte != b'-')
            .filter(|byte| !byte.is_ascii_whitespace())
            .take(OPENSSH_PREFIX),
    );
    let mut bytes = Zeroizing::new(vec![0; BASE64.decode_len(text.len()).ok()?]);
    let length = BASE64.decode_mut(&text, &mut bytes).ok()?;
    let rest = bytes.get(..length)?.strip_prefix(OPENSSH_MAGIC)?;
    let (_cipher, rest) = field(rest)?;
    let (_derivation, rest) = field(rest)?;
    let (_options, rest) = field(rest)?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let (blob, _) = field(rest).filter(|_| u32::from_be_bytes(*count) == 1)?;
    let (algorithm, _) = field(blob)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-@.".contains(byte);
    let algorithm = std::str::from_utf8(algorithm).ok()?;
    algorithm.bytes().all(|byte| is_name(&byte)).then(|| {
        SshPublicKey {
            algorithm: algorithm.to_owned(),
            blob: blob.to_vec(),
            comment: String::new(),
        }
        .without_comment()
    })
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, HEXLOWER};

    use super::public_halves;
    use crate::bech32;

    /// Bob's key pair of RFC 7748, section 6.1.
    const PRIVATE: &str = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    const PUBLIC: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0idNvgGiucWgup/mP78zyC23uFjYq0evcWdjGQUaBH";

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        HEXLOWER.decode(hexadecimal.as_bytes()).unwrap()
    }

    fn identity() -> String {
        let text = bech32::encode("age-secret-key-", &bytes(PRIVATE)).unwrap();
        text.to_uppercase()
    }

    fn recipient() -> String {
        bech32::encode("age", &bytes(PUBLIC)).unwrap()
    }

    /// The file of a private key with this public half; its private half is noise.
    fn openssh(cipher: &str, public: &str, count: u32) -> String {
        let blob = BASE64
            .decode(public.split(' ').nth(1).unwrap().as_bytes())
            .unwrap();
        let mut file = b"openssh-key-v1\0".to_vec();
        for field in [cipher.as_bytes(), b"none", b""] {
            file.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            file.extend(field);
        }
        file.extend(count.to_be_bytes());
        file.extend(u32::try_from(blob.len()).unwrap().to_be_bytes());
        file.extend(blob);
        file.extend([0x5a; 600]);
        let text = BASE64.encode(&file);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(70)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }

    fn one(file: &str) -> String {
        let halves = public_halves(file.as_bytes());
        assert!(halves.complete, "{halves:?}");
        assert_eq!(halves.recipients.len(), 1, "{halves:?}");
        halves.recipients[0].clone()
    }

    #[test]
    fn age_identities_give_the_public_key_of_the_rfc() {
        let identity = identity();
        for file in [
            identity.clone(),
            format!("# created: 2026-01-01\n# public key: age1x\n{identity}\n"),
            format!("\r\n  {identity}\r\n{identity}\r\n"),
        ] {
            assert_eq!(one(&file), recipient());
        }
    }

    #[test]
    fn ssh_keys_give_their_public_line_with_and_without_passphrase() {
        for cipher in ["none", "aes256-ctr"] {
            assert_eq!(one(&openssh(cipher, SSH, 1)), SSH);
        }
    }

    /// age knows no such recipient: whoever has the key can decrypt nothing with it.
    #[test]
    fn other_ssh_keys_are_the_key_of_no_recipient() {
        const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKUxDTInunzTuc0WJlF2I/uGSqebyPA+KKWW2RSU4aPy1BXLsY3dgcDrCyQyW+JAgiruZlSDsqG/4lgMxUHtbGI=";
        let halves = public_halves(openssh("none", ECDSA, 1).as_bytes());
        assert!(
            halves.complete && halves.recipients.is_empty(),
            "{halves:?}"
        );
    }

    #[test]
    fn what_cannot_be_computed_is_never_left_out_silently() {
        let mut mistyped = identity();
        mistyped.pop();
        for file in [
            "",
            "# only a comment\n",
            "AGE-SECRET-KEY-1TESTONLY\n",
            mistyped.as_str(),
            "AGE-PLUGIN-YUBIKEY-1QQQ\n",
            "AGE-SECRET-KEY-PQ-1QQQ\n",
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            openssh("none", SSH, 2).as_str(),
            "\u{0}\u{fffd}",
        ] {
            let halves = public_halves(file.as_bytes());
            assert!(!halves.complete && halves.recipients.is_empty(), "{file:?}");
        }
        let mixed = format!("{}\nAGE-PLUGIN-YUBIKEY-1QQQ\n", identity());
        let halves = public_halves(mixed.as_bytes());
        assert_eq!((halves.recipients.len(), halves.complete), (1, false));
    }
}
