//! Why a value is not known.

use std::num::NonZeroU32;

use nix_syntax::source::Span;

use super::Message;

/// An [`Unknown`]: an index into the arena's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownId(pub(super) NonZeroU32);

/// What kind of reason it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownKind {
    /// It depends on something that is not on disk or not decided.
    Undetermined,
    /// `throw`, and `assert` of something false: what `builtins.tryEval` catches.
    Throw,
    /// Any other error that Nix would raise.
    Error,
    /// `abort`
    Abort,
    /// The value needs itself.
    InfiniteRecursion,
    /// The step budget or the stack limit ended the evaluation.
    Limit,
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The kind.
    pub kind: UnknownKind,
    /// For an error Nix's own message, else a few words.
    pub message: Message,
    /// Where.
    pub at: Option<Span>,
}

impl UnknownKind {
    /// Whether Nix itself would fail here.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Undetermined | Self::Limit)
    }
}
