//! Credentials in text: token shapes of providers, private keys, URLs with passwords.
//!
//! One pass over the text looks for the keywords of all rules; only around a keyword a rule's
//! pattern is tried, then its checksum, then the guards against placeholders.

mod checks;
mod guards;
mod lengths;
mod names;
mod rules;
mod scan;
mod table;

pub use guards::{
    basic_password, entropy, entropy_floor, is_public_key, known_public, looks_like_placeholder,
    looks_random, plausible_secret,
};
pub use lengths::trailing_newline_suspected;
pub use names::{is_credential_name, name_words};
pub use rules::{Confidence, TokenRule};
pub use scan::{TokenFinding, scan, scan_private_keys};
pub use table::TOKEN_RULES;

pub(crate) use names::comment_names_a_secret;

/// What a finding gives to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenClass {
    /// A token or API key: access as its owner.
    Credential,
    /// A private key without a passphrase.
    PrivateKey,
    /// A private key with a passphrase.
    EncryptedPrivateKey,
    /// A handle of a hardware key, useless without the hardware.
    HardwareHandle,
    /// A password inside of a URL.
    UrlPassword,
    /// The hash of a password: not the password, but it can be guessed at leisure.
    PasswordHash,
}

impl TokenClass {
    /// The stable name, in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::PrivateKey => "private-key",
            Self::EncryptedPrivateKey => "encrypted-private-key",
            Self::HardwareHandle => "hardware-handle",
            Self::UrlPassword => "url-password",
            Self::PasswordHash => "password-hash",
        }
    }
}
