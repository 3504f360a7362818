//! The scan before parsing: what rnix cannot bear is refused.

use crate::SyntaxError;
use crate::source::TextSpan;

/// How large and how deep a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text, in bytes.
    pub size: u32,
    /// Brackets, interpolations and strings inside one another.
    pub depth: u32,
    /// Tokens in one expression without brackets around parts of it: operators, arguments,
    /// functions of functions.
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

/// Looks whether a text is within the limits.
pub(crate) fn check(text: &str, limits: &Limits) -> Result<(), SyntaxError> {
    if text.len() > limits.size as usize {
        return Err(SyntaxError {
            span: TextSpan::new(0, 0),
            message: format!("the file is larger than {} bytes", limits.size),
        });
    }
    Ok(())
}
