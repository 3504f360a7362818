//! `lib.fixedPoints`

use super::Namespace;
use super::support::{call, function_thunk, lazy_call};
use super::trivial::callable;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, AttrsId, Eval, Slot, Symbol, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "fixedPoints",
    functions: FUNCTIONS,
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("fix", 1, fix),
    Builtin::new("fix'", 1, fix_with_unfix),
    Builtin::new("converge", 2, converge),
    Builtin::new("extends", 3, extends),
    Builtin::new("composeExtensions", 4, compose_extensions),
    Builtin::new("composeManyExtensions", 3, compose_many_extensions),
    Builtin::new("makeExtensible", 1, make_extensible),
    Builtin::new("toExtension", 1, to_extension),
];

/// A thunk of `let x = f x; in x`.
fn fixed_point(evaluator: &mut Evaluator, function: Thunk) -> Thunk {
    let this = evaluator.arena.ready(Value::Null);
    evaluator.arena.set_slot(
        this,
        Slot::Apply {
            function,
            argument: this,
        },
    );
    this
}

fn fix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    let this = fixed_point(evaluator, function);
    evaluator.force(this)
}

/// `fix' f`: the fixed point with `f` as its `__unfix__`.
fn fix_with_unfix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    let this = evaluator.arena.ready(Value::Null);
    let with_unfix = evaluator.lazy(move |evaluator| {
        let result = evaluator.call(function, this);
        let unfix = Value::Attrs(evaluator.set_of(&[("__unfix__", function)]));
        evaluator.update(result, Ok(unfix))
    });
    let slot = evaluator.arena.slot(with_unfix);
    evaluator.arena.set_slot(this, slot);
    evaluator.force(this)
}

/// `converge f x`: applies `f` until nothing changes.
fn converge(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, mut value] = arguments(args);
    loop {
        let next = evaluator.lazy_apply(function, value);
        let (a, b) = (evaluator.force(value)?, evaluator.force(next)?);
        if evaluator.equal(a, b)? {
            return Ok(a);
        }
        value = next;
    }
}

/// `extends overlay f final`
fn extends(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [overlay, base, last] = arguments(args);
    let previous = evaluator.lazy_apply(base, last);
    let left = evaluator.force(previous);
    let right = call(evaluator, overlay, &[last, previous]);
    evaluator.update(left, right)
}

static EXTENDS: Builtin = Builtin::new("extends", 3, extends);

/// `composeExtensions f g final prev`: `f` first, `g` on top of it.
fn compose_extensions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, second, last, previous] = arguments(args);
    compose(evaluator, &[first, second], last, previous)
}

fn compose_many_extensions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [overlays, last, previous] = arguments(args);
    let overlays = evaluator.force_exact_list(overlays)?;
    compose(evaluator, &overlays, last, previous)
}

fn compose(
    evaluator: &mut Evaluator,
    overlays: &[Thunk],
    last: Thunk,
    previous: Thunk,
) -> Eval<Value> {
    let mut previous = previous;
    let mut added: Option<Eval<Value>> = None;
    for overlay in overlays {
        let result = lazy_call(evaluator, *overlay, &[last, previous]);
        let before = previous;
        previous = evaluator.lazy(move |evaluator| {
            let (before, result) = (evaluator.force(before), evaluator.force(result));
            evaluator.update(before, result)
        });
        let result = evaluator.force(result);
        added = Some(match added {
            Some(added) => evaluator.update(added, result),
            None => result,
        });
    }
    match added {
        Some(added) => added,
        None => Ok(Value::Attrs(evaluator.arena.attrs(AttrsBuilder::new()))),
    }
}

fn make_extensible(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    extensible(evaluator, function)
}

/// `makeExtensible f`: the fixed point of `f` with a function `extend`.
pub(super) fn extensible(evaluator: &mut Evaluator, function: Thunk) -> Eval<Value> {
    let name = evaluator.string_thunk("extend");
    make_extensible_with_name(evaluator, &[name, function])
}

fn make_extensible_with_name(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let step = function_thunk(evaluator, &EXTENSIBLE_STEP, args);
    fix_with_unfix(evaluator, &[step])
}

/// `name: f: self: f self // { ${name} = …; }`
static EXTENSIBLE_STEP: Builtin = Builtin::new("makeExtensible", 3, extensible_step);

fn extensible_step(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, base, this] = arguments(args);
    let result = evaluator.call(base, this);
    let extender = function_thunk(evaluator, &EXTEND, &[name, base]);
    let name = evaluator.force(name)?;
    let name = evaluator.attribute_name(name)?;
    let mut extra = AttrsBuilder::new();
    extra.insert(name, extender);
    if let Ok(Value::Attrs(set)) = result
        && let Some((name, maker)) = system_maker(evaluator, set)
    {
        let maker = function_thunk(evaluator, &WITH_LIB, &[maker, this]);
        extra.insert(name, maker);
    }
    let extra = Value::Attrs(evaluator.arena.attrs(extra));
    evaluator.update(result, Ok(extra))
}

/// `lib.nixosSystem` as it comes, without what somebody put in its place.
fn system_maker(evaluator: &mut Evaluator, set: AttrsId) -> Option<(Symbol, Thunk)> {
    if !evaluator.is_lib(set) {
        return None;
    }
    let name = evaluator.symbol("nixosSystem");
    let entry = evaluator.arena.attribute(set, name)?;
    let is_native = matches!(evaluator.force(entry.value), Ok(Value::Builtin(_)));
    is_native.then_some((name, entry.value))
}

/// `function lib { … }`: modules are given the `lib` that makes their system, with what was added to it.
static WITH_LIB: Builtin = Builtin::new("nixosSystem", 3, with_lib);

fn with_lib(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, lib, given] = arguments(args);
    let given = evaluator.force_attrs(given)?;
    let own = evaluator.set_of(&[("lib", lib)]);
    let given = evaluator.update_sets(own, given);
    let given = evaluator.arena.ready(Value::Attrs(given));
    evaluator.call(function, given)
}

/// `name: f: overlay: …`
static EXTEND: Builtin = Builtin::new("extend", 3, extend);

fn extend(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, base, overlay] = arguments(args);
    let extended = function_thunk(evaluator, &EXTENDS, &[overlay, base]);
    make_extensible_with_name(evaluator, &[name, extended])
}

/// `toExtension f`: `final: prev: …` of a set, of `prev: …` or of an overlay itself.
static TO_EXTENSION: Builtin = Builtin::new("toExtension", 3, apply_extension);

fn to_extension(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    Ok(evaluator.partial(&TO_EXTENSION, args))
}

fn apply_extension(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [overlay, last, previous] = arguments(args);
    if let Ok(false) = callable(evaluator, overlay) {
        return evaluator.force(overlay);
    }
    // A function of one argument takes the previous set.
    let with_previous = evaluator.lazy_apply(overlay, previous);
    match callable(evaluator, with_previous) {
        Ok(false) => evaluator.force(with_previous),
        _ => call(evaluator, overlay, &[last, previous]),
    }
}

/// A thunk of `extends overlay f`.
pub(super) fn extended(evaluator: &mut Evaluator, overlay: Thunk, base: Thunk) -> Thunk {
    function_thunk(evaluator, &EXTENDS, &[overlay, base])
}
