//! Flags of configure scripts, CMake and Meson.

use super::super::support::{StringBuilder, condition};
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{ContextId, Eval, Thunk, Value};

/// One of two texts by a condition; a hole where that is not decided.
fn choice(evaluator: &mut Evaluator, when: Thunk, yes: &str, no: &str) -> Eval<Value> {
    match condition(evaluator, when)? {
        Ok(true) => Ok(evaluator.string(yes)),
        Ok(false) => Ok(evaluator.string(no)),
        Err(why) => Ok(evaluator.unknown_string(why, ContextId::default())),
    }
}

fn feature_flag(
    evaluator: &mut Evaluator,
    flag: Thunk,
    feature: Thunk,
    (yes, no): (&str, &str),
) -> Eval<Value> {
    evaluator.force_string(feature)?;
    let word = choice(evaluator, flag, yes, no);
    let mut builder = StringBuilder::new();
    builder
        .text("--")
        .result(evaluator, word)?
        .text("-")
        .value(evaluator, feature)?;
    Ok(builder.finish(evaluator))
}

/// `enableFeature flag feature`
pub(super) fn enable_feature(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [flag, feature] = arguments(args);
    feature_flag(evaluator, flag, feature, ("enable", "disable"))
}

/// `withFeature flag feature`
pub(super) fn with_feature(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [flag, feature] = arguments(args);
    feature_flag(evaluator, flag, feature, ("with", "without"))
}

/// `prefix``name``middle``value`
fn assignment(
    evaluator: &mut Evaluator,
    prefix: &str,
    name: Thunk,
    middle: &str,
    value: Eval<Value>,
) -> Eval<Value> {
    let mut builder = StringBuilder::new();
    builder
        .text(prefix)
        .value(evaluator, name)?
        .text(middle)
        .result(evaluator, value)?;
    Ok(builder.finish(evaluator))
}

/// `cmakeOptionType type feature value`
pub(super) fn cmake_option_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kind, feature, value] = arguments(args);
    let kind = evaluator.force_text(kind)?.to_ascii_uppercase();
    if !["BOOL", "FILEPATH", "INTERNAL", "PATH", "STATIC", "STRING"].contains(&&*kind) {
        let message = format!("cmakeOptionType: unknown type {kind}");
        return Err(evaluator.throw(message));
    }
    evaluator.force_string(feature)?;
    let value = evaluator.force_string(value).map(Value::String);
    assignment(evaluator, "-D", feature, &format!(":{kind}="), value)
}

/// `cmakeBool condition flag` in the order of the real function: name, then condition.
pub(super) fn cmake_bool(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [feature, flag] = arguments(args);
    let value = choice(evaluator, flag, "TRUE", "FALSE");
    assignment(evaluator, "-D", feature, ":BOOL=", value)
}

/// `cmakeFeature feature value`
pub(super) fn cmake_feature(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [feature, value] = arguments(args);
    let value = evaluator.force_string(value).map(Value::String);
    assignment(evaluator, "-D", feature, ":STRING=", value)
}

/// `mesonOption feature value`
pub(super) fn meson_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [feature, value] = arguments(args);
    let value = evaluator.force(value)?;
    let value = evaluator.coerce(value, Coercion::Interpolation);
    assignment(evaluator, "-D", feature, "=", value)
}

/// `mesonBool flag condition`
pub(super) fn meson_bool(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [feature, flag] = arguments(args);
    let value = choice(evaluator, flag, "true", "false");
    assignment(evaluator, "-D", feature, "=", value)
}

/// `mesonEnable feature flag`
pub(super) fn meson_enable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [feature, flag] = arguments(args);
    let value = choice(evaluator, flag, "enabled", "disabled");
    assignment(evaluator, "-D", feature, "=", value)
}
