//! String literals.

use std::borrow::Cow;

use rnix::SyntaxKind;

use super::green::{Child, Token};
use super::{Lowering, Node, index};
use crate::hir::{Expr, ExprId, Part, StringId};
use crate::text::{self, Indentation};

impl<'t> Lowering<'t> {
    pub(super) fn string_literal(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let indented = is_indented(node);
        if let Some(content) = self.plain_content(node) {
            let id = if indented {
                let id = StringId(index(self.scratch.file.strings.len()));
                let strings = &mut self.scratch.file.strings;
                strings.push_with(|out| text::dedent(content, out));
                id
            } else {
                self.string(&text::unescape(content))
            };
            return self.push(Expr::String(id), span);
        }
        let mark = self.scratch.parts.len();
        if indented {
            self.indented_parts(node);
        } else {
            self.quoted_parts(node);
        }
        let run = self.take_parts(mark);
        self.push(Expr::Interpolation(run), span)
    }

    /// The text of a string without interpolation.
    pub(super) fn plain_string(&self, node: Node<'t>) -> Option<Cow<'t, str>> {
        let content = self.plain_content(node)?;
        Some(if is_indented(node) {
            let mut text = String::new();
            text::dedent(content, &mut text);
            Cow::Owned(text)
        } else {
            text::unescape(content)
        })
    }

    /// The text between the quotes of a string without interpolation.
    fn plain_content(&self, node: Node<'t>) -> Option<&'t str> {
        let mut content = "";
        for child in node.children() {
            match child {
                Child::Token(token) if is_content(token) => content = self.slice(token.span()),
                Child::Token(_) => {}
                Child::Node(_) => return None,
            }
        }
        Some(content)
    }

    /// Stacks the parts of a `"…"`.
    fn quoted_parts(&mut self, node: Node<'t>) {
        for child in node.children() {
            let part = match child {
                Child::Token(token) if is_content(token) => {
                    let text = text::unescape(self.slice(token.span()));
                    Part::Text(self.string(&text))
                }
                Child::Token(_) => continue,
                Child::Node(child) => self.interpolation(child),
            };
            self.scratch.parts.push(part);
        }
    }

    /// Stacks the parts of a `''…''`.
    fn indented_parts(&mut self, node: Node<'t>) {
        let mut indentation = Indentation::new();
        let mut is_first = true;
        for child in node.children() {
            match child {
                Child::Token(token) if is_content(token) => {
                    indentation.content(self.indented_content(token, is_first));
                }
                Child::Token(_) => continue,
                Child::Node(_) => indentation.interpolation(),
            }
            is_first = false;
        }
        let mut stripper = indentation.stripper();
        let mut children = node.children();
        let mut is_first = true;
        while let Some(child) = children.next() {
            match child {
                Child::Token(token) if is_content(token) => {
                    let content = self.indented_content(token, std::mem::take(&mut is_first));
                    let is_last = !matches!(children.clone().next(), Some(Child::Node(_)));
                    let id = StringId(index(self.scratch.file.strings.len()));
                    let strings = &mut self.scratch.file.strings;
                    strings.push_with(|out| stripper.content(content, is_last, out));
                    if !strings.pop_if_empty() {
                        self.scratch.parts.push(Part::Text(id));
                    }
                }
                Child::Token(_) => continue,
                Child::Node(child) => {
                    is_first = false;
                    stripper.interpolation();
                    let part = self.interpolation(child);
                    self.scratch.parts.push(part);
                }
            }
        }
    }

    fn indented_content(&self, token: Token<'t>, is_first: bool) -> &'t str {
        let content = self.slice(token.span());
        if is_first {
            text::without_first_line(content)
        } else {
            content
        }
    }
}

fn is_content(token: Token<'_>) -> bool {
    token.kind == SyntaxKind::TOKEN_STRING_CONTENT
}

/// Whether a string is a `''…''`.
pub(super) fn is_indented(node: Node<'_>) -> bool {
    matches!(node.children().next(), Some(Child::Token(token)) if token.text == "''")
}
