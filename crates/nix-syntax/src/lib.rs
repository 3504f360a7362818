//! Nix source text, parsed with rnix and lowered to a compact tree.
//!
//! rnix gives a lossless tree; [`parse`] turns it once into [`hir::File`], an arena of
//! expressions with resolved variables and a span for every node, and drops it. Parsing never
//! fails: a file yields a tree *and* its [`SyntaxError`]s. Hostile input (absurd nesting, huge
//! tokens) is refused by a linear scan before rnix sees it.
//!
//! This crate knows nothing of values.

pub mod dump;
pub mod hir;
pub mod source;

mod error;
mod limits;
mod lower;
mod message;
mod parse;
mod scan;
mod stack;
mod text;
mod texts;
mod undefined;

pub use error::SyntaxError;
pub use limits::Limits;
pub use parse::{Parsed, parse, parse_with};
pub use stack::with_large_stack;
pub use undefined::undefined_variables;
