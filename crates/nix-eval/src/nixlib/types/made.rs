//! Making values of types.

use crate::eval::Evaluator;
use crate::modules::types::Kind;
use crate::value::{AttrsId, Eval, Thunk, Value};

/// The value of a new type.
pub(super) fn named(evaluator: &mut Evaluator, name: &str, kind: Kind) -> Eval<Value> {
    let id = evaluator.new_type(name, kind);
    let value = evaluator.type_value(id);
    evaluator.force(value)
}

/// `types.bool`
pub(in super::super) fn boolean(evaluator: &mut Evaluator) -> Thunk {
    evaluator.lazy(|evaluator| named(evaluator, "bool", Kind::Boolean))
}

/// `types.package`, or `types.nullOr types.package`
pub(in super::super) fn package(evaluator: &mut Evaluator, nullable: bool) -> Thunk {
    evaluator.lazy(move |evaluator| {
        let package = evaluator.new_type("package", Kind::Package);
        if nullable {
            return named(evaluator, "nullOr", Kind::NullOr(package));
        }
        let value = evaluator.type_value(package);
        evaluator.force(value)
    })
}

/// The type of what takes any definition and forgets it.
pub(in super::super) fn sink(evaluator: &mut Evaluator) -> Thunk {
    evaluator.lazy(|evaluator| nix_type(evaluator, "sink"))
}

pub(super) fn required(evaluator: &mut Evaluator, set: AttrsId, name: &str) -> Eval<Thunk> {
    let symbol = evaluator.symbol(name);
    match evaluator.arena.attribute(set, symbol) {
        Some(entry) => Ok(entry.value),
        None => Err(evaluator.error(format!(
            "function called without required argument '{name}'"
        ))),
    }
}

/// A type that is easier to write in Nix.
pub(super) fn nix_type(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    let table = evaluator.nix_types();
    let name = evaluator.symbol(name);
    let table = evaluator.force(table)?;
    evaluator.select(table, name)
}

/// The same with arguments.
pub(super) fn nix_type_of(evaluator: &mut Evaluator, args: &[Thunk], name: &str) -> Eval<Value> {
    let mut value = nix_type(evaluator, name)?;
    for argument in args {
        value = evaluator.apply(value, *argument)?;
    }
    Ok(value)
}

impl Evaluator {
    /// Types that are easier to write in Nix.
    fn nix_types(&mut self) -> Thunk {
        if let Some(thunk) = self.lib_state().nix_types {
            return thunk;
        }
        let text = include_str!("types.nix");
        let function = self.embedded("types.nix", text);
        let lib = self.lib();
        let thunk = self.lazy_apply(function, lib);
        self.lib_state_mut().nix_types = Some(thunk);
        thunk
    }
}
