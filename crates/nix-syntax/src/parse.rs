//! From text to tree.

use rnix::Root;

use crate::SyntaxError;
use crate::hir::File;
use crate::limits::{self, Limits};
use crate::lower::{self, Node};
use crate::message;
use crate::source::TextSpan;

/// A parsed file: always a tree, and what is wrong with the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree. What did not parse is [`Expr::Error`](crate::hir::Expr::Error) in it.
    pub file: File,
    /// What is wrong, in order of place.
    pub errors: Vec<SyntaxError>,
}

/// Parses a file's text, within the usual [`Limits`].
#[must_use]
pub fn parse(text: &str) -> Parsed {
    parse_with(text, &Limits::default())
}

/// Parses a file's text. A text that goes beyond `limits` is not looked at further: it gives one
/// error and a tree that is [`Expr::Error`](crate::hir::Expr::Error).
#[must_use]
pub fn parse_with(text: &str, limits: &Limits) -> Parsed {
    match limits::check(text, limits) {
        Ok(()) => parse_checked(text),
        Err(error) => {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            Parsed {
                file: lower::empty_file(TextSpan::new(0, end)),
                errors: vec![error],
            }
        }
    }
}

fn parse_checked(text: &str) -> Parsed {
    let parse = Root::parse(text);
    let syntax = parse.syntax();
    let green = syntax.green();
    let mut errors: Vec<SyntaxError> = parse
        .errors()
        .iter()
        .map(|error| message::syntax_error(error, Node::root(green)))
        .collect();
    let file = lower::lower(green, text, &mut errors);
    errors.sort_by_key(|error| error.span.start);
    // Where rnix stumbles it says so more than once.
    errors.dedup_by_key(|error| error.span.start);
    Parsed { file, errors }
}
