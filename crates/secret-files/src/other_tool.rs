//! Files that other tools encrypted, by their first bytes.

use crate::{Code, FileFacts, Format, Problem, Span, State, text};

/// So much of a file is searched for what is not at its beginning.
const MAX_SEARCHED: usize = 1 << 20;

/// Describes the file if another tool encrypted it.
pub(crate) fn describe(bytes: &[u8]) -> Option<FileFacts> {
    let format = recognise(bytes)?;
    let message = match format {
        Format::GitLfsPointer => {
            "a Git LFS pointer: the content is not in the repository".to_owned()
        }
        Format::GitCrypt => "encrypted by git-crypt: this checkout is locked".to_owned(),
        other => format!("encrypted, but as {other}: neither sops nor age can decrypt it"),
    };
    let line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()).min(80);
    let problem = Problem::new(Code::OtherTool, Span::new(0, line), message);
    Some(FileFacts::new(format, State::OtherEncrypted).with(problem))
}

fn recognise(bytes: &[u8]) -> Option<Format> {
    let start = bytes.trim_ascii_start();
    let begins = [
        (
            b"-----BEGIN PGP MESSAGE-----".as_slice(),
            Format::PgpMessage,
        ),
        (b"\0GITCRYPT\0", Format::GitCrypt),
        (b"Salted__", Format::OpensslSalted),
        (b"U2FsdGVkX1", Format::OpensslSalted),
        (b"$ANSIBLE_VAULT;", Format::AnsibleVault),
        (
            b"version https://git-lfs.github.com/spec/",
            Format::GitLfsPointer,
        ),
    ];
    if let Some((_, format)) = begins.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(*format);
    }
    if is_pgp_packet(bytes) {
        return Some(Format::PgpMessage);
    }
    if is_jwe(start.trim_ascii_end()) {
        return Some(Format::Jwe);
    }
    let searched = bytes.get(..bytes.len().min(MAX_SEARCHED))?;
    if text::contains(searched, "ENC[PKCS7,")
        && !text::contains(searched, crate::sops::encrypted_value::MARK)
    {
        return Some(Format::Eyaml);
    }
    let kind = "kind: SealedSecret";
    let is_sealed =
        searched.starts_with(kind.as_bytes()) || text::contains(searched, "\nkind: SealedSecret");
    is_sealed.then_some(Format::SealedSecret)
}

/// A compact JWE (RFC 7516, 7.1): header, encrypted key, initialisation vector, ciphertext and tag, each
/// in base64url, the header a JSON object. A signed token has three parts.
fn is_jwe(bytes: &[u8]) -> bool {
    let is_part = |part: &[u8]| {
        let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        part.iter().all(in_alphabet)
    };
    // `{"` in base64.
    bytes.starts_with(b"eyJ")
        && memchr::memchr_iter(b'.', bytes).count() == 4
        && bytes.split(|byte| *byte == b'.').all(is_part)
}

/// A binary PGP message begins with a session key, encrypted to a key or with a passphrase.
fn is_pgp_packet(bytes: &[u8]) -> bool {
    let (length, packet) = match bytes {
        [0x84, length, packet @ ..] => (usize::from(*length), packet),
        [0x85, high, low, packet @ ..] => (usize::from(*high) << 8 | usize::from(*low), packet),
        [0xc1, high @ 192..=223, low, packet @ ..] => (
            ((usize::from(*high) - 192) << 8) + usize::from(*low) + 192,
            packet,
        ),
        [0xc1 | 0xc3 | 0x8c, length @ 0..=191, packet @ ..] => (usize::from(*length), packet),
        _ => return false,
    };
    let to_a_key = matches!(
        packet,
        [3, _, _, _, _, _, _, _, _, 1 | 2 | 16 | 18 | 25, ..]
    );
    let with_passphrase = matches!(packet, [4, 1..=13, 0 | 1 | 3, ..]);
    let is_symmetric = matches!(bytes.first(), Some(0x8c | 0xc3));
    packet.len() > length
        && if is_symmetric {
            with_passphrase
        } else {
            to_a_key
        }
}

#[cfg(test)]
mod tests {
    use super::recognise;
    use crate::Format;

    #[test]
    fn by_the_first_bytes() {
        for (bytes, format) in [
            (
                b"-----BEGIN PGP MESSAGE-----\n".as_slice(),
                Some(Format::PgpMessage),
            ),
            (b"\0GITCRYPT\0abc", Some(Format::GitCrypt)),
            (b"$ANSIBLE_VAULT;1.1;AES256\n", Some(Format::AnsibleVault)),
            (
                b"apiVersion: x\nkind: SealedSecret\n",
                Some(Format::SealedSecret),
            ),
            (b"a: ENC[PKCS7,MII]\n", Some(Format::Eyaml)),
            (b"eyJhbGciOiJkaXIifQ..kJ-x.Zm9v.dGFn\n", Some(Format::Jwe)),
            (b"eyJhbGciOiJIUzI1NiJ9.e30.c2ln", None),
            (b"a: b\n", None),
            (b"", None),
            (b"\x85", None),
        ] {
            assert_eq!(
                recognise(bytes),
                format,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
