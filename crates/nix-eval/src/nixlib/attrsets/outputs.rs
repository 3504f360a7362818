//! The outputs of packages. A package that is not on disk stands for its outputs, too.

use super::derivation;
use crate::builtins::lists;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// The first of these outputs that a package has, else `out`, else the package itself.
pub(in super::super) fn output_of(
    evaluator: &mut Evaluator,
    package: Thunk,
    outputs: &[&str],
) -> Eval<Value> {
    let value = evaluator.force(package)?;
    let Value::Attrs(set) = value else {
        return Ok(value);
    };
    if evaluator.argument(set, "outputSpecified")? == Some(Value::Bool(true)) {
        return Ok(value);
    }
    for output in outputs.iter().chain(&["out"]) {
        if let Some(output) = evaluator.argument(set, output)? {
            return Ok(output);
        }
    }
    Ok(value)
}

pub(super) fn get_output(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [output, package] = arguments(args);
    let output = evaluator.force_text(output)?;
    output_of(evaluator, package, &[&output])
}

pub(super) fn get_first_output(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [outputs, package] = arguments(args);
    let mut names = Vec::new();
    for output in evaluator.force_exact_list(outputs)? {
        names.push(evaluator.force_text(output)?);
    }
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    output_of(evaluator, package, &names)
}

macro_rules! getters {
    ($($(#[$doc:meta])* $function:ident = $outputs:expr;)+) => {
        $(
            $(#[$doc])*
            pub(super) fn $function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
                let [package] = arguments(args);
                output_of(evaluator, package, &$outputs)
            }
        )+
    };
}

getters! {
    /// `getBin package`
    get_bin = ["bin"];
    /// `getDev package`
    get_dev = ["dev"];
    /// `getInclude package`
    get_include = ["include", "dev"];
    /// `getLib package`
    get_lib = ["lib"];
    /// `getMan package`
    get_man = ["man"];
    /// `getStatic package`
    get_static = ["static", "lib"];
}

static GET_DEV: Builtin = Builtin::new("getDev", 1, get_dev);

pub(super) fn choose_dev_outputs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages] = arguments(args);
    let function = super::super::support::function_thunk(evaluator, &GET_DEV, &[]);
    lists::map(evaluator, &[function, packages])
}

/// `toDerivation path`: a derivation already, else one whose output is that path.
pub(super) fn to_derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let value = evaluator.force(path)?;
    if derivation(evaluator, value)? {
        return Ok(value);
    }
    let kind = evaluator.string_thunk("derivation");
    let out = evaluator.string_thunk("out");
    let outputs = evaluator.list(&[out]);
    let outputs = evaluator.arena.ready(outputs);
    let set = evaluator.set_of(&[
        ("type", kind),
        ("outPath", path),
        ("outputs", outputs),
        ("outputName", out),
    ]);
    Ok(Value::Attrs(set))
}
