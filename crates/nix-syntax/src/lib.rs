//! Nix source text, parsed with rnix and lowered to a compact tree.
//!
//! rnix gives a lossless tree; [`parse`] turns it once into [`hir::File`], an arena of
//! expressions with resolved variables and a span for every node, and drops it. Parsing never
//! fails: a file yields a tree *and* its [`SyntaxError`]s. Hostile input (absurd nesting, huge
//! tokens) is refused by a linear scan before rnix sees it.
//!
//! What Nix accepts is accepted and means the same, and what it refuses is refused: rnix is more
//! lenient and its tokenizer differs in places, so that the scan and the lowering make up for it.
//! Known to remain: `let { … }` as an operand, `7.else` and `0.a` without white space, and
//! `a <b<c>` are refused though Nix takes them; `1 + !a + b` is read as `1 + (!a) + b`, a type
//! error either way; the pipe operators need no switch.
//!
//! This crate knows nothing of values.

pub mod dump;
pub mod hir;
pub mod quote;
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
pub use stack::{LARGE_STACK, with_large_stack};
pub use undefined::undefined_variables;
