//! Path literals.

use rnix::SyntaxKind;

use super::green::Child;
use super::green::is_expression;
use super::scratch::{Scratch, move_run};
use super::{Lowering, Node};
use crate::hir::{Expr, ExprId, Part, Run};
use crate::source::TextSpan;

impl<'t> Lowering<'t> {
    /// `./a`, `/a`, `~/a`, `./${a}`.
    pub(super) fn path(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mark = self.scratch.parts.len();
        let mut end = span.start;
        for child in node.children() {
            // rnix allows white space between a path and `${`; Nix does not.
            let at = child.span();
            if at.start != end {
                self.error(at, "syntax error, unexpected '${'");
            }
            end = at.end;
            let part = match child {
                Child::Token(token) => {
                    let text = self.slice(token.span());
                    Part::Text(self.string(text))
                }
                Child::Node(child) => self.interpolation(child),
            };
            self.scratch.parts.push(part);
        }
        let expr = match self.scratch.parts.get(mark..) {
            Some([Part::Text(text)]) => {
                let text = *text;
                self.scratch.parts.truncate(mark);
                Expr::Path(text)
            }
            Some([]) | None => Expr::Error,
            Some(_) => Expr::PathInterpolation(self.take_parts(mark)),
        };
        self.push(expr, span)
    }

    /// `<nixpkgs/lib>`
    pub(super) fn search_path(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let text = self.slice(span);
        let inner = text
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'))
            .unwrap_or(text);
        if inner.split('/').any(str::is_empty) {
            let start = TextSpan::new(span.start, (span.start + 1).min(span.end));
            self.error(start, "syntax error, unexpected '<'");
        }
        let id = self.string(inner);
        // Nix means `__findFile __nixPath "…"`, whatever these names are bound to.
        let find_file = self.name("__findFile");
        let find_file = self.scratch.scope.resolve(find_file);
        let search_path = self.name("__nixPath");
        let search_path = self.scratch.scope.resolve(search_path);
        if !matches!(find_file, Expr::Local { .. }) && !matches!(search_path, Expr::Local { .. }) {
            return self.push(Expr::SearchPath(id), span);
        }
        let function = self.push(find_file, span);
        let argument = self.push(search_path, span);
        let function = self.push(Expr::Apply { function, argument }, span);
        let argument = self.push(Expr::String(id), span);
        self.push(Expr::Apply { function, argument }, span)
    }

    /// `${e}` in a string or path.
    pub(super) fn interpolation(&mut self, node: Node<'t>) -> Part {
        let inner = if node.kind() == SyntaxKind::NODE_INTERPOL {
            node.nodes().find(|node| is_expression(node.kind()))
        } else {
            None
        };
        Part::Expr(self.optional(inner, node.span()))
    }

    /// Moves the pieces stacked since `mark` into the table of parts.
    pub(super) fn take_parts(&mut self, mark: usize) -> Run {
        let Scratch { parts, file, .. } = &mut *self.scratch;
        move_run(parts, mark, &mut file.parts)
    }
}
