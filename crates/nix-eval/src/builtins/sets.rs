//! Attribute sets.

use super::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::value::{Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "mapAttrs", arity: 2, run: map_attrs }];

/// `mapAttrs f set`: attribute by attribute; an open set stays open.
pub(crate) fn map_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let mut entries = evaluator.arena.entries(set).to_vec();
    for entry in &mut entries {
        let name = Value::String(evaluator.arena.symbol_string(entry.name));
        let name = evaluator.arena.ready(name);
        entry.value = evaluator.lazy_apply2(function, name, entry.value);
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}
