//! How a type merges definitions of one priority.

use std::rc::Rc;

use super::{Kind, Text, TypeId};
use crate::eval::Evaluator;
use crate::modules::definition::{Definition, Discharged};
use crate::modules::option::Resolved;
use crate::modules::{Location, child, functions, show_location};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Position, Presence, Symbol, Thunk, UnknownId, Value,
    well_known,
};

impl Evaluator {
    /// Merges definitions that all count: checks each, then merges as the type does.
    pub(crate) fn merge_type(
        &mut self,
        location: &Location,
        id: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        for definition in &definitions {
            match self.accepts(id, definition.value) {
                Ok(true) => {}
                Ok(false) => return Err(self.wrong_type(location, id, definition)),
                Err(why) if self.is_error(why) => return Err(why),
                // Not known: taken to be of its type, as a configuration that evaluates must be.
                Err(_) => {}
            }
        }
        self.merge_checked(location, id, definitions)
    }

    fn wrong_type(&mut self, location: &Location, id: TypeId, definition: &Resolved) -> UnknownId {
        let shown = show_location(location);
        let expected = self.type_description(id);
        let at = self.origin_span(definition.value).or_else(|| {
            self.binding_place(definition.position)
                .map(|place| place.value)
        });
        let message = format!(
            "A definition for option `{shown}' is not of type `{expected}'. Definition values:\n- In `{}'",
            definition.file
        );
        let kind = crate::value::UnknownKind::Throw;
        self.arena
            .unknown(crate::value::Unknown { kind, message, at })
    }

    pub(crate) fn merge_checked(
        &mut self,
        location: &Location,
        id: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let known = self.type_of(id);
        match &known.kind {
            Kind::List { element, .. } => self.merge_list(location, *element, definitions),
            Kind::Attributes { element, lazy } => self
                .merge_attributes(location, *element, *lazy, definitions)
                .map(Value::Attrs),
            Kind::OpenAttributes(element) => {
                let merged = self.merge_attributes(location, *element, false, definitions)?;
                let entries = self.arena.entries(merged).to_vec();
                let open = self
                    .arena
                    .attrs_data(merged)
                    .open
                    .unwrap_or_else(|| self.open_world());
                Ok(Value::Attrs(self.arena.sorted_attrs(&entries, Some(open))))
            }
            Kind::AnyAttributes => self.merge_by_update(definitions),
            Kind::Submodule(submodule) => {
                let submodule = Rc::clone(submodule);
                self.merge_submodule(location, &submodule, definitions)
            }
            Kind::DeferredModule { modules } => {
                Ok(self.merge_deferred(location, modules, &definitions))
            }
            Kind::NullOr(inner) => self.merge_null_or(location, *inner, definitions),
            Kind::Either(a, b) => self.merge_either(location, *a, *b, definitions),
            Kind::Coerced { from, function, to } => {
                let coerced = self.coerce_definitions(*from, *function, definitions)?;
                self.merge_checked(location, *to, coerced)
            }
            Kind::Text(Text::Separated(separator)) => {
                if definitions.is_empty() {
                    return self.merge_one(location, definitions);
                }
                self.join_texts(separator, &definitions)
            }
            Kind::BooleanByOr => self.merge_or(definitions),
            Kind::FunctionTo(inner) => self.merge_functions(location, *inner, definitions),
            Kind::Checked(inner, _) => self.merge_checked(location, *inner, definitions),
            Kind::Unique(inner, message) => {
                if definitions.iter().filter(|d| d.maybe.is_none()).count() > 1 {
                    let shown = show_location(location);
                    return Err(self.error(format!(
                        "The option `{shown}' is defined multiple times while it's expected to be unique.\n{message}"
                    )));
                }
                self.merge_checked(location, *inner, definitions)
            }
            Kind::Custom { set, base } => self.merge_custom(location, *set, *base, definitions),
            Kind::Anything => self.merge_anything(location, definitions),
            Kind::Unspecified | Kind::External => self.merge_by_shape(location, definitions),
            Kind::Raw => self.merge_one(location, definitions),
            Kind::OptionType => self.merge_option_types(location, definitions),
            Kind::Tagged(tags) => self.merge_tagged(location, *tags, definitions),
            Kind::Package => {
                let value = self.merge_equal(location, definitions)?;
                Ok(value)
            }
            Kind::Boolean
            | Kind::Integer(..)
            | Kind::Float
            | Kind::Number(..)
            | Kind::Text(_)
            | Kind::Path { .. }
            | Kind::Enumeration(_) => self.merge_equal(location, definitions),
        }
    }

