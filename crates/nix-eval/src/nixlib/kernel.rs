//! `lib.kernel`: settings of the kernel's configuration.

use super::support::call_builtin;
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, Thunk, Value, well_known};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "kernel",
    functions: &[
        Builtin::new("freeform", 1, freeform),
        Builtin::new("option", 1, optional),
        Builtin::new("whenHelpers", 1, when_helpers),
    ],
    constants: &[
        Constant {
            name: "yes",
            make: |evaluator| setting(evaluator, Some("y")),
        },
        Constant {
            name: "no",
            make: |evaluator| setting(evaluator, Some("n")),
        },
        Constant {
            name: "module",
            make: |evaluator| setting(evaluator, Some("m")),
        },
        Constant {
            name: "unset",
            make: |evaluator| setting(evaluator, None),
        },
    ],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

fn setting(evaluator: &mut Evaluator, state: Option<&str>) -> Eval<Value> {
    let state = match state {
        Some(state) => evaluator.string_thunk(state),
        None => evaluator.arena.ready(Value::Null),
    };
    let optional = evaluator.arena.ready(Value::Bool(false));
    Ok(Value::Attrs(
        evaluator.set_of(&[("tristate", state), ("optional", optional)]),
    ))
}

/// `freeform value`
fn freeform(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let optional = evaluator.arena.ready(Value::Bool(false));
    Ok(Value::Attrs(
        evaluator.set_of(&[("freeform", value), ("optional", optional)]),
    ))
}

/// `option setting`: one that a kernel may lack.
fn optional(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [setting] = arguments(args);
    let setting = evaluator.force(setting);
    let optional = evaluator.arena.ready(Value::Bool(true));
    let extra = Value::Attrs(evaluator.set_of(&[("optional", optional)]));
    evaluator.update(setting, Ok(extra))
}

/// `whenHelpers version`: settings for some versions only.
fn when_helpers(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let mut builder = AttrsBuilder::new();
    for helper in [&AT_LEAST, &OLDER, &BETWEEN] {
        let value = evaluator.partial(helper, args);
        let value = evaluator.arena.ready(value);
        let name = evaluator.symbol(helper.name);
        builder.insert(name, value);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

static AT_LEAST: Builtin = Builtin::new("whenAtLeast", 3, |evaluator, args| {
    let [version, least, content] = arguments(args);
    when(evaluator, content, move |evaluator| {
        at_least(evaluator, version, least)
    })
});

static OLDER: Builtin = Builtin::new("whenOlder", 3, |evaluator, args| {
    let [version, bound, content] = arguments(args);
    when(evaluator, content, move |evaluator| {
        at_least(evaluator, version, bound).map(|newer| !newer)
    })
});

static BETWEEN: Builtin = Builtin::new("whenBetween", 4, |evaluator, args| {
    let [version, least, bound, content] = arguments(args);
    when(evaluator, content, move |evaluator| {
        Ok(at_least(evaluator, version, least)? && !at_least(evaluator, version, bound)?)
    })
});

fn at_least(evaluator: &mut Evaluator, version: Thunk, least: Thunk) -> Eval<bool> {
    let order = call_builtin(evaluator, "compareVersions", &[version, least])?;
    Ok(order != Value::Int(-1))
}

/// `mkIf condition content`
fn when(
    evaluator: &mut Evaluator,
    content: Thunk,
    condition: impl FnOnce(&mut Evaluator) -> Eval<bool> + 'static,
) -> Eval<Value> {
    let kind = evaluator.string_thunk("if");
    let condition = evaluator.lazy(move |evaluator| condition(evaluator).map(Value::Bool));
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::TYPE, kind);
    builder.insert(well_known::CONDITION, condition);
    builder.insert(well_known::CONTENT, content);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}
