//! String literals.

use std::borrow::Cow;

use rnix::SyntaxKind;

use super::green::Child;
use super::{Lowering, Node};
use crate::hir::{Expr, ExprId, Part};
use crate::text::{self, IndentedPiece};

impl<'t> Lowering<'t> {
    pub(super) fn string_literal(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        if let Some(text) = self.plain_string(node) {
            let id = self.string(&text);
            return self.push(Expr::String(id), span);
        }
        let mark = self.scratch.parts.len();
        if is_indented(node) {
            self.indented_parts(node);
        } else {
            for child in node.children() {
                match child {
                    Child::Token(token) if token.kind == SyntaxKind::TOKEN_STRING_CONTENT => {
                        let text = text::unescape(self.slice(token.span()));
                        let id = self.string(&text);
                        self.scratch.parts.push(Part::Text(id));
                    }
                    Child::Node(child) => {
                        let part = self.interpolation(child);
                        self.scratch.parts.push(part);
                    }
                    Child::Token(_) => {}
                }
            }
        }
        let run = self.take_parts(mark);
        self.push(Expr::Interpolation(run), span)
    }

    /// The text of a string without interpolation.
    pub(super) fn plain_string(&self, node: Node<'t>) -> Option<Cow<'t, str>> {
        let mut content = "";
        for child in node.children() {
            match child {
                Child::Node(_) => return None,
                Child::Token(token) if token.kind == SyntaxKind::TOKEN_STRING_CONTENT => {
                    content = self.slice(token.span());
                }
                Child::Token(_) => {}
            }
        }
        Some(if is_indented(node) {
            let pieces = text::indented_pieces(text::without_first_line(content)).collect();
            let mut texts = text::strip_indentation(pieces);
            match texts.len() {
                0 | 1 => Cow::Owned(texts.pop().flatten().unwrap_or_default()),
                _ => Cow::Owned(texts.into_iter().flatten().collect()),
            }
        } else {
            text::unescape(content)
        })
    }

    /// Stacks the parts of an indented string.
    fn indented_parts(&mut self, node: Node<'t>) {
        let mut pieces = Vec::new();
        let mut interpolations = Vec::new();
        let mut first = true;
        for child in node.children() {
            match child {
                Child::Token(token) if token.kind == SyntaxKind::TOKEN_STRING_CONTENT => {
                    let content = self.slice(token.span());
                    let content = if first {
                        text::without_first_line(content)
                    } else {
                        content
                    };
                    pieces.extend(text::indented_pieces(content));
                    first = false;
                }
                Child::Node(child) => {
                    pieces.push(IndentedPiece::Interpolation);
                    interpolations.push(child);
                    first = false;
                }
                Child::Token(_) => {}
            }
        }
        let mut interpolations = interpolations.into_iter();
        let mut text = String::new();
        for piece in text::strip_indentation(pieces) {
            match piece {
                Some(piece) => text.push_str(&piece),
                None => {
                    self.stack_text(&mut text);
                    if let Some(node) = interpolations.next() {
                        let part = self.interpolation(node);
                        self.scratch.parts.push(part);
                    }
                }
            }
        }
        self.stack_text(&mut text);
    }

    fn stack_text(&mut self, text: &mut String) {
        if !text.is_empty() {
            let id = self.string(text);
            self.scratch.parts.push(Part::Text(id));
            text.clear();
        }
    }
}

fn is_indented(node: Node<'_>) -> bool {
    matches!(node.children().next(), Some(Child::Token(token)) if token.text == "''")
}
