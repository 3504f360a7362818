//! Functions.

use rnix::SyntaxKind;

use super::green::{Child, Token, keep_first};
use super::green::{identifier, is_expression};
use super::scratch::{Scratch, move_run};
use super::{Lowering, Node, index};
use crate::hir::{Expr, ExprId, Formal, Lambda, LambdaId, NameId, Parameter};

impl<'t> Lowering<'t> {
    pub(super) fn lambda(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut parameter = None;
        let mut body = None;
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_IDENT_PARAM | SyntaxKind::NODE_PATTERN => {
                    parameter = parameter.or(Some(child));
                }
                kind if is_expression(kind) => keep_first(&mut body, child),
                _ => {}
            }
        }
        let mark = self.scratch.scope.push_frame();
        let parameter = match parameter {
            Some(pattern) if pattern.kind() == SyntaxKind::NODE_PATTERN => self.pattern(pattern),
            other => {
                let token = other
                    .and_then(|node| node.nodes().next())
                    .and_then(identifier);
                let name = match token {
                    Some(token) => self.token_name(token),
                    None => self.name(""),
                };
                self.scratch.scope.bind(name, 0);
                Parameter::Name(name)
            }
        };
        let body = self.optional(body, span);
        self.scratch.scope.pop_frame(&mark);
        let id = LambdaId(index(self.scratch.file.lambdas.len()));
        self.scratch.file.lambdas.push(Lambda { parameter, body });
        self.push(Expr::Lambda(id), span)
    }

    /// The formals of a function, bound in the frame that was pushed for it.
    fn pattern(&mut self, pattern: Node<'t>) -> Parameter {
        let mut entries = Vec::with_capacity(pattern.nodes().count());
        let mut whole = None;
        let mut ellipsis = false;
        for child in pattern.children() {
            match child {
                Child::Token(token) => ellipsis |= token.kind == SyntaxKind::TOKEN_ELLIPSIS,
                Child::Node(entry) if entry.kind() == SyntaxKind::NODE_PAT_ENTRY => {
                    let mut parts = entry.nodes();
                    let Some(token) = parts.find_map(ident_token) else {
                        continue;
                    };
                    let default = parts.find(|node| is_expression(node.kind()));
                    let slot = index(entries.len());
                    if let Some(name) = self.bind_formal(token, slot) {
                        entries.push((name, token.span(), default));
                    }
                }
                Child::Node(bind) if bind.kind() == SyntaxKind::NODE_PAT_BIND => {
                    whole = whole.or_else(|| bind.nodes().find_map(ident_token));
                }
                Child::Node(_) => {}
            }
        }
        let whole = whole.and_then(|token| self.bind_formal(token, index(entries.len())));
        let mark = self.scratch.formals.len();
        for (name, span, default) in entries {
            let default = default.map(|node| self.expression(node));
            self.scratch.formals.push(Formal {
                name,
                span,
                default,
            });
        }
        let Scratch { formals, file, .. } = &mut *self.scratch;
        let formals = move_run(formals, mark, &mut file.formals);
        Parameter::Formals {
            formals,
            ellipsis,
            whole,
        }
    }

    /// Binds a formal, unless another has its name.
    fn bind_formal(&mut self, token: Token<'t>, slot: u32) -> Option<NameId> {
        let name = self.token_name(token);
        if self.scratch.scope.is_bound_here(name) {
            self.duplicate_formal(token);
            return None;
        }
        self.scratch.scope.bind(name, slot);
        Some(name)
    }

    fn duplicate_formal(&mut self, token: Token<'t>) {
        let message = format!("duplicate formal function argument '{}'", token.text);
        self.error(token.span(), message);
    }
}

fn ident_token(node: Node<'_>) -> Option<Token<'_>> {
    (node.kind() == SyntaxKind::NODE_IDENT)
        .then(|| identifier(node))
        .flatten()
}
