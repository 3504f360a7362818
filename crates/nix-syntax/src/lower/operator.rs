//! Operators.

use rnix::SyntaxKind;

use super::green::Child;
use super::green::is_expression;
use super::{Lowering, Node};
use crate::hir::{BinaryOp, Expr, ExprId};

impl<'t> Lowering<'t> {
    pub(super) fn binary(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut operator = None;
        let mut operands = [None; 2];
        for child in node.children() {
            match child {
                Child::Token(token) => operator = operator.or(Some(token)),
                Child::Node(child) if is_expression(child.kind()) => {
                    let [left, right] = &mut operands;
                    let place = if operator.is_some() { right } else { left };
                    *place = place.or(Some(child));
                }
                Child::Node(_) => {}
            }
        }
        let [left_node, right_node] = operands;
        let left = self.operand(left_node, span);
        let right = self.operand(right_node, span);
        let Some(operator) = operator else {
            return self.push(Expr::Error, span);
        };
        let expr = match operator.kind {
            SyntaxKind::TOKEN_PIPE_RIGHT => Expr::Apply {
                function: right,
                argument: left,
            },
            SyntaxKind::TOKEN_PIPE_LEFT => {
                // Nix's grammar has either pipe operator in a chain, not both.
                for operand in [left_node, right_node].into_iter().flatten() {
                    if is_pipe_right(operand) {
                        self.error(operator.span(), "syntax error, unexpected '<|'");
                    }
                }
                Expr::Apply {
                    function: left,
                    argument: right,
                }
            }
            // A division before a bracket is given to rnix as another operator.
            SyntaxKind::TOKEN_MUL if self.slice(operator.span()) == "/" => Expr::Binary {
                op: BinaryOp::Divide,
                left,
                right,
            },
            kind => match binary_operator(kind) {
                Some(op) => Expr::Binary { op, left, right },
                None => Expr::Error,
            },
        };
        self.push(expr, span)
    }

    pub(super) fn unary(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut operator = None;
        let mut operand = None;
        for child in node.children() {
            match child {
                Child::Token(token) => operator = operator.or(Some(token)),
                Child::Node(child) if is_expression(child.kind()) => {
                    operand = operand.or(Some(child));
                }
                Child::Node(_) => {}
            }
        }
        let operand = self.operand(operand, span);
        // After some operators `!` is given to rnix as `-`.
        let expr = match operator.map(|token| self.slice(token.span())) {
            Some("-") => Expr::Negate(operand),
            Some("!") => Expr::Not(operand),
            _ => Expr::Error,
        };
        self.push(expr, span)
    }
}

fn is_pipe_right(node: Node<'_>) -> bool {
    node.kind() == SyntaxKind::NODE_BIN_OP
        && node.children().any(|child| {
            matches!(child, Child::Token(token) if token.kind == SyntaxKind::TOKEN_PIPE_RIGHT)
        })
}

fn binary_operator(kind: SyntaxKind) -> Option<BinaryOp> {
    Some(match kind {
        SyntaxKind::TOKEN_ADD => BinaryOp::Add,
        SyntaxKind::TOKEN_SUB => BinaryOp::Subtract,
        SyntaxKind::TOKEN_MUL => BinaryOp::Multiply,
        SyntaxKind::TOKEN_DIV => BinaryOp::Divide,
        SyntaxKind::TOKEN_CONCAT => BinaryOp::Concat,
        SyntaxKind::TOKEN_UPDATE => BinaryOp::Update,
        SyntaxKind::TOKEN_EQUAL => BinaryOp::Equal,
        SyntaxKind::TOKEN_NOT_EQUAL => BinaryOp::NotEqual,
        SyntaxKind::TOKEN_LESS => BinaryOp::Less,
        SyntaxKind::TOKEN_LESS_OR_EQ => BinaryOp::LessOrEqual,
        SyntaxKind::TOKEN_MORE => BinaryOp::Greater,
        SyntaxKind::TOKEN_MORE_OR_EQ => BinaryOp::GreaterOrEqual,
        SyntaxKind::TOKEN_AND_AND => BinaryOp::And,
        SyntaxKind::TOKEN_OR_OR => BinaryOp::Or,
        SyntaxKind::TOKEN_IMPLICATION => BinaryOp::Implication,
        _ => return None,
    })
}
