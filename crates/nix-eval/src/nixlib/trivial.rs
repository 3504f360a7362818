//! `lib.trivial`

use std::cmp::Ordering;

use nix_syntax::hir::BinaryOp;

use super::support::{Known, attributes, call, call_builtin, condition, settle};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Coercion, Evaluator, arguments};
use crate::value::{ContextId, Eval, ExternalKind, Thunk, Value, well_known};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "trivial",
    functions: FUNCTIONS,
    aliases: &[
        "add",
        "bitAnd",
        "bitOr",
        "bitXor",
        "ceil",
        "deepSeq",
        "div",
        "floor",
        "genericClosure",
        "isBool",
        "isFloat",
        "isInt",
        "lessThan",
        "mul",
        "pathExists",
        "readFile",
        "seq",
        "sub",
    ],
    constants: &[
        Constant {
            name: "codeName",
            make: |evaluator| external(evaluator, "codeName"),
        },
        Constant {
            name: "release",
            make: |evaluator| external(evaluator, "release"),
        },
        Constant {
            name: "versionSuffix",
            make: |evaluator| external(evaluator, "versionSuffix"),
        },
        Constant {
            name: "version",
            make: |evaluator| external(evaluator, "version"),
        },
        Constant {
            name: "nixpkgsVersion",
            make: |evaluator| external(evaluator, "version"),
        },
    ],
    exported: Exported::Except(&[
        "codeName",
        "release",
        "revisionWithDefault",
        "versionSuffix",
    ]),
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("id", 1, id),
    Builtin::new("const", 2, id),
    Builtin::new("pipe", 2, pipe),
    Builtin::new("concat", 2, concat),
    Builtin::new("or", 2, or),
    Builtin::new("and", 2, and),
    Builtin::new("xor", 2, xor),
    Builtin::new("boolToString", 1, bool_to_string),
    Builtin::new("boolToYesNo", 1, bool_to_yes_no),
    Builtin::new("mergeAttrs", 2, merge_attrs),
    Builtin::new("flip", 3, flip),
    Builtin::new("defaultTo", 2, default_to),
    Builtin::new("mapNullable", 2, map_nullable),
    Builtin::new("mod", 2, modulo),
    Builtin::new("compare", 2, compare),
    Builtin::new("min", 2, min),
    Builtin::new("max", 2, max),
    Builtin::new("importJSON", 1, import_json),
    Builtin::new("importTOML", 1, import_toml),
    Builtin::new("warn", 2, warn),
    Builtin::new("warnIf", 3, warn_if),
    Builtin::new("warnIfNot", 3, warn_if_not),
    Builtin::new("throwIf", 3, throw_if),
    Builtin::new("throwIfNot", 3, throw_if_not),
    Builtin::new("showWarnings", 2, show_warnings),
    Builtin::new("info", 2, info),
    Builtin::new("checkListOfEnum", 4, check_list_of_enum),
    Builtin::new("functionArgs", 1, function_args),
    Builtin::new("setFunctionArgs", 2, set_function_args),
    Builtin::new("isFunction", 1, is_function),
    Builtin::new("toFunction", 1, to_function),
    Builtin::new("mirrorFunctionArgs", 2, mirror_function_args),
    Builtin::new("toHexString", 1, to_hex_string),
    Builtin::new("fromHexString", 1, from_hex_string),
    Builtin::new("toBaseDigits", 2, to_base_digits),
    Builtin::new("revisionWithDefault", 1, nixpkgs_release),
    Builtin::new("oldestSupportedReleaseIsAtLeast", 1, nixpkgs_release),
];

/// Something that depends on which nixpkgs it is.
fn external(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    Ok(evaluator.external_root(&format!("lib.{name}"), ExternalKind::Other))
}

/// `id x`, and `const x y`: the first argument.
fn id(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    evaluator.force(value)
}

/// `pipe x [ f g ]` is `g (f x)`.
fn pipe(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value, functions] = arguments(args);
    let functions = evaluator.force_exact_list(functions)?;
    let result = functions
        .iter()
        .fold(value, |value, f| evaluator.lazy_apply(*f, value));
    evaluator.force(result)
}

