//! Types that merge by what their definitions are: `unspecified`, `anything`, `attrs`, `optionType`.

use std::rc::Rc;

use super::kind::{Kind, TypeId};
use crate::eval::{Evaluator, Pieces};
use crate::modules::functions;
use crate::modules::messages::{show_definitions, show_files};
use crate::modules::resolved::Resolved;
use crate::value::{
    AttrsId, Eval, Hole, Location, Presence, StringPart, Thunk, UnknownId, Value, show_location,
    well_known,
};

/// What several definitions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lists,
    Sets,
    Booleans,
    Texts,
    Integers,
    Functions,
    /// Sets that are a value of their own: derivations and what becomes text.
    Opaque,
    Other(&'static str),
}

impl Evaluator {
    fn shape(&self, value: Value) -> Shape {
        match value {
            Value::List(_) => Shape::Lists,
            Value::Bool(_) => Shape::Booleans,
            Value::String(_) => Shape::Texts,
            Value::Int(_) => Shape::Integers,
            Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => Shape::Functions,
            Value::Attrs(set) => {
                let has = |name| self.arena.attribute(set, name).is_some();
                if has(well_known::OUT_PATH) || has(well_known::TO_STRING) {
                    Shape::Opaque
                } else {
                    Shape::Sets
                }
            }
            other => Shape::Other(crate::modules::messages::type_name(other)),
        }
    }

    /// The values of definitions; the first reason why one is not known or may not be there.
    fn exact_values(&mut self, definitions: &[Resolved]) -> Eval<Vec<Value>> {
        let mut values = Vec::with_capacity(definitions.len());
        for definition in definitions {
            if let Some(why) = definition.maybe {
                return Err(why);
            }
            values.push(self.force(definition.value)?);
        }
        Ok(values)
    }

    /// `mergeDefaultOption`: what an option without a type does.
    pub(crate) fn merge_by_default(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        if let [one] = definitions.as_slice() {
            return self.force(one.value);
        }
        if definitions.is_empty() {
            return Err(self.no_value(location));
        }
        let values = match self.exact_values(&definitions) {
            Ok(values) => values,
            Err(why) if self.is_error(why) => return Err(why),
            Err(_) => return self.merge_by_shape(location, definitions),
        };
        let shapes: Vec<Shape> = values
            .iter()
            .map(|value| match self.shape(*value) {
                Shape::Opaque => Shape::Sets,
                shape => shape,
            })
            .collect();
        let common = shapes
            .first()
            .copied()
            .filter(|first| shapes.iter().all(|s| s == first));
        match common {
            Some(Shape::Lists) => self.concat_definitions(&definitions),
            Some(Shape::Sets) => self.merge_by_update(definitions),
            Some(Shape::Booleans) => Ok(Value::Bool(values.contains(&Value::Bool(true)))),
            Some(Shape::Texts) => self.join_texts("", &definitions),
            Some(Shape::Integers) if values.iter().all(|value| Some(value) == values.first()) => {
                self.merge_equal(location, definitions)
            }
            _ => {
                let shown = show_location(location);
                let files = show_definitions(definitions.iter().map(|d| &d.file));
                let message =
                    format!("Cannot merge definitions of `{shown}'. Definition values:{files}");
                Err(self.throw_about(message, &definitions))
            }
        }
    }

    fn concat_definitions(&mut self, definitions: &[Resolved]) -> Eval<Value> {
        let mut items = Vec::new();
        for definition in definitions {
            let value = self.force(definition.value);
            for (item, presence) in self.concat_operand(value)? {
                items.push((item, super::merge::presence(presence, definition.maybe)));
            }
        }
        Ok(Value::List(self.arena.list_of(&items)))
    }

