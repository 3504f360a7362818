//! What a secret file really is: sops, age, PGP, private keys and tokens, read without any key.
//!
//! The crate answers three questions, each from bytes that the caller read. It opens no file,
//! knows nothing of Nix, and keeps nothing of the content: only key names, lengths, classes
//! and places.
//!
//! 1. *Is this file encrypted, and to whom?* [`describe`] gives [`FileFacts`]: format,
//!    [`State`], recipients, keys, and [`Problem`]s with stable codes and byte spans.
//!    [`describe_sops`] and [`describe_age`] are for files whose tool is declared.
//! 2. *Should it be encrypted to these people?* [`SopsConfig`] reads `.sops.yaml`,
//!    [`compare_groups`] and [`compare_age`] compare.
//! 3. *Is there a credential in this text?* [`scan`].
//!
//! "Encrypted" means that the structure is that of an encrypted file. Whether it decrypts is
//! known only to whoever has a key: a wrong MAC or a renamed key do not show.
//!
//! # Example
//!
//! ```
//! use secret_files::{Code, Lookup, SopsConfig, SopsFormat, State, compare_groups, describe, RuleMatch};
//!
//! let file = br#"
//! github_token: ENC[AES256_GCM,data:Bg==,iv:IqQbnDK73Mv7sxPbHzy1KYOZ3J1C9WeF8NSIsXTEMVk=,tag:r8DKFCvBcI1sBvwtXuypjA==,type:str]
//! db:
//!     password: hunter2
//! sops:
//!     age:
//!         - recipient: age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy
//!           enc: ""
//!     lastmodified: "2026-11-23T12:42:31Z"
//!     mac: ENC[AES256_GCM,data:/QYFLymYiiR9+s7EgnaOIFJF7uvtCAUQJAIb0nD3JDBNe7HTQKi+aPzSjQ4IyLYFPbxk4aDjS1GrDodKVwVe1tV4fI09F7JQ2LZw6zZ2HL+azVH1sURhEGG2Tb3/ZbsFLhlPMbXsZvGDQJsh3sC1bOOxT/1LPFHo2VjZwYmPRDA=,iv:oTA2qiFzkDAcMCsvJHGIvTkRACbVnCVgGQrioeE7nWo=,tag:EP6VR6Oqcur7guhuEdxFOQ==,type:str]
//!     version: 3.13.2
//! "#;
//! let facts = describe("secrets/desk.yaml", file);
//!
//! // Is it encrypted? One value is not, and the problem reports which, and where.
//! assert_eq!(facts.state, State::Partial);
//! let leak = facts.problems.iter().find(|problem| problem.code == Code::PlaintextValue).unwrap();
//! assert_eq!(leak.message, "`db/password` is plaintext (string, 7 bytes) and should be encrypted");
//! assert_eq!(&file[leak.span.start..leak.span.end], b"hunter2");
//! assert_eq!(leak.span.line(file), 4);
//!
//! // Is this key there, and a string?
//! assert!(matches!(facts.lookup(SopsFormat::Yaml, "github_token"), Lookup::Found(_)));
//! assert!(matches!(facts.lookup(SopsFormat::Yaml, "db"), Lookup::NotAString(_)));
//! let Lookup::Missing { candidates, .. } = facts.lookup(SopsFormat::Yaml, "db/passwd") else { panic!() };
//! assert_eq!(candidates, ["db/password"]);
//!
//! // Is it encrypted to whom `.sops.yaml` says, by their names there?
//! let config = SopsConfig::parse(br#"
//! keys:
//!   - &alice age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy
//!   - &desk age1j0uwsf69gcydmgzfxsvg8ryyrxz2s4fw8mz9pdv8vlamkzreu3cqu4u5r3
//! creation_rules:
//!   - path_regex: secrets/[^/]+\.yaml$
//!     age: [*alice, *desk]
//! "#);
//! let RuleMatch::Rule(_, rule) = config.rule_for("secrets/desk.yaml") else { panic!() };
//! let sops = facts.sops.as_ref().unwrap();
//! let diff = compare_groups(&rule.groups, &sops.groups, (rule.threshold, sops.threshold));
//! assert_eq!(config.alias(&diff.missing[0]), Some("desk"));
//! assert!(diff.stale.is_empty());
//! ```
//!
//! # Untrusted input
//!
//! Whatever the bytes are, nothing panics, and time and memory grow with their number only:
//! files over [`MAX_PARSED_BYTES`] are not parsed, nesting, aliases and the number of values
//! are bounded, regular expressions run in linear time. A file that could not be judged is
//! [`State::Broken`] with a problem, never silently fine.

mod age;
mod bech32;
mod describe;
mod facts;
mod go_regex;
mod identity;
mod lookup;
mod other_tool;
mod plain_secret;
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
    AgeError, AgeErrorKind, AgeRecipientDiff, KnownRecipients, REKEY_DUMMY_PUBLIC_KEY, compare_age,
    inspect as inspect_age, rekey_identifier,
};
pub use describe::{
    describe, describe_age, describe_as_written, describe_sops, is_marked_by_sops, sops_format,
};
pub use facts::{
    AgeFacts, AgeStanza, EncryptionRule, FileFacts, Format, KeyFacts, KeyId, KeyName, Keys,
    SopsFacts, SopsFormat, SopsType, State, Value, ValueClass,
};
pub use go_regex::{GoRegex, GoRegexError};
pub use identity::{PublicHalves, public_halves};
pub use lookup::Lookup;
pub use plain_secret::{has_secret_name, holds_plain_secret};
pub use problem::{Code, Problem, Weight};
pub use recipient::{Recipient, RecipientDiff, RecipientKind, compare_groups};
pub use sops_config::{CreationRule, PathRegex, RuleMatch, SOPS_CONFIG_NAME, SopsConfig};
pub use span::Span;
pub use ssh::SshPublicKey;
pub use tokens::{
    Confidence, TOKEN_RULES, TokenClass, TokenFinding, TokenRule, basic_password, entropy,
    entropy_floor, is_credential_name, is_public_key, known_public, looks_like_placeholder,
    looks_random, name_words, plausible_secret, scan, scan_private_keys,
    trailing_newline_suspected,
};

/// Larger files are not parsed: 16 MiB.
pub const MAX_PARSED_BYTES: usize = 16 << 20;

/// Endings of files that hold no text, in lower case and without the dot: no credential is looked for in them.
pub const UNSEARCHED_EXTENSIONS: [&str; 34] = [
    "png", "jpg", "jpeg", "gif", "webp", "ico", "bmp", "tiff", "svg", "pdf", "zip", "gz", "xz",
    "zst", "bz2", "tar", "7z", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "ogg", "wav",
    "flac", "webm", "mkv", "iso", "img", "qcow2", "age", "gpg",
];
