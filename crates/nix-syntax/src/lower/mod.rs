//! From rnix's tree to [`hir::File`](File).

mod collect;
mod expression;
mod green;
mod lambda;
mod operator;
mod path;
mod scope;
mod scratch;
mod select;
mod set;
mod string;

use rustc_hash::FxHashMap;

use crate::error::{MAX_ERRORS, SyntaxError};
use crate::hir::{Expr, ExprId, File, NameId, StringId};
use crate::source::TextSpan;

use collect::SetBuilder;
pub(crate) use green::Node;
use green::{Token, is_expression};
use scratch::Scratch;

/// Lowers a tree. `text` is the text of the file: the same length as the tree's, and the same
/// text but for the bytes that were changed to suit rnix. `more_elements` has, by where a list
/// begins, roots of elements that come after those in the tree.
pub(crate) fn lower<'t>(
    root: Node<'t>,
    text: &'t str,
    more_elements: &'t FxHashMap<u32, Vec<Node<'t>>>,
    errors: &mut Vec<SyntaxError>,
) -> File {
    let mut lowering = Lowering {
        text,
        more_elements,
        scratch: Scratch::take(),
        errors: Vec::new(),
        idle_builders: Vec::new(),
    };
    let expression = root.nodes().find(|node| is_expression(node.kind()));
    let root = match expression {
        Some(node) => lowering.expression(node),
        None => lowering.push(Expr::Error, root.span()),
    };
    errors.append(&mut lowering.errors);
    lowering.scratch.give_back(root)
}

/// A file without an expression.
pub(crate) fn empty_file(span: TextSpan) -> File {
    File {
        exprs: vec![Expr::Error],
        spans: vec![span],
        ..File::default()
    }
}

struct Lowering<'t> {
    text: &'t str,
    /// By where a list begins: roots of elements that are not in the list's own tree.
    more_elements: &'t FxHashMap<u32, Vec<Node<'t>>>,
    scratch: Box<Scratch>,
    errors: Vec<SyntaxError>,
    /// Builders of attribute sets that are not in use.
    #[expect(
        clippy::vec_box,
        reason = "they are handed out and given back in their boxes"
    )]
    idle_builders: Vec<Box<SetBuilder<'t>>>,
}

/// The next index of a table. Files are under 4 GiB, so that it fits.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<'t> Lowering<'t> {
    fn push(&mut self, expr: Expr, span: TextSpan) -> ExprId {
        let id = ExprId(index(self.scratch.file.exprs.len()));
        self.scratch.file.exprs.push(expr);
        self.scratch.file.spans.push(span);
        id
    }

    fn error(&mut self, span: TextSpan, message: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        self.errors.push(SyntaxError {
            span,
            message: message.into(),
        });
    }

    fn name(&mut self, text: &str) -> NameId {
        let scratch = &mut *self.scratch;
        let (id, is_new) = scratch.names.intern(text, &mut scratch.file.names);
        if is_new {
            scratch.scope.add_name();
        }
        id
    }

    /// The name that a token is.
    fn token_name(&mut self, token: Token<'t>) -> NameId {
        let scratch = &mut *self.scratch;
        let (id, is_new) = scratch
            .names
            .intern_token(token.text, &mut scratch.file.names);
        if is_new {
            scratch.scope.add_name();
        }
        id
    }

    fn string(&mut self, text: &str) -> StringId {
        let id = StringId(index(self.scratch.file.strings.len()));
        self.scratch.file.strings.push(text);
        id
    }

    /// The original text of a span.
    fn slice(&self, span: TextSpan) -> &'t str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }
}
