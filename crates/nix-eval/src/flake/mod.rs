//! Flakes and what lies outside the project.

use crate::eval::Evaluator;
use crate::value::{Eval, ExternalId, Symbol, Thunk, Value};

/// What the flake layer remembers.
#[derive(Debug, Default)]
pub(crate) struct FlakeState {}

/// An attribute of an external that is known without it being on disk.
pub(crate) fn known_attribute(
    _evaluator: &mut Evaluator,
    _external: ExternalId,
    _name: Symbol,
) -> Option<Eval<Value>> {
    None
}

/// A call of an external whose result is known without it being on disk.
pub(crate) fn known_call(
    _evaluator: &mut Evaluator,
    _function: ExternalId,
    _argument: Thunk,
) -> Option<Eval<Value>> {
    None
}

/// `import external`
pub(crate) fn import_external(
    evaluator: &mut Evaluator,
    external: ExternalId,
) -> Eval<Value> {
    Err(evaluator.external_unknown(external))
}

/// `<nixpkgs/nixos>`
pub(crate) fn search_path(evaluator: &mut Evaluator, text: &str) -> Value {
    let label = format!("<{text}>");
    let is_nixpkgs = text == "nixpkgs" || text.starts_with("nixpkgs/");
    evaluator.external_root(&label, crate::value::ExternalKind::Input { url: None, is_nixpkgs })
}
