//! What is known about a file: the answer of [`crate::describe()`].

mod age;
mod format;
mod keys;

use crate::{Code, GoRegex, Problem, Recipient, Span};

pub use age::{AgeFacts, AgeStanza};
pub use format::{Format, SopsFormat, State};
pub use keys::{KeyFacts, KeyId, KeyName, Keys, SopsType, Value, ValueClass};

/// Everything that is known about a file without any key. Holds no content of it: key
/// names, lengths, classes and places only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// What the file is.
    pub format: Format,
    /// Whether it is encrypted.
    pub state: State,
    /// What is wrong or worth knowing, by place.
    pub problems: Vec<Problem>,
    /// The keys of YAML, JSON, dotenv and INI files, and `data` of binary sops files, in the
    /// order of the file, without the metadata of sops.
    pub keys: Keys,
    /// The metadata of a sops file, as far as it could be read.
    pub sops: Option<SopsFacts>,
    /// The header of an age file.
    pub age: Option<AgeFacts>,
    /// Length of the plaintext of the whole file in bytes, where the format shows it: age
    /// files, binary sops files and plaintext files.
    pub plaintext_length: Option<usize>,
}

impl FileFacts {
    pub(crate) fn new(format: Format, state: State) -> Self {
        Self {
            format,
            state,
            problems: Vec::new(),
            keys: Keys::default(),
            sops: None,
            age: None,
            plaintext_length: None,
        }
    }

    /// What is reported of a file whose content could not be had: it is broken for whoever needs it.
    #[must_use]
    pub fn unreadable(message: impl Into<String>) -> Self {
        let problem = Problem::new(Code::Unreadable, Span::at(0), message);
        Self::new(Format::Binary, State::Broken).with(problem)
    }

    pub(crate) fn with(mut self, problem: Problem) -> Self {
        self.problems.push(problem);
        self
    }

    pub(crate) fn finish(mut self) -> Self {
        self.problems.sort();
        self.problems.dedup();
        self
    }

    /// The recipients in plain text, in the order of the file; empty for age files, whose
    /// stanzas name nobody (see [`AgeFacts::stanzas`]).
    pub fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.sops
            .iter()
            .flat_map(|sops| sops.groups.iter().flatten())
    }

    /// Whether every value that should be encrypted is. It is *structure* that was inspected:
    /// whether the file decrypts is only known with a key.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.state == State::Encrypted
    }
}

/// Which values of a sops file are to be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EncryptionRule {
    /// All but those below a key that ends so. The rule where none is given: `_unencrypted`.
    UnencryptedSuffix(String),
    /// Only those below a key that ends so.
    EncryptedSuffix(String),
    /// All but those below a key that the Go pattern matches.
    UnencryptedRegex(String),
    /// Only those below a key that the Go pattern matches.
    EncryptedRegex(String),
    /// All but those below a comment that the Go pattern matches.
    UnencryptedCommentRegex(String),
    /// Only those below a comment that the Go pattern matches.
    EncryptedCommentRegex(String),
}

impl EncryptionRule {
    /// The six names; sops accepts at most one of them in a file or rule.
    pub const NAMES: [&str; 6] = [
        "unencrypted_suffix",
        "encrypted_suffix",
        "unencrypted_regex",
        "encrypted_regex",
        "unencrypted_comment_regex",
        "encrypted_comment_regex",
    ];

    /// The name in the metadata and in `.sops.yaml`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnencryptedSuffix(_) => "unencrypted_suffix",
            Self::EncryptedSuffix(_) => "encrypted_suffix",
            Self::UnencryptedRegex(_) => "unencrypted_regex",
            Self::EncryptedRegex(_) => "encrypted_regex",
            Self::UnencryptedCommentRegex(_) => "unencrypted_comment_regex",
            Self::EncryptedCommentRegex(_) => "encrypted_comment_regex",
        }
    }

    /// The suffix or pattern.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::UnencryptedSuffix(text)
            | Self::EncryptedSuffix(text)
            | Self::UnencryptedRegex(text)
            | Self::EncryptedRegex(text)
            | Self::UnencryptedCommentRegex(text)
            | Self::EncryptedCommentRegex(text) => text,
        }
    }

    /// Whether a value below these keys would be encrypted; `None` where comments decide, which
    /// a path does not show. An invalid pattern matches nothing, as in sops.
    #[must_use]
    pub fn encrypts<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<bool> {
        let regex = GoRegex::new(self.text()).ok();
        let mut keys = path.into_iter();
        let matches = |key: &str| regex.as_ref().is_some_and(|regex| regex.is_match(key));
        match self {
            Self::UnencryptedSuffix(suffix) => {
                Some(!keys.any(|key| key.ends_with(suffix.as_str())))
            }
            Self::EncryptedSuffix(suffix) => Some(keys.any(|key| key.ends_with(suffix.as_str()))),
            Self::UnencryptedRegex(_) => Some(!keys.any(matches)),
            Self::EncryptedRegex(_) => Some(keys.any(matches)),
            Self::UnencryptedCommentRegex(_) | Self::EncryptedCommentRegex(_) => None,
        }
    }

    pub(crate) fn from_name(name: &str, text: &str) -> Option<Self> {
        let text = text.to_owned();
        Some(match name {
            "unencrypted_suffix" => Self::UnencryptedSuffix(text),
            "encrypted_suffix" => Self::EncryptedSuffix(text),
            "unencrypted_regex" => Self::UnencryptedRegex(text),
            "encrypted_regex" => Self::EncryptedRegex(text),
            "unencrypted_comment_regex" => Self::UnencryptedCommentRegex(text),
            "encrypted_comment_regex" => Self::EncryptedCommentRegex(text),
            _ => return None,
        })
    }

    /// The rule of a file that names none.
    #[must_use]
    pub fn default_rule() -> Self {
        Self::UnencryptedSuffix("_unencrypted".to_owned())
    }
}

/// The metadata of a sops file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SopsFacts {
    /// The place of the `sops` key (or of the first key of flattened metadata).
    pub span: Span,
    /// Version of sops that wrote the file.
    pub version: Option<String>,
    /// Which values are to be encrypted.
    pub rule: EncryptionRule,
    /// Whether plaintext values may be edited without the MAC noticing.
    pub mac_only_encrypted: bool,
    /// The recipients; one group unless `key_groups` is used.
    pub groups: Vec<Vec<Recipient>>,
    /// `shamir_threshold`.
    pub threshold: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::EncryptionRule;

    #[test]
    fn a_rule_covers_a_path_or_not() {
        let rule = |name: &str, text: &str| EncryptionRule::from_name(name, text).unwrap();
        assert_eq!(
            EncryptionRule::default_rule().encrypts(["db", "password"]),
            Some(true)
        );
        assert_eq!(
            EncryptionRule::default_rule().encrypts(["db_unencrypted", "host"]),
            Some(false)
        );
        let regex = rule("encrypted_regex", "^(password|token)$");
        assert_eq!(regex.encrypts(["db", "password"]), Some(true));
        assert_eq!(regex.encrypts(["db", "user"]), Some(false));
        assert_eq!(
            rule("encrypted_regex", "(?=x)").encrypts(["x"]),
            Some(false)
        );
        assert_eq!(rule("encrypted_comment_regex", "x").encrypts(["x"]), None);
    }
}
