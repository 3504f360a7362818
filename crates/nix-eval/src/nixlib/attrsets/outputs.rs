//! The outputs of packages. A package that is not on disk stands for its outputs, too.

use crate::eval::{Evaluator, arguments};
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
}
