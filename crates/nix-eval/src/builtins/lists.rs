//! Lists.

use super::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::value::{Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "map", arity: 2, run: map }];

/// `map f xs`: element by element, also where an element is uncertain.
pub(crate) fn map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut items = evaluator.arena.list_items(list);
    for (item, _) in &mut items {
        *item = evaluator.lazy_apply(function, *item);
    }
    Ok(Value::List(evaluator.arena.list_of(&items)))
}
