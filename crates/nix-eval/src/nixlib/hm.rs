//! `lib.hm`, which Home Manager adds to `lib`: the directed acyclic graphs of its options. The rest
//! is not known.

use super::support::{attributes, call_builtin, function_set, function_thunk, name_thunk};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, ExternalKind, Thunk, UnknownId, Value, well_known,
};

/// `lib.hm`
pub(super) fn namespace(evaluator: &mut Evaluator, why: UnknownId) -> Value {
    let dag = function_set(evaluator, DAG);
    let mut builder = AttrsBuilder::new();
    if let Value::Attrs(functions) = dag {
        for entry in evaluator.arena.entries(functions) {
            builder.push(*entry);
        }
    }
    let empty = evaluator.arena.ready(Value::Attrs(AttrsId(0)));
    let name = evaluator.symbol("empty");
    builder.insert(name, empty).open(why);
    let dag = Value::Attrs(evaluator.arena.attrs(builder));
    let dag = evaluator.arena.ready(dag);
    let gvariant = evaluator.external_root("lib.hm.gvariant", ExternalKind::Other);
    let gvariant = evaluator.arena.ready(gvariant);
    let mut builder = AttrsBuilder::new();
    for (name, value) in [("dag", dag), ("gvariant", gvariant)] {
        let name = evaluator.symbol(name);
        builder.insert(name, value);
    }
    builder.open(why);
    Value::Attrs(evaluator.arena.attrs(builder))
}

const DAG: &[Builtin] = &[
    Builtin::new("entryAnywhere", 1, |evaluator, args| {
        let [data] = arguments(args);
        Ok(entry(evaluator, None, None, data))
    }),
    Builtin::new("entryAfter", 2, |evaluator, args| {
        let [after, data] = arguments(args);
        Ok(entry(evaluator, None, Some(after), data))
    }),
    Builtin::new("entryBefore", 2, |evaluator, args| {
        let [before, data] = arguments(args);
        Ok(entry(evaluator, Some(before), None, data))
    }),
    Builtin::new("entryBetween", 3, |evaluator, args| {
        let [before, after, data] = arguments(args);
        Ok(entry(evaluator, Some(before), Some(after), data))
    }),
    Builtin::new("entriesAnywhere", 2, |evaluator, args| {
        let [tag, data] = arguments(args);
        entries(evaluator, tag, None, None, data)
    }),
    Builtin::new("entriesAfter", 3, |evaluator, args| {
        let [tag, after, data] = arguments(args);
        entries(evaluator, tag, None, Some(after), data)
    }),
    Builtin::new("entriesBefore", 3, |evaluator, args| {
        let [tag, before, data] = arguments(args);
        entries(evaluator, tag, Some(before), None, data)
    }),
    Builtin::new("entriesBetween", 4, |evaluator, args| {
        let [tag, before, after, data] = arguments(args);
        entries(evaluator, tag, Some(before), Some(after), data)
    }),
    Builtin::new("isEntry", 1, |evaluator, args| {
        let [value] = arguments(args);
        is_entry(evaluator, value).map(Value::Bool)
    }),
    Builtin::new("map", 2, map),
    Builtin::new("topoSort", 1, sort),
];

fn empty_list(evaluator: &mut Evaluator) -> Thunk {
    let list = evaluator.list(&[]);
    evaluator.arena.ready(list)
}

/// `{ data; after; before; }`
fn entry(
    evaluator: &mut Evaluator,
    before: Option<Thunk>,
    after: Option<Thunk>,
    data: Thunk,
) -> Value {
    let none = empty_list(evaluator);
    let (before, after) = (before.unwrap_or(none), after.unwrap_or(none));
    Value::Attrs(evaluator.set_of(&[("data", data), ("after", after), ("before", before)]))
}

