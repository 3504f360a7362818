//! Names and versions of packages.

use super::super::support::{call_builtin, map_whole, string_argument, text_argument};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// A field of a package: its own attribute, else what its name implies. Of a package that is not on
/// disk it is an external in turn.
fn field(evaluator: &mut Evaluator, package: Thunk, attribute: &str, parsed: &str) -> Eval<Value> {
    let value = evaluator.force(package)?;
    let name = match value {
        Value::External(external) => {
            let attribute = evaluator.symbol(attribute);
            return evaluator.select_external(external, attribute);
        }
        Value::Attrs(set) => {
            if let Some(value) = evaluator.argument(set, attribute)? {
                return Ok(value);
            }
            let name = evaluator.symbol("name");
            let name = evaluator.select(value, name)?;
            evaluator.arena.ready(name)
        }
        _ => package,
    };
    let parts = call_builtin(evaluator, "parseDrvName", &[name])?;
    let symbol = evaluator.symbol(parsed);
    evaluator.select(parts, symbol)
}

/// The name of a package without its version.
pub(in super::super) fn name_of(evaluator: &mut Evaluator, package: Thunk) -> Eval<Value> {
    field(evaluator, package, "pname", "name")
}

/// `getName package`
pub(super) fn get_name(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [package] = arguments(args);
    name_of(evaluator, package)
}

/// `getVersion package`
pub(super) fn get_version(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [package] = arguments(args);
    field(evaluator, package, "version", "version")
}

fn is_older(evaluator: &mut Evaluator, a: Thunk, b: Thunk) -> Eval<bool> {
    let order = call_builtin(evaluator, "compareVersions", &[b, a])?;
    evaluator.equal(order, Value::Int(1))
}

/// `versionOlder a b`: whether `a` is older than `b`.
pub(super) fn version_older(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    is_older(evaluator, a, b).map(Value::Bool)
}

/// `versionAtLeast a b`: whether `a` is as new as `b`.
pub(super) fn version_at_least(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    is_older(evaluator, a, b).map(|older| Value::Bool(!older))
}

/// `nameFromURL url separator`: the last part of the path up to the separator.
pub(super) fn name_from_url(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [url, separator] = arguments(args);
    let url = text_argument(evaluator, url)?;
    let separator = text_argument(evaluator, separator)?;
    let file = url.rsplit('/').next().unwrap_or_default();
    match file.split_once(&*separator) {
        Some((name, _)) => Ok(evaluator.string(name)),
        None => Err(evaluator.error(format!("assertion '\"{file}\" != name' failed"))),
    }
}

/// `sanitizeDerivationName s`: what a store path's name may hold, the rest as `-`.
pub(super) fn sanitize_derivation_name(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let string = string_argument(evaluator, name)?;
    let sanitized = map_whole(evaluator, string, |text| {
        let mut name = String::with_capacity(text.len());
        let mut replaced = false;
        for character in text.trim_start_matches('.').chars() {
            let allowed = character.is_ascii_alphanumeric() || "+-._?=".contains(character);
            if allowed {
                name.push(character);
            } else if !replaced {
                name.push('-');
            }
            replaced = !allowed;
        }
        // Only the end of a longer name fits.
        let cut = name.len().saturating_sub(207);
        let name = name.get(cut..).unwrap_or_default();
        if name.is_empty() {
            "unknown".to_owned()
        } else {
            name.to_owned()
        }
    })?;
    call_discard_context(evaluator, sanitized)
}

fn call_discard_context(evaluator: &mut Evaluator, value: Value) -> Eval<Value> {
    let value = evaluator.arena.ready(value);
    call_builtin(evaluator, "unsafeDiscardStringContext", &[value])
}
