//! `lib.attrsets`. An open set stays open; what may be there may be there in the result.

mod build;
mod outputs;
mod paths;
mod recursive;
mod update;
mod zip;

use super::support::{
    attributes, call, call_builtin, list_of, name_thunk, pair, presence_of, test, unknown_elements,
};
use super::{Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Entry, Eval, Presence, Thunk, UnknownId, Value};

pub(super) use build::{names_set, weaken_set};
pub(super) use outputs::output_of;
pub(super) use update::match_attrs;

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "attrsets",
    functions: FUNCTIONS,
    aliases: &[
        "attrNames",
        "attrValues",
        "catAttrs",
        "getAttr",
        "hasAttr",
        "intersectAttrs",
        "isAttrs",
        "listToAttrs",
        "mapAttrs",
        "removeAttrs",
        "zipAttrsWith",
    ],
    exported: Exported::Except(&["unionOfDisjoint"]),
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    // Here
    Builtin::new("attrVals", 2, attr_vals),
    Builtin::new("attrsToList", 1, attrs_to_list),
    Builtin::new("filterAttrs", 2, filter_attrs),
    Builtin::new("foldlAttrs", 3, foldl_attrs),
    Builtin::new("getAttrs", 2, get_attrs),
    Builtin::new("isDerivation", 1, is_derivation),
    Builtin::new("mapAttrs'", 2, map_attrs_to_pairs),
    Builtin::new("mapAttrsToList", 2, map_attrs_to_list),
    Builtin::new("concatMapAttrs", 2, concat_map_attrs),
    // Building
    Builtin::new("cartesianProduct", 1, build::cartesian_product),
    Builtin::new("genAttrs", 2, build::gen_attrs),
    Builtin::new("genAttrs'", 2, build::gen_attrs_from_pairs),
    Builtin::new("mapCartesianProduct", 2, build::map_cartesian_product),
    Builtin::new("nameValuePair", 2, build::name_value_pair),
    Builtin::new("optionalAttrs", 2, build::optional_attrs),
    Builtin::new("recurseIntoAttrs", 1, build::recurse_into),
    Builtin::new("dontRecurseIntoAttrs", 1, build::dont_recurse_into),
    // Paths
    Builtin::new("attrByPath", 3, paths::attr_by_path),
    Builtin::new("getAttrFromPath", 2, paths::get_attr_from_path),
    Builtin::new("hasAttrByPath", 2, paths::has_attr_by_path),
    Builtin::new("setAttrByPath", 2, paths::set_attr_by_path),
    Builtin::new("showAttrPath", 1, paths::show_attr_path),
    Builtin::new("updateManyAttrsByPath", 2, paths::update_many),
    // Recursion
    Builtin::new("collect", 2, recursive::collect),
    Builtin::new("filterAttrsRecursive", 2, recursive::filter_attrs_recursive),
    Builtin::new("mapAttrsRecursive", 2, recursive::map_attrs_recursive),
    Builtin::new(
        "mapAttrsRecursiveCond",
        3,
        recursive::map_attrs_recursive_cond,
    ),
    Builtin::new("mapAttrsToListRecursive", 2, recursive::map_to_list),
    // Updates
    Builtin::new("matchAttrs", 2, update::match_attrs),
    Builtin::new("recursiveUpdate", 2, update::recursive_update),
    Builtin::new("unionOfDisjoint", 2, update::union_of_disjoint),
    // Several sets
    Builtin::new("foldAttrs", 3, zip::fold_attrs),
    Builtin::new("mergeAttrsList", 1, zip::merge_attrs_list),
    Builtin::new("zip", 1, zip::zip_attrs),
    Builtin::new("zipAttrs", 1, zip::zip_attrs),
    Builtin::new("zipAttrsWithNames", 3, zip::zip_attrs_with_names),
    // Outputs of packages
    Builtin::new("getBin", 1, outputs::get_bin),
    Builtin::new("getDev", 1, outputs::get_dev),
    Builtin::new("getInclude", 1, outputs::get_include),
    Builtin::new("getLib", 1, outputs::get_lib),
    Builtin::new("getOutput", 2, outputs::get_output),
];

/// `attrVals names set`
fn attr_vals(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [names, set] = arguments(args);
    let names = evaluator.force_list(names)?;
    let mut items = evaluator.arena.list_items(names);
    for (item, _) in &mut items {
        let name = *item;
        *item = evaluator.lazy(move |evaluator| call_builtin(evaluator, "getAttr", &[name, set]));
    }
    Ok(list_of(evaluator, &items))
}

/// `getAttrs names set`: those attributes; one that is missing is an error when it is needed.
fn get_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [names, set] = arguments(args);
    build::from_names(evaluator, names, |evaluator, name| {
        evaluator.lazy(move |evaluator| {
            let set = evaluator.force(set)?;
            evaluator.select(set, name)
        })
    })
}

