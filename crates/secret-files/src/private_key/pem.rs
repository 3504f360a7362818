//! PEM private keys, also inside of other text and with `\n` written out.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::pgp;
use crate::Format;

/// A private key in PEM form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pem {
    pub(crate) format: Format,
    /// Whether a passphrase protects it, or hardware.
    pub(crate) encrypted: bool,
    /// Whether it is the handle of a key in hardware, useless without that.
    pub(crate) is_handle: bool,
    /// Whether it is one that a project publishes for tests and examples.
    pub(crate) is_published: bool,
    /// Length of the text from BEGIN to the end of the END line (or of the body without one).
    pub(crate) length: usize,
}

/// Documentation shows the first line only; a key has at least this much base64.
const MIN_BODY: usize = 64;
const MAX_BODY: usize = 64 * 1024;

/// The key that begins at the start of `text`; `None` if there is only a header or no key.
pub(crate) fn parse(text: &str) -> Option<Pem> {
    let rest = text.strip_prefix("-----BEGIN ")?;
    let (pem_type, rest) = rest
        .get(..rest.len().min(80))?
        .split_once("-----")
        .map(|(pem_type, _)| pem_type)
        .and_then(|pem_type| Some((pem_type, rest.get(pem_type.len() + 5..)?)))?;
    let is_key = matches!(
        pem_type,
        "PRIVATE KEY"
            | "ENCRYPTED PRIVATE KEY"
            | "RSA PRIVATE KEY"
            | "DSA PRIVATE KEY"
            | "EC PRIVATE KEY"
            | "ANY PRIVATE KEY"
            | "OPENSSH PRIVATE KEY"
            | "PGP PRIVATE KEY BLOCK"
    );
    if !is_key {
        return None;
    }
    let mut limit = rest.len().min(MAX_BODY);
    while !rest.is_char_boundary(limit) {
        limit -= 1;
    }
    let window = rest.get(..limit).unwrap_or_default();
    // The next dashes end the body, whatever they begin.
    let end = window.find("-----").unwrap_or(window.len());
    let (headers, body) = split_headers(window.get(..end).unwrap_or_default());
    if body.len() < MIN_BODY {
        return None;
    }
    let (format, encrypted) = match pem_type {
        "OPENSSH PRIVATE KEY" => (Format::OpensshPrivateKey, openssh_is_encrypted(&body)?),
        "PRIVATE KEY" => (Format::Pkcs8PrivateKey, false),
        "ENCRYPTED PRIVATE KEY" => (Format::Pkcs8PrivateKey, true),
        "PGP PRIVATE KEY BLOCK" => (Format::PgpPrivateKey, pgp::is_encrypted(&body)),
        _ => (Format::PemPrivateKey, headers.contains("4,ENCRYPTED")),
    };
    let is_handle = pem_type == "OPENSSH PRIVATE KEY" && openssh_is_handle(&body);
    let tail = window.get(end..).unwrap_or_default();
    let tail_length = tail
        .strip_prefix("-----END ")
        .and_then(|tail| tail.find("-----"))
        .map_or(0, |dashes| 9 + dashes + 5);
    Some(Pem {
        format,
        encrypted: encrypted || is_handle,
        is_handle,
        is_published: is_published(&body),
        length: text.len() - rest.len() + end + tail_length,
    })
}

/// The header lines (`Proc-Type: …`) and the base64 of the body without anything else.
fn split_headers(text: &str) -> (String, String) {
    let text = text.replace("\\r", "\n").replace("\\n", "\n");
    let mut headers = String::new();
    let mut body = String::new();
    for line in text.lines().map(without_quotes) {
        // A PGP checksum (`=AbCd`) ends the body.
        if line.contains(':') {
            headers.push_str(line);
            headers.push('\n');
        } else if !(line.starts_with('=') && line.len() == 5) {
            body.extend(line.chars().filter(|character| is_base64(*character)));
        }
    }
    (headers, body)
}

/// A line of a key that is written as strings of a program, joined by `+`: the text in the quotes.
/// A `+` outside of them is no part of the key, any other is.
fn without_quotes(line: &str) -> &str {
    let line = line.trim_matches([' ', '\t', '\r', '\\', ',']);
    if !line.contains(['"', '\'']) {
        return line;
    }
    line.trim_matches([' ', '\t', '+'])
        .trim_matches(['"', '\''])
}

const fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=')
}

/// The name of the cipher directly follows the magic; `None` if the magic is missing.
fn openssh_is_encrypted(body: &str) -> Option<bool> {
    let first = BASE64.decode(body.get(..MIN_BODY)?.as_bytes()).ok()?;
    let rest = first.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, _) = crate::ssh::field(rest)?;
    Some(cipher != b"none")
}