    fn no_value(&mut self, location: &Location) -> UnknownId {
        let shown = show_location(location);
        self.error(format!(
            "The option `{shown}' was accessed but has no value defined. Try setting the option."
        ))
    }

    fn conflict(&mut self, location: &Location) -> UnknownId {
        let shown = show_location(location);
        self.error(format!(
            "The option `{shown}' has conflicting definition values"
        ))
    }

    /// All definitions must be equal. A certain one decides, as the others must equal it.
    pub(crate) fn merge_equal(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut certain: Option<Value> = None;
        let mut possible: Option<(Value, UnknownId)> = None;
        let mut unknown = None;
        for definition in &definitions {
            let value = match self.force(definition.value) {
                Ok(value) => value,
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => {
                    unknown.get_or_insert(why);
                    continue;
                }
            };
            match (definition.maybe, certain) {
                (None, None) => certain = Some(value),
                (None, Some(first)) => match self.equal(first, value) {
                    Ok(true) => {}
                    Ok(false) => return Err(self.conflict(location)),
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(_) => {}
                },
                (Some(why), _) => match possible {
                    None => possible = Some((value, why)),
                    Some((first, _)) => match self.equal(first, value) {
                        Ok(true) => {}
                        // Two possible values that differ: either may hold.
                        _ => {
                            unknown.get_or_insert(why);
                        }
                    },
                },
            }
        }
        match (certain, possible, unknown) {
            (Some(value), ..) => Ok(value),
            (None, Some((value, _)), None) => Ok(value),
            (None, _, Some(why)) => Err(why),
            (None, None, None) => Err(self.no_value(location)),
        }
    }

    /// At most one definition.
    pub(crate) fn merge_one(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let certain: Vec<_> = definitions.iter().filter(|d| d.maybe.is_none()).collect();
        match (certain.as_slice(), definitions.as_slice()) {
            ([one], _) => self.force(one.value),
            ([], [one]) => self.force(one.value),
            ([], [first, ..]) => match first.maybe {
                Some(why) => Err(why),
                None => Err(self.no_value(location)),
            },
            ([], []) => Err(self.no_value(location)),
            _ => {
                let shown = show_location(location);
                Err(self.error(format!(
                    "The option `{shown}' is defined multiple times while it's expected to be unique."
                )))
            }
        }
    }

    fn merge_or(&mut self, definitions: Vec<Resolved>) -> Eval<Value> {
        let mut undecided = None;
        for definition in definitions {
            match (self.force_bool(definition.value), definition.maybe) {
                (Ok(true), None) => return Ok(Value::Bool(true)),
                (Ok(true), Some(why)) | (Err(why), _) => {
                    undecided.get_or_insert(why);
                }
                (Ok(false), _) => {}
            }
        }
        undecided.map_or(Ok(Value::Bool(false)), Err)
    }

    fn merge_list(
        &mut self,
        location: &Location,
        element: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut items = Vec::new();
        for (number, definition) in definitions.iter().enumerate() {
            let value = self.force(definition.value);
            for (index, (item, presence)) in self.concat_operand(value)?.into_iter().enumerate() {
                let presence = match (presence, definition.maybe) {
                    (Presence::Certain, Some(why)) => Presence::Maybe(why),
                    (presence, _) => presence,
                };
                if matches!(presence, Presence::Many(_)) {
                    items.push((item, presence));
                    continue;
                }
                let name: Rc<str> =
                    Rc::from(format!("[definition {}-entry {}]", number + 1, index + 1));
                let location = child(location, &name);
                let part = definition.definition(item, Position::NONE);
                // An element that `mkIf` removes is no element.
                if self.is_property(item) {
                    let resolved = self.resolve_definitions(vec![part]);
                    if !resolved.is_empty() {
                        let origin = self.arena.origin(item);
                        let merged = self.arena.lazy(move |evaluator| {
                            evaluator.merge_resolved(&location, element, resolved, None)
                        });
                        self.arena.set_origin(merged, origin);
                        items.push((merged, presence));
                    }
                    continue;
                }
                if self.is_transparent(element) {
                    items.push((item, presence));
                    continue;
                }
                let resolved = Resolved {
                    file: Rc::clone(&definition.file),
                    value: item,
                    priority: super::super::DEFAULT_PRIORITY,
                    order: 0,
                    maybe: None,
                    position: Position::NONE,
                };
                let origin = self.arena.origin(item);
                let merged = self.arena.lazy(move |evaluator| {
                    evaluator.merge_resolved(&location, element, vec![resolved], None)
                });
                self.arena.set_origin(merged, origin);
                items.push((merged, presence));
            }
        }
        Ok(Value::List(self.arena.list_of(&items)))
    }

