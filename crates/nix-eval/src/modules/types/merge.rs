//! How a type merges definitions of one priority.

use std::rc::Rc;

use super::kind::{Kind, Text, TypeId};
use crate::eval::Evaluator;
use crate::modules::functions;
use crate::modules::messages::{show_definitions, show_files, type_name};
use crate::modules::resolved::Resolved;
use crate::value::{
    AttrsId, Eval, Location, Presence, Reason, UnknownId, Value, WrongType, show_location,
};

impl Evaluator {
    /// Merges definitions that all count: checks each, then merges as the type does.
    pub(crate) fn merge_type(
        &mut self,
        location: &Location,
        id: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut wrong: Vec<&Resolved> = Vec::new();
        for definition in &definitions {
            match self.accepts(id, definition.value) {
                Ok(true) => {}
                Ok(false) => wrong.push(definition),
                Err(why) if self.is_error(why) => return Err(why),
                // Not known: taken to be of its type, as a configuration that evaluates must be.
                Err(_) => {}
            }
        }
        // What may not be there need not be right; without it there is no configuration to speak of.
        if let Some(first) = wrong.first() {
            return Err(match wrong.iter().find_map(|definition| definition.maybe) {
                Some(why) if wrong.iter().all(|definition| definition.maybe.is_some()) => why,
                _ => self.wrong_type(location, id, first, &wrong),
            });
        }
        self.merge_checked(location, id, definitions)
    }

    fn wrong_type(
        &mut self,
        location: &Location,
        id: TypeId,
        first: &Resolved,
        wrong: &[&Resolved],
    ) -> UnknownId {
        let expected = self
            .type_description(id)
            .unwrap_or_else(|_| Rc::clone(&self.type_of(id).name));
        let files = show_definitions(wrong.iter().map(|definition| &definition.file));
        let found = self.force(first.value).map_or("value", type_name);
        let reason = Reason::WrongType(Rc::new(WrongType {
            option: Rc::clone(location),
            expected,
            found,
            details: format!("Definition values:{files}"),
        }));
        self.failed_at(reason, first.value, first.position)
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
            Kind::Attributes { element, lazy, .. } => {
                let merged = self.merge_attributes(location, *element, *lazy, definitions)?;
                Ok(Value::Attrs(merged))
            }
            Kind::OpenAttributes(element) => {
                let merged = self.merge_attributes(location, *element, false, definitions)?;
                Ok(self.opened(merged))
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
            Kind::Text(Text::Separated(separator)) => self.join_texts(separator, &definitions),
            Kind::BooleanByOr => self.merge_or(definitions),
            Kind::FunctionTo(inner) => self.merge_functions(location, *inner, &definitions),
            Kind::Checked(inner, _) | Kind::PasswordEntry(inner) => {
                self.merge_checked(location, *inner, definitions)
            }
            Kind::Unique(inner, message) => {
                if certain(&definitions) > 1 {
                    return Err(self.not_unique(location, &definitions, message));
                }
                self.merge_checked(location, *inner, definitions)
            }
            Kind::Custom(custom) => self.merge_custom(location, *custom, definitions),
            Kind::Anything => self.merge_anything(location, definitions),
            Kind::Unspecified => self.merge_by_default(location, definitions),
            Kind::External | Kind::Deferred(_) => self.merge_by_shape(location, definitions),
            Kind::Failed(why) => Err(*why),
            Kind::Raw | Kind::Package | Kind::PackageSet | Kind::OptionDeclaration => {
                self.merge_one(location, definitions)
            }
            Kind::OptionType => self.merge_option_types(location, definitions),
            Kind::Tagged(tags) => self.merge_tagged(location, *tags, definitions),
            Kind::Boolean
            | Kind::Integer(..)
            | Kind::Float
            | Kind::Number(..)
            | Kind::Text(_)
            | Kind::Path { .. }
            | Kind::Enumeration(_) => self.merge_equal(location, definitions),
        }
    }

    /// A set of which the project shows only some attributes.
    fn opened(&mut self, set: AttrsId) -> Value {
        let entries = self.arena.entries(set).to_vec();
        let open = match self.arena.attrs_data(set).open {
            Some(open) => open,
            None => self.open_world(),
        };
        let set = self.arena.sorted_attrs(&entries, Some(open));
        let fallback = self.partial(&functions::HIDDEN_ELEMENT, &[]);
        let fallback = self.arena.ready(fallback);
        self.arena.set_fallback(set, fallback);
        Value::Attrs(set)
    }

    /// The error of definitions that do not go together.
    pub(crate) fn conflict(&mut self, location: &Location, definitions: &[Resolved]) -> UnknownId {
        let shown = show_location(location);
        let files = show_definitions(definitions.iter().map(|definition| &definition.file));
        let message = format!(
            "The option `{shown}' has conflicting definition values:{files}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions."
        );
        self.throw_about(message, definitions)
    }

    fn not_unique(
        &mut self,
        location: &Location,
        definitions: &[Resolved],
        explanation: &str,
    ) -> UnknownId {
        let shown = show_location(location);
        let files = show_definitions(definitions.iter().map(|definition| &definition.file));
        let message = format!(
            "The option `{shown}' is defined multiple times while it's expected to be unique.\n{explanation}\nDefinition values:{files}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions."
        );
        self.throw_about(message, definitions)
    }

