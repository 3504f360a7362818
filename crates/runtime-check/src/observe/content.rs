//! Classes of a content, never the content: a length, and yes or no to a list of questions.

use serde::{Deserialize, Serialize};

use super::formats::{self, Shape};

/// How the last line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ending {
    /// Without a line break.
    None,
    /// With `\n`.
    Newline,
    /// With `\r\n`.
    CarriageReturnNewline,
    /// With several line breaks.
    Several,
}

/// Text that is still encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ciphertext {
    /// An age file, binary or armored.
    Age,
    /// A sops value or file.
    Sops,
    /// A PGP message.
    Pgp,
    /// An Ansible vault.
    AnsibleVault,
    /// A git-crypt file.
    GitCrypt,
}

impl Ciphertext {
    /// For a sentence.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Age => "an age file",
            Self::Sops => "sops ciphertext",
            Self::Pgp => "a PGP message",
            Self::AnsibleVault => "an Ansible vault",
            Self::GitCrypt => "a git-crypt file",
        }
    }
}

/// A password hash as crypt(3) knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PasswordHash {
    /// yescrypt, gost-yescrypt, scrypt, bcrypt, SHA-512 or SHA-256.
    Strong,
    /// MD5 or DES.
    Weak,
    /// `!` or `*`: no password opens the account.
    Locked,
}

/// Key material, and whether it can be used without a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyMaterial {
    /// An age identity.
    AgeIdentity,
    /// An age plugin's identity: the key is in a device.
    AgePlugin,
    /// A private key without passphrase.
    Private,
    /// A private key or identity that needs a passphrase.
    PassphraseProtected,
    /// A public key.
    Public,
}

/// What was found out about a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is the answer to one independent question"
)]
pub(crate) struct Content {
    /// The file's length in bytes.
    pub(crate) length: u64,
    /// How many bytes were looked at.
    pub(crate) examined: u64,
    /// Nothing but blanks, and at least one.
    pub(crate) only_blanks: bool,
    /// Blanks at the start, or at the end besides a line break.
    pub(crate) blanks_around: bool,
    /// The end of the last line.
    pub(crate) ending: Ending,
    /// A carriage return anywhere.
    pub(crate) carriage_return: bool,
    /// A NUL byte anywhere.
    pub(crate) nul: bool,
    /// It begins with a UTF-8 byte order mark.
    pub(crate) byte_order_mark: bool,
    /// It is UTF-8.
    pub(crate) text: bool,
    /// It is one line.
    pub(crate) one_line: bool,
    /// It was never decrypted.
    pub(crate) ciphertext: Option<Ciphertext>,
    /// It holds `<SOPS:…:PLACEHOLDER>`.
    pub(crate) sops_placeholder: bool,
    /// It is a word that stands for a value still to come.
    pub(crate) placeholder_word: bool,
    /// Every line that is not blank or a comment is `NAME=value`.
    pub(crate) assignments: bool,
    /// It is one assignment to a name in capitals, as in an environment file.
    pub(crate) one_assignment: bool,
    /// It is a password hash.
    pub(crate) password_hash: Option<PasswordHash>,
    /// It is key material.
    pub(crate) key: Option<KeyMaterial>,
    /// The format whose shape it has.
    pub(crate) format: Option<String>,
    /// The format whose beginning it has, but not its length or characters.
    pub(crate) begins_like: Option<String>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Classes the beginning of a file of `length` bytes.
pub(crate) fn classify(bytes: &[u8], length: u64) -> Content {
    let examined = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let complete = examined >= length;
    let byte_order_mark = bytes.starts_with(BYTE_ORDER_MARK);
    let body = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let trimmed = body.trim_ascii();
    let line = without_line_breaks(body);
    let one_line = complete && !line.is_empty() && !line.iter().any(|&b| matches!(b, b'\n'));
    let value = if one_line { trimmed } else { &[] };
    let (format, begins_like) = match formats::shape(value) {
        Shape::Matches(format) => (Some(format.id.to_owned()), None),
        Shape::BeginsLike(format) => (None, Some(format.id.to_owned())),
        Shape::Unknown => (None, None),
    };
    Content {
        length,
        examined,
        only_blanks: complete && !bytes.is_empty() && trimmed.is_empty(),
        blanks_around: complete && !trimmed.is_empty() && line.len() != trimmed.len(),
        ending: if complete { ending(body) } else { Ending::None },
        carriage_return: body.contains(&b'\r'),
        nul: body.contains(&0),
        byte_order_mark,
        text: is_text(bytes, complete),
        one_line,
        ciphertext: ciphertext(body),
        sops_placeholder: has_sops_placeholder(body),
        placeholder_word: is_agenix_rekey_dummy(body) || (one_line && is_placeholder(value)),
        assignments: complete && are_assignments(body),
        one_assignment: one_line && is_assignment_in_capitals(value),
        password_hash: if one_line { password_hash(value) } else { None },
        key: key_material(body),
        format,
        begins_like,
    }
}

/// UTF-8, a character cut off by the limit not counted.
fn is_text(bytes: &[u8], complete: bool) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !complete && error.error_len().is_none(),
    }
}

