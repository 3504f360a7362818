//! Private keys: which kind, and whether a passphrase protects them.

mod nix;
mod pem;
mod pgp;

use crate::{Code, FileFacts, Format, Problem, Span, State, bech32};

pub(crate) use nix::is_signing_key;
pub(crate) use pem::parse as parse_pem;

/// The header of PuTTY's key files, without its version.
const PUTTY: &[u8] = b"PuTTY-User-Key-File-";
const SSH2: &[u8] = b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----";
/// The beginning of an age identity and the length of its two forms.
const IDENTITY: &str = "AGE-SECRET-KEY-";
const PLUGIN_IDENTITY: &str = "AGE-PLUGIN-";
/// Longest file that is inspected as a whole.
const MAX_FILE: usize = 1 << 20;

/// Describes a file that is a private key as a whole; `None` if it is none.
pub(crate) fn describe(bytes: &[u8]) -> Option<FileFacts> {
    let (trimmed, start) = crate::text::trim(bytes.get(..bytes.len().min(MAX_FILE))?);
    let line = trimmed
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(trimmed.len());
    let span = Span::new(start, start + line.min(200));
    if trimmed.starts_with(b"-----BEGIN ") {
        let pem = pem::parse(std::str::from_utf8(trimmed).ok()?)?;
        return Some(key_file(pem.format, pem.encrypted, span, bytes));
    }
    if trimmed.starts_with(PUTTY) {
        return Some(key_file(
            Format::PuttyPrivateKey,
            putty_is_encrypted(trimmed),
            span,
            bytes,
        ));
    }
    if trimmed.starts_with(SSH2) {
        return Some(key_file(Format::Ssh2PrivateKey, true, span, bytes));
    }
    let text = std::str::from_utf8(trimmed).ok()?;
    identities(text, start, bytes).or_else(|| signing_key(text, span, bytes))
}

/// `Encryption: none` on the second line, or a cipher.
pub(crate) fn putty_is_encrypted(text: &[u8]) -> bool {
    let header = text.get(..text.len().min(400)).unwrap_or_default();
    !crate::text::contains(header, "Encryption: none")
}

fn key_file(format: Format, encrypted: bool, span: Span, bytes: &[u8]) -> FileFacts {
    let (state, problem) = if encrypted {
        let message = "a private key with a passphrase: nothing can use it unattended";
        (
            State::OtherEncrypted,
            Problem::new(Code::EncryptedPrivateKey, span, message),
        )
    } else {
        (
            State::Plaintext,
            Problem::new(
                Code::UnencryptedPrivateKey,
                span,
                "a private key without a passphrase",
            ),
        )
    };
    let mut facts = FileFacts::new(format, state);
    facts.plaintext_length = (!encrypted).then_some(bytes.len());
    facts.with(problem)
}

/// A file of age identities: comments, blank lines, and identities.
fn identities(text: &str, start: usize, bytes: &[u8]) -> Option<FileFacts> {
    let (mut secret, mut plugin) = (None, None);
    for (offset, line) in crate::text::lines(text) {
        let line = line.trim_end();
        let span = Span::new(offset, offset + line.len()).shifted(start);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if is_identity(line) {
            secret.get_or_insert(span);
        } else if is_plugin_identity(line) {
            plugin.get_or_insert(span);
        } else {
            return None;
        }
    }
    let (format, code, span, message) = match (secret, plugin) {
        (Some(span), _) => {
            let message =
                "an age identity: whoever reads it can decrypt everything that is encrypted to it";
            (Format::AgeIdentity, Code::AgeIdentity, span, message)
        }
        (None, Some(span)) => {
            let message = "a handle of a hardware key, useless without the hardware";
            (
                Format::AgePluginIdentity,
                Code::PluginIdentity,
                span,
                message,
            )
        }
        (None, None) => return None,
    };
    let mut facts = FileFacts::new(format, State::Plaintext);
    facts.plaintext_length = Some(bytes.len());
    Some(facts.with(Problem::new(code, span, message)))
}

/// `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…` with a right checksum.
pub(crate) fn is_identity(text: &str) -> bool {
    text.starts_with(IDENTITY)
        && bech32::decode(text).is_some_and(|(prefix, data)| {
            matches!(prefix.as_str(), "age-secret-key-" | "age-secret-key-pq-") && data.len() == 32
        })
}

/// `AGE-PLUGIN-NAME-1…` with a right checksum.
pub(crate) fn is_plugin_identity(text: &str) -> bool {
    text.starts_with(PLUGIN_IDENTITY)
        && bech32::decode(text).is_some_and(|(prefix, _)| prefix.ends_with('-'))
}

fn signing_key(text: &str, span: Span, bytes: &[u8]) -> Option<FileFacts> {
    let line = text
        .lines()
        .next()
        .filter(|line| line.len() == text.len())?;
    if !is_signing_key(line) {
        return None;
    }
    let mut facts = FileFacts::new(Format::NixSigningKey, State::Plaintext);
    facts.plaintext_length = Some(bytes.len());
    let message = "the secret half of a Nix binary cache key: whoever reads it can sign packages";
    Some(facts.with(Problem::new(Code::NixSigningKey, span, message)))
}