    /// Whether a value is a set tagged as a property.
    fn is_property(&mut self, thunk: Thunk) -> bool {
        let Ok(Value::Attrs(set)) = self.force(thunk) else {
            return false;
        };
        self.type_tag(set).is_ok_and(|tag| {
            tag.is_some_and(|tag| matches!(&*tag, "if" | "merge" | "override" | "order"))
        })
    }

    /// Whether a type gives back a single definition as it is.
    fn is_transparent(&mut self, id: TypeId) -> bool {
        matches!(self.type_of(id).kind, Kind::Unspecified | Kind::External)
    }

    /// Definitions by name: `attrsOf` and `lazyAttrsOf`.
    pub(crate) fn merge_attributes(
        &mut self,
        location: &Location,
        element: TypeId,
        lazy: bool,
        definitions: Vec<Resolved>,
    ) -> Eval<AttrsId> {
        let mut names: Vec<Symbol> = Vec::new();
        let mut by_name: rustc_hash::FxHashMap<Symbol, Vec<Definition>> =
            rustc_hash::FxHashMap::default();
        let mut open = None;
        for definition in &definitions {
            let plain = definition.definition(definition.value, definition.position);
            // Properties can stand inside: `attrsOf (mkMerge …)` after coercion.
            for (part, value) in self.discharge(plain) {
                match value {
                    Discharged::Set(set) => {
                        open = open.or(self.arena.attrs_data(set).open);
                        for entry in self.arena.entries(set).to_vec() {
                            let parts = by_name.entry(entry.name).or_insert_with(|| {
                                names.push(entry.name);
                                Vec::new()
                            });
                            parts.push(Self::definition_of_entry(&part, entry));
                        }
                    }
                    Discharged::Unknown(why) if self.is_error(why) => return Err(why),
                    Discharged::Unknown(why) => open = open.or(Some(why)),
                    Discharged::Other(Value::External(external)) => {
                        let why = self.external_unknown(external);
                        open = open.or(Some(why));
                    }
                    Discharged::Other(other) => return Err(self.type_error(other, "a set")),
                }
            }
        }
        let mut builder = AttrsBuilder::with_capacity(names.len());
        for name in names {
            let parts = by_name.remove(&name).unwrap_or_default();
            let text = self.name(name);
            let location = child(location, &text);
            let position = parts.first().map_or(Position::NONE, |part| part.position);
            if lazy {
                let value = self.element_thunk(location, element, Parts::Pending(parts));
                builder.push(Entry {
                    name,
                    value,
                    position,
                    maybe: None,
                });
                continue;
            }
            let resolved = self.resolve_definitions(parts);
            if resolved.is_empty() {
                continue;
            }
            let certain = resolved.iter().any(|definition| definition.maybe.is_none());
            let maybe = if certain {
                None
            } else {
                resolved.iter().find_map(|definition| definition.maybe)
            };
            let value = self.element_thunk(location, element, Parts::Resolved(resolved));
            builder.push(Entry {
                name,
                value,
                position,
                maybe,
            });
        }
        if let Some(why) = open {
            builder.open(why);
        }
        Ok(self.arena.attrs(builder))
    }

    fn element_thunk(&mut self, location: Location, element: TypeId, parts: Parts) -> Thunk {
        let target = Rc::new(std::cell::Cell::new(Thunk(0)));
        let shared = Rc::clone(&target);
        let thunk = self.arena.lazy(move |evaluator| {
            let resolved = match parts {
                Parts::Pending(parts) => evaluator.resolve_definitions(parts),
                Parts::Resolved(resolved) => resolved,
            };
            evaluator.merge_resolved(&location, element, resolved, Some(shared.get()))
        });
        target.set(thunk);
        thunk
    }