fn without_line_breaks(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((b'\n' | b'\r', before)) = rest.split_last() {
        rest = before;
    }
    rest
}

fn ending(bytes: &[u8]) -> Ending {
    let Some(before) = bytes.strip_suffix(b"\n") else {
        return Ending::None;
    };
    match before.strip_suffix(b"\r") {
        _ if before.ends_with(b"\n") => Ending::Several,
        Some(before) if before.ends_with(b"\n") => Ending::Several,
        Some(_) => Ending::CarriageReturnNewline,
        None => Ending::Newline,
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn ciphertext(bytes: &[u8]) -> Option<Ciphertext> {
    let start = bytes.trim_ascii_start();
    if start.starts_with(b"age-encryption.org/v1")
        || start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
    {
        Some(Ciphertext::Age)
    } else if start.starts_with(b"-----BEGIN PGP MESSAGE-----") {
        Some(Ciphertext::Pgp)
    } else if start.starts_with(b"$ANSIBLE_VAULT;") {
        Some(Ciphertext::AnsibleVault)
    } else if bytes.starts_with(b"\0GITCRYPT\0") {
        Some(Ciphertext::GitCrypt)
    } else if contains(bytes, b"ENC[AES256_GCM,data:") {
        Some(Ciphertext::Sops)
    } else {
        None
    }
}

fn has_sops_placeholder(bytes: &[u8]) -> bool {
    const START: &[u8] = b"<SOPS:";
    bytes.windows(START.len()).enumerate().any(|(at, window)| {
        window == START
            && bytes
                .get(at + START.len()..)
                .and_then(|rest| rest.split_at_checked(64))
                .is_some_and(|(digest, rest)| {
                    digest.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(b":PLACEHOLDER>")
                })
    })
}

/// Words that people leave where a value should be, in lower case with `_` and blanks as `-`.
const PLACEHOLDER_PARTS: &[&[u8]] = &[
    b"changeme",
    b"change-me",
    b"replaceme",
    b"replace-me",
    b"replace-with",
    b"placeholder",
    b"dummy",
    b"insert-",
    b"-goes-here",
    b"your-token",
    b"your-key",
    b"your-api",
    b"your-secret",
    b"your-password",
    b"token-here",
    b"key-here",
    b"secret-here",
    b"password-here",
    b"todo",
    b"fixme",
    b"redacted",
    b"fake-",
    b"sample-",
    b"not-been-rekeyed",
    b"hasn't-been-rekeyed",
];

/// Longer than this, a line with such a word is a text about something.
const LONGEST_PLACEHOLDER: usize = 200;

/// What agenix-rekey puts in place of an intermediary secret.
fn is_agenix_rekey_dummy(bytes: &[u8]) -> bool {
    bytes
        .trim_ascii_start()
        .starts_with(b"# This is a dummy secret")
}

fn is_placeholder(value: &[u8]) -> bool {
    if value.is_empty() || value.len() > LONGEST_PLACEHOLDER {
        return false;
    }
    // The copy is of a secret that may be real: it is wiped like the buffer.
    let folded = zeroize::Zeroizing::new(
        value
            .iter()
            .map(|byte| match byte {
                b'_' | b' ' => b'-',
                other => other.to_ascii_lowercase(),
            })
            .collect::<Vec<u8>>(),
    );
    let short_words: [&[u8]; 5] = [b"example", b"secret", b"password", b"test", b"none"];
    let bare = folded
        .strip_prefix(b"ghp-")
        .or_else(|| folded.strip_prefix(b"github-pat-"))
        .or_else(|| folded.strip_prefix(b"sk-"))
        .unwrap_or(&folded);
    let same_character = bare
        .split_first()
        .is_some_and(|(first, rest)| rest.len() >= 2 && rest.iter().all(|byte| byte == first));
    // A hash or token of random letters can hold `todo`; a placeholder is made of words.
    let wordy = folded
        .iter()
        .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'\'' | b'.' | b'<' | b'>'));
    let in_brackets = bare.starts_with(b"<") && bare.ends_with(b">") && wordy;
    short_words.contains(&bare)
        || same_character
        || in_brackets
        || PLACEHOLDER_PARTS
            .iter()
            .any(|part| folded.as_slice() == *part || (wordy && contains(&folded, part)))
}

