//! Types that a project makes with `mkOptionType` or changes with `//`.

use std::rc::Rc;

use super::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::modules::messages::show_definitions;
use crate::modules::resolved::Resolved;
use crate::value::{
    AttrsId, Eval, Location, Symbol, Thunk, UnknownId, Value, show_location, well_known,
};

/// A type by its set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Custom {
    /// The set.
    pub(crate) set: AttrsId,
    /// The native type that it was made from.
    pub(crate) base: Option<TypeId>,
    /// Its `check`, if that is not the base's.
    check: Option<Thunk>,
    /// Its `merge`, if that is not the base's.
    merge: Option<Thunk>,
}

impl Evaluator {
    /// Says what a type's set changes of the native type that it was made from.
    pub(super) fn custom_type(&mut self, set: AttrsId, base: Option<TypeId>) -> Custom {
        let native = match base.map(|base| self.type_value(base)) {
            Some(native) => self.force_attrs(native).ok(),
            None => None,
        };
        let own = |name: Symbol| {
            let value = self.arena.attribute(set, name).map(|entry| entry.value)?;
            let before = native.and_then(|native| self.arena.attribute(native, name));
            (before.map(|entry| entry.value) != Some(value)).then_some(value)
        };
        Custom {
            set,
            base,
            check: own(well_known::CHECK),
            merge: own(well_known::MERGE),
        }
    }

    /// A type that checks with another `check` than its `merge` does: since `merge` checks by itself
    /// in current nixpkgs, Nix refuses it. Configurations for older ones have it, so that where
    /// projects are analysed it counts.
    fn check_coherence(&mut self, custom: Custom) -> Eval<()> {
        let (Some(check), None, Some(base)) = (custom.check, custom.merge, custom.base) else {
            return Ok(());
        };
        if self.modules().is_lenient || !self.merge_checks(base) {
            return Ok(());
        }
        if let Ok(Value::Attrs(set)) = self.force(check) {
            let coherent = self.symbol("isV2MergeCoherent");
            if self.arena.attribute(set, coherent).is_some() {
                return Ok(());
            }
        }
        let name = Rc::clone(&self.type_of(base).name);
        Err(self.throw(format!(
            "The type `{name}' has an ad-hoc `type // {{ check = …; }}' override, which is incompatible with how it merges. Please use `lib.types.addCheck' instead of `type // {{ check }}'."
        )))
    }

    /// Whether a native type's `merge` checks its definitions by itself (`merge.v2` in nixpkgs).
    pub(super) fn merge_checks(&mut self, id: TypeId) -> bool {
        match self.type_of(id).kind {
            Kind::List { .. }
            | Kind::Attributes { .. }
            | Kind::OpenAttributes(_)
            | Kind::Submodule(_)
            | Kind::Either(..)
            | Kind::Number(..)
            | Kind::Coerced { .. } => true,
            Kind::Checked(inner, _) => self.merge_checks(inner),
            _ => false,
        }
    }

    /// Whether a custom type accepts a value.
    pub(super) fn custom_accepts(&mut self, custom: Custom, value: Thunk) -> Eval<bool> {
        self.check_coherence(custom)?;
        match (custom.check, custom.base) {
            (Some(check), _) => self.predicate_holds(check, value),
            (None, Some(base)) => self.accepts(base, value),
            (None, None) => Ok(true),
        }
    }

    /// Merges definitions as a custom type does.
    pub(super) fn merge_custom(
        &mut self,
        location: &Location,
        custom: Custom,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        self.check_coherence(custom)?;
        let Some(merge) = custom.merge else {
            return match custom.base {
                Some(base) => self.merge_checked(location, base, definitions),
                None => self.merge_by_default(location, definitions),
            };
        };
        if let Some(why) = definitions.iter().find_map(|definition| definition.maybe) {
            return Err(why);
        }
        if let Some(v2) = self.second_merge(merge)? {
            return self.call_second_merge(location, v2, &definitions);
        }
        let location = self.location_value(location);
        let definitions = self.definition_list(&definitions);
        self.call2(merge, location, definitions)
    }

