//! What is wrong with the text of a file.

use crate::source::TextSpan;

/// A place where the text is not Nix, in the words that `nix-instantiate --parse` would use where
/// it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where, in bytes.
    pub span: TextSpan,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
}

/// How many errors of one file are kept.
pub(crate) const MAX_ERRORS: usize = 100;
