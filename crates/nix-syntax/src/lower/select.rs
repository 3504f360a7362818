//! Selections, and the elements of attribute paths.

use rnix::SyntaxKind;

use super::green::{Child, identifier, is_expression, without_parentheses};
use super::scratch::{Scratch, move_run};
use super::string::is_indented;
use super::{Lowering, Node, index};
use crate::hir::{AttrName, Expr, ExprId, NameId, Run, Selection, SelectionId};
use crate::source::TextSpan;

impl<'t> Lowering<'t> {
    pub(super) fn select(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut base = None;
        let mut path = None;
        let mut default = None;
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_ATTRPATH => path = Some(child),
                kind if !is_expression(kind) => {}
                _ if path.is_some() => default = default.or(Some(child)),
                _ => base = base.or(Some(child)),
            }
        }
        let base = self.operand(base, span);
        let path = self.selection_path(path, span);
        let default = default.map(|node| self.operand(Some(node), span));
        let id = SelectionId(index(self.scratch.file.selections.len()));
        self.scratch.file.selections.push(Selection {
            base,
            path,
            default,
        });
        self.push(Expr::Select(id), span)
    }

    pub(super) fn has_attribute(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut base = None;
        let mut path = None;
        for child in node.nodes() {
            if child.kind() == SyntaxKind::NODE_ATTRPATH {
                path = Some(child);
            } else {
                base = base.or(Some(child));
            }
        }
        let base = self.operand(base, span);
        let path = self.selection_path(path, span);
        let id = SelectionId(index(self.scratch.file.selections.len()));
        self.scratch.file.selections.push(Selection {
            base,
            path,
            default: None,
        });
        self.push(Expr::HasAttribute(id), span)
    }

    /// The elements of a selection's attribute path: never none.
    fn selection_path(&mut self, path: Option<Node<'t>>, place: TextSpan) -> Run {
        let mark = self.scratch.path_elements.len();
        for element in path.into_iter().flat_map(Node::nodes) {
            let name = self.attribute_name(element);
            self.scratch.path_elements.push((name, element.span()));
        }
        if self.scratch.path_elements.len() == mark {
            let span = TextSpan::new(place.end, place.end);
            let missing = self.push(Expr::Error, span);
            self.scratch
                .path_elements
                .push((AttrName::Dynamic(missing), span));
        }
        let Scratch {
            path_elements,
            file,
            ..
        } = &mut *self.scratch;
        move_run(path_elements, mark, &mut file.attr_names)
    }

    /// An element of an attribute path, its dynamic parts lowered.
    fn attribute_name(&mut self, node: Node<'t>) -> AttrName {
        match self.static_name(node) {
            Some(name) => AttrName::Static(name),
            None => AttrName::Dynamic(self.dynamic_name(node)),
        }
    }

    /// The name that an element of an attribute path is, if it is not computed: `a`, `"a"`, and,
    /// as in Nix, `${"a"}`.
    pub(super) fn static_name(&mut self, node: Node<'t>) -> Option<NameId> {
        match node.kind() {
            SyntaxKind::NODE_IDENT => Some(match identifier(node) {
                Some(token) => self.token_name(token),
                None => self.name(""),
            }),
            SyntaxKind::NODE_STRING => {
                if is_indented(node) {
                    let message = "syntax error, unexpected start of an indented string";
                    self.error(node.span(), message);
                }
                let text = self.plain_string(node)?;
                Some(self.name(&text))
            }
            SyntaxKind::NODE_DYNAMIC => {
                let inner = without_parentheses(node.nodes().next()?);
                match inner.kind() {
                    SyntaxKind::NODE_STRING => {
                        let text = self.plain_string(inner)?;
                        Some(self.name(&text))
                    }
                    SyntaxKind::NODE_LITERAL => match inner.children().next()? {
                        Child::Token(token) if token.kind == SyntaxKind::TOKEN_URI => {
                            Some(self.name(token.text))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The expression that computes an element of an attribute path.
    pub(super) fn dynamic_name(&mut self, node: Node<'t>) -> ExprId {
        if node.kind() == SyntaxKind::NODE_DYNAMIC {
            let inner = node.nodes().find(|node| is_expression(node.kind()));
            self.optional(inner, node.span())
        } else {
            self.expression(node)
        }
    }
}