    /// An error at the first definition.
    pub(crate) fn throw_about(&mut self, message: String, definitions: &[Resolved]) -> UnknownId {
        match definitions.first() {
            Some(first) => self.throw_at(message, first.value, first.position),
            None => self.throw(message),
        }
    }

    /// All definitions must be equal. A certain one decides, as the others must equal it.
    pub(crate) fn merge_equal(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut decided: Option<Value> = None;
        let mut possible: Option<Value> = None;
        let mut unknown = None;
        for definition in &definitions {
            let value = match self.force(definition.value) {
                Ok(value) => value,
                Err(why) if self.is_error(why) && definition.maybe.is_none() => return Err(why),
                Err(why) => {
                    unknown.get_or_insert(definition.maybe.unwrap_or(why));
                    continue;
                }
            };
            match (definition.maybe, decided, possible) {
                (None, None, _) => decided = Some(value),
                (None, Some(first), _) => match self.equal(first, value) {
                    Ok(true) => {}
                    Ok(false) => return Err(self.conflict(location, &definitions)),
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(_) => {}
                },
                (Some(_), _, None) => possible = Some(value),
                // Two possible values that may differ: either may hold.
                (Some(why), _, Some(first)) => {
                    if !matches!(self.equal(first, value), Ok(true)) {
                        unknown.get_or_insert(why);
                    }
                }
            }
        }
        match (decided, possible, unknown) {
            (Some(value), ..) | (None, Some(value), None) => Ok(value),
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
        let sure: Vec<_> = definitions.iter().filter(|d| d.maybe.is_none()).collect();
        match (sure.as_slice(), definitions.as_slice()) {
            ([one], _) => self.force(one.value),
            ([], [one]) => self.force(one.value),
            ([], [first, ..]) => Err(match first.maybe {
                Some(why) => why,
                None => self.no_value(location),
            }),
            ([], []) => Err(self.no_value(location)),
            _ => Err(self.not_unique(location, &definitions, "")),
        }
    }

    fn merge_or(&mut self, definitions: Vec<Resolved>) -> Eval<Value> {
        let mut undecided = None;
        for definition in definitions {
            match (self.force_bool(definition.value), definition.maybe) {
                (Ok(true), None) => return Ok(Value::Bool(true)),
                (Ok(true), Some(why)) => {
                    undecided.get_or_insert(why);
                }
                (Err(why), None) if self.is_error(why) => return Err(why),
                (Err(why), _) => {
                    undecided.get_or_insert(why);
                }
                (Ok(false), _) => {}
            }
        }
        undecided.map_or(Ok(Value::Bool(false)), Err)
    }

    fn merge_null_or(
        &mut self,
        location: &Location,
        inner: TypeId,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let (mut nulls, mut possible_null) = (0, None);
        let mut others = Vec::new();
        for definition in &definitions {
            match (self.force(definition.value), definition.maybe) {
                (Ok(Value::Null), None) => nulls += 1,
                (Ok(Value::Null), Some(why)) => possible_null = Some(why),
                _ => others.push(definition.clone()),
            }
        }
        if nulls > 0 && certain(&others) > 0 {
            let shown = show_location(location);
            let files = show_files(definitions.iter().map(|definition| &definition.file));
            let message =
                format!("The option `{shown}` is defined both null and not null, in {files}.");
            return Err(self.throw_about(message, &definitions));
        }
        if nulls > 0 || others.is_empty() {
            return Ok(Value::Null);
        }
        let is_decided = certain(&others) > 0;
        let value = self.merge_checked(location, inner, others);
        match possible_null {
            Some(why) if !is_decided => self.join(why, value, Ok(Value::Null)),
            _ => value,
        }
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
        // Only where nothing has checked the definitions: a freeform type that is no set.
        let shown = show_location(location);
        self.push_trace(format!(
            "trace: evaluation warning: One or more definitions did not pass the type-check of the 'either' type.\nOption `{shown}'"
        ));
        self.merge_one(location, definitions)
    }

    fn coerce_definitions(
        &mut self,
        from: TypeId,
        function: crate::value::Thunk,
        definitions: Vec<Resolved>,
    ) -> Eval<Vec<Resolved>> {
        let mut coerced = Vec::with_capacity(definitions.len());
        for mut definition in definitions {
            let origin = self.arena.origin(definition.value);
            match self.accepts(from, definition.value) {
                Ok(true) => definition.value = self.lazy_apply(function, definition.value),
                Ok(false) => {}
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => definition.value = self.arena.failed(why),
            }
            self.arena.set_origin(definition.value, origin);
            coerced.push(definition);
        }
        Ok(coerced)
    }
}

/// How many definitions are certainly there.
pub(super) fn certain(definitions: &[Resolved]) -> usize {
    definitions
        .iter()
        .filter(|definition| definition.maybe.is_none())
        .count()
}

/// Whether an element is there that a definition has, which itself may not be.
pub(super) const fn presence(presence: Presence, maybe: Option<UnknownId>) -> Presence {
    match (presence, maybe) {
        (Presence::Certain, Some(why)) => Presence::Maybe(why),
        (presence, _) => presence,
    }
}