    /// The freeform part of a configuration: definitions of what is not declared.
    pub(crate) fn merge_freeform(
        &mut self,
        location: &Location,
        freeform: Thunk,
        definitions: Vec<Definition>,
    ) -> Eval<AttrsId> {
        let id = self.resolve_type(freeform)?;
        if definitions.is_empty() {
            return Ok(AttrsId(0));
        }
        let resolved = definitions
            .into_iter()
            .filter_map(|definition| {
                let maybe = self.decide(&definition)?;
                Some(Resolved {
                    file: Rc::clone(&definition.file),
                    value: definition.value,
                    priority: super::super::DEFAULT_PRIORITY,
                    order: 0,
                    maybe,
                    position: definition.position,
                })
            })
            .collect();
        match self.merge_type(location, id, resolved)? {
            Value::Attrs(set) => Ok(set),
            other => Err(self.type_error(other, "a set")),
        }
    }

    fn merge_by_update(&mut self, definitions: Vec<Resolved>) -> Eval<Value> {
        let mut merged = Ok(Value::Attrs(AttrsId(0)));
        for definition in definitions {
            let right = self.force(definition.value);
            let next = self.update(merged, right)?;
            merged = match definition.maybe {
                Some(why) => self.join(why, Ok(next), merged),
                None => Ok(next),
            };
        }
        merged
    }

    fn merge_null_or(
        &mut self,
        location: &Location,
        inner: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut nulls = 0;
        let mut others = Vec::new();
        for definition in definitions {
            match self.force(definition.value) {
                Ok(Value::Null) if definition.maybe.is_none() => nulls += 1,
                Ok(Value::Null) => {}
                _ => others.push(definition),
            }
        }
        if others.is_empty() {
            return Ok(Value::Null);
        }
        if nulls > 0 && others.iter().any(|definition| definition.maybe.is_none()) {
            let shown = show_location(location);
            return Err(self.error(format!(
                "The option `{shown}' is defined both null and not null"
            )));
        }
        if nulls > 0 {
            return Ok(Value::Null);
        }
        self.merge_checked(location, inner, others)
    }

    fn merge_either(
        &mut self,
        location: &Location,
        a: TypeId,
        b: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        for id in [a, b] {
            let mut all = true;
            for definition in &definitions {
                match self.accepts(id, definition.value) {
                    Ok(accepted) => all &= accepted,
                    Err(why) if self.is_error(why) => return Err(why),
                    // Not decided which: equal definitions are still themselves.
                    Err(_) => return self.merge_equal(location, definitions),
                }
            }
            if all {
                return self.merge_checked(location, id, definitions);
            }
        }
        self.merge_one(location, definitions)
    }

    fn coerce_definitions(
        &mut self,
        from: TypeId,
        function: Thunk,
        definitions: Vec<Resolved>,
    ) -> Eval<Vec<Resolved>> {
        let mut coerced = Vec::with_capacity(definitions.len());
        for mut definition in definitions {
            match self.accepts(from, definition.value) {
                Ok(true) => {
                    let origin = self.arena.origin(definition.value);
                    definition.value = self.lazy_apply(function, definition.value);
                    self.arena.set_origin(definition.value, origin);
                }
                Ok(false) => {}
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => {
                    let origin = self.arena.origin(definition.value);
                    definition.value = self.arena.failed(why);
                    self.arena.set_origin(definition.value, origin);
                }
            }
            coerced.push(definition);
        }
        Ok(coerced)
    }

