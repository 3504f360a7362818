//! The types of an evaluation by number, and the type that a value is.

use std::rc::Rc;

use super::kind::{Kind, Type, TypeId};
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Slot, Thunk, UnknownId, Value, well_known};

impl Evaluator {
    /// A new type.
    pub(crate) fn new_type(&mut self, name: &str, kind: Kind) -> TypeId {
        if self.modules().types.is_empty() {
            let unspecified = Type {
                name: Rc::from("unspecified"),
                kind: Kind::Unspecified,
            };
            self.modules_mut().types.push(Rc::new(unspecified));
        }
        let id = TypeId(u32::try_from(self.modules().types.len()).unwrap_or(u32::MAX));
        self.modules_mut().types.push(Rc::new(Type {
            name: Rc::from(name),
            kind,
        }));
        id
    }

    /// A type by its number. Every walk over types comes through here at each level, so this is
    /// where a type that contains itself (`let t = nullOr t; in t`) ends: it is no type.
    pub(crate) fn type_of(&mut self, id: TypeId) -> Rc<Type> {
        if self.is_stack_used_up() {
            let why = self.error("infinite recursion encountered in an option type");
            return failed_type(why);
        }
        if let Err(why) = self.count_work(1) {
            return failed_type(why);
        }
        let known = match self.modules().types.get(id.0 as usize) {
            Some(known) => Rc::clone(known),
            None => Rc::new(Type {
                name: Rc::from("unspecified"),
                kind: Kind::Unspecified,
            }),
        };
        let Kind::Deferred(thunk) = known.kind else {
            return known;
        };
        let resolved = match self.resolve_type(thunk) {
            Ok(inner) if inner != id => self.type_of(inner),
            Ok(_) => failed_type(self.needs_itself()),
            Err(why) => failed_type(why),
        };
        if let Some(slot) = self.modules_mut().types.get_mut(id.0 as usize) {
            *slot = Rc::clone(&resolved);
        }
        resolved
    }

    /// The type that a value is, evaluated only when the type is needed.
    pub(crate) fn deferred_type(&mut self, thunk: Thunk) -> Eval<TypeId> {
        if matches!(self.arena.slot(thunk), Slot::Value(_)) {
            return self.resolve_type(thunk);
        }
        let id = self.new_type("unspecified", Kind::Deferred(thunk));
        self.modules_mut().type_values.insert(id, thunk);
        Ok(id)
    }

    /// The type that a value is. A value that is not known is a type that is not in the project.
    pub(crate) fn resolve_type(&mut self, thunk: Thunk) -> Eval<TypeId> {
        let set = match self.force(thunk) {
            Ok(Value::Attrs(set)) => set,
            Ok(Value::External(_)) => return Ok(self.external_type()),
            Ok(other) => {
                let kind = other.type_with_article();
                return Err(self.error(format!("expected an option type but got {kind}")));
            }
            Err(why) if self.is_error(why) => return Err(why),
            Err(_) => return Ok(self.external_type()),
        };
        if let Some(id) = self.modules().type_of_set.get(&set) {
            return Ok(*id);
        }
        let id = self.resolve_type_set(set)?;
        self.modules_mut().type_of_set.insert(set, id);
        Ok(id)
    }

    /// The type of what is not in the project.
    pub(crate) fn external_type(&mut self) -> TypeId {
        if let Some(id) = self.modules().external_type {
            return id;
        }
        let id = self.new_type("external", Kind::External);
        self.modules_mut().external_type = Some(id);
        id
    }

    fn resolve_type_set(&mut self, set: AttrsId) -> Eval<TypeId> {
        let native = self.native_type(set)?;
        if native.is_none() && self.arena.attribute(set, well_known::TYPE).is_none() {
            return match self.arena.attrs_data(set).open {
                Some(_) => Ok(self.external_type()),
                None => Err(self.error("expected an option type but got a set")),
            };
        }
        let name = match self.arena.attribute(set, well_known::NAME) {
            Some(entry) => self
                .force_text(entry.value)
                .unwrap_or_else(|_| Rc::from("custom")),
            None => Rc::from("custom"),
        };
        let custom = self.custom_type(set, native);
        Ok(self.new_type(&name, Kind::Custom(custom)))
    }

    /// The type that a set carries the number of.
    pub(crate) fn native_type(&mut self, set: AttrsId) -> Eval<Option<TypeId>> {
        let Some(entry) = self.arena.attribute(set, well_known::NATIVE_TYPE) else {
            return Ok(None);
        };
        match self.force(entry.value)? {
            Value::Int(number) => Ok(u32::try_from(number).ok().map(TypeId)),
            _ => Ok(None),
        }
    }

    /// What an option of that type is without any definition, if that is a value.
    pub(crate) fn empty_value(&mut self, id: TypeId) -> Eval<Option<Thunk>> {
        let known = self.type_of(id);
        let value = match &known.kind {
            Kind::List {
                non_empty: false, ..
            } => Value::List(self.arena.list(&[])),
            Kind::Attributes { .. } | Kind::AnyAttributes => Value::Attrs(AttrsId(0)),
            Kind::OpenAttributes(_) => self.merge_checked(&Rc::from([]), id, Vec::new())?,
            Kind::NullOr(_) => Value::Null,
            // A system without a definition is none.
            Kind::Submodule(submodule) if submodule.system.is_some() => return Ok(None),
            Kind::Submodule(submodule) => return Ok(Some(self.empty_submodule(submodule))),
            Kind::Unique(inner, _)
            | Kind::Checked(inner, _)
            | Kind::PasswordEntry(inner)
            | Kind::Coerced { to: inner, .. } => return self.empty_value(*inner),
            Kind::Custom(custom) => {
                let set = custom.set;
                let Some(entry) = self.arena.attribute(set, well_known::EMPTY_VALUE) else {
                    return Ok(None);
                };
                let empty = self.force_attrs(entry.value)?;
                let value = self.arena.attribute(empty, well_known::VALUE);
                return Ok(value.map(|entry| entry.value));
            }
            _ => return Ok(None),
        };
        Ok(Some(self.arena.ready(value)))
    }

    /// Whether a list of values holds one.
    pub(crate) fn contains_value(&mut self, values: &[Thunk], value: Thunk) -> Eval<bool> {
        let value = self.force(value)?;
        let mut undecided = None;
        for candidate in values {
            let candidate = self.force(*candidate)?;
            match self.equal(candidate, value) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => undecided = Some(why),
            }
        }
        undecided.map_or(Ok(false), Err)
    }
}

/// What a value that is no type counts as.
fn failed_type(why: UnknownId) -> Rc<Type> {
    Rc::new(Type {
        name: Rc::from("unspecified"),
        kind: Kind::Failed(why),
    })
}
