//! Draft.
mod age;
mod bech32;
mod describe;
mod facts;
mod go_regex;
mod lookup;
mod other_tool;
mod private_key;
mod problem;
mod recipient;
mod rfc3339;
mod sops;
mod sops_config;
mod span;
mod ssh;
mod text;
mod tokens;
mod tree;

pub use age::{
    AgeError, AgeErrorKind, AgeFacts, AgeRecipientDiff, AgeStanza, compare_age,
    inspect as inspect_age,
};
pub use describe::{describe, describe_age, describe_sops, sops_format};
pub use facts::{
    EncryptionRule, FileFacts, Format, KeyFacts, KeyId, KeyName, Keys, SopsFacts, SopsFormat,
    SopsType, State, Value, ValueClass,
};
pub use go_regex::{GoRegex, GoRegexError};
pub use lookup::Lookup;
pub use problem::{Code, Problem, Weight};
pub use recipient::{Recipient, RecipientDiff, RecipientKind, compare_groups};
pub use sops_config::{CreationRule, PathRegex, RuleMatch, SOPS_CONFIG_NAME, SopsConfig};
pub use span::Span;
pub use ssh::SshPublicKey;
pub use tokens::{
    Confidence, TOKEN_RULES, TokenClass, TokenFinding, TokenRule, entropy, entropy_floor,
    is_credential_name, known_public, looks_like_placeholder, looks_random, plausible_secret, scan,
    trailing_newline_suspected,
};

/// Larger files are not parsed: 16 MiB.
pub const MAX_PARSED_BYTES: usize = 16 << 20;
