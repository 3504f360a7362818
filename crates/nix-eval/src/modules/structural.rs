//! Options that no module of the project declares: their definitions merge by their shape.

use std::rc::Rc;

use super::definition::{Definition, Discharged};
use super::option::Resolved;
use super::{Location, child, show_location};
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, Entry, Eval, Presence, StringPart, Symbol, Thunk, UnknownId, Value,
};

impl Evaluator {
    /// The entry of an undeclared option in `config`. What it may hold beside its definitions is
    /// not known, so a set stays open.
    pub(crate) fn structural_entry(
        &mut self,
        name: Symbol,
        location: Location,
        definitions: Vec<Definition>,
    ) -> Entry {
        let position = definitions
            .first()
            .map_or_else(Default::default, |first| first.position);
        // Whether a condition holds is decided when the value is needed, not for its name.
        let maybe = definitions.iter().all(Definition::is_conditional).then(|| {
            let shown = show_location(&location);
            self.undetermined(format!("option `{shown}` is set under a condition"))
        });
        let value = self.structural_thunk(location, definitions);
        Entry {
            name,
            value,
            position,
            maybe,
        }
    }

    pub(crate) fn structural_thunk(
        &mut self,
        location: Location,
        definitions: Vec<Definition>,
    ) -> Thunk {
        // The thunk remembers its own definitions once it is evaluated.
        let target = Rc::new(std::cell::Cell::new(Thunk(0)));
        let shared = Rc::clone(&target);
        let thunk = self.arena.lazy(move |evaluator| {
            let target = shared.get();
            evaluator.merge_structurally(&location, definitions, target)
        });
        target.set(thunk);
        thunk
    }

    fn merge_structurally(
        &mut self,
        location: &Location,
        definitions: Vec<Definition>,
        target: Thunk,
    ) -> Eval<Value> {
        // Sets merge level by level, before any condition is evaluated.
        let mut parts = Vec::new();
        for definition in definitions {
            parts.extend(self.discharge(definition));
        }
        let all_sets = !parts.is_empty()
            && parts.iter().all(|(_, value)| match value {
                Discharged::Set(set) => !self.is_opaque(*set),
                Discharged::Unknown(_) => true,
                Discharged::Other(_) => false,
            });
        if all_sets && parts.iter().any(|(_, value)| value.unknown().is_none()) {
            return self.merge_sets_structurally(location, parts, target);
        }
        let mut resolved = Vec::new();
        for (part, _) in parts {
            resolved.extend(self.resolve_definitions(vec![part]));
        }
        self.remember(location, &resolved, target, false);
        let shown = show_location(location);
        let best = resolved
            .iter()
            .filter(|d| d.maybe.is_none())
            .map(|d| d.priority)
            .min();
        let Some(first) = resolved.first().cloned() else {
            return Err(self.undetermined(format!(
                "option `{shown}`: its default is not in this project"
            )));
        };
        let contested = |d: &Resolved| d.priority < best.unwrap_or(i64::MIN);
        if let Some(why) = resolved
            .iter()
            .filter(|d| contested(d))
            .find_map(|d| d.maybe)
        {
            return Err(why);
        }
        // Without a certain definition, the default of an option that we do not see may hold.
        if best.is_none()
            && let Some(why) = first.maybe
        {
            return Err(why);
        }
        let winners: Vec<Resolved> = resolved
            .into_iter()
            .filter(|d| Some(d.priority) == best)
            .collect();
        self.merge_values(&shown, winners)
    }

    /// Sets that are a value of their own: derivations, functions, option types.
    fn is_opaque(&self, set: crate::value::AttrsId) -> bool {
        use crate::value::well_known;
        [
            well_known::TYPE,
            well_known::OUT_PATH,
            well_known::DRV_PATH,
            well_known::FUNCTOR,
        ]
        .iter()
        .any(|name| self.arena.attribute(set, *name).is_some())
    }

