//! File names of agenix-rekey, which show whether a rekeyed secret is up to date.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The public key that agenix-rekey uses until a host has one: decryption fails by design.
pub const REKEY_DUMMY_PUBLIC_KEY: &str =
    "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq";

/// Digits of the hash in a file name.
const IDENTIFIER_LENGTH: usize = 32;

/// The identifier in `<localStorageDir>/<identifier>-<name>.age`: it depends on the host's
/// public key exactly as the configuration gives it (with the line feed, if it was read from a
/// file) and on the bytes of `rekeyFile`. Another identifier means that a file is stale.
#[must_use]
pub fn rekey_identifier(host_public_key: &str, rekey_file: &[u8]) -> String {
    let hex = |bytes: &[u8]| HEXLOWER.encode(&Sha256::digest(bytes));
    let both = hex(host_public_key.as_bytes()) + &hex(rekey_file);
    hex(both.as_bytes())
        .chars()
        .take(IDENTIFIER_LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{REKEY_DUMMY_PUBLIC_KEY, rekey_identifier};
    use crate::Recipient;

    /// Computed with coreutils: `printf %s%s "$(printf KEY | sha256sum | cut -c-64)" "$(printf FILE | sha256sum |
    /// cut -c-64)" | sha256sum | cut -c-32`.
    #[test]
    fn the_identifier_is_that_of_agenix_rekey() {
        assert_eq!(
            rekey_identifier("ssh-ed25519 AAAA", b"ciphertext"),
            "ae344e34e48c4b5cdf5735d1c7018b06"
        );
        assert_ne!(
            rekey_identifier("ssh-ed25519 AAAA\n", b"ciphertext"),
            rekey_identifier("ssh-ed25519 AAAA", b"ciphertext")
        );
    }

    #[test]
    fn the_dummy_is_a_valid_recipient() {
        assert_eq!(Recipient::age(REKEY_DUMMY_PUBLIC_KEY, None).defect(), None);
    }
}
