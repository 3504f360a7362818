//! From text to tree.

use rnix::{Parse, ParseError, Root, SyntaxNode};
use rustc_hash::FxHashMap;

use crate::error::{MAX_ERRORS, SyntaxError};
use crate::hir::File;
use crate::limits::Limits;
use crate::lower::{self, Node};
use crate::message;
use crate::scan::{Scan, scan};
use crate::source::TextSpan;
use crate::stack::with_large_stack;

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

/// Parses a file's text. A text that goes beyond `limits` is not inspected further: it gives one
/// error and a tree that is [`Expr::Error`](crate::hir::Expr::Error).
///
/// It may be called on a thread with a small stack: a text that needs a large one is parsed on a
/// thread of its own.
#[must_use]
pub fn parse_with(text: &str, limits: &Limits) -> Parsed {
    match scan(text, limits) {
        Ok(scan) if scan.deep => with_large_stack(|| parse_scanned(text, scan)),
        Ok(scan) => parse_scanned(text, scan),
        Err(error) => {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let file = lower::empty_file(TextSpan::new(0, end));
            Parsed {
                file,
                errors: vec![*error],
            }
        }
    }
}

fn parse_scanned(text: &str, scan: Scan) -> Parsed {
    let changed = scan.changed(text);
    let parse = Root::parse(&scan.without_long_lists(&changed));
    let syntax = parse.syntax();
    let root = Node::root(syntax.green(), 0);
    let mut errors = scan.errors;
    add_errors(&mut errors, &parse, root);

    // Elements that rnix did not get with their lists.
    let parsed_elements: Vec<(u32, u32, Parse<Root>, SyntaxNode)> = scan
        .long_lists
        .iter()
        .flat_map(|list| list.elements.iter().map(|element| (list.start, *element)))
        .filter_map(|(list, element)| {
            let text = changed.get(element.start as usize..element.end as usize)?;
            let parse = Root::parse(text);
            let syntax = parse.syntax();
            Some((list, element.start, parse, syntax))
        })
        .collect();
    let mut elements: FxHashMap<u32, Vec<Node<'_>>> = FxHashMap::default();
    for (list, start, parse, syntax) in &parsed_elements {
        let root = Node::root(syntax.green(), *start);
        add_errors(&mut errors, parse, root);
        elements.entry(*list).or_default().push(root);
    }

    let mut file = lower::lower(root, text, &elements, &mut errors);
    file.directives = scan.directives;
    errors.sort_by_key(|error| error.span.start);
    // Where rnix stumbles it reports so more than once.
    errors.dedup_by_key(|error| error.span.start);
    errors.truncate(MAX_ERRORS);
    Parsed { file, errors }
}

/// Adds rnix's errors, which it makes in order of place.
fn add_errors(errors: &mut Vec<SyntaxError>, parse: &Parse<Root>, root: Node<'_>) {
    let is_too_deep = |error: &&ParseError| **error == ParseError::RecursionLimitExceeded;
    if let Some(error) = parse.errors().iter().find(is_too_deep) {
        // All others come of this one.
        errors.push(message::syntax_error(error, root));
        return;
    }
    let room = MAX_ERRORS.saturating_sub(errors.len());
    errors.extend(
        parse
            .errors()
            .iter()
            .take(room)
            .map(|error| message::syntax_error(error, root)),
    );
}
