//! Attribute sets. An open set stays open; what may be there may be there in the result.

use super::lists::{doubt, weaken};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Position, Presence, Reason, Symbol, Thunk, UnknownId,
    Value, well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("attrNames", 1, attr_names),
    Builtin::new("attrValues", 1, attr_values),
    Builtin::new("catAttrs", 2, cat_attrs),
    Builtin::new("functionArgs", 1, function_args),
    Builtin::new("getAttr", 2, get_attr),
    Builtin::new("hasAttr", 2, has_attr),
    Builtin::new("intersectAttrs", 2, intersect_attrs),
    Builtin::new("listToAttrs", 1, list_to_attrs),
    Builtin::new("mapAttrs", 2, map_attrs),
    Builtin::new("removeAttrs", 2, remove_attrs),
    Builtin::new("unsafeGetAttrPos", 2, unsafe_get_attr_pos),
];

/// `attrNames set`
fn attr_names(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    Ok(in_name_order(evaluator, set, |evaluator, entry| {
        let name = Value::String(evaluator.arena.symbol_string(entry.name));
        evaluator.arena.ready(name)
    }))
}

/// `attrValues set`
fn attr_values(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    Ok(in_name_order(evaluator, set, |_, entry| entry.value))
}

/// A list with an element for each attribute, in the order of the names. What more an open set
/// holds may stand before, between and after the others: it is put first and last, so that nothing
/// that depends on a place in the list is taken for known.
fn in_name_order(
    evaluator: &mut Evaluator,
    set: AttrsId,
    element: impl Fn(&mut Evaluator, Entry) -> Thunk,
) -> Value {
    let mut items = Vec::new();
    let more = evaluator.arena.attrs_data(set).open;
    let more = more.map(|why| (evaluator.arena.failed(why), Presence::Many(why)));
    items.extend(more);
    for entry in evaluator.arena.entries_by_name(set) {
        let presence = entry.maybe.map_or(Presence::Certain, Presence::Maybe);
        items.push((element(evaluator, entry), presence));
    }
    items.extend(more);
    Value::List(evaluator.arena.list_of(&items))
}

/// `catAttrs name sets`
fn cat_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, list] = arguments(args);
    let name = evaluator.force_text(name)?;
    let name = evaluator.symbol(&name);
    let list = evaluator.force_list(list)?;
    let mut found = Vec::new();
    for (item, presence) in evaluator.arena.list_items(list) {
        let set = match (evaluator.force_attrs(item), doubt(presence)) {
            (Ok(set), _) => set,
            (Err(why), None) if evaluator.is_error(why) => return Err(why),
            (Err(why), _) => {
                found.push((evaluator.arena.failed(why), weaken(presence, why)));
                continue;
            }
        };
        match (
            evaluator.arena.attribute(set, name),
            evaluator.arena.attrs_data(set).open,
        ) {
            (
                Some(Entry {
                    value, maybe: None, ..
                }),
                _,
            ) => found.push((value, presence)),
            (
                Some(Entry {
                    value,
                    maybe: Some(why),
                    ..
                }),
                _,
            ) => {
                found.push((value, weaken(presence, why)));
            }
            (None, Some(why)) => {
                found.push((evaluator.arena.failed(why), weaken(presence, why)));
            }
            (None, None) => {}
        }
    }
    Ok(Value::List(evaluator.arena.list_of(&found)))
}

/// `functionArgs f`: which formals have a default.
fn function_args(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    let builder = match evaluator.force(function)? {
        Value::Lambda(closure) => evaluator.formal_entries(closure),
        Value::Builtin(_) | Value::Partial(_) => AttrsBuilder::new(),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => return Err(evaluator.error("'functionArgs' requires a function")),
    };
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// `getAttr name set`
fn get_attr(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, set] = arguments(args);
    let name = evaluator.force_text(name)?;
    let name = evaluator.symbol(&name);
    let set = evaluator.force(set)?;
    evaluator.select(set, name)
}

