//! Attribute paths.

use super::super::support::{attribute_path, throw};
use crate::eval::{Evaluator, arguments};
use crate::value::{AttrsBuilder, Entry, Eval, Position, Symbol, Thunk, Value};
use nix_syntax::quote::attribute_name;

/// One step along a path; `None` if the attribute is not there.
fn step(evaluator: &mut Evaluator, set: Thunk, name: Symbol) -> Eval<Option<Thunk>> {
    match evaluator.force(set)? {
        Value::Attrs(set) => match evaluator.arena.attribute(set, name) {
            Some(entry) => entry.maybe.map_or(Ok(Some(entry.value)), Err),
            None => match evaluator.arena.attrs_data(set).open {
                Some(_) => {
                    let value = evaluator.select_attribute(set, name)?;
                    Ok(Some(evaluator.arena.ready(value)))
                }
                None => Ok(None),
            },
        },
        // What a project reads from a package or an input is taken to be there.
        Value::External(external) => {
            let value = evaluator.select_external(external, name)?;
            Ok(Some(evaluator.arena.ready(value)))
        }
        _ => Ok(None),
    }
}

fn force_name(evaluator: &mut Evaluator, name: Thunk) -> Eval<Symbol> {
    let name = evaluator.force(name)?;
    evaluator.attribute_name(name)
}

/// The attribute at a path, if it is there; an error where that is not decided. Names behind a
/// missing attribute are not evaluated.
fn find(evaluator: &mut Evaluator, set: Thunk, path: Thunk) -> Eval<Option<Thunk>> {
    let mut current = set;
    for name in evaluator.force_exact_list(path)? {
        let name = force_name(evaluator, name)?;
        match step(evaluator, current, name)? {
            Some(next) => current = next,
            None => return Ok(None),
        }
    }
    Ok(Some(current))
}

/// `attrByPath path default set`
pub(super) fn attr_by_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, default, set] = arguments(args);
    match find(evaluator, set, path)? {
        Some(value) => evaluator.force(value),
        None => evaluator.force(default),
    }
}

/// `getAttrFromPath path set`
pub(super) fn get_attr_from_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, set] = arguments(args);
    match find(evaluator, set, path)? {
        Some(value) => evaluator.force(value),
        None => {
            let path = attribute_path(evaluator, path)?;
            let shown = show(evaluator, &path);
            Err(throw(evaluator, format!("cannot find attribute '{shown}'")))
        }
    }
}

/// `hasAttrByPath path set`
pub(super) fn has_attr_by_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, set] = arguments(args);
    let mut current = set;
    for name in evaluator.force_exact_list(path)? {
        // An attribute of an external may be missing: that is the question here.
        if let Value::External(external) = evaluator.force(current)? {
            return Err(evaluator.external_unknown(external));
        }
        let name = force_name(evaluator, name)?;
        match step(evaluator, current, name)? {
            Some(next) => current = next,
            None => return Ok(Value::Bool(false)),
        }
    }
    Ok(Value::Bool(true))
}

/// `setAttrByPath path value`. A name further in is evaluated only where its set is.
pub(super) fn set_attr_by_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, value] = arguments(args);
    let names = evaluator.force_exact_list(path)?;
    set_below(evaluator, names.into_iter(), value)
}

fn set_below(
    evaluator: &mut Evaluator,
    mut names: std::vec::IntoIter<Thunk>,
    value: Thunk,
) -> Eval<Value> {
    let Some(name) = names.next() else {
        return evaluator.force(value);
    };
    let name = force_name(evaluator, name)?;
    let inner = if names.as_slice().is_empty() {
        value
    } else {
        evaluator.lazy(move |evaluator| set_below(evaluator, names, value))
    };
    let mut builder = AttrsBuilder::new();
    builder.insert(name, inner);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

fn show(evaluator: &Evaluator, path: &[Symbol]) -> String {
    let names: Vec<_> = path
        .iter()
        .map(|name| attribute_name(evaluator.arena.symbols.name_ref(*name)))
        .collect();
    names.join(".")
}

/// `showAttrPath path`
pub(super) fn show_attr_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let path = attribute_path(evaluator, path)?;
    let text = if path.is_empty() {
        "<root attribute path>".to_owned()
    } else {
        show(evaluator, &path)
    };
    Ok(evaluator.string(&text))
}

/// An update of what is at a path.
#[derive(Clone)]
struct Update {
    path: Vec<Symbol>,
    function: Thunk,
}

/// `updateManyAttrsByPath [ { path = …; update = old: new; } … ] set`
pub(super) fn update_many(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [updates, set] = arguments(args);
    let mut list = Vec::new();
    for update in evaluator.force_exact_list(updates)? {
        let update = evaluator.force(update)?;
        let names = evaluator.symbol("path");
        let names = evaluator.select(update, names)?;
        let names = evaluator.arena.ready(names);
        let path = attribute_path(evaluator, names)?;
        let function = evaluator.symbol("update");
        let function = evaluator.select(update, function)?;
        list.push(Update {
            path,
            function: evaluator.arena.ready(function),
        });
    }
    let updated = update_at(evaluator, Some(set), list, Vec::new());
    evaluator.force(updated)
}

/// The value at `prefix` after these updates, the inner ones first.
fn update_at(
    evaluator: &mut Evaluator,
    value: Option<Thunk>,
    updates: Vec<Update>,
    prefix: Vec<Symbol>,
) -> Thunk {
    let (here, below): (Vec<_>, Vec<_>) = updates
        .into_iter()
        .partition(|update| update.path.len() == prefix.len());
    let start = if below.is_empty() {
        match value {
            Some(value) => value,
            None => {
                let shown = show(evaluator, &prefix);
                let message = format!(
                    "The path '{shown}' does not exist in the given value, but the first update to this path tries to access the existing value."
                );
                let why = throw(evaluator, message);
                evaluator.arena.failed(why)
            }
        }
    } else {
        evaluator.lazy(move |evaluator| update_below(evaluator, value, &below, &prefix))
    };
    here.iter().fold(start, |value, update| {
        evaluator.lazy_apply(update.function, value)
    })
}

fn update_below(
    evaluator: &mut Evaluator,
    value: Option<Thunk>,
    updates: &[Update],
    prefix: &[Symbol],
) -> Eval<Value> {
    let (entries, open) = match value {
        Some(value) => {
            let set = evaluator.force_attrs(value)?;
            (
                evaluator.arena.entries(set).to_vec(),
                evaluator.arena.attrs_data(set).open,
            )
        }
        None => (Vec::new(), None),
    };
    let mut builder = AttrsBuilder::with_capacity(entries.len());
    if let Some(why) = open {
        builder.open(why);
    }
    let next = |update: &Update| update.path.get(prefix.len()).copied();
    let mut names: Vec<Symbol> = updates.iter().filter_map(next).collect();
    names.sort();
    names.dedup();
    for entry in &entries {
        if names.binary_search(&entry.name).is_err() {
            builder.push(*entry);
        }
    }
    for name in names {
        let mine: Vec<_> = updates
            .iter()
            .filter(|update| next(update) == Some(name))
            .cloned()
            .collect();
        let old = entries.iter().find(|entry| entry.name == name);
        let undecided = old
            .and_then(|entry| entry.maybe)
            .or(open.filter(|_| old.is_none()));
        let value = match undecided {
            Some(why) => evaluator.arena.failed(why),
            None => {
                let mut path = prefix.to_vec();
                path.push(name);
                update_at(evaluator, old.map(|entry| entry.value), mine, path)
            }
        };
        builder.push(Entry {
            name,
            value,
            position: Position::NONE,
            maybe: None,
        });
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}