/// Whether the key itself is in a security key: the type of the public key, which stands in clear before the private
/// half, is `sk-ssh-ed25519@openssh.com` or `sk-ecdsa-sha2-nistp256@openssh.com`.
fn openssh_is_handle(body: &str) -> bool {
    // As much as the names of cipher and key derivation, its salt, and the type of the key need.
    const HEADER: usize = 256;
    let start = body.get(..body.len().min(HEADER) & !3).unwrap_or_default();
    let algorithm = || {
        let bytes = BASE64.decode(start.as_bytes()).ok()?;
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        let (_cipher, rest) = crate::ssh::field(rest)?;
        let (_derivation, rest) = crate::ssh::field(rest)?;
        let (_options, rest) = crate::ssh::field(rest)?;
        // The number of keys and the length of the first one's public half, four bytes each.
        let (algorithm, _) = crate::ssh::field(rest.get(8..)?)?;
        Some(algorithm.starts_with(b"sk-"))
    };
    algorithm().unwrap_or(false)
}

/// Whether everybody has the key anyway: that of a project's tests or examples.
fn is_published(body: &str) -> bool {
    /// The first bytes of the SHA-256 of their base64.
    const PUBLISHED: [&str; 9] = [
        // NixOS tests: snakeOilPrivateKey, snakeOilEd25519PrivateKey, and the latter's successor from OpenSSH's tests.
        "f9ecd5063ff3a2cd27743b040edd7385",
        "7e9a590cb8964d3f0e656e439492642a",
        "ca506c2f8429fb74d6cd41db5abcd641",
        // nixpkgs: the SSH host key of the builder in a virtual machine, profiles/keys/ssh_host_ed25519_key.
        "6ee5adcdecc31b15616e420ead1c5a74",
        // agenix: example_keys/user1 and system1.
        "8a9da2502928f7d400104828d617261e",
        "f9f0558509ab7904a66b0ee3be4a1426",
        // RFC 8410, section 10.3.
        "4ff96a60934849a7f7c7733f163824cc",
        // Vagrant's insecure keys.
        "3ad8f14b04b634983ece3710397663e9",
        "b8456d4446be077c2158e8a931776329",
    ];
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
    PUBLISHED.iter().any(|known| digest.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::Format;

    fn pem(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn a_plus_at_the_end_of_a_line_belongs_to_the_key() {
        for (line, bare) in [
            ("+AAA+", "+AAA+"),
            ("  +AAA+\r", "+AAA+"),
            ("\"+AAA+\" +", "+AAA+"),
            ("+ '+AAA+',", "+AAA+"),
        ] {
            assert_eq!(super::without_quotes(line), bare, "{line}");
        }
    }

    /// An OpenSSH private key whose public half is of this type.
    fn openssh(algorithm: &str) -> String {
        let mut blob = Vec::new();
        let field = |bytes: &mut Vec<u8>, field: &[u8]| {
            bytes.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            bytes.extend(field);
        };
        field(&mut blob, algorithm.as_bytes());
        blob.extend([7; 40]);
        let mut file = b"openssh-key-v1\0".to_vec();
        for text in ["none", "none", ""] {
            field(&mut file, text.as_bytes());
        }
        file.extend(1_u32.to_be_bytes());
        field(&mut file, &blob);
        file.extend([9; 90]);
        pem("OPENSSH PRIVATE KEY", &data_encoding::BASE64.encode(&file))
    }

    #[test]
    fn a_handle_of_a_security_key_is_no_key() {
        for algorithm in [
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com",
        ] {
            let handle = parse(&openssh(algorithm)).unwrap();
            assert!(handle.is_handle && handle.encrypted, "{algorithm}");
        }
        let key = parse(&openssh("ssh-ed25519")).unwrap();
        assert!(!key.is_handle && !key.encrypted && !key.is_published);
    }

    fn body(length: usize) -> String {
        "MIIB".repeat(length / 4)
    }

    #[test]
    fn kinds_and_passphrases() {
        for (label, body, format, encrypted) in [
            ("PRIVATE KEY", body(128), Format::Pkcs8PrivateKey, false),
            (
                "ENCRYPTED PRIVATE KEY",
                body(128),
                Format::Pkcs8PrivateKey,
                true,
            ),
            ("RSA PRIVATE KEY", body(128), Format::PemPrivateKey, false),
            (
                "RSA PRIVATE KEY",
                format!(
                    "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{}",
                    body(128)
                ),
                Format::PemPrivateKey,
                true,
            ),
        ] {
            let text = pem(label, &body);
            let key = parse(&text).unwrap();
            assert_eq!((key.format, key.encrypted), (format, encrypted), "{label}");
            assert_eq!(key.length, text.len() - 1);
        }
    }

    #[test]
    fn a_header_alone_is_no_key() {
        assert!(parse("-----BEGIN PRIVATE KEY-----").is_none());
        assert!(parse("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----").is_none());
        assert!(parse(&pem("CERTIFICATE", &body(128))).is_none());
        assert!(parse(&pem("OPENSSH PRIVATE KEY", &body(128))).is_none());
    }

    #[test]
    fn line_feeds_may_be_written_out() {
        let text = pem("PRIVATE KEY", &body(128)).replace('\n', "\\n");
        assert_eq!(parse(&text).unwrap().format, Format::Pkcs8PrivateKey);
    }
}
