//! How large and how deep a file may be.

/// How large and how deep a file may be. rnix recurses as deep as its input does and takes time
/// in the square of some lengths, so that a text beyond these is not given to it.
///
/// The defaults are far above what is written by hand: of 1,799 files measured none nests brackets
/// deeper than 20 or has a chain of more than 256 tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text, in bytes.
    pub size: u32,
    /// Brackets, strings and interpolations inside one another.
    pub depth: u32,
    /// Tokens in a row in one expression, between brackets: operands, operators, arguments. The
    /// elements of a list do not count, unless the list is in an element of another list and
    /// comes after this many there.
    pub chain: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: 4 << 20,
            depth: 512,
            chain: 512,
        }
    }
}
