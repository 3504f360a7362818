//! A value that is not known.

use std::num::NonZeroU32;

use nix_syntax::source::Span;

use super::Reason;

/// An [`Unknown`]: an index into the arena's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownId(pub(super) NonZeroU32);

/// Why a value is not known, and where it became so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Why.
    pub reason: Reason,
    /// Where.
    pub at: Option<Span>,
}