/// Entries `tag-0`, `tag-1`, …, each behind the one before it.
fn entries(
    evaluator: &mut Evaluator,
    tag: Thunk,
    before: Option<Thunk>,
    after: Option<Thunk>,
    data: Thunk,
) -> Eval<Value> {
    let tag = evaluator.force_text(tag)?;
    let items = evaluator.force_exact_list(data)?;
    let count = items.len();
    let mut builder = AttrsBuilder::with_capacity(count);
    for (index, data) in items.into_iter().enumerate() {
        let after = match index.checked_sub(1) {
            None => after,
            Some(previous) => {
                let name = evaluator.string_thunk(&format!("{tag}-{previous}"));
                let names = evaluator.list(&[name]);
                Some(evaluator.arena.ready(names))
            }
        };
        let before = if index + 1 == count { before } else { None };
        let value = entry(evaluator, before, after, data);
        let value = evaluator.arena.ready(value);
        let name = evaluator.symbol(&format!("{tag}-{index}"));
        builder.insert(name, value);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

fn is_entry(evaluator: &mut Evaluator, value: Thunk) -> Eval<bool> {
    let set = match evaluator.force(value)? {
        Value::Attrs(set) => set,
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => return Ok(false),
    };
    for name in ["data", "after", "before"] {
        if super::support::option(evaluator, set, name)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `map f dag`: `f name data`
fn map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, dag] = arguments(args);
    let set = evaluator.force_attrs(dag)?;
    let data = evaluator.symbol("data");
    let mut entries = evaluator.arena.entries(set).to_vec();
    for entry in &mut entries {
        let name = name_thunk(evaluator, entry.name);
        let old = entry.value;
        entry.value = evaluator.lazy(move |evaluator| {
            let value = evaluator.force(old)?;
            let content = evaluator.arena.thunk(crate::value::Slot::Select {
                base: old,
                name: data,
            });
            let mapped = evaluator.lazy_apply2(function, name, content);
            let mut builder = AttrsBuilder::new();
            builder.insert(data, mapped);
            let extra = Value::Attrs(evaluator.arena.attrs(builder));
            evaluator.update(Ok(value), Ok(extra))
        });
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}

/// Whether an entry comes before another: by the names in `after`.
static COMES_BEFORE: Builtin = Builtin::new("before", 2, |evaluator, args| {
    let [a, b] = arguments(args);
    let name = evaluator.arena.thunk(crate::value::Slot::Select {
        base: a,
        name: well_known::NAME,
    });
    let after = evaluator.symbol("after");
    let after = evaluator.arena.thunk(crate::value::Slot::Select {
        base: b,
        name: after,
    });
    call_builtin(evaluator, "elem", &[name, after])
});

/// `topoSort dag`: `{ result = [ { name; data; } … ]; }`, or `{ cycle; loops; }`.
fn sort(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [dag] = arguments(args);
    let (dag_entries, open) = attributes(evaluator, dag)?;
    if let Some(why) = open {
        return Err(why);
    }
    let mut nodes = Vec::with_capacity(dag_entries.len());
    for node in &dag_entries {
        if let Some(why) = node.maybe {
            return Err(why);
        }
        let name = name_thunk(evaluator, node.name);
        let after = names_before(evaluator, node, &dag_entries)?;
        let data = evaluator.symbol("data");
        let data = evaluator.arena.thunk(crate::value::Slot::Select {
            base: node.value,
            name: data,
        });
        let set = evaluator.set_of(&[("name", name), ("data", data), ("after", after)]);
        nodes.push(evaluator.arena.ready(Value::Attrs(set)));
    }
    let nodes = evaluator.list(&nodes);
    let nodes = evaluator.arena.ready(nodes);
    let before = function_thunk(evaluator, &COMES_BEFORE, &[]);
    let sorted = super::lists::toposort(evaluator, &[before, nodes])?;
    let Value::Attrs(set) = sorted else {
        return Ok(sorted);
    };
    let Some(result) = super::support::option(evaluator, set, "result")? else {
        return Ok(sorted);
    };
    let mut items = Vec::new();
    for node in evaluator.force_exact_list(result)? {
        let node = evaluator.force_attrs(node)?;
        let name = super::support::required(evaluator, node, "name")?;
        let data = super::support::required(evaluator, node, "data")?;
        let item = evaluator.set_of(&[("name", name), ("data", data)]);
        items.push(evaluator.arena.ready(Value::Attrs(item)));
    }
    let items = evaluator.list(&items);
    let items = evaluator.arena.ready(items);
    Ok(Value::Attrs(evaluator.set_of(&[("result", items)])))
}

/// What an entry is behind: what it says itself, and what says to be before it.
fn names_before(evaluator: &mut Evaluator, node: &Entry, dag: &[Entry]) -> Eval<Thunk> {
    let value = evaluator.force(node.value)?;
    let after = evaluator.select_path(value, &["after"])?;
    let after = evaluator.arena.ready(after);
    let mut names = evaluator.force_exact_list(after)?;
    let own = name_thunk(evaluator, node.name);
    for other in dag {
        let value = evaluator.force(other.value)?;
        let before = evaluator.select_path(value, &["before"])?;
        let before = evaluator.arena.ready(before);
        let found = call_builtin(evaluator, "elem", &[own, before])?;
        if evaluator.expect_bool(found)? {
            names.push(name_thunk(evaluator, other.name));
        }
    }
    let names = evaluator.list(&names);
    Ok(evaluator.arena.ready(names))
}