    fn merge_custom(
        &mut self,
        location: &Location,
        set: AttrsId,
        base: Option<TypeId>,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let native = match base {
            Some(base) => {
                let native = self.type_value(base);
                let native = self.force_attrs(native)?;
                self.arena
                    .attribute(native, well_known::MERGE)
                    .map(|entry| entry.value)
            }
            None => None,
        };
        match self.arena.attribute(set, well_known::MERGE) {
            Some(merge) if native != Some(merge.value) => {
                if let Some(why) = definitions.iter().find_map(|definition| definition.maybe) {
                    return Err(why);
                }
                let names: Vec<Thunk> = location
                    .iter()
                    .map(|name| self.string_thunk(name))
                    .collect();
                let names = self.list(&names);
                let names = self.arena.ready(names);
                let sets = self.definition_sets(&definitions);
                let sets = self.list(&sets);
                let sets = self.arena.ready(sets);
                self.call2(merge.value, names, sets)
            }
            _ => match base {
                Some(base) => self.merge_checked(location, base, definitions),
                None => self.merge_by_shape(location, definitions),
            },
        }
    }

    fn merge_functions(
        &mut self,
        location: &Location,
        inner: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let names: Vec<Thunk> = location
            .iter()
            .map(|name| self.string_thunk(name))
            .collect();
        let names = self.list(&names);
        let names = self.arena.ready(names);
        if let Some(why) = definitions.iter().find_map(|definition| definition.maybe) {
            return Err(why);
        }
        let sets = self.definition_sets(&definitions);
        let sets = self.list(&sets);
        let sets = self.arena.ready(sets);
        let id = self.arena.ready(Value::Int(i64::from(inner.0)));
        Ok(self.partial(&functions::MERGED_FUNCTION, &[id, names, sets]))
    }

    fn merge_deferred(
        &mut self,
        location: &Location,
        modules: &[Thunk],
        definitions: &[Resolved],
    ) -> Value {
        let mut imports = modules.to_vec();
        let mut items: Vec<(Thunk, Presence)> = imports
            .drain(..)
            .map(|module| (module, Presence::Certain))
            .collect();
        for definition in definitions {
            let text = format!(
                "{}, via option {}",
                definition.file,
                show_location(location)
            );
            let file = self.string_thunk(&text);
            let inner = self.list(&[definition.value]);
            let inner = self.arena.ready(inner);
            let set = self.set_of(&[("_file", file), ("imports", inner)]);
            let module = self.arena.ready(Value::Attrs(set));
            let presence = definition.maybe.map_or(Presence::Certain, Presence::Maybe);
            items.push((module, presence));
        }
        let imports = Value::List(self.arena.list_of(&items));
        let imports = self.arena.ready(imports);
        Value::Attrs(self.set_of(&[("imports", imports)]))
    }

    fn merge_option_types(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut merged: Option<TypeId> = None;
        let mut single = None;
        for definition in &definitions {
            let next = self.resolve_type(definition.value)?;
            single = Some(definition.value);
            merged = Some(match merged {
                None => next,
                Some(before) => match self.merge_types(before, next)? {
                    Some(merged) => merged,
                    None => return Err(self.conflict(location)),
                },
            });
        }
        match (merged, single, definitions.len()) {
            (Some(_), Some(value), 1) => self.force(value),
            (Some(id), ..) => {
                let value = self.type_value(id);
                self.force(value)
            }
            _ => Err(self.no_value(location)),
        }
    }

    fn merge_tagged(
        &mut self,
        location: &Location,
        tags: AttrsId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut name = None;
        let mut parts = Vec::new();
        for definition in &definitions {
            let set = self.force_attrs(definition.value)?;
            for entry in self.arena.entries(set).to_vec() {
                if name.is_some_and(|name| name != entry.name) {
                    return Err(self.conflict(location));
                }
                name = Some(entry.name);
                parts.push(definition.definition(entry.value, entry.position));
            }
        }
        let Some(name) = name else {
            return Err(self.no_value(location));
        };
        let Some(tag) = self.arena.attribute(tags, name) else {
            return Err(self.conflict(location));
        };
        let option = self.force_attrs(tag.value)?;
        let id = match self.arena.attribute(option, well_known::OPTION_TYPE) {
            Some(entry) => self.resolve_type(entry.value)?,
            None => TypeId::UNSPECIFIED,
        };
        let text = self.name(name);
        let value = self.element_thunk(child(location, &text), id, Parts::Pending(parts));
        let entry = Self::entry(name, value, Position::NONE);
        Ok(Value::Attrs(self.arena.sorted_attrs(&[entry], None)))
    }
}

/// The definitions of an element, before or after their conditions are decided.
enum Parts {
    Pending(Vec<Definition>),
    Resolved(Vec<Resolved>),
}
