//! What a value is.

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("isAttrs", 1, |e, a| is(e, a, "set")),
    Builtin::new("isBool", 1, |e, a| is(e, a, "bool")),
    Builtin::new("isFloat", 1, |e, a| is(e, a, "float")),
    Builtin::new("isFunction", 1, |e, a| is(e, a, "lambda")),
    Builtin::new("isInt", 1, |e, a| is(e, a, "int")),
    Builtin::new("isList", 1, |e, a| is(e, a, "list")),
    Builtin::new("isNull", 1, |e, a| is(e, a, "null")),
    Builtin::new("isPath", 1, |e, a| is(e, a, "path")),
    Builtin::new("isString", 1, |e, a| is(e, a, "string")),
    Builtin::new("typeOf", 1, type_of),
];

/// The type of a value as `typeOf` names it; an external may be anything.
fn type_name(evaluator: &mut Evaluator, thunk: Thunk) -> Eval<&'static str> {
    Ok(match evaluator.force(thunk)? {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::String(_) => "string",
        Value::Path(_) => "path",
        Value::List(_) => "list",
        Value::Attrs(_) => "set",
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => "lambda",
        Value::External(external) => return Err(evaluator.external_unknown(external)),
    })
}

fn is(evaluator: &mut Evaluator, args: &[Thunk], wanted: &str) -> Eval<Value> {
    let [thunk] = arguments(args);
    type_name(evaluator, thunk).map(|name| Value::Bool(name == wanted))
}

fn type_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [thunk] = arguments(args);
    type_name(evaluator, thunk).map(|name| evaluator.string(name))
}
