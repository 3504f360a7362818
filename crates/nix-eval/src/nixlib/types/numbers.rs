//! Types of numbers.

use super::made::named;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::modules::types::Kind;
use crate::value::{Eval, Thunk, Value};

const INTS: &[Builtin] = &[Builtin {
    name: "between",
    arity: 2,
    run: between,
}];

pub(super) fn ints(evaluator: &mut Evaluator) -> Eval<Value> {
    const WIDTHS: [(&str, i64, i64); 8] = [
        ("unsigned", 0, i64::MAX),
        ("positive", 1, i64::MAX),
        ("u8", 0, 0xff),
        ("u16", 0, 0xffff),
        ("u32", 0, 0xffff_ffff),
        ("s8", -0x80, 0x7f),
        ("s16", -0x8000, 0x7fff),
        ("s32", -0x8000_0000, 0x7fff_ffff),
    ];
    let mut attributes = Vec::new();
    for (name, low, high) in WIDTHS {
        let full = match name {
            "unsigned" => "unsignedInt".to_owned(),
            "positive" => "positiveInt".to_owned(),
            _ => match name.strip_prefix('u') {
                Some(bits) => format!("unsignedInt{bits}"),
                None => format!("signedInt{}", name.trim_start_matches('s')),
            },
        };
        let value = evaluator.lazy(move |e| named(e, &full, Kind::Integer(low, high)));
        attributes.push((name, value));
    }
    for function in INTS {
        let value = evaluator.partial(function, &[]);
        attributes.push((function.name, evaluator.arena.ready(value)));
    }
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

pub(super) fn between(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [low, high] = arguments(args);
    let (low, high) = (evaluator.force_int(low)?, evaluator.force_int(high)?);
    if low > high {
        return Err(evaluator.error("ints.between: lowest must be smaller than highest"));
    }
    named(evaluator, "intBetween", Kind::Integer(low, high))
}

static NUMBERS_BETWEEN: Builtin = Builtin {
    name: "between",
    arity: 2,
    run: numbers_between,
};

pub(super) fn numbers(evaluator: &mut Evaluator) -> Eval<Value> {
    let nonnegative =
        evaluator.lazy(|e| named(e, "numberNonnegative", Kind::Number(Some(0.0), None)));
    let positive = evaluator.lazy(|e| {
        named(
            e,
            "numberPositive",
            Kind::Number(Some(f64::MIN_POSITIVE), None),
        )
    });
    let between = evaluator.partial(&NUMBERS_BETWEEN, &[]);
    let between = evaluator.arena.ready(between);
    let attributes = [
        ("nonnegative", nonnegative),
        ("positive", positive),
        ("between", between),
    ];
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

pub(super) fn numbers_between(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [low, high] = arguments(args);
    let mut bounds = [0.0; 2];
    for (bound, thunk) in bounds.iter_mut().zip([low, high]) {
        *bound = match evaluator.force(thunk)? {
            #[expect(clippy::cast_precision_loss, reason = "bounds are floats")]
            Value::Int(int) => int as f64,
            Value::Float(float) => float,
            other => return Err(evaluator.type_error(other, "a float")),
        };
    }
    let [low, high] = bounds;
    named(
        evaluator,
        "numberBetween",
        Kind::Number(Some(low), Some(high)),
    )
}

pub(super) fn number(evaluator: &mut Evaluator) -> Eval<Value> {
    let int = evaluator.new_type("int", Kind::Integer(i64::MIN, i64::MAX));
    let float = evaluator.new_type("float", Kind::Float);
    named(evaluator, "either", Kind::Either(int, float))
}