/// The elements that `make` gives for each attribute, in the order of the names; an open set has
/// more of them, somewhere.
fn each_attribute(
    evaluator: &mut Evaluator,
    set: Thunk,
    mut make: impl FnMut(&mut Evaluator, Thunk, &Entry) -> Thunk,
) -> Eval<Vec<(Thunk, Presence)>> {
    let (entries, open) = attributes(evaluator, set)?;
    let mut items = Vec::with_capacity(entries.len() + 1);
    for entry in &entries {
        let name = name_thunk(evaluator, entry.name);
        items.push((make(evaluator, name, entry), presence_of(entry)));
    }
    if let Some(why) = open {
        items.push(unknown_elements(evaluator, why));
    }
    Ok(items)
}

/// `mapAttrsToList f set`
pub(super) fn map_attrs_to_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let items = each_attribute(evaluator, set, |evaluator, name, entry| {
        evaluator.lazy_apply2(function, name, entry.value)
    })?;
    Ok(list_of(evaluator, &items))
}

/// `attrsToList set`: its pairs of name and value.
fn attrs_to_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let items = each_attribute(evaluator, set, |evaluator, name, entry| {
        let pair = pair(evaluator, name, entry.value);
        evaluator.arena.ready(pair)
    })?;
    Ok(list_of(evaluator, &items))
}

/// `mapAttrs' f set`: `f` gives each attribute a new name and value. Attributes of an open set are
/// taken to get names that the known ones do not get.
fn map_attrs_to_pairs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let (entries, open) = attributes(evaluator, set)?;
    let mut items = Vec::with_capacity(entries.len());
    for entry in &entries {
        let name = name_thunk(evaluator, entry.name);
        let pair = evaluator.lazy_apply2(function, name, entry.value);
        items.push((pair, presence_of(entry)));
    }
    let pairs = list_of(evaluator, &items);
    let pairs = evaluator.arena.ready(pairs);
    let result = call_builtin(evaluator, "listToAttrs", &[pairs])?;
    Ok(opened(evaluator, result, open))
}

/// A set value that is open if it was or if `open` says so.
fn opened(evaluator: &mut Evaluator, value: Value, open: Option<UnknownId>) -> Value {
    let (Value::Attrs(set), Some(_)) = (value, open) else {
        return value;
    };
    let open = evaluator.arena.attrs_data(set).open.or(open);
    let entries = evaluator.arena.entries(set).to_vec();
    Value::Attrs(evaluator.arena.sorted_attrs(&entries, open))
}

/// The attributes that a predicate holds for; an attribute for which it is not decided may be
/// there.
fn filtered(
    evaluator: &mut Evaluator,
    set: AttrsId,
    predicate: Thunk,
    mut keep: impl FnMut(&mut Evaluator, &Entry) -> Thunk,
) -> Eval<Value> {
    // In the order of the names, for the predicate's errors and traces.
    let mut kept = Vec::new();
    for mut entry in evaluator.arena.entries_by_name(set) {
        let name = name_thunk(evaluator, entry.name);
        match test(evaluator, predicate, &[name, entry.value], entry.maybe)? {
            Ok(false) => continue,
            Ok(true) => {}
            Err(why) => {
                entry.maybe = evaluator.arena.both_doubts(entry.maybe, Some(why));
            }
        }
        entry.value = keep(evaluator, &entry);
        kept.push(entry);
    }
    kept.sort_by_key(|entry| entry.name);
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&kept, open)))
}

/// `filterAttrs p set`
fn filter_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    filtered(evaluator, set, predicate, |_, entry| entry.value)
}

/// `foldlAttrs f init set`: `f acc name value` in the order of the names.
fn foldl_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, initial, set] = arguments(args);
    let set = evaluator.force_exact_attrs(set)?;
    let mut result = initial;
    for entry in evaluator.arena.entries_by_name(set) {
        let name = name_thunk(evaluator, entry.name);
        let value = call(evaluator, function, &[result, name, entry.value])?;
        result = evaluator.arena.ready(value);
    }
    evaluator.force(result)
}

/// `concatMapAttrs f set`: merges the sets that `f` gives for each attribute.
fn concat_map_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let (entries, open) = attributes(evaluator, set)?;
    let mut merged = Value::Attrs(AttrsId(0));
    for entry in entries {
        let name = name_thunk(evaluator, entry.name);
        let mut added = call(evaluator, function, &[name, entry.value]);
        if let Some(why) = entry.maybe {
            added = weaken_set(evaluator, added, why);
        }
        merged = evaluator.update(Ok(merged), added)?;
    }
    Ok(opened(evaluator, merged, open))
}

/// `isDerivation x`: a set of `type = "derivation"`.
fn is_derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let value = evaluator.force(value)?;
    derivation(evaluator, value).map(Value::Bool)
}

pub(super) fn derivation(evaluator: &mut Evaluator, value: Value) -> Eval<bool> {
    let kind = match value {
        Value::Attrs(set) => evaluator.argument(set, "type")?,
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => None,
    };
    match kind {
        Some(kind @ (Value::String(_) | Value::External(_))) => {
            let expected = evaluator.string("derivation");
            evaluator.equal(kind, expected)
        }
        _ => Ok(false),
    }
}
