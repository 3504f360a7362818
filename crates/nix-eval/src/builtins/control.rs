//! Control of evaluation: `import`, `throw`, `seq`, `trace`, …

use super::{Builtin, arguments};
use crate::eval::{Coercion, Evaluator};
use crate::value::{Eval, Thunk, UnknownKind, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "import", arity: 1, run: import },
    Builtin { name: "seq", arity: 2, run: seq },
    Builtin { name: "throw", arity: 1, run: throw },
    Builtin { name: "toString", arity: 1, run: to_string },
];

/// `import path`: a file of the project is its value; anything else is an external.
fn import(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let value = evaluator.force(path)?;
    if let Value::External(external) = value {
        return crate::flake::import_external(evaluator, external);
    }
    let path = evaluator.coerce_to_path(value)?;
    let thunk = evaluator.import_path(path)?;
    evaluator.force(thunk)
}

fn seq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, second] = arguments(args);
    evaluator.force(first)?;
    evaluator.force(second)
}

fn throw(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message] = arguments(args);
    let message = evaluator.force(message)?;
    let message = evaluator.coerce(message, Coercion::ToString)?;
    let text = evaluator.expect_text(message)?;
    Err(evaluator.unknown(UnknownKind::Throw, &*text))
}

fn to_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let value = evaluator.force(value)?;
    evaluator.coerce(value, Coercion::ToString)
}
