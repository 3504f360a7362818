//! Draft.
mod go_regex;
mod problem;
mod rfc3339;
mod span;
mod text;
pub use go_regex::{GoRegex, GoRegexError};
pub use problem::{Code, Problem, Weight};
pub use span::Span;
pub const MAX_PARSED_BYTES: usize = 16 << 20;