    /// `merge.v2`, if a type's `merge` has it.
    fn second_merge(&mut self, merge: Thunk) -> Eval<Option<Thunk>> {
        let Value::Attrs(set) = self.force(merge)? else {
            return Ok(None);
        };
        let name = self.symbol("v2");
        Ok(self.arena.attribute(set, name).map(|entry| entry.value))
    }

    fn call_second_merge(
        &mut self,
        location: &Location,
        v2: Thunk,
        definitions: &[Resolved],
    ) -> Eval<Value> {
        let result = self.second_merge_result(location, v2, definitions)?;
        if let Some(error) = self.argument(result, "headError")?
            && error != Value::Null
        {
            let message = match error {
                Value::Attrs(set) => self.argument(set, "message")?,
                _ => None,
            };
            let message = match message {
                Some(text) => self.expect_text(text)?,
                None => Rc::from(""),
            };
            let shown = show_location(location);
            let files = show_definitions(definitions.iter().map(|d| &d.file));
            return Err(self.throw(format!(
                "A definition for option `{shown}' is not of its type. {message} Definition values:{files}"
            )));
        }
        self.select_attribute(result, well_known::VALUE)
    }

    /// `merge.v2 { loc; defs; }`: `{ headError; value; valueMeta; }`
    fn second_merge_result(
        &mut self,
        location: &Location,
        v2: Thunk,
        definitions: &[Resolved],
    ) -> Eval<AttrsId> {
        let location = self.location_value(location);
        let definitions = self.definition_list(definitions);
        let argument = self.set_of(&[("loc", location), ("defs", definitions)]);
        let argument = self.arena.ready(Value::Attrs(argument));
        let result = self.lazy_apply(v2, argument);
        self.force_attrs(result)
    }

    /// What a custom type says of a value beside it; nothing if it says nothing.
    pub(super) fn custom_meta(
        &mut self,
        location: &Location,
        custom: Custom,
        definitions: &[Resolved],
    ) -> Eval<Option<Value>> {
        let Some(merge) = custom.merge else {
            return Ok(None);
        };
        let Some(v2) = self.second_merge(merge)? else {
            return Ok(None);
        };
        let result = self.second_merge_result(location, v2, definitions)?;
        self.argument(result, "valueMeta")
    }

    /// A location as a list of strings.
    pub(crate) fn location_value(&mut self, location: &Location) -> Thunk {
        let names: Vec<Thunk> = location
            .iter()
            .map(|name| self.string_thunk(name))
            .collect();
        let names = self.list(&names);
        self.arena.ready(names)
    }

    /// `{ file; value; }` for each definition.
    pub(crate) fn definition_list(&mut self, definitions: &[Resolved]) -> Thunk {
        let sets: Vec<Thunk> = definitions
            .iter()
            .map(|definition| {
                let file = self.string_thunk(&definition.file);
                let set = self.set_of(&[("file", file), ("value", definition.value)]);
                self.arena.ready(Value::Attrs(set))
            })
            .collect();
        let list = self.list(&sets);
        self.arena.ready(list)
    }

    pub(super) fn predicate_holds(&mut self, predicate: Thunk, value: Thunk) -> Eval<bool> {
        let holds = self.lazy_apply(predicate, value);
        self.force_bool(holds)
    }

    /// An attribute of a type's set, as text; nothing where it is missing or null.
    pub(super) fn custom_text(
        &mut self,
        custom: Custom,
        name: Symbol,
    ) -> Result<Option<Rc<str>>, UnknownId> {
        match self.arena.attribute(custom.set, name) {
            Some(entry) => match self.force(entry.value)? {
                Value::Null => Ok(None),
                value => self.expect_text(value).map(Some),
            },
            None => Ok(None),
        }
    }
}