    fn merge_sets_structurally(
        &mut self,
        location: &Location,
        parts: Vec<(Definition, Discharged)>,
        target: Thunk,
    ) -> Eval<Value> {
        let mut names: Vec<Symbol> = Vec::new();
        let mut by_name: rustc_hash::FxHashMap<Symbol, Vec<Definition>> =
            rustc_hash::FxHashMap::default();
        let mut open = None;
        let mut resolved = Vec::new();
        for (part, value) in parts {
            resolved.push(Resolved {
                file: Rc::clone(&part.file),
                value: part.value,
                priority: part.priority.unwrap_or(super::DEFAULT_PRIORITY),
                order: 0,
                maybe: part.maybe,
                position: part.position,
            });
            match value {
                Discharged::Set(set) => {
                    open = open.or(self.arena.attrs_data(set).open);
                    for entry in self.arena.entries(set).to_vec() {
                        let definitions = by_name.entry(entry.name).or_insert_with(|| {
                            names.push(entry.name);
                            Vec::new()
                        });
                        definitions.push(Self::definition_of_entry(&part, entry));
                    }
                }
                Discharged::Unknown(why) => open = open.or(Some(why)),
                Discharged::Other(_) => {}
            }
        }
        self.remember(location, &resolved, target, false);
        let mut builder = AttrsBuilder::new();
        for name in names {
            let definitions = by_name.remove(&name).unwrap_or_default();
            let text = self.name(name);
            builder.push(self.structural_entry(name, child(location, &text), definitions));
        }
        let shown = show_location(location);
        let open = match open {
            Some(why) => why,
            None => self.undetermined(format!("option below `{shown}`: not set in this project")),
        };
        builder.open(open);
        Ok(Value::Attrs(self.arena.attrs(builder)))
    }

    fn merge_values(&mut self, shown: &str, winners: Vec<Resolved>) -> Eval<Value> {
        let mut values = Vec::new();
        let mut unknown: Option<UnknownId> = None;
        for definition in &winners {
            match self.force(definition.value) {
                Ok(value) => values.push((value, definition.maybe)),
                Err(why) => unknown = Some(why),
            }
        }
        let lists = !values.is_empty() && values.iter().all(|(v, _)| matches!(v, Value::List(_)));
        if lists {
            return self.merge_lists_structurally(winners);
        }
        let certain: Vec<_> = values.iter().filter(|(_, maybe)| maybe.is_none()).collect();
        match (certain.as_slice(), unknown) {
            ([(value, _)], None) => Ok(*value),
            ([(first, _), rest @ ..], None) => {
                let first = *first;
                for (other, _) in rest.iter().map(|pair| **pair).collect::<Vec<_>>() {
                    if !self.equal(first, other)? {
                        // Perhaps text that is joined line by line.
                        return Err(self.undetermined(format!(
                            "option `{shown}` has several definitions and its type is not in this project"
                        )));
                    }
                }
                Ok(first)
            }
            (_, Some(why)) => Err(why),
            ([], None) => {
                Err(self.undetermined(format!("option `{shown}` is not set for certain")))
            }
        }
    }

    fn merge_lists_structurally(&mut self, winners: Vec<Resolved>) -> Eval<Value> {
        let mut items = Vec::new();
        for definition in winners {
            let value = self.force(definition.value);
            for (item, presence) in self.concat_operand(value)? {
                let presence = match (presence, definition.maybe) {
                    (Presence::Certain, Some(why)) => Presence::Maybe(why),
                    (presence, _) => presence,
                };
                items.push((item, presence));
            }
        }
        Ok(Value::List(self.arena.list_of(&items)))
    }

    /// Text joined by a separator; what may be missing becomes a hole.
    pub(crate) fn join_texts(&mut self, separator: &str, definitions: &[Resolved]) -> Eval<Value> {
        use crate::eval::{Coercion, Pieces};
        use crate::value::Hole;
        let mut pieces = Pieces::default();
        for (index, definition) in definitions.iter().enumerate() {
            if index > 0 {
                pieces.push_text(separator);
            }
            match (definition.maybe, self.force(definition.value)) {
                (Some(why), _) => pieces.push(StringPart::Hole(Hole::Unknown(why))),
                (None, Ok(value)) => {
                    self.coerce_into(value, Coercion::Interpolation, &mut pieces)?
                }
                (None, Err(why)) if self.is_error(why) => return Err(why),
                (None, Err(why)) => pieces.push(StringPart::Hole(Hole::Unknown(why))),
            }
        }
        Ok(self.pieces_value(pieces))
    }
}
