//! Joining strings.

use super::super::support::{call_builtin, list_of};
use crate::builtins::lists::map;
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Presence, Thunk, Value};

/// The strings of a list with a separator between them.
pub(in super::super) fn join(
    evaluator: &mut Evaluator,
    separator: &str,
    list: Value,
) -> Eval<Value> {
    let separator = evaluator.string_thunk(separator);
    let list = evaluator.arena.ready(list);
    call_builtin(evaluator, "concatStringsSep", &[separator, list])
}

/// The strings of a list of thunks with a separator between them.
pub(in super::super) fn concat_with(
    evaluator: &mut Evaluator,
    separator: &str,
    items: &[(Thunk, Presence)],
) -> Eval<Value> {
    let list = list_of(evaluator, items);
    join(evaluator, separator, list)
}

fn mapped(evaluator: &mut Evaluator, separator: Thunk, list: Eval<Value>) -> Eval<Value> {
    let list = list?;
    let list = evaluator.arena.ready(list);
    call_builtin(evaluator, "concatStringsSep", &[separator, list])
}

/// `concatStrings xs`
pub(super) fn concat_strings(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let separator = evaluator.string_thunk("");
    call_builtin(evaluator, "concatStringsSep", &[separator, list])
}

/// `join separator xs`
pub(super) fn concat_sep(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    call_builtin(evaluator, "concatStringsSep", args)
}

/// `concatMapStrings f xs`
pub(super) fn concat_map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let separator = evaluator.string_thunk("");
    let list = map(evaluator, args);
    mapped(evaluator, separator, list)
}

/// `concatMapStringsSep separator f xs`
pub(super) fn concat_map_sep(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, function, list] = arguments(args);
    let list = map(evaluator, &[function, list]);
    mapped(evaluator, separator, list)
}

/// `concatImapStringsSep separator f xs`
pub(super) fn concat_imap_sep(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, function, list] = arguments(args);
    let list = super::super::lists::map_indexed_from_one(evaluator, &[function, list]);
    mapped(evaluator, separator, list)
}

/// `concatMapAttrsStringSep separator f set`
pub(super) fn concat_map_attrs_sep(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, function, set] = arguments(args);
    let list = super::super::attrsets::map_attrs_to_list(evaluator, &[function, set]);
    mapped(evaluator, separator, list)
}

/// `concatLines xs`: each with a line feed behind it.
pub(super) fn concat_lines(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut lines = evaluator.arena.list_items(list);
    for (line, _) in &mut lines {
        let text = *line;
        *line = evaluator.lazy(move |evaluator| {
            let mut builder = super::super::support::StringBuilder::new();
            builder.value(evaluator, text)?.text("\n");
            Ok(builder.finish(evaluator))
        });
    }
    concat_with(evaluator, "", &lines)
}

/// `intersperse separator xs`: a list with the separator between its elements.
pub(super) fn intersperse(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator, list] = arguments(args);
    let mut items = Vec::new();
    for item in evaluator.force_exact_list(list)? {
        if !items.is_empty() {
            items.push(separator);
        }
        items.push(item);
    }
    Ok(evaluator.list(&items))
}

/// `strings.replicate n s`
pub(super) fn replicate(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let list = super::super::lists::replicate(evaluator, args)?;
    join(evaluator, "", list)
}
