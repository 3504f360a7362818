//! What is known about an age file.

use crate::Span;

/// What is in the header of an age file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeFacts {
    /// Whether the file is armored.
    pub armored: bool,
    /// The stanzas in the order of the file, grease included.
    pub stanzas: Vec<AgeStanza>,
    /// Length of the plaintext in bytes; exact, since age does not pad.
    pub plaintext_length: usize,
}

impl AgeFacts {
    /// The stanzas of real recipients: all but grease.
    pub fn recipients(&self) -> impl Iterator<Item = &AgeStanza> {
        self.stanzas.iter().filter(|stanza| !stanza.is_grease())
    }

    /// Whether it is encrypted with a passphrase.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        self.stanzas.iter().any(|stanza| stanza.kind == "scrypt")
    }
}

/// One recipient stanza: a wrapped file key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeStanza {
    /// Its type: `X25519`, `ssh-ed25519`, `scrypt`, …
    pub kind: String,
    /// The arguments after the type. They are public.
    pub arguments: Vec<String>,
    /// The tag of the recipient, for types whose first argument is one: four bytes in base64.
    pub tag: Option<String>,
    /// Its first line in the file; the first line of the armor for armored files.
    pub span: Span,
}

impl AgeStanza {
    /// Whether it is noise that rage adds so that unknown stanzas stay accepted.
    #[must_use]
    pub fn is_grease(&self) -> bool {
        self.kind.ends_with("-grease")
    }

    /// Whether the stanza shows which recipient it is for.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.tag.is_none()
    }
}
