//! `lib.versions`

use super::support::{call_builtin, text_argument};
use super::{Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "versions",
    functions: &[
        Builtin::new("major", 1, |evaluator, args| component(evaluator, args, 0)),
        Builtin::new("minor", 1, |evaluator, args| component(evaluator, args, 1)),
        Builtin::new("patch", 1, |evaluator, args| component(evaluator, args, 2)),
        Builtin::new("majorMinor", 1, major_minor),
        Builtin::new("pad", 2, pad),
    ],
    aliases: &["compareVersions", "splitVersion"],
    exported: Exported::Only(&["compareVersions", "splitVersion"]),
    ..Namespace::EMPTY
};

fn components(evaluator: &mut Evaluator, version: Thunk) -> Eval<Vec<Thunk>> {
    let components = call_builtin(evaluator, "splitVersion", &[version])?;
    let components = evaluator.arena.ready(components);
    evaluator.force_exact_list(components)
}

fn component(evaluator: &mut Evaluator, args: &[Thunk], index: usize) -> Eval<Value> {
    let [version] = arguments(args);
    match components(evaluator, version)?.get(index) {
        Some(component) => evaluator.force(*component),
        None => Err(evaluator.error(format!("list index {index} is out of bounds"))),
    }
}

/// `majorMinor version`
fn major_minor(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [version] = arguments(args);
    let mut components = components(evaluator, version)?;
    components.truncate(2);
    let components = evaluator.list(&components);
    super::strings::join(evaluator, ".", components)
}

/// `pad n version`: as many components, with zeros; what follows a `-` stays.
fn pad(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [count, version] = arguments(args);
    let count = usize::try_from(evaluator.force_int(count)?).unwrap_or(0);
    evaluator.check_size(count as u64)?;
    let version = text_argument(evaluator, version)?;
    let (numbers, suffix) = match version.find('-') {
        Some(at) => version.split_at(at),
        None => (&*version, ""),
    };
    let numbers = evaluator.string_thunk(numbers);
    let mut padded = Vec::new();
    for component in components(evaluator, numbers)? {
        padded.push(evaluator.force_text(component)?.to_string());
    }
    padded.resize(count, "0".to_owned());
    Ok(evaluator.string(&format!("{}{suffix}", padded.join("."))))
}
