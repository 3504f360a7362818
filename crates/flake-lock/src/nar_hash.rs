//! Hashes of sources, and the store paths that follow from them.

use std::fmt;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};

/// The name that Nix gives the sources of flakes in its store.
pub const SOURCE_NAME: &str = "source";

/// The store unless `NIX_STORE_DIR` names another one.
pub const DEFAULT_STORE: &str = "/nix/store";

/// The digits of Nix's base 32: without `e`, `o`, `t` and `u`.
const NIX32_DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// The bytes of a hash in a store path: Nix folds longer ones to this length.
const PATH_HASH_BYTES: usize = 20;

/// SHA-256 of a tree's NAR: what `narHash` in a lock and `sha256` of a fetcher hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NarHash(pub [u8; 32]);

impl NarHash {
    /// Parses a SHA-256 hash as Nix does: `sha256-BASE64`, `sha256:…`, or the digits alone, in
    /// base 16, Nix's base 32 or base 64. `None` for another algorithm or length.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = if let Some(base64) = text.strip_prefix("sha256-") {
            decode_base64(base64)?
        } else {
            let digits = text.strip_prefix("sha256:").unwrap_or(text);
            match digits.len() {
                64 => HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?,
                52 => decode_nix32(digits)?,
                _ => decode_base64(digits)?,
            }
        };
        bytes.try_into().ok().map(Self)
    }

    /// The hash in base 16.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl fmt::Display for NarHash {
    /// Prints `sha256-BASE64`, as a lock holds it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "sha256-{}", BASE64.encode(&self.0))
    }
}

impl fmt::Debug for NarHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

fn decode_base64(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.trim_end_matches('=');
    // Nix ignores bits beyond the last byte; a strict reader would refuse hashes that it takes.
    let mut lenient = BASE64_NOPAD.specification();
    lenient.check_trailing_bits = false;
    lenient.encoding().ok()?.decode(digits.as_bytes()).ok()
}

/// Nix's base 32 of bytes: digits of 5 bits, the least significant first, printed from the highest.
#[must_use]
pub fn nix32(bytes: &[u8]) -> String {
    let digits = (bytes.len() * 8).div_ceil(5);
    let byte = |at: usize| u16::from(bytes.get(at).copied().unwrap_or(0));
    let digit = |position: usize| {
        let bit = position * 5;
        let both = byte(bit / 8) | byte(bit / 8 + 1) << 8;
        let value = usize::from(both >> (bit % 8)) & 31;
        char::from(NIX32_DIGITS.get(value).copied().unwrap_or(b'0'))
    };
    (0..digits).rev().map(digit).collect()
}

/// The bytes of 52 digits in Nix's base 32: a SHA-256 hash.
fn decode_nix32(digits: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; 33];
    for (position, digit) in digits.bytes().rev().enumerate() {
        let value = NIX32_DIGITS.iter().position(|known| *known == digit)?;
        let bit = position * 5;
        let both = u16::try_from(value).ok()? << (bit % 8);
        let [low, high] = both.to_le_bytes();
        *bytes.get_mut(bit / 8)? |= low;
        if high != 0 {
            *bytes.get_mut(bit / 8 + 1)? |= high;
        }
    }
    // 52 digits have 260 bits: the last four say nothing, and Nix refuses others than zeros.
    (bytes.pop() == Some(0)).then_some(bytes)
}

/// Where a source of that hash is in a store, if it is there: `store/HASH-name`.
#[must_use]
pub fn store_path(hash: &NarHash, name: &str, store: &Path) -> PathBuf {
    let shown = store.display();
    let fingerprint = format!("source:sha256:{}:{shown}:{name}", hash.hex());
    let mut folded = [0_u8; PATH_HASH_BYTES];
    for (at, byte) in Sha256::digest(fingerprint).iter().enumerate() {
        if let Some(slot) = folded.get_mut(at % PATH_HASH_BYTES) {
            *slot ^= byte;
        }
    }
    store.join(format!("{}-{name}", nix32(&folded)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `nix-store --add-fixed --recursive sha256` gave this path.
    const HASH: &str = "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=";
    const PATH: &str = "/nix/store/lrxvs4l9bqbgjfz7w9bkfg5zqq442jxc-source";

    #[test]
    fn store_paths_are_those_of_nix() {
        let hash = NarHash::parse(HASH).expect("a hash");
        let path = store_path(&hash, SOURCE_NAME, Path::new(DEFAULT_STORE));
        assert_eq!(path, Path::new(PATH));
        let elsewhere = store_path(&hash, SOURCE_NAME, Path::new("/other"));
        assert_ne!(elsewhere.file_name(), path.file_name());
    }

    #[test]
    fn every_notation_is_the_same_hash() {
        let hash = NarHash::parse(HASH).expect("a hash");
        assert_eq!(hash.to_string(), HASH);
        let nix32 = nix32(&hash.0);
        let base64 = HASH.trim_start_matches("sha256-");
        for text in [
            hash.hex(),
            nix32.clone(),
            base64.to_owned(),
            format!("sha256:{}", hash.hex()),
            format!("sha256:{nix32}"),
            HASH.trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(NarHash::parse(&text), Some(hash), "{text}");
        }
    }

    #[test]
    fn other_algorithms_and_lengths_are_no_hash() {
        let hash = NarHash::parse(HASH).expect("a hash");
        let nix32 = nix32(&hash.0);
        for text in [
            "",
            "sha256-",
            "sha256-AAAA",
            "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "sha512-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=",
            &nix32.replace(|_: char| true, "e"),
            &format!("z{}", "0".repeat(51)),
            &"g".repeat(64),
        ] {
            assert_eq!(NarHash::parse(text), None, "{text}");
        }
    }
}