fn concat(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let (left, right) = (evaluator.force(left), evaluator.force(right));
    evaluator.concat(left, right)
}

/// `||`, where `decisive` is true, and `&&`: a decisive right operand decides, too.
fn logical(evaluator: &mut Evaluator, args: &[Thunk], decisive: bool) -> Eval<Value> {
    let [left, right] = arguments(args);
    match condition(evaluator, left)? {
        Ok(left) if left == decisive => Ok(Value::Bool(decisive)),
        Ok(_) => evaluator.force_bool(right).map(Value::Bool),
        Err(why) => match evaluator.force_bool(right) {
            Ok(right) if right == decisive => Ok(Value::Bool(decisive)),
            _ => Err(why),
        },
    }
}

fn or(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    logical(evaluator, args, true)
}

fn and(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    logical(evaluator, args, false)
}

fn xor(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    Ok(Value::Bool(
        evaluator.force_bool(left)? != evaluator.force_bool(right)?,
    ))
}

fn choose(
    evaluator: &mut Evaluator,
    value: Thunk,
    yes: &'static str,
    no: &'static str,
) -> Eval<Value> {
    match condition(evaluator, value)? {
        Ok(value) => Ok(evaluator.string(if value { yes } else { no })),
        Err(why) => Ok(evaluator.unknown_string(why, ContextId::default())),
    }
}

fn bool_to_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    choose(evaluator, value, "true", "false")
}

fn bool_to_yes_no(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    choose(evaluator, value, "yes", "no")
}

fn merge_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let (left, right) = (evaluator.force(left), evaluator.force(right));
    evaluator.update(left, right)
}

fn flip(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, first, second] = arguments(args);
    call(evaluator, function, &[second, first])
}

fn default_to(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [default, value] = arguments(args);
    match evaluator.force(value)? {
        Value::Null => evaluator.force(default),
        value => Ok(value),
    }
}

fn map_nullable(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, value] = arguments(args);
    match evaluator.force(value)? {
        Value::Null => Ok(Value::Null),
        _ => evaluator.call(function, value),
    }
}

/// `mod a b`: the remainder of the division that rounds towards zero.
fn modulo(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [base, by] = arguments(args);
    let (base, by) = (evaluator.force(base)?, evaluator.force(by)?);
    let quotient = evaluator.binary(BinaryOp::Divide, base, by)?;
    let product = evaluator.binary(BinaryOp::Multiply, by, quotient)?;
    evaluator.binary(BinaryOp::Subtract, base, product)
}

fn order(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<(Value, Value, Option<Ordering>)> {
    let [left, right] = arguments(args);
    let (left, right) = (evaluator.force(left)?, evaluator.force(right)?);
    let order = evaluator.compare(left, right)?;
    Ok((left, right, order))
}

fn compare(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    Ok(Value::Int(match order(evaluator, args)?.2 {
        Some(Ordering::Less) => -1,
        Some(Ordering::Greater) => 1,
        _ => 0,
    }))
}

fn min(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let (left, right, order) = order(evaluator, args)?;
    Ok(if order == Some(Ordering::Less) {
        left
    } else {
        right
    })
}

fn max(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let (left, right, order) = order(evaluator, args)?;
    Ok(if order == Some(Ordering::Greater) {
        left
    } else {
        right
    })
}

fn import_with(evaluator: &mut Evaluator, path: Thunk, parser: &str) -> Eval<Value> {
    let text = call_builtin(evaluator, "readFile", &[path])?;
    let text = evaluator.arena.ready(text);
    call_builtin(evaluator, parser, &[text])
}

fn import_json(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    import_with(evaluator, path, "fromJSON")
}

fn import_toml(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    import_with(evaluator, path, "fromTOML")
}

// Messages

fn trace_message(evaluator: &mut Evaluator, prefix: &str, message: Thunk) -> Eval<()> {
    let result = evaluator.force_text(message);
    if let Ok(text) = settle(evaluator, result)? {
        evaluator.push_trace(format!("{prefix}{text}"));
    }
    Ok(())
}

pub(super) fn warn(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, value] = arguments(args);
    trace_message(evaluator, "evaluation warning: ", message)?;
    evaluator.force(value)
}

