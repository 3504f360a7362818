//! `lib.asserts`. A condition that is not decided is taken to hold: else there is no configuration.

use super::support::condition;
use super::trivial::throw_message;
use super::{Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "asserts",
    functions: &[Builtin::new("assertMsg", 2, assert_message)],
    exported: Exported::Only(&["assertMsg"]),
    ..Namespace::EMPTY
};

/// `assertMsg condition message`
fn assert_message(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [holds, message] = arguments(args);
    match condition(evaluator, holds)? {
        Ok(false) => throw_message(evaluator, message),
        _ => Ok(Value::Bool(true)),
    }
}
