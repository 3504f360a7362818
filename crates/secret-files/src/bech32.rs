//! Bech32 as age uses it: the checksum of BIP 173, but without a limit on the length.

use bech32::primitives::checksum::Checksum;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

/// Bech32 without BIP 173's limit of 90 characters; post-quantum recipients have 1959.
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = <Bech32 as Checksum>::MidstateRepr;
    type CorrectionField = <Bech32 as Checksum>::CorrectionField;

    const ROOT_GENERATOR: Self::CorrectionField = Bech32::ROOT_GENERATOR;
    const ROOT_EXPONENTS: core::ops::RangeInclusive<usize> = Bech32::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [Self::MidstateRepr; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: Self::MidstateRepr = Bech32::TARGET_RESIDUE;
}

/// Longest text that is decoded, in bytes.
const MAX_LENGTH: usize = 8192;

/// The human-readable part (in lower case) and the data, if the checksum is right and the
/// text is the canonical encoding of them.
pub(crate) fn decode(text: &str) -> Option<(String, Vec<u8>)> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let checked = CheckedHrpstring::new::<LongBech32>(text).ok()?;
    let data: Vec<u8> = checked.byte_iter().collect();
    let prefix = checked.hrp().to_lowercase();
    let again = encode(&prefix, &data)?;
    again.eq_ignore_ascii_case(text).then_some((prefix, data))
}

/// The 32 bytes of a private key, which are wiped when dropped, if the checksum is right and the
/// human-readable part is `prefix` (in lower case). Nothing of them is kept anywhere else.
pub(crate) fn decode_secret(text: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let checked = CheckedHrpstring::new::<LongBech32>(text).ok()?;
    if checked.hrp().to_lowercase() != prefix {
        return None;
    }
    let mut bytes = checked.byte_iter();
    let mut secret = Zeroizing::new([0; 32]);
    for byte in secret.iter_mut() {
        *byte = bytes.next()?;
    }
    bytes.next().is_none().then_some(secret)
}

/// The lower-case encoding; `None` if `prefix` is no human-readable part.
pub(crate) fn encode(prefix: &str, data: &[u8]) -> Option<String> {
    let prefix = Hrp::parse(prefix).ok()?;
    bech32::encode_lower::<LongBech32>(prefix, data).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn only_the_exact_text_decodes() {
        let text = encode("age", &[7; 32]).unwrap();
        assert_eq!(decode(&text), Some(("age".to_owned(), vec![7; 32])));
        assert_eq!(decode(&text.to_uppercase()).unwrap().0, "age");
        let mut broken = text.clone();
        broken.replace_range(
            10..11,
            if text.as_bytes()[10] == b'q' {
                "p"
            } else {
                "q"
            },
        );
        assert_eq!(decode(&broken), None);
        assert_eq!(decode(""), None);
    }

    #[test]
    fn recipients_may_be_as_long_as_post_quantum_ones() {
        let text = encode("age1pq", &[1; 1216]).unwrap();
        assert_eq!(text.len(), 1959);
        assert_eq!(decode(&text).unwrap().1.len(), 1216);
    }
}
