//! Attribute sets and `let`: what they bind is lowered once it is collected.

use rnix::SyntaxKind;

use super::collect::{DynamicEntry, Entry, Pending, SetBuilder};
use super::green::Child;
use super::green::is_expression;
use super::scope::Mark;
use super::scratch::{Scratch, move_run};
use super::{Lowering, Node, index};
use crate::hir::{
    AttrName, Binding, BindingValue, DynamicBinding, Expr, ExprId, Run, Selection, SelectionId,
    Set, SetId,
};
use crate::source::TextSpan;

impl<'t> Lowering<'t> {
    /// `{ … }` and `rec { … }`
    pub(super) fn attribute_set(&mut self, node: Node<'t>) -> ExprId {
        let mut builder = self.new_builder(is_recursive(node));
        self.collect(&mut builder, node);
        self.built_set(builder, node.span())
    }

    /// `let … in body`
    pub(super) fn let_in(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut builder = self.new_builder(true);
        self.collect(&mut builder, node);
        for entry in builder.dynamic.drain(..) {
            self.error(entry.name.span(), "dynamic attributes not allowed in let");
        }
        let (set, mark) = self.lower_set(builder);
        let mut body = None;
        let mut after_in = false;
        for child in node.children() {
            match child {
                Child::Token(token) => after_in |= token.kind == SyntaxKind::TOKEN_IN,
                Child::Node(child) if after_in && is_expression(child.kind()) => {
                    body = body.or(Some(child));
                }
                Child::Node(_) => {}
            }
        }
        let body = self.optional(body, span);
        self.leave(mark);
        self.push(Expr::Let { set, body }, span)
    }

    /// `let { body = …; }`, which is `rec { body = …; }.body`.
    pub(super) fn legacy_let(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut builder = self.new_builder(true);
        self.collect(&mut builder, node);
        let base = self.built_set(builder, span);
        let name = self.name("body");
        let path = Run {
            start: index(self.scratch.file.attr_names.len()),
            len: 1,
        };
        self.scratch
            .file
            .attr_names
            .push((AttrName::Static(name), span));
        let id = SelectionId(index(self.scratch.file.selections.len()));
        self.scratch.file.selections.push(Selection {
            base,
            path,
            default: None,
        });
        self.push(Expr::Select(id), span)
    }

    fn built_set(&mut self, builder: Box<SetBuilder<'t>>, span: TextSpan) -> ExprId {
        let (set, mark) = self.lower_set(builder);
        self.leave(mark);
        self.push(Expr::Set(set), span)
    }

    fn leave(&mut self, mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.scratch.scope.pop_frame(&mark);
        }
    }

    /// Lowers what a set binds. If the set is recursive, its frame is left pushed: the mark is
    /// what leaves it.
    fn lower_set(&mut self, mut builder: Box<SetBuilder<'t>>) -> (SetId, Option<Mark>) {
        let recursive = builder.recursive;
        for entry in &mut builder.entries {
            if let Pending::Variable = entry.value {
                // The variable of the scope around the set, seen from inside it.
                let expr = match self.scratch.scope.resolve(entry.name) {
                    Expr::Local { depth, slot } if recursive => Expr::Local {
                        depth: depth + 1,
                        slot,
                    },
                    Expr::Dynamic { name, depth } if recursive => Expr::Dynamic {
                        name,
                        depth: depth + 1,
                    },
                    expr => expr,
                };
                entry.value = Pending::Lowered(self.push(expr, entry.name_span));
            }
        }
        let mark = recursive.then(|| {
            let mark = self.scratch.scope.push_frame();
            for (slot, entry) in builder.entries.iter().enumerate() {
                self.scratch.scope.bind(entry.name, index(slot));
            }
            mark
        });

        let sources = {
            let mark = self.scratch.elements.len();
            for (source, place) in builder.sources.drain(..) {
                let id = self.optional(source, place);
                self.scratch.elements.push(id);
            }
            self.take_elements(mark)
        };
        let bindings_mark = self.scratch.bindings.len();
        for entry in builder.entries.drain(..) {
            let Entry {
                name,
                name_span,
                path_span,
                span,
                value,
            } = entry;
            let value = match value {
                Pending::From(source) => BindingValue::From(source),
                value => BindingValue::Expr(self.pending(value, span)),
            };
            self.scratch.bindings.push(Binding {
                name,
                name_span,
                path_span,
                span,
                value,
            });
        }
        let dynamic_mark = self.scratch.dynamic_bindings.len();
        for entry in std::mem::take(&mut builder.dynamic) {
            let DynamicEntry {
                name: node,
                span,
                value,
            } = entry;
            let name = self.dynamic_name(node);
            let value = self.pending(value, span);
            let name_span = node.span();
            self.scratch.dynamic_bindings.push(DynamicBinding {
                name,
                name_span,
                span,
                value,
            });
        }
        self.return_builder(builder);

        let Scratch {
            bindings,
            dynamic_bindings,
            file,
            ..
        } = &mut *self.scratch;
        let bindings = move_run(bindings, bindings_mark, &mut file.bindings);
        let dynamic = move_run(dynamic_bindings, dynamic_mark, &mut file.dynamic_bindings);
        let id = SetId(index(self.scratch.file.sets.len()));
        self.scratch.file.sets.push(Set {
            recursive,
            bindings,
            dynamic,
            sources,
        });
        (id, mark)
    }

    fn pending(&mut self, value: Pending<'t>, place: TextSpan) -> ExprId {
        match value {
            Pending::Expr(node) => self.optional(node, place),
            Pending::Set(builder, span) => self.built_set(builder, span),
            Pending::Lowered(id) => id,
            Pending::Variable | Pending::From(_) => self.push(Expr::Error, place),
        }
    }
}

/// Whether a set begins with `rec`.
pub(super) fn is_recursive(node: Node<'_>) -> bool {
    matches!(
        node.children().next(),
        Some(Child::Token(token)) if token.kind == SyntaxKind::TOKEN_REC
    )
}
