//! Credentials that options are given.

use nix_syntax::source::Span;
use secret_files::Confidence;

use super::{FilePath, OptionPath};

/// A credential that the value of an option is, once it is evaluated. No field holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenCredential {
    /// The option.
    pub option: OptionPath,
    /// Where the option is defined.
    pub at: Span,
    /// How it is known.
    pub from: GivenFrom,
}

/// How it is known that a value is a credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GivenFrom {
    /// By itself.
    Value {
        /// How many characters it has.
        length: usize,
        /// How sure it is.
        confidence: Confidence,
    },
    /// It is the content of this file, or a part of that: a file of secrets that is not encrypted.
    File(FilePath),
}
