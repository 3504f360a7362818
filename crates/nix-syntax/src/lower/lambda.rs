//! Functions.

use std::borrow::Cow;

use rnix::SyntaxKind;

use super::green::{Child, Token, keep_first};
use super::{Lowering, Node, identifier, index, is_expression};
use crate::hir::{Expr, ExprId, Formal, Lambda, LambdaId, NameId, Parameter, Run};

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
        let mark = self.scope.push_frame();
        let parameter = match parameter {
            Some(pattern) if pattern.kind() == SyntaxKind::NODE_PATTERN => self.pattern(pattern),
            other => {
                let token = other
                    .and_then(|node| node.nodes().next())
                    .and_then(identifier);
                let name = self.name(Cow::Borrowed(token.map_or("", |token| token.text)));
                self.scope.bind(name, 0);
                Parameter::Name(name)
            }
        };
        let body = self.optional(body, span);
        self.scope.pop_frame(&mark);
        let id = LambdaId(index(self.file.lambdas.len()));
        self.file.lambdas.push(Lambda { parameter, body });
        self.push(Expr::Lambda(id), span)
    }

    /// The formals of a function, bound in the frame that was pushed for it.
    fn pattern(&mut self, pattern: Node<'t>) -> Parameter {
        let mut entries: Vec<(Formal, Option<Node<'t>>)> = Vec::new();
        let mut whole = None;
        let mut ellipsis = false;
        let mut known = KnownNames::default();
        for child in pattern.children() {
            match child {
                Child::Token(token) => ellipsis |= token.kind == SyntaxKind::TOKEN_ELLIPSIS,
                Child::Node(entry) if entry.kind() == SyntaxKind::NODE_PAT_ENTRY => {
                    let mut parts = entry.nodes();
                    let Some(token) = parts.find_map(ident_token) else {
                        continue;
                    };
                    let default = parts.find(|node| is_expression(node.kind()));
                    let name = self.name(Cow::Borrowed(token.text));
                    if known.insert(name) {
                        entries.push((
                            Formal {
                                name,
                                span: token.span(),
                                default: None,
                            },
                            default,
                        ));
                    } else {
                        self.duplicate_formal(token);
                    }
                }
                Child::Node(bind) if bind.kind() == SyntaxKind::NODE_PAT_BIND => {
                    whole = whole.or_else(|| bind.nodes().find_map(ident_token));
                }
                Child::Node(_) => {}
            }
        }
        let whole = whole.and_then(|token| {
            let name = self.name(Cow::Borrowed(token.text));
            if known.insert(name) {
                Some(name)
            } else {
                self.duplicate_formal(token);
                None
            }
        });
        for (slot, (formal, _)) in entries.iter().enumerate() {
            self.scope.bind(formal.name, index(slot));
        }
        if let Some(name) = whole {
            self.scope.bind(name, index(entries.len()));
        }
        for (formal, default) in &mut entries {
            formal.default = default.map(|node| self.expression(node));
        }
        let formals = Run {
            start: index(self.file.formals.len()),
            len: index(entries.len()),
        };
        self.file
            .formals
            .extend(entries.into_iter().map(|(formal, _)| formal));
        Parameter::Formals {
            formals,
            ellipsis,
            whole,
        }
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

/// The names of one pattern. Most have few, so that a list beats a hash set.
#[derive(Default)]
struct KnownNames {
    few: Vec<NameId>,
    many: rustc_hash::FxHashSet<NameId>,
}

impl KnownNames {
    const FEW: usize = 24;

    /// Whether the name is new.
    fn insert(&mut self, name: NameId) -> bool {
        if self.few.len() < Self::FEW {
            let new = !self.few.contains(&name);
            if new {
                self.few.push(name);
            }
            new
        } else {
            !self.few.contains(&name) && self.many.insert(name)
        }
    }
}