    /// `types.attrs`: later definitions replace the attributes of earlier ones.
    pub(super) fn merge_by_update(&mut self, definitions: Vec<Resolved>) -> Eval<Value> {
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

    /// `types.anything`: sets merge by name, functions merge what they give, the rest must be equal.
    pub(crate) fn merge_anything(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut common: Option<Shape> = None;
        for definition in &definitions {
            let shape = match self.force(definition.value) {
                Ok(Value::External(_)) => continue,
                Ok(value) => self.shape(value),
                Err(why) if self.is_error(why) => return Err(why),
                Err(_) => continue,
            };
            if common.is_some_and(|common| common != shape) {
                if let Some(why) = definitions.iter().find_map(|definition| definition.maybe) {
                    return Err(why);
                }
                let shown = show_location(location);
                let files = show_files(definitions.iter().map(|definition| &definition.file));
                let message =
                    format!("The option `{shown}' has conflicting option types in {files}");
                return Err(self.throw_about(message, &definitions));
            }
            common = Some(shape);
        }
        match common {
            Some(Shape::Sets) => {
                let anything = self.anything_type();
                let merged = self.merge_attributes(location, anything, false, definitions)?;
                Ok(Value::Attrs(merged))
            }
            Some(Shape::Functions) => {
                let anything = self.anything_type();
                let function = self.merged_function_value(location, anything, &definitions)?;
                Ok(function)
            }
            Some(Shape::Opaque) => self.merge_one(location, definitions),
            _ => self.merge_equal(location, definitions),
        }
    }

    fn anything_type(&mut self) -> TypeId {
        if let Some(id) = self.modules().anything_type {
            return id;
        }
        let id = self.new_type("anything", Kind::Anything);
        self.modules_mut().anything_type = Some(id);
        id
    }

    /// Types that are not in the project: one definition is itself, lists join, sets join by name,
    /// equal values are one.
    pub(crate) fn merge_by_shape(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        if let [one] = definitions.as_slice() {
            return self.force(one.value);
        }
        let mut common: Option<Shape> = None;
        for definition in &definitions {
            let shape = match self.force(definition.value) {
                Ok(value) => self.shape(value),
                Err(why) if self.is_error(why) => return Err(why),
                Err(_) => continue,
            };
            common = match (common, shape) {
                (None, shape) => Some(shape),
                (Some(common), shape) if common == shape => Some(shape),
                (Some(Shape::Sets | Shape::Functions), Shape::Sets | Shape::Functions) => {
                    Some(Shape::Functions)
                }
                _ => return self.merge_equal(location, definitions),
            };
        }
        match common {
            Some(Shape::Lists) => self.concat_definitions(&definitions),
            Some(Shape::Sets) => {
                let external = self.new_type("external", Kind::External);
                let merged = self.merge_attributes(location, external, true, definitions)?;
                Ok(Value::Attrs(merged))
            }
            Some(Shape::Functions) => Ok(self.as_modules(&definitions)),
            _ => self.merge_equal(location, definitions),
        }
    }

    /// Functions, and sets beside them, of a type that is not in the project: modules, as of
    /// `types.deferredModule`.
    fn as_modules(&mut self, definitions: &[Resolved]) -> Value {
        let presence = |maybe: Option<UnknownId>| maybe.map_or(Presence::Certain, Presence::Maybe);
        let items = definitions.iter().map(|it| (it.value, presence(it.maybe)));
        let items: Vec<_> = items.collect();
        let items = Value::List(self.arena.list_of(&items));
        let items = self.arena.ready(items);
        Value::Attrs(self.set_of(&[("imports", items)]))
    }

    /// Text joined by a separator; what may be missing becomes a hole.
    pub(crate) fn join_texts(&mut self, separator: &str, definitions: &[Resolved]) -> Eval<Value> {
        let mut pieces = Pieces::default();
        let mut is_first = true;
        for definition in definitions {
            if let Some(why) = definition.maybe {
                // Its separator goes with it.
                pieces.push(StringPart::Hole(Hole::Unknown(why)));
                continue;
            }
            if !std::mem::take(&mut is_first) {
                pieces.push_text(separator);
            }
            let coercion = crate::eval::Coercion::Interpolation;
            self.coerce_thunk(definition.value, coercion, &mut pieces)?;
        }
        Ok(self.pieces_value(pieces))
    }

    /// `types.optionType`: types merge as if one option were declared with each.
    pub(super) fn merge_option_types(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        if let [one] = definitions.as_slice() {
            return self.force(one.value);
        }
        let mut merged: Option<TypeId> = None;
        let mut modules = Vec::new();
        for (index, definition) in definitions.iter().enumerate() {
            let next = self.resolve_type(definition.value)?;
            merged = Some(match merged {
                None => next,
                Some(before) => match self.merge_types(before, next)? {
                    Some(merged) => merged,
                    None => {
                        let shown = show_location(location);
                        let before = definitions.get(..index).unwrap_or_default();
                        let files = show_files(before.iter().map(|d| &d.file));
                        return Err(self.throw(format!(
                            "The option `{shown}' in `{}' is already declared in {files}.",
                            definition.file
                        )));
                    }
                },
            });
            self.add_located_modules(next, &Rc::clone(&definition.file), &mut modules)?;
        }
        let Some(mut merged) = merged else {
            return Err(self.no_value(location));
        };
        if !modules.is_empty() {
            merged = self.replace_submodules(merged, &modules)?.unwrap_or(merged);
        }
        let value = self.type_value(merged);
        self.force(value)
    }

    /// A function that calls each definition and merges what they give.
    pub(super) fn merged_function_value(
        &mut self,
        location: &Location,
        inner: TypeId,
        definitions: &[Resolved],
    ) -> Eval<Value> {
        if let Some(why) = definitions.iter().find_map(|definition| definition.maybe) {
            return Err(why);
        }
        let id: Thunk = self.arena.ready(Value::Int(i64::from(inner.0)));
        let location = self.location_value(location);
        let definitions = self.definition_list(definitions);
        Ok(self.partial(&functions::MERGED_FUNCTION, &[id, location, definitions]))
    }
}