fn warn_where(evaluator: &mut Evaluator, args: &[Thunk], decisive: bool) -> Eval<Value> {
    let [when, message, value] = arguments(args);
    if condition(evaluator, when)? == Ok(decisive) {
        trace_message(evaluator, "evaluation warning: ", message)?;
    }
    evaluator.force(value)
}

fn warn_if(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    warn_where(evaluator, args, true)
}

fn warn_if_not(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    warn_where(evaluator, args, false)
}

/// An error that `throw message` raises.
pub(super) fn throw_message(evaluator: &mut Evaluator, message: Thunk) -> Eval<Value> {
    let value = evaluator.force(message)?;
    let value = evaluator.coerce(value, Coercion::ToString)?;
    let result = evaluator.expect_text(value);
    let text = match settle(evaluator, result)? {
        Ok(text) => text.to_string(),
        Err(why) => evaluator.arena.unknown_data(why).reason.to_string(),
    };
    Err(evaluator.throw(text))
}

/// A condition that is not known is taken to let the value pass: else there is no configuration.
fn throw_where(evaluator: &mut Evaluator, args: &[Thunk], decisive: bool) -> Eval<Value> {
    let [when, message, value] = arguments(args);
    match condition(evaluator, when)? {
        Ok(holds) if holds == decisive => throw_message(evaluator, message),
        _ => evaluator.force(value),
    }
}

fn throw_if(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    throw_where(evaluator, args, true)
}

fn throw_if_not(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    throw_where(evaluator, args, false)
}

fn show_warnings(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [warnings, value] = arguments(args);
    warn_each(evaluator, warnings)?;
    evaluator.force(value)
}

/// Prints the warnings of a list.
pub(super) fn warn_each(evaluator: &mut Evaluator, warnings: Thunk) -> Eval<()> {
    let list = evaluator.force_list(warnings)?;
    for warning in evaluator.arena.elements(list).to_vec() {
        trace_message(evaluator, "evaluation warning: ", warning)?;
    }
    Ok(())
}

fn info(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, value] = arguments(args);
    trace_message(evaluator, "trace: INFO: ", message)?;
    evaluator.force(value)
}

/// `checkListOfEnum message valid given value`
fn check_list_of_enum(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, valid, given, value] = arguments(args);
    let mut missing = Vec::new();
    for item in evaluator.force_exact_list(given)? {
        let known = call_builtin(evaluator, "elem", &[item, valid])?;
        if known == Value::Bool(false) {
            missing.push(item);
        }
    }
    if missing.is_empty() {
        return evaluator.force(value);
    }
    let message = evaluator.force_text(message)?;
    let show = |evaluator: &mut Evaluator, items: &[Thunk]| -> Eval<String> {
        let texts: Eval<Vec<_>> = items
            .iter()
            .map(|item| evaluator.force_text(*item))
            .collect();
        Ok(texts?.join("\", \""))
    };
    let missing = show(evaluator, &missing)?;
    let valid = evaluator.force_exact_list(valid)?;
    let valid = show(evaluator, &valid)?;
    let text = format!("{message}: \"{missing}\" unexpected; valid ones: \"{valid}\"");
    Err(evaluator.throw(text))
}

// Functions

/// The arguments that a function's set takes: its own declaration, else its formals.
pub(super) fn function_arguments(evaluator: &mut Evaluator, function: Thunk) -> Eval<Value> {
    let value = evaluator.force(function)?;
    if let Value::Attrs(set) = value
        && let Some(functor) = evaluator.arena.attribute(set, well_known::FUNCTOR)
    {
        if let Some(declared) = evaluator.arena.attribute(set, well_known::FUNCTION_ARGS) {
            return evaluator.force(declared.value);
        }
        let inner = evaluator.lazy_apply(functor.value, function);
        return function_arguments(evaluator, inner);
    }
    call_builtin(evaluator, "functionArgs", &[function])
}

