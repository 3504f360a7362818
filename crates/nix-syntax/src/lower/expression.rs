//! Expressions that have no file of their own.

use rnix::SyntaxKind;

use super::green::{Child, identifier, is_expression, keep_first};
use super::scratch::{Scratch, move_run};
use super::{Lowering, Node};
use crate::hir::{Expr, ExprId, Run};
use crate::source::TextSpan;

impl<'t> Lowering<'t> {
    /// An expression that may be missing.
    pub(super) fn optional(&mut self, node: Option<Node<'t>>, place: TextSpan) -> ExprId {
        match node {
            Some(node) => self.expression(node),
            None => self.push(Expr::Error, TextSpan::new(place.end, place.end)),
        }
    }

    /// An expression that is where Nix's grammar has no function, for example `f x: y`.
    pub(super) fn operand(&mut self, node: Option<Node<'t>>, place: TextSpan) -> ExprId {
        if let Some(node) = node
            && node.kind() == SyntaxKind::NODE_LAMBDA
        {
            let colon = node.children().find_map(|child| match child {
                Child::Token(token) if token.kind == SyntaxKind::TOKEN_COLON => Some(token.span()),
                _ => None,
            });
            self.error(colon.unwrap_or(node.span()), "syntax error, unexpected ':'");
        }
        self.optional(node, place)
    }

    pub(super) fn expression(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        match node.kind() {
            SyntaxKind::NODE_IDENT => {
                let expr = match identifier(node) {
                    Some(token) => {
                        let name = self.token_name(token);
                        self.scratch.scope.resolve(name)
                    }
                    None => Expr::Error,
                };
                self.push(expr, span)
            }
            SyntaxKind::NODE_SELECT => self.select(node),
            SyntaxKind::NODE_STRING => self.string_literal(node),
            SyntaxKind::NODE_APPLY => {
                let (function, argument) = two(node);
                let function = self.operand(function, span);
                let argument = self.operand(argument, span);
                self.push(Expr::Apply { function, argument }, span)
            }
            SyntaxKind::NODE_ATTR_SET => self.attribute_set(node),
            SyntaxKind::NODE_LIST => self.list(node),
            SyntaxKind::NODE_LITERAL => self.literal(node),
            SyntaxKind::NODE_PAREN => self.parentheses(node),
            SyntaxKind::NODE_LAMBDA => self.lambda(node),
            SyntaxKind::NODE_LET_IN => self.let_in(node),
            SyntaxKind::NODE_LEGACY_LET => self.legacy_let(node),
            SyntaxKind::NODE_BIN_OP => self.binary(node),
            SyntaxKind::NODE_UNARY_OP => self.unary(node),
            SyntaxKind::NODE_HAS_ATTR => self.has_attribute(node),
            SyntaxKind::NODE_PATH_ABS | SyntaxKind::NODE_PATH_REL | SyntaxKind::NODE_PATH_HOME => {
                self.path(node)
            }
            SyntaxKind::NODE_PATH_SEARCH => self.search_path(node),
            SyntaxKind::NODE_WITH => {
                let [scope, body, _] = segments(node);
                let scope = self.optional(scope, span);
                self.scratch.scope.push_with();
                let body = self.optional(body, span);
                self.scratch.scope.pop_with();
                self.push(Expr::With { scope, body }, span)
            }
            SyntaxKind::NODE_ASSERT => {
                let [condition, body, _] = segments(node);
                let condition = self.optional(condition, span);
                let body = self.optional(body, span);
                self.push(Expr::Assert { condition, body }, span)
            }
            SyntaxKind::NODE_IF_ELSE => {
                let [condition, yes, no] = segments(node);
                let condition = self.optional(condition, span);
                let yes = self.optional(yes, span);
                let no = self.optional(no, span);
                self.push(Expr::If { condition, yes, no }, span)
            }
            SyntaxKind::NODE_CUR_POS => self.push(Expr::CurrentPosition, span),
            _ => self.push(Expr::Error, span),
        }
    }

    fn parentheses(&mut self, node: Node<'t>) -> ExprId {
        let mut inner = None;
        let mut last = None;
        for child in node.children() {
            match child {
                Child::Node(node) if inner.is_none() && is_expression(node.kind()) => {
                    inner = Some(node);
                }
                _ => {}
            }
            last = Some(child);
        }
        // rnix takes whatever is there for the closing parenthesis.
        if let Some(Child::Token(token)) = last
            && token.kind != SyntaxKind::TOKEN_R_PAREN
        {
            let message = format!(
                "syntax error, unexpected {}, expecting ')'",
                crate::message::describe(token.kind)
            );
            self.error(token.span(), message);
        }
        self.optional(inner, node.span())
    }

    fn list(&mut self, node: Node<'t>) -> ExprId {
        let mark = self.scratch.elements.len();
        for element in node.nodes() {
            if is_expression(element.kind()) {
                let id = self.operand(Some(element), node.span());
                self.scratch.elements.push(id);
            }
        }
        let more = self.more_elements.get(&node.start());
        for root in more.into_iter().flatten() {
            let id = self.optional(root.nodes().next(), root.span());
            self.scratch.elements.push(id);
        }
        let run = self.take_elements(mark);
        self.push(Expr::List(run), node.span())
    }

    /// Moves the expressions stacked since `mark` into the table of children.
    pub(super) fn take_elements(&mut self, mark: usize) -> Run {
        let Scratch { elements, file, .. } = &mut *self.scratch;
        move_run(elements, mark, &mut file.children)
    }

    fn literal(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let token = node.children().find_map(|child| match child {
            Child::Token(token) => Some(token),
            Child::Node(_) => None,
        });
        let Some(token) = token else {
            return self.push(Expr::Error, span);
        };
        let expr = match token.kind {
            SyntaxKind::TOKEN_INTEGER => match token.text.parse() {
                Ok(value) => Expr::Int(value),
                Err(_) => {
                    self.error(span, format!("invalid integer '{}'", token.text));
                    Expr::Error
                }
            },
            SyntaxKind::TOKEN_FLOAT => match float(token.text) {
                Some(value) => Expr::Float(value),
                None => {
                    self.error(span, format!("invalid float '{}'", token.text));
                    Expr::Error
                }
            },
            SyntaxKind::TOKEN_URI => Expr::String(self.string(token.text)),
            _ => Expr::Error,
        };
        self.push(expr, span)
    }
}

/// The first two expressions in a node.
fn two(node: Node<'_>) -> (Option<Node<'_>>, Option<Node<'_>>) {
    let mut expressions = node.nodes().filter(|node| is_expression(node.kind()));
    (expressions.next(), expressions.next())
}

/// The expressions after the first, second and third keyword or semicolon of `if`, `with` and
/// `assert`. Where a part did not parse, the parts after it keep their places.
fn segments(node: Node<'_>) -> [Option<Node<'_>>; 3] {
    let mut found = [None; 3];
    let mut segment = 0_usize;
    for child in node.children() {
        match child {
            Child::Token(_) => segment += 1,
            Child::Node(child) if is_expression(child.kind()) => {
                if let Some(place) = segment.checked_sub(1).and_then(|at| found.get_mut(at)) {
                    keep_first(place, child);
                }
            }
            Child::Node(_) => {}
        }
    }
    found
}

/// A floating-point literal; none if it is too large or too small for a double, as in Nix.
fn float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let is_zero = || {
        let digits = text.split(['e', 'E']).next().unwrap_or("");
        !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
    };
    (value.is_normal() || (value == 0.0 && is_zero())).then_some(value)
}
