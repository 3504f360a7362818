//! Files that an evaluator has loaded.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use nix_source::ParsedFile;
use nix_syntax::hir::{self, BindingId, ExprId, NameId};
use nix_syntax::source::{Span, TextSpan};

use crate::value::{AttrsId, Position, StringId, Symbol};

/// A file that an evaluator has loaded: its tree, with this evaluator's symbols for its names.
pub struct Loaded {
    /// Its number in this evaluator.
    pub(crate) number: u32,
    /// The parsed file.
    pub parsed: Arc<ParsedFile>,
    /// The directory that relative paths start from: absolute.
    pub(crate) directory: Rc<str>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) strings: Vec<Cell<Option<StringId>>>,
    /// What `scopedImport` adds to the global variables.
    pub(crate) scope: Option<AttrsId>,
    /// Numbers of expressions and bindings over all files, so that one number says file and node.
    pub(super) expr_base: u32,
    pub(super) position_base: u32,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded")
            .field("path", &self.parsed.path)
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids of a lowered file never dangle"
)]
impl Loaded {
    pub(crate) fn hir(&self) -> &hir::File {
        &self.parsed.hir
    }

    pub(crate) fn expr(&self, id: ExprId) -> hir::Expr {
        self.parsed.hir.exprs[id.0 as usize]
    }

    pub(crate) fn symbol(&self, id: NameId) -> Symbol {
        self.symbols[id.0 as usize]
    }

    pub(crate) fn text(&self, id: hir::StringId) -> &str {
        &self.parsed.hir.strings[id.0 as usize]
    }

    pub(crate) fn selection(&self, id: hir::SelectionId) -> hir::Selection {
        self.parsed.hir.selections[id.0 as usize]
    }

    pub(crate) fn set(&self, id: hir::SetId) -> hir::Set {
        self.parsed.hir.sets[id.0 as usize]
    }

    pub(crate) fn lambda(&self, id: hir::LambdaId) -> hir::Lambda {
        self.parsed.hir.lambdas[id.0 as usize]
    }

    pub(crate) fn children(&self, run: hir::Run) -> &[ExprId] {
        &self.parsed.hir.children[run.range()]
    }

    pub(crate) fn parts(&self, run: hir::Run) -> &[hir::Part] {
        &self.parsed.hir.parts[run.range()]
    }

    pub(crate) fn attr_names(&self, run: hir::Run) -> &[(hir::AttrName, TextSpan)] {
        &self.parsed.hir.attr_names[run.range()]
    }

    pub(crate) fn bindings(&self, run: hir::Run) -> &[hir::Binding] {
        &self.parsed.hir.bindings[run.range()]
    }

    pub(crate) fn dynamic_bindings(&self, run: hir::Run) -> &[hir::DynamicBinding] {
        &self.parsed.hir.dynamic_bindings[run.range()]
    }

    pub(crate) fn formals(&self, run: hir::Run) -> &[hir::Formal] {
        &self.parsed.hir.formals[run.range()]
    }

    pub(crate) fn literal(&self, id: hir::StringId) -> &Cell<Option<StringId>> {
        &self.strings[id.0 as usize]
    }

    pub(crate) fn position(&self, binding: BindingId) -> Position {
        Position(self.position_base + binding.0)
    }

    pub(crate) fn dynamic_position(&self, index: u32) -> Position {
        let bindings = u32::try_from(self.parsed.hir.bindings.len()).unwrap_or(u32::MAX);
        Position(self.position_base + bindings + index)
    }

    pub(crate) fn formal_position(&self, index: u32) -> Position {
        let dynamic = u32::try_from(self.parsed.hir.dynamic_bindings.len()).unwrap_or(u32::MAX);
        self.dynamic_position(dynamic + index)
    }

    pub(crate) fn origin(&self, expr: ExprId) -> u32 {
        self.expr_base + expr.0
    }

    pub(crate) fn span(&self, expr: ExprId) -> Option<Span> {
        Some(
            self.parsed
                .hir
                .spans
                .get(expr.0 as usize)?
                .in_file(self.parsed.id),
        )
    }
}

/// A binding of a loaded file, or a formal of a function, looked up by its position.
#[derive(Debug, Clone, Copy)]
pub struct BindingPlace {
    /// The name.
    pub name: Span,
    /// The attribute path up to the name.
    pub path: Span,
    /// The whole binding.
    pub binding: Span,
    /// The value's expression; for `inherit`, the name.
    pub value: Span,
}