fn function_args(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    function_arguments(evaluator, function)
}

/// `self: argument: …` of [`set_function_args`]: the function comes first.
static FORWARD: Builtin = Builtin::new("__functor", 3, forward);

fn forward(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, _this, argument] = arguments(args);
    evaluator.call(function, argument)
}

/// `setFunctionArgs f args`: a functor that calls `f`.
pub(super) fn set_function_args(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [callee, declared] = arguments(args);
    let functor = evaluator.partial(&FORWARD, &[callee]);
    let functor = evaluator.arena.ready(functor);
    let set = evaluator.set_of(&[("__functor", functor), ("__functionArgs", declared)]);
    Ok(Value::Attrs(set))
}

/// Whether a value can be called; a functor whose value cannot is none.
pub(super) fn callable(evaluator: &mut Evaluator, value: Thunk) -> Eval<bool> {
    match evaluator.force(value)? {
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => Ok(true),
        Value::External(external) => Err(evaluator.external_unknown(external)),
        Value::Attrs(set) => match evaluator.arena.attribute(set, well_known::FUNCTOR) {
            Some(functor) => {
                let inner = evaluator.lazy_apply(functor.value, value);
                callable(evaluator, inner)
            }
            None => evaluator.arena.attrs_data(set).open.map_or(Ok(false), Err),
        },
        _ => Ok(false),
    }
}

fn is_function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    callable(evaluator, value).map(Value::Bool)
}

static CONSTANT: Builtin = Builtin::new("const", 2, id);

/// `toFunction x`: `x` itself if it can be called, else the function that always gives `x`.
fn to_function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    if callable(evaluator, value)? {
        return evaluator.force(value);
    }
    Ok(evaluator.partial(&CONSTANT, &[value]))
}

/// `mirrorFunctionArgs f g`: `g` with the arguments that `f` declares.
fn mirror_function_args(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [model, callee] = arguments(args);
    let declared = function_arguments(evaluator, model)?;
    let declared = evaluator.arena.ready(declared);
    let (entries, open) = attributes(evaluator, declared)?;
    if entries.is_empty() && open.is_none() {
        return evaluator.force(callee);
    }
    set_function_args(evaluator, &[callee, declared])
}

// Numbers

fn to_hex_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [int] = arguments(args);
    let int = evaluator.force_int(int)?;
    let text = if int < 0 {
        format!("-{:X}", int.unsigned_abs())
    } else {
        format!("{int:X}")
    };
    Ok(evaluator.string(&text))
}

fn from_hex_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    let text = evaluator.force_text(text)?;
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match i64::from_str_radix(digits, 16) {
        Ok(int) if is_hex => Ok(Value::Int(int)),
        _ => Err(evaluator.error(format!("'{text}' is not a hexadecimal number"))),
    }
}

/// `toBaseDigits base i`: the digits of `i`, the highest first.
fn to_base_digits(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [base, int] = arguments(args);
    let (base, mut int) = (evaluator.force_int(base)?, evaluator.force_int(int)?);
    if base < 2 || int < 0 {
        return Err(evaluator.error("assertion 'base >= 2 && i >= 0' failed"));
    }
    let mut digits = Vec::new();
    loop {
        digits.push(int % base);
        int /= base;
        if int == 0 {
            break;
        }
    }
    let digits: Vec<_> = digits
        .iter()
        .rev()
        .map(|digit| evaluator.arena.ready(Value::Int(*digit)))
        .collect();
    Ok(evaluator.list(&digits))
}

/// What only the release of nixpkgs decides.
fn nixpkgs_release(evaluator: &mut Evaluator, _: &[Thunk]) -> Eval<Value> {
    let known: Known<Value> = Err(evaluator.undetermined("the release of nixpkgs"));
    known
}
