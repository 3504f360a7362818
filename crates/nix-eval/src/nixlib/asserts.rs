//! `lib.asserts`. A condition that is not decided is taken to hold: else there is no configuration.

use super::generators::pretty;
use super::support::{call_builtin, condition, throw};
use super::trivial::{throw_message, warn_each};
use super::{Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "asserts",
    functions: &[
        Builtin::new("assertMsg", 2, assert_message),
        Builtin::new("assertOneOf", 3, assert_one_of),
        Builtin::new("assertEachOneOf", 3, assert_each_one_of),
        Builtin::new("checkAssertWarn", 3, check_assertions),
    ],
    exported: Exported::Only(&["assertMsg", "assertOneOf"]),
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

/// `assertOneOf name value values`
fn assert_one_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, value, values] = arguments(args);
    let found = call_builtin(evaluator, "elem", &[value, values]);
    match super::support::settle(evaluator, found)? {
        Ok(Value::Bool(false)) => {
            let name = evaluator.force_text(name)?;
            let (values, value) = (pretty(evaluator, values)?, pretty(evaluator, value)?);
            Err(throw(
                evaluator,
                format!("{name} must be one of {values}, but is: {value}"),
            ))
        }
        _ => Ok(Value::Bool(true)),
    }
}

/// `assertEachOneOf name given values`
fn assert_each_one_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, given, values] = arguments(args);
    let list = evaluator.force_list(given)?;
    for (item, _) in evaluator.arena.list_items(list) {
        let found = call_builtin(evaluator, "elem", &[item, values]);
        if let Ok(Value::Bool(false)) = super::support::settle(evaluator, found)? {
            let name = evaluator.force_text(name)?;
            let (values, given) = (pretty(evaluator, values)?, pretty(evaluator, given)?);
            let message =
                format!("each element in {name} must be one of {values}, but is: {given}");
            return Err(throw(evaluator, message));
        }
    }
    Ok(Value::Bool(true))
}

/// `checkAssertWarn assertions warnings value`
fn check_assertions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [assertions, warnings, value] = arguments(args);
    let list = evaluator.force_list(assertions)?;
    let mut failed = Vec::new();
    for item in evaluator.arena.elements(list).to_vec() {
        let assertion = evaluator.force(item)?;
        let holds = evaluator.select_path(assertion, &["assertion"]);
        if let Ok(Value::Bool(false)) = super::support::settle(evaluator, holds)? {
            let message = evaluator.select_path(assertion, &["message"])?;
            failed.push(format!("- {}", evaluator.expect_text(message)?));
        }
    }
    if !failed.is_empty() {
        let message = format!("\nFailed assertions:\n{}", failed.join("\n"));
        return Err(throw(evaluator, message));
    }
    warn_each(evaluator, warnings)?;
    evaluator.force(value)
}