/// `hasAttr name set`
fn has_attr(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, set] = arguments(args);
    let name = evaluator.force_text(name)?;
    let name = evaluator.symbol(&name);
    let set = evaluator.force_attrs(set)?;
    match evaluator.arena.attribute(set, name) {
        Some(Entry {
            maybe: Some(why), ..
        }) => Err(why),
        Some(_) => Ok(Value::Bool(true)),
        None => match evaluator.arena.attrs_data(set).open {
            Some(why) => Err(why),
            None => Ok(Value::Bool(false)),
        },
    }
}

/// `intersectAttrs a b`: the attributes of `b` that `a` has, too.
fn intersect_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [names, values] = arguments(args);
    let names = evaluator.force_attrs(names)?;
    let values = evaluator.force_attrs(values)?;
    let names_open = evaluator.arena.attrs_data(names).open;
    let values_open = evaluator.arena.attrs_data(values).open;
    let mut common: Vec<Entry> = Vec::new();
    for entry in evaluator.arena.entries(values) {
        match (evaluator.arena.attribute(names, entry.name), names_open) {
            (Some(named), _) => common.push(Entry {
                maybe: evaluator.arena.both_doubts(entry.maybe, named.maybe),
                ..*entry
            }),
            (None, Some(why)) => common.push(Entry {
                maybe: evaluator.arena.both_doubts(entry.maybe, Some(why)),
                ..*entry
            }),
            (None, None) => {}
        }
    }
    if let Some(why) = values_open {
        for entry in evaluator.arena.entries(names).to_vec() {
            if evaluator.arena.attribute(values, entry.name).is_none() {
                let value = evaluator.arena.failed(why);
                let position = Position::NONE;
                common.push(Entry {
                    name: entry.name,
                    value,
                    position,
                    maybe: Some(why),
                });
            }
        }
        common.sort_by_key(|entry| entry.name);
    }
    // Only what may be in both may be there beside these.
    let open = names_open.and(values_open);
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&common, open)))
}

/// `listToAttrs [ { name = …; value = …; } … ]`: the first of a name wins.
fn list_to_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [list] = arguments(args);
    let list = evaluator.force_list(list)?;
    let mut pairs = Pairs::default();
    for (item, presence) in evaluator.arena.list_items(list) {
        let pair = name_and_value(evaluator, item);
        match (pair, doubt(presence)) {
            (Err(why), None) if evaluator.is_error(why) => return Err(why),
            (Err(why), _) => pairs.unknown(why),
            (Ok((name, value)), Some(why)) => {
                pairs.push(evaluator, name, value, Some(why));
                if matches!(presence, Presence::Many(_)) {
                    pairs.unknown(why);
                }
            }
            (Ok((name, value)), None) => pairs.push(evaluator, name, value, None),
        }
    }
    let Pairs {
        mut entries, open, ..
    } = pairs;
    entries.sort_by_key(|entry| entry.name);
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}

fn name_and_value(evaluator: &mut Evaluator, pair: Thunk) -> Eval<(Symbol, Entry)> {
    let set = evaluator.force_attrs(pair)?;
    let name = evaluator.select_attribute(set, well_known::NAME)?;
    let name = evaluator.attribute_name(name)?;
    match evaluator.arena.attribute(set, well_known::VALUE) {
        Some(value) => Ok((name, value)),
        None => match evaluator.arena.attrs_data(set).open {
            Some(why) => Err(why),
            None => Err(evaluator.unknown(Reason::MissingAttribute("value".into()))),
        },
    }
}

/// The attributes of a list of pairs, in which the first of a name wins.
#[derive(Default)]
pub(crate) struct Pairs {
    entries: Vec<Entry>,
    index: rustc_hash::FxHashMap<Symbol, usize>,
    open: Option<UnknownId>,
}

