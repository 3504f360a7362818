//! How an age file can be damaged.

use std::fmt;

use crate::{Code, Problem, Span};

/// What is wrong with the structure of an age file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AgeErrorKind {
    /// It does not begin as an age file of version 1.
    Intro,
    /// The header is cut off.
    HeaderEnd,
    /// The header has no stanza.
    NoStanza,
    /// A line of the header that is neither a stanza nor the footer.
    Stanza,
    /// Base64 in the header that is damaged or not canonical.
    HeaderBase64,
    /// The line with the header's MAC is damaged.
    Footer,
    /// The payload is shorter than the shortest one; its length.
    PayloadShort(usize),
    /// The payload has a length that no plaintext has.
    PayloadSize,
    /// Text before or after the armor.
    ArmorTrailing,
    /// A line of the armor that is too long, or a short one that is not the last.
    ArmorLine,
    /// Base64 of the armor that is damaged.
    ArmorBase64,
    /// The line that ends the armor is missing.
    ArmorEnd,
}

/// Damage of an age file, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeError {
    /// What is wrong.
    pub kind: AgeErrorKind,
    /// Where, in bytes of the file; for damage inside of an armor, the whole armor.
    pub span: Span,
}

impl AgeError {
    pub(super) const fn new(kind: AgeErrorKind, span: Span) -> Self {
        Self { kind, span }
    }

    pub(super) fn problem(self) -> Problem {
        let code = match self.kind {
            AgeErrorKind::PayloadShort(_) | AgeErrorKind::PayloadSize => Code::AgePayload,
            AgeErrorKind::ArmorTrailing
            | AgeErrorKind::ArmorLine
            | AgeErrorKind::ArmorBase64
            | AgeErrorKind::ArmorEnd => Code::AgeArmor,
            _ => Code::AgeHeader,
        };
        Problem::new(code, self.span, self.to_string())
    }
}

impl fmt::Display for AgeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = match self.kind {
            AgeErrorKind::Intro => "this is no age file of version 1",
            AgeErrorKind::HeaderEnd => "the age header is cut off",
            AgeErrorKind::NoStanza => "the age header names no recipient",
            AgeErrorKind::Stanza => "the age header has a line that is no recipient",
            AgeErrorKind::HeaderBase64 => "the age header has damaged base64",
            AgeErrorKind::Footer => "the MAC of the age header is damaged",
            AgeErrorKind::PayloadShort(length) => {
                return write!(
                    formatter,
                    "the age file is cut off: {length} bytes of payload, at least 32 are needed"
                );
            }
            AgeErrorKind::PayloadSize => {
                "the age file is cut off: no plaintext has a payload of this length"
            }
            AgeErrorKind::ArmorTrailing => "text before or after the armor of the age file",
            AgeErrorKind::ArmorLine => "a line of the age armor has the wrong length",
            AgeErrorKind::ArmorBase64 => "the age armor has damaged base64",
            AgeErrorKind::ArmorEnd => "the age armor is cut off before its last line",
        };
        formatter.write_str(message)
    }
}

impl std::error::Error for AgeError {}
