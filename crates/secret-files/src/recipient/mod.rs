//! Who can decrypt: recipients as they are written in files and in `.sops.yaml`.

mod compare;

use crate::{Span, SshPublicKey, bech32};

pub use compare::{RecipientDiff, compare_groups};

/// What kind of key a recipient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecipientKind {
    /// `age1…`, an X25519 key.
    AgeX25519,
    /// `age1pq1…`, a post-quantum hybrid key.
    AgePostQuantum,
    /// `age1tag1…` or `age1tagpq1…`, a key whose stanzas carry a tag.
    AgeTag,
    /// `age1<name>1…`, a key of a plugin.
    AgePlugin,
    /// `ssh-ed25519 …`.
    SshEd25519,
    /// `ssh-rsa …`.
    SshRsa,
    /// A PGP fingerprint.
    Pgp,
    /// An AWS KMS key, optionally with a role after a `+`.
    AwsKms,
    /// A Google Cloud KMS resource.
    GcpKms,
    /// An Azure Key Vault key.
    AzureKeyVault,
    /// A key of a HashiCorp Vault transit engine.
    HcVault,
    /// A Huawei Cloud KMS key.
    HuaweiKms,
    /// A key service that runs as a plugin of sops.
    SopsPlugin,
    /// Meant for age, but of no known form.
    Unknown,
}

impl RecipientKind {
    /// The stable name, in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgeX25519 => "age",
            Self::AgePostQuantum => "age-post-quantum",
            Self::AgeTag => "age-tag",
            Self::AgePlugin => "age-plugin",
            Self::SshEd25519 => "ssh-ed25519",
            Self::SshRsa => "ssh-rsa",
            Self::Pgp => "pgp",
            Self::AwsKms => "aws-kms",
            Self::GcpKms => "gcp-kms",
            Self::AzureKeyVault => "azure-key-vault",
            Self::HcVault => "hc-vault",
            Self::HuaweiKms => "huawei-kms",
            Self::SopsPlugin => "sops-plugin",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is decrypted by age or one of its plugins.
    #[must_use]
    pub const fn is_age(self) -> bool {
        matches!(
            self,
            Self::AgeX25519
                | Self::AgePostQuantum
                | Self::AgeTag
                | Self::AgePlugin
                | Self::SshEd25519
                | Self::SshRsa
                | Self::Unknown
        )
    }
}

/// One recipient. Recipients are public: their text may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// What kind of key it is.
    pub kind: RecipientKind,
    /// The identification that `sops updatekeys` compares: the age or SSH recipient as
    /// written, the PGP fingerprint without blanks, `arn(+role)`, resource id, URL.
    pub id: String,
    /// Where it is written, if it was read from a file.
    pub span: Option<Span>,
}

impl Recipient {
    /// A recipient of age or of sops' `age` list: X25519, hybrid, plugin or SSH.
    #[must_use]
    pub fn age(text: &str, span: Option<Span>) -> Self {
        let text = text.trim();
        if text.starts_with("AGE-SECRET-KEY-") {
            // A private key in the place of a recipient: report it, but do not keep it.
            let id = "AGE-SECRET-KEY-…".to_owned();
            return Self {
                kind: RecipientKind::Unknown,
                id,
                span,
            };
        }
        let kind = if text.starts_with("ssh-ed25519 ") {
            RecipientKind::SshEd25519
        } else if text.starts_with("ssh-rsa ") {
            RecipientKind::SshRsa
        } else {
            match text.rsplit_once('1').map(|(prefix, _)| prefix) {
                Some("age") => RecipientKind::AgeX25519,
                Some("age1pq") => RecipientKind::AgePostQuantum,
                Some("age1tag" | "age1tagpq") => RecipientKind::AgeTag,
                Some(prefix) if prefix.starts_with("age1") => RecipientKind::AgePlugin,
                _ => RecipientKind::Unknown,
            }
        };
        Self {
            kind,
            id: text.to_owned(),
            span,
        }
    }

    /// A PGP fingerprint; blanks do not count.
    #[must_use]
    pub fn pgp(fingerprint: &str, span: Option<Span>) -> Self {
        Self {
            kind: RecipientKind::Pgp,
            id: fingerprint.replace(' ', ""),
            span,
        }
    }

    pub(crate) fn other(kind: RecipientKind, id: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            kind,
            id: id.into(),
            span,
        }
    }

    /// What two recipients have in common when they are the same key: the identification, for
    /// SSH keys without the comment.
    #[must_use]
    pub fn key(&self) -> String {
        match self.kind {
            RecipientKind::SshEd25519 | RecipientKind::SshRsa => SshPublicKey::parse(&self.id)
                .map_or_else(|| self.id.clone(), |key| key.without_comment()),
            _ => self.id.clone(),
        }
    }

    /// Why no tool can encrypt to this recipient; `None` if it is well-formed.
    #[must_use]
    pub fn defect(&self) -> Option<&'static str> {
        let data_of = |prefix: &str, length: usize| match bech32::decode(&self.id) {
            Some((found, data)) if found == prefix => {
                (data.len() != length).then_some("the recipient has the wrong length")
            }
            _ => Some("the checksum of the recipient is wrong: it was cut off or mistyped"),
        };
        match self.kind {
            RecipientKind::AgeX25519 => data_of("age", 32),
            RecipientKind::AgePostQuantum => data_of("age1pq", 1216),
            RecipientKind::AgeTag | RecipientKind::AgePlugin => bech32::decode(&self.id)
                .is_none()
                .then_some("the checksum of the recipient is wrong: it was cut off or mistyped"),
            RecipientKind::SshEd25519 | RecipientKind::SshRsa => SshPublicKey::parse(&self.id)
                .is_none()
                .then_some("not a complete SSH public key"),
            RecipientKind::Unknown if self.id.starts_with("AGE-SECRET-KEY-") => {
                Some("this is a private key, not a recipient")
            }
            RecipientKind::Unknown => Some("not a recipient that age knows"),
            RecipientKind::Pgp => {
                let is_fingerprint = matches!(self.id.len(), 8 | 16 | 32 | 40 | 64)
                    && self.id.bytes().all(|byte| byte.is_ascii_hexdigit());
                (!is_fingerprint).then_some("not a PGP fingerprint")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Recipient, RecipientKind};

    #[test]
    fn kinds_by_their_text() {
        for (text, kind) in [
            (
                "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy",
                RecipientKind::AgeX25519,
            ),
            ("age1yubikey1qvqx4uc6qkfsqqq", RecipientKind::AgePlugin),
            ("age1pq1qqqq", RecipientKind::AgePostQuantum),
            ("ssh-ed25519 AAAA", RecipientKind::SshEd25519),
            ("hello", RecipientKind::Unknown),
        ] {
            assert_eq!(Recipient::age(text, None).kind, kind, "{text}");
        }
    }

    #[test]
    fn defects() {
        let good = Recipient::age(
            "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy",
            None,
        );
        assert_eq!(good.defect(), None);
        let mistyped = Recipient::age(
            "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvx",
            None,
        );
        assert!(mistyped.defect().is_some());
        assert_eq!(
            Recipient::pgp("FBC7 B9E2 A4F9 289A C0C1 D484 3D16 CEE4 A27381B4", None).defect(),
            None
        );
        assert!(Recipient::pgp("alice", None).defect().is_some());
    }
}
