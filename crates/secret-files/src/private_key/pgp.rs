//! Whether the secret key packet of a PGP key is protected by a passphrase.

use data_encoding::BASE64_NOPAD;

/// Unknown forms count as protected: what is reported as a readable key must be one.
pub(super) fn is_encrypted(body: &str) -> bool {
    let body = body.trim_end_matches('=');
    let whole = body.len() - body.len() % 4;
    let bytes = body
        .get(..whole)
        .and_then(|body| BASE64_NOPAD.decode(body.as_bytes()).ok());
    bytes
        .and_then(|bytes| usage(&bytes))
        .is_none_or(|usage| usage != 0)
}

/// The byte that decides how the secret part is protected; 0 is "not at all".
fn usage(bytes: &[u8]) -> Option<u8> {
    let packet = secret_key_packet(bytes)?;
    let (version, rest) = packet.split_first()?;
    // Time of creation, then the algorithm.
    let rest = if *version == 4 {
        rest.get(4..)?
    } else {
        return None;
    };
    let (algorithm, rest) = rest.split_first()?;
    let public_ends = match algorithm {
        1..=3 => numbers(rest, 2)?,
        16 => numbers(rest, 3)?,
        17 => numbers(rest, 4)?,
        18 => {
            let rest = numbers(after_length(rest)?, 1)?;
            after_length(rest)?
        }
        19 | 22 => numbers(after_length(rest)?, 1)?,
        25 | 27 => rest.get(32..)?,
        26 => rest.get(56..)?,
        28 => rest.get(57..)?,
        _ => return None,
    };
    public_ends.first().copied()
}

/// The content of the first packet, if it is a secret key (tag 5).
fn secret_key_packet(bytes: &[u8]) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let (tag, header) = if first & 0x40 != 0 {
        let length = match rest.first()? {
            0..=191 => 1,
            192..=223 => 2,
            255 => 5,
            _ => return None,
        };
        (first & 0x3f, length)
    } else {
        ((first >> 2) & 0x0f, 1_usize << (first & 3))
    };
    (tag == 5 && first & 0x80 != 0)
        .then(|| rest.get(header..))
        .flatten()
}

/// What follows `count` multi-precision integers.
fn numbers(mut bytes: &[u8], count: usize) -> Option<&[u8]> {
    for _ in 0..count {
        let (bits, rest) = bytes.split_first_chunk::<2>()?;
        bytes = rest.get(usize::from(u16::from_be_bytes(*bits)).div_ceil(8)..)?;
    }
    Some(bytes)
}

/// What follows a field with a length of one byte.
fn after_length(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first()?;
    rest.get(usize::from(*length)..)
}
