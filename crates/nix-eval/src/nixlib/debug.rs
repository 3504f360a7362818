//! `lib.debug`

use super::Namespace;
use super::support::call_builtin;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::print::Printer;
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "debug",
    functions: FUNCTIONS,
    aliases: &["addErrorContext", "trace", "unsafeGetAttrPos"],
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("runTests", 1, run_tests),
    Builtin::new("traceFnSeqN", 4, trace_function),
    Builtin::new("traceIf", 3, trace_if),
    Builtin::new("traceSeq", 2, trace_seq),
    Builtin::new("traceSeqN", 3, trace_seq_to_depth),
    Builtin::new("traceVal", 1, trace_value),
    Builtin::new("traceValFn", 2, trace_value_by),
    Builtin::new("traceValSeq", 1, trace_value_seq),
    Builtin::new("traceValSeqFn", 2, trace_value_seq_by),
    Builtin::new("traceValSeqN", 2, trace_value_to_depth),
    Builtin::new("traceValSeqNFn", 3, trace_value_to_depth_by),
];

fn trace(evaluator: &mut Evaluator, message: Thunk, value: Thunk) -> Eval<Value> {
    call_builtin(evaluator, "trace", &[message, value])
}

/// Prints a message with everything inside of it evaluated.
fn trace_deep(evaluator: &mut Evaluator, message: Thunk, value: Thunk) -> Eval<Value> {
    let forced = evaluator.force(message);
    let printed = Printer { deep: true }.print(evaluator, forced);
    evaluator.push_trace(format!("trace: {printed}"));
    evaluator.force(value)
}

fn trace_if(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, message, value] = arguments(args);
    match super::support::condition(evaluator, when)? {
        Ok(true) => trace(evaluator, message, value),
        _ => evaluator.force(value),
    }
}

fn trace_value(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    trace(evaluator, value, value)
}

fn trace_value_by(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, value] = arguments(args);
    let message = evaluator.lazy_apply(function, value);
    trace(evaluator, message, value)
}

fn trace_seq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, value] = arguments(args);
    trace_deep(evaluator, message, value)
}

/// The depth bounds what is printed, which the printer does by itself.
fn trace_seq_to_depth(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_depth, message, value] = arguments(args);
    trace(evaluator, message, value)
}

fn trace_value_seq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    trace_deep(evaluator, value, value)
}

fn trace_value_seq_by(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, value] = arguments(args);
    let message = evaluator.lazy_apply(function, value);
    trace_deep(evaluator, message, value)
}

fn trace_value_to_depth(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_depth, value] = arguments(args);
    trace(evaluator, value, value)
}

fn trace_value_to_depth_by(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, _depth, value] = arguments(args);
    let message = evaluator.lazy_apply(function, value);
    trace(evaluator, message, value)
}

/// `traceFnSeqN depth name f value`: the call of a function, with what it takes and gives.
fn trace_function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_depth, name, function, value] = arguments(args);
    let result = evaluator.lazy_apply(function, value);
    let message = evaluator.set_of(&[("fn", name), ("from", value), ("to", result)]);
    let message = evaluator.arena.ready(Value::Attrs(message));
    trace(evaluator, message, result)
}

/// `runTests tests`: the tests whose `expr` is not `expected`.
fn run_tests(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [tests] = arguments(args);
    let set = evaluator.force_exact_attrs(tests)?;
    let chosen = match super::support::option(evaluator, set, "tests")? {
        Some(names) => {
            let mut chosen = Vec::new();
            for name in evaluator.force_exact_list(names)? {
                chosen.push(evaluator.force_text(name)?);
            }
            Some(chosen)
        }
        None => None,
    };
    let mut failures = Vec::new();
    for entry in evaluator.arena.entries_by_name(set) {
        let name = evaluator.name(entry.name);
        let runs = match &chosen {
            Some(chosen) if !chosen.is_empty() => chosen.contains(&name),
            _ => name.starts_with("test"),
        };
        if !runs || &*name == "tests" {
            continue;
        }
        let test = evaluator.force(entry.value)?;
        let result = evaluator.select_path(test, &["expr"])?;
        let expected = evaluator.select_path(test, &["expected"])?;
        if !evaluator.equal(result, expected)? {
            let name = evaluator.string_thunk(&name);
            let (result, expected) = (
                evaluator.arena.ready(result),
                evaluator.arena.ready(expected),
            );
            let failure =
                evaluator.set_of(&[("name", name), ("result", result), ("expected", expected)]);
            failures.push(evaluator.arena.ready(Value::Attrs(failure)));
        }
    }
    Ok(evaluator.list(&failures))
}
