//! Comments that speak to this program.

use nix_syntax::source::Span;

/// A comment with `mcp-lint:` in it. What it says is read elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Directive {
    /// The comment, its signs included.
    pub at: Span,
    /// What it stands beside or above: that line, and all of a binding or list element that begins
    /// there.
    pub covers: Span,
}
