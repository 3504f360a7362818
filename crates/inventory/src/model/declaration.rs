//! A secret's declaration as it stands in the text, whether or not evaluation reaches it.

use nix_syntax::source::Span;

/// A name below `sops.secrets`, `sops.templates` or `age.secrets` that is written out in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declaration {
    /// Where the name stands.
    pub at: Span,
    /// The option that declares it: `sops.secrets`, `sops.templates`, `age.secrets`.
    pub option: &'static str,
    /// The attribute: `github_token`.
    pub attribute: String,
}
