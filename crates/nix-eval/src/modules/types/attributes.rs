//! Types of many values: `attrsOf`, `lazyAttrsOf`, `listOf`, `attrTag`, freeform types.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::modules::definition::Definition;
use crate::modules::resolved::Resolved;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Location, Position, Presence, Symbol, Thunk, Value, child,
    well_known,
};

/// The definitions of an element, before or after their conditions are decided.
pub(super) enum Parts {
    Pending(Vec<Definition>),
    Resolved(Vec<Resolved>),
}

impl Evaluator {
    /// `attrsOf` and `lazyAttrsOf`: the definitions of each name merge.
    pub(crate) fn merge_attributes(
        &mut self,
        location: &Location,
        element: TypeId,
        lazy: bool,
        definitions: Vec<Resolved>,
    ) -> Eval<AttrsId> {
        let mut names: Vec<(Symbol, Vec<Definition>)> = Vec::new();
        let mut index: FxHashMap<Symbol, usize> = FxHashMap::default();
        let mut open = None;
        for definition in &definitions {
            let set = match self.force(definition.value) {
                Ok(Value::Attrs(set)) => set,
                Ok(Value::External(external)) => {
                    let why = self.external_unknown(external);
                    open = open.or(Some(why));
                    continue;
                }
                Ok(other) => return Err(self.type_error(other, "a set")),
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => {
                    open = open.or(Some(why));
                    continue;
                }
            };
            open = open.or(self.arena.attrs_data(set).open);
            let whole = definition.part(definition.value, definition.position);
            for (name, part) in self.entry_definitions(&whole, set) {
                let at = *index.entry(name).or_insert_with(|| {
                    names.push((name, Vec::new()));
                    names.len() - 1
                });
                if let Some((_, parts)) = names.get_mut(at) {
                    parts.push(part);
                }
            }
        }
        let mut builder = AttrsBuilder::with_capacity(names.len());
        for (name, parts) in names {
            let position = parts.first().map_or(Position::NONE, |part| part.position);
            let (parts, maybe) = if lazy {
                let maybe = all_maybe(parts.iter().map(|part| part.maybe));
                (Parts::Pending(parts), maybe)
            } else {
                let resolved = self.resolve_all(&parts)?;
                if resolved.is_empty() {
                    continue;
                }
                let maybe = all_maybe(resolved.iter().map(|part| part.maybe));
                (Parts::Resolved(resolved), maybe)
            };
            let text = self.name(name);
            let value = self.element_thunk(child(location, &text), (element, lazy), parts);
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

    /// The value of an element, which remembers its definitions once it is evaluated.
    fn element_thunk(
        &mut self,
        location: Location,
        (element, lazy): (TypeId, bool),
        parts: Parts,
    ) -> Thunk {
        self.lazy_with_itself(move |evaluator, thunk| {
            let mut resolved = match parts {
                Parts::Pending(parts) => evaluator.resolve_all(&parts)?,
                Parts::Resolved(resolved) => resolved,
            };
            evaluator.remember(&location, &resolved, thunk, true);
            if !lazy {
                given_presence(&mut resolved);
            }
            evaluator.merge_resolved(&location, element, resolved)
        })
    }

    pub(super) fn merge_list(
        &mut self,
        location: &Location,
        element: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let is_transparent = matches!(
            self.type_of(element).kind,
            Kind::Unspecified | Kind::Raw | Kind::External
        );
        let mut items = Vec::new();
        for (number, definition) in definitions.iter().enumerate() {
            let value = self.force(definition.value);
            for (index, (item, presence)) in self.concat_operand(value)?.into_iter().enumerate() {
                let presence = super::merge::presence(presence, definition.maybe);
                if matches!(presence, Presence::Many(_)) {
                    items.push((item, presence));
                    continue;
                }
                let plain = Resolved::plain(Rc::clone(&definition.file), item);
                let (resolved, presence) = match self.list_element(plain, presence)? {
                    Some(kept) => kept,
                    None => continue,
                };
                // One definition of such a type is the value itself.
                if is_transparent && let [only] = resolved.as_slice() {
                    items.push((only.value, presence));
                    continue;
                }
                let origin = self.arena.origin(item);
                let location = Rc::clone(location);
                let merged = self.lazy(move |evaluator| {
                    let name = format!("[definition {}-entry {}]", number + 1, index + 1);
                    let location = child(&location, &Rc::from(name));
                    evaluator.merge_resolved(&location, element, resolved)
                });
                self.arena.set_origin(merged, origin);
                items.push((merged, presence));
            }
        }
        Ok(Value::List(self.arena.list_of(&items)))
    }

    /// The definitions that an element of a list is, and whether it is there; nothing if `mkIf`
    /// removes it.
    fn list_element(
        &mut self,
        element: Resolved,
        presence: Presence,
    ) -> Eval<Option<(Vec<Resolved>, Presence)>> {
        let set = match self.force(element.value) {
            Ok(Value::Attrs(set)) => set,
            Err(why) if self.is_error(why) && !self.modules().is_lenient => return Err(why),
            _ => return Ok(Some((vec![element], presence))),
        };
        if self.arena.attribute(set, well_known::TYPE).is_none() {
            return Ok(Some((vec![element], presence)));
        }
        let mut resolved = self.resolve_all(&[element.part(element.value, element.position)])?;
        if resolved.is_empty() {
            return Ok(None);
        }
        let maybe = all_maybe(resolved.iter().map(|part| part.maybe));
        let presence = super::merge::presence(presence, maybe);
        given_presence(&mut resolved);
        Ok(Some((resolved, presence)))
    }

    /// The freeform part of a configuration: definitions of what is not declared. Nix merges them
    /// without checking.
    pub(crate) fn merge_freeform(
        &mut self,
        location: &Location,
        freeform: Thunk,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let id = self.resolve_type(freeform)?;
        if definitions.is_empty() {
            return Ok(Value::Attrs(AttrsId(0)));
        }
        self.merge_checked(location, id, definitions)
    }

    /// `attrTag`: one choice, by the name of the one attribute.
    pub(super) fn merge_tagged(
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
                    return Err(self.conflict(location, &definitions));
                }
                name = Some(entry.name);
                let mut part = definition.part(entry.value, entry.position);
                part.maybe = part.maybe.or(entry.maybe);
                parts.push(part);
            }
        }
        let Some(name) = name else {
            return Err(self.no_value(location));
        };
        let Some(tag) = self.arena.attribute(tags, name) else {
            return Err(self.conflict(location, &definitions));
        };
        let option = self.force_attrs(tag.value)?;
        let id = self.declared_type(option)?.unwrap_or(TypeId::UNSPECIFIED);
        let text = self.name(name);
        let mut value =
            self.element_thunk(child(location, &text), (id, true), Parts::Pending(parts));
        if let Some(apply) = self.arena.attribute(option, well_known::APPLY) {
            value = self.lazy_apply(apply.value, value);
        }
        let entry = Entry {
            name,
            value,
            position: Position::NONE,
            maybe: None,
        };
        Ok(Value::Attrs(self.arena.sorted_attrs(&[entry], None)))
    }
}

/// The definitions of an element that is there: if there is but one, so is it.
fn given_presence(resolved: &mut [Resolved]) {
    if let [only] = resolved {
        only.maybe = None;
    }
}

/// Why none of several parts is certainly there, if none is.
fn all_maybe(
    parts: impl Iterator<Item = Option<crate::value::UnknownId>>,
) -> Option<crate::value::UnknownId> {
    parts.reduce(|a, b| a.and(b)).flatten()
}