impl Pairs {
    /// A pair of which not even the name is known: it may be any attribute that comes later.
    fn unknown(&mut self, why: UnknownId) {
        self.open.get_or_insert(why);
    }

    fn push(
        &mut self,
        evaluator: &mut Evaluator,
        name: Symbol,
        pair: Entry,
        doubt: Option<UnknownId>,
    ) {
        if let Some(earlier) = self
            .index
            .get(&name)
            .and_then(|at| self.entries.get_mut(*at))
        {
            // An earlier one that may not be there leaves room for this one.
            if let Some(why) = earlier.maybe {
                earlier.value = evaluator.join_lazily(why, earlier.value, pair.value);
                earlier.maybe = doubt.and(earlier.maybe);
            }
            return;
        }
        let value = match self.open {
            Some(why) => evaluator.arena.failed(why),
            None => pair.value,
        };
        self.index.insert(name, self.entries.len());
        self.entries.push(Entry {
            name,
            value,
            position: pair.position,
            maybe: doubt,
        });
    }
}

/// `mapAttrs f set`: attribute by attribute; an open set stays open.
pub(crate) fn map_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    evaluator.check_size(evaluator.arena.entries(set).len() as u64)?;
    let mut entries = evaluator.arena.entries_to_vec(set);
    for entry in &mut entries {
        let name = Value::String(evaluator.arena.symbol_string(entry.name));
        let name = evaluator.arena.ready(name);
        entry.value = evaluator.lazy_apply2(function, name, entry.value);
        entry.position = entry.position.derived();
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&entries, open)))
}

/// `removeAttrs set names`
fn remove_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set, names] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let names = evaluator.force_list(names)?;
    let mut removed: Vec<(Symbol, Option<UnknownId>)> = Vec::new();
    let mut any = None;
    for (item, presence) in evaluator.arena.list_items(names) {
        let name = evaluator
            .force(item)
            .and_then(|value| evaluator.attribute_name(value));
        match (name, presence) {
            (Ok(name), Presence::Certain) => removed.push((name, None)),
            (Ok(name), Presence::Maybe(why)) => removed.push((name, Some(why))),
            (Err(why), Presence::Certain) if evaluator.is_error(why) => return Err(why),
            (_, Presence::Many(why)) | (Err(why), _) => {
                any.get_or_insert(why);
            }
        }
    }
    removed.sort();
    let mut kept = Vec::new();
    for entry in evaluator.arena.entries(set) {
        let at = removed.partition_point(|(name, _)| *name < entry.name);
        match removed.get(at) {
            Some((name, None)) if *name == entry.name => {}
            Some((name, Some(why))) if *name == entry.name => {
                kept.push(Entry {
                    maybe: evaluator.arena.both_doubts(entry.maybe, Some(*why)),
                    ..*entry
                });
            }
            _ => kept.push(Entry {
                maybe: evaluator.arena.both_doubts(entry.maybe, any),
                ..*entry
            }),
        }
    }
    let open = evaluator.arena.attrs_data(set).open;
    Ok(Value::Attrs(evaluator.arena.sorted_attrs(&kept, open)))
}

/// `unsafeGetAttrPos name set`: null where the attribute is missing or was made by a builtin.
fn unsafe_get_attr_pos(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, set] = arguments(args);
    let name = evaluator.force_text(name)?;
    let name = evaluator.symbol(&name);
    let set = evaluator.force_attrs(set)?;
    let Some(entry) = evaluator.arena.attribute(set, name) else {
        return match evaluator.arena.attrs_data(set).open {
            Some(why) => Err(why),
            None => Ok(Value::Null),
        };
    };
    if let Some(why) = entry.maybe {
        return Err(why);
    }
    match evaluator.binding_place(entry.position) {
        Some(place) if entry.position.is_kept_by_nix() => Ok(evaluator.position_value(place.path)),
        _ => Ok(Value::Null),
    }
}
