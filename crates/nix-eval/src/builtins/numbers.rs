//! Numbers.

use nix_syntax::hir::BinaryOp;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("add", 2, |e, a| calculate(e, a, BinaryOp::Add)),
    Builtin::new("bitAnd", 2, |e, a| bitwise(e, a, |a, b| a & b)),
    Builtin::new("bitOr", 2, |e, a| bitwise(e, a, |a, b| a | b)),
    Builtin::new("bitXor", 2, |e, a| bitwise(e, a, |a, b| a ^ b)),
    Builtin::new("ceil", 1, |e, a| round(e, a, f64::ceil)),
    Builtin::new("div", 2, |e, a| calculate(e, a, BinaryOp::Divide)),
    Builtin::new("floor", 1, |e, a| round(e, a, f64::floor)),
    Builtin::new("lessThan", 2, less_than),
    Builtin::new("mul", 2, |e, a| calculate(e, a, BinaryOp::Multiply)),
    Builtin::new("sub", 2, |e, a| calculate(e, a, BinaryOp::Subtract)),
];

/// `add`, `sub`, `mul`, `div`: numbers only, unlike `+`.
fn calculate(evaluator: &mut Evaluator, args: &[Thunk], op: BinaryOp) -> Eval<Value> {
    let [left, right] = arguments(args);
    let left = evaluator.force(left)?;
    let right = evaluator.force(right)?;
    for value in [left, right] {
        if !matches!(value, Value::Int(_) | Value::Float(_)) {
            return Err(evaluator.type_error(value, "an integer"));
        }
    }
    evaluator.arithmetic(op, left, right)
}

fn bitwise(evaluator: &mut Evaluator, args: &[Thunk], op: fn(i64, i64) -> i64) -> Eval<Value> {
    let [left, right] = arguments(args);
    let left = evaluator.force_int(left)?;
    let right = evaluator.force_int(right)?;
    Ok(Value::Int(op(left, right)))
}

/// `ceil` and `floor`
fn round(evaluator: &mut Evaluator, args: &[Thunk], op: fn(f64) -> f64) -> Eval<Value> {
    /// 2^63: no integer reaches it.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let [number] = arguments(args);
    match evaluator.force(number)? {
        Value::Int(int) => Ok(Value::Int(int)),
        Value::Float(float) => {
            let rounded = op(float);
            if (-END..END).contains(&rounded) {
                #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
                return Ok(Value::Int(rounded as i64));
            }
            let shown = crate::print::format_float(float);
            Err(evaluator.error(format!(
                "NixFloat argument {shown} is not in the range of NixInt"
            )))
        }
        other => Err(evaluator.type_error(other, "a float")),
    }
}

fn less_than(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let left = evaluator.force(left)?;
    let right = evaluator.force(right)?;
    evaluator.binary(BinaryOp::Less, left, right)
}
