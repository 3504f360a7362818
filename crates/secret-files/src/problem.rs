//! What is wrong with a file: stable codes, a place, and a message without any content.

use std::fmt;

use crate::Span;

/// How much a [`Problem`] matters, so that a caller can choose a level without a table of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Worth knowing; nothing fails.
    Note,
    /// Probably a mistake, or it fails with some versions of the tools.
    Doubtful,
    /// The tool that should decrypt the file cannot use it.
    Broken,
    /// Something that should be secret is readable.
    Exposed,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $weight:ident;)+) => {
        /// What kind of problem it is. The names never change once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code, in the order of their definition.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The stable name, in kebab case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)+
                }
            }

            /// How much it matters.
            #[must_use]
            pub const fn weight(self) -> Weight {
                match self {
                    $(Code::$variant => Weight::$weight,)+
                }
            }
        }
    };
}

codes! {
    /// The file is larger than [`crate::MAX_PARSED_BYTES`] and was not parsed.
    FileTooLarge = "file-too-large", Broken;
    /// The file could not be read: a pipe, a device, a link that leads elsewhere, no permission.
    Unreadable = "unreadable-file", Broken;
    /// Nesting, aliases or number of values exceed what is followed.
    FileTooComplex = "file-too-complex", Broken;
    /// Bytes that are not UTF-8 in a format that is text.
    NotUtf8 = "not-utf8", Broken;
    /// The file does not parse in its format.
    SyntaxError = "syntax-error", Broken;
    /// Markers of an unresolved merge (`<<<<<<<`).
    MergeConflict = "merge-conflict", Broken;
    /// A key occurs twice in one mapping.
    DuplicateKey = "duplicate-key", Broken;
    /// A mapping key that is not a string; sops cannot decrypt such a file.
    KeyNotAString = "key-not-a-string", Broken;
    /// The top level of a document is a list or a scalar.
    TopLevelNotAMapping = "top-level-not-a-mapping", Broken;
    /// sops text of another format than the one that the name or the caller says.
    WrongFormat = "wrong-format", Broken;

    /// The file is plaintext.
    PlaintextFile = "plaintext-file", Exposed;
    /// The file holds nothing (or only white space and comments).
    EmptyFile = "empty-file", Note;
    /// Encrypted, but by another tool than the one that is asked to decrypt it.
    OtherTool = "other-tool", Doubtful;

    /// Encrypted values without the `sops` metadata that would decrypt them.
    NoMetadata = "no-metadata", Broken;
    /// There is a `sops` key, but it is no metadata of sops.
    MetadataUnusable = "metadata-unusable", Doubtful;
    /// A later document of a YAML file repeats the metadata differently.
    MetadataCopyDiffers = "metadata-copy-differs", Broken;
    /// `lastmodified` is missing or no RFC 3339 time.
    BadLastModified = "bad-lastmodified", Broken;
    /// No recipient in the metadata.
    NoRecipients = "no-recipients", Broken;
    /// The data key is damaged for every recipient, or for more groups than may be missing: nobody can decrypt.
    NoDataKey = "no-data-key", Doubtful;
    /// Two of `unencrypted_suffix`, `encrypted_regex`, … in one file.
    TwoRules = "two-rules", Broken;
    /// A recipient's `created_at` is no RFC 3339 time.
    BadCreatedAt = "bad-created-at", Broken;
    /// `mac` is missing or empty: sops refuses the file.
    NoMac = "no-mac", Broken;
    /// `mac` is no encrypted SHA-512.
    BadMac = "bad-mac", Broken;
    /// A value begins as an encrypted one, but is cut off or altered.
    MalformedValue = "malformed-value", Broken;
    /// The envelope of a binary file has no `data`.
    NoData = "no-data", Broken;
    /// A value that should be encrypted is plaintext.
    PlaintextValue = "plaintext-value", Exposed;
    /// The file has valid metadata, and every value that should be encrypted is plaintext.
    MetadataOnly = "metadata-only", Exposed;
    /// The file's own rule (`encrypted_regex`, …) covers no value: all are plaintext.
    NothingEncrypted = "nothing-encrypted", Exposed;
    /// Text after the closing `]` of an encrypted value: sops ignores it.
    TextAfterValue = "text-after-value", Exposed;
    /// A plaintext comment that looks like a credential; comments are outside the MAC.
    PlaintextComment = "plaintext-comment", Exposed;
    /// Bytes after the JSON object: sops ignores them.
    TrailingBytes = "trailing-bytes", Doubtful;
    /// An encrypted value under a key that the file's rule leaves plain.
    EncryptedUnderPlainKey = "encrypted-under-plain-key", Doubtful;
    /// The same ciphertext under two keys: it is bound to its key, one cannot decrypt.
    RepeatedCiphertext = "repeated-ciphertext", Doubtful;
    /// `version` is missing; `sops filestatus` calls the file plaintext.
    NoVersion = "no-version", Note;
    /// `lastmodified` is not quoted: sops 3.13 and newer refuse the file.
    UnquotedLastModified = "unquoted-lastmodified", Doubtful;
    /// A rule of the file is no regular expression; sops treats it as matching nothing.
    BadRuleRegex = "bad-rule-regex", Doubtful;
    /// A recipient's encrypted data key is damaged: this recipient cannot decrypt.
    BadDataKey = "bad-data-key", Doubtful;
    /// The data key was encrypted for another SSH key than the recipient beside it.
    RecipientTagMismatch = "recipient-tag-mismatch", Doubtful;
    /// A recipient that no tool can encrypt to (bad checksum, unknown form).
    BadRecipient = "bad-recipient", Doubtful;
    /// A recipient occurs twice in one group.
    DuplicateRecipient = "duplicate-recipient", Note;
    /// `shamir_threshold` is higher than the number of key groups.
    ThresholdAboveGroups = "threshold-above-groups", Doubtful;

    /// The header of the age file is damaged.
    AgeHeader = "age-header", Broken;
    /// The armor of the age file is damaged.
    AgeArmor = "age-armor", Broken;
    /// The payload of the age file is cut off.
    AgePayload = "age-payload", Broken;
    /// The payload was decoded and encoded as text: bytes are lost for good.
    TextMangled = "text-mangled", Broken;
    /// Line ends of a binary age file were converted to CRLF.
    LineEndingsChanged = "line-endings-changed", Broken;
    /// The file is age data in base64, without armor.
    Base64OfAge = "base64-of-age", Broken;
    /// Encrypted with a passphrase: no key of a machine can decrypt it.
    AgePassphrase = "age-passphrase", Doubtful;
    /// Recipients that must not be combined (passphrase with keys, post-quantum with classic).
    AgeMixedRecipients = "age-mixed-recipients", Broken;
    /// Nothing but recipients that are ignored; nobody can decrypt it.
    AgeNoRecipient = "age-no-recipient", Broken;

    /// A private key without a passphrase.
    UnencryptedPrivateKey = "unencrypted-private-key", Exposed;
    /// A private key with a passphrase: unattended decryption with it is impossible.
    EncryptedPrivateKey = "encrypted-private-key", Doubtful;
    /// An age identity: whoever reads it can decrypt.
    AgeIdentity = "age-identity", Exposed;
    /// A handle of a hardware key; useless without the hardware.
    PluginIdentity = "plugin-identity", Note;
    /// The secret half of a Nix binary cache key.
    NixSigningKey = "nix-signing-key", Exposed;

    /// `.sops.yaml`: no YAML, or not of the shape that sops reads.
    ConfigSyntax = "config-syntax", Broken;
    /// `.sops.yaml`: a key that sops does not know and ignores silently.
    ConfigUnknownKey = "config-unknown-key", Doubtful;
    /// `.sops.yaml`: no creation rules.
    ConfigNoRules = "config-no-rules", Note;
    /// `.sops.yaml`: a rule after one that matches every file.
    ConfigDeadRule = "config-dead-rule", Doubtful;
    /// `.sops.yaml`: a regular expression that Go refuses; every later rule is unreachable.
    ConfigBadRegex = "config-bad-regex", Broken;
    /// `.sops.yaml`: a rule without any recipient.
    ConfigNoRecipients = "config-no-recipients", Broken;
    /// `.sops.yaml`: flat recipients beside `key_groups`, which sops ignores.
    ConfigIgnoredRecipients = "config-ignored-recipients", Doubtful;
    /// `.sops.yaml`: a list inside a list of recipients (an alias of a list as an item).
    ConfigNestedList = "config-nested-list", Broken;
    /// `.sops.yaml`: an alias without an anchor.
    ConfigUndefinedAlias = "config-undefined-alias", Broken;
    /// `.sops.yaml`: an unescaped dot before an extension in `path_regex`.
    ConfigUnescapedDot = "config-unescaped-dot", Note;
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing that is wrong (or worth knowing) about a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where, in bytes of the file.
    pub span: Span,
    /// What.
    pub code: Code,
    /// One sentence for people. It may name keys, lengths and classes, never a value.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            code,
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;

    #[test]
    fn names_of_codes_are_unique_kebab_case() {
        let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{name}"
            );
        }
    }
}