fn split_assignment(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let at = line.iter().position(|&byte| byte == b'=')?;
    let (name, value) = line.split_at_checked(at)?;
    let identifier = name.split_first().is_some_and(|(first, rest)| {
        (first.is_ascii_alphabetic() || *first == b'_')
            && rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    });
    identifier.then(|| (name, value.strip_prefix(b"=").unwrap_or(value)))
}

fn are_assignments(bytes: &[u8]) -> bool {
    let mut any = false;
    for line in bytes.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") || line.starts_with(b";") {
            continue;
        }
        if split_assignment(line).is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// `GITHUB_TOKEN=…`. Base64 with its padding (`…A==`) is none.
fn is_assignment_in_capitals(value: &[u8]) -> bool {
    split_assignment(value).is_some_and(|(name, value)| {
        name.len() >= 3
            && name.contains(&b'_')
            && !name.iter().any(u8::is_ascii_lowercase)
            && !value.is_empty()
            && !value.starts_with(b"=")
    })
}

fn password_hash(value: &[u8]) -> Option<PasswordHash> {
    let strong: [&[u8]; 9] = [
        b"$y$", b"$gy$", b"$7$", b"$6$", b"$5$", b"$2a$", b"$2b$", b"$2x$", b"$2y$",
    ];
    let crypt64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
    let in_hash = |byte: &u8| crypt64(byte) || matches!(byte, b'$' | b'=' | b',' | b'-' | b'_');
    if let Some(rest) = value
        .strip_prefix(b"!")
        .or_else(|| value.strip_prefix(b"*"))
    {
        return (rest.len() <= 1 || rest.starts_with(b"$")).then_some(PasswordHash::Locked);
    }
    if strong.iter().any(|prefix| value.starts_with(prefix)) {
        return (value.len() >= 20 && value.iter().all(in_hash)).then_some(PasswordHash::Strong);
    }
    let md5 = value.starts_with(b"$1$") && value.len() >= 26 && value.iter().all(in_hash);
    let des = value.len() == 13 && value.iter().all(crypt64);
    (md5 || des).then_some(PasswordHash::Weak)
}

/// The start of an OpenSSH key's base64 whose cipher is `none`.
const OPENSSH_WITHOUT_PASSPHRASE: &[u8] = b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";

fn key_material(bytes: &[u8]) -> Option<KeyMaterial> {
    let start = bytes.trim_ascii_start();
    let has_line = |prefix: &[u8]| {
        bytes
            .split(|&byte| byte == b'\n')
            .any(|line| line.trim_ascii_start().starts_with(prefix))
    };
    if let Some(rest) = start.strip_prefix(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        return Some(
            if rest
                .trim_ascii_start()
                .starts_with(OPENSSH_WITHOUT_PASSPHRASE)
            {
                KeyMaterial::Private
            } else {
                KeyMaterial::PassphraseProtected
            },
        );
    }
    if start.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || (start.starts_with(b"-----BEGIN ") && contains(bytes, b"Proc-Type: 4,ENCRYPTED"))
        || start.starts_with(b"age-encryption.org/v1\n-> scrypt ")
        || start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
    {
        return Some(KeyMaterial::PassphraseProtected);
    }
    let pem = start.strip_prefix(b"-----BEGIN ").is_some_and(|rest| {
        [
            &b"PRIVATE KEY"[..],
            b"RSA PRIVATE KEY",
            b"EC PRIVATE KEY",
            b"DSA PRIVATE KEY",
        ]
        .iter()
        .any(|kind| rest.starts_with(kind))
    });
    if pem || start.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----") {
        Some(KeyMaterial::Private)
    } else if has_line(b"AGE-SECRET-KEY-1") || has_line(b"AGE-SECRET-KEY-PQ-1") {
        Some(KeyMaterial::AgeIdentity)
    } else if has_line(b"AGE-PLUGIN-") {
        Some(KeyMaterial::AgePlugin)
    } else if [&b"ssh-ed25519 "[..], b"ssh-rsa ", b"ecdsa-sha2-", b"age1"]
        .iter()
        .any(|kind| start.starts_with(kind))
    {
        Some(KeyMaterial::Public)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
